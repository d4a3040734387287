"""How long the API takes to answer, audit included: the service as its own process, several clients with keep-alive.

    python benchmarks/service.py WORKSPACE [--clients 8] [--seconds 15] [--json]

Makes a key of role investigator in the workspace and revokes it at the end; its requests stand in the audit trail.
Speaks to the loopback address only.
"""

import argparse
import asyncio
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.security.keys import create_key, revoke_key
from resolver.entities.entity_id import to_text
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

_HOST = "127.0.0.1"
_START_SECONDS = 120.0
_WARM_REQUESTS = 25  # per client, not counted
_SAMPLE = 20_000

Request = tuple[str, str, dict[str, Any] | None]  # method, path, body


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=15.0, help="per endpoint")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="an endpoint of the table; may be repeated")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    workspace = Workspace.open(asked.workspace)
    mixes = request_makers(workspace)
    with Ledger.open(workspace.ledger_url) as ledger:
        key = create_key(ledger, "benchmark", "investigator", datetime.now(UTC))
        try:
            with serving(workspace) as port:
                asyncio.run(
                    _ask(port, key, mixes["match"], random.Random(0), [], requests=1)
                )  # makes its index
                results = {
                    name: asyncio.run(measure(port, key, make, asked.clients, asked.seconds, asked.seed))
                    for name, make in mixes.items()
                    if not asked.only or name in asked.only
                }
        finally:
            revoke_key(ledger, key.split("_")[1], "end of the benchmark", datetime.now(UTC))
    if asked.json:
        print(
            json.dumps({"clients": asked.clients, "seconds": asked.seconds, "endpoints": results}, indent=2)
        )
    else:
        show(results, asked.clients)


def request_makers(workspace: Workspace) -> dict[str, Callable[[random.Random], Request]]:
    """Endpoint -> maker of a random request, with numbers of the published snapshot."""
    with Ledger.open(workspace.ledger_url) as ledger:
        pointer = ledger.pointer()
    if pointer is None:
        raise SystemExit("nothing is published in this workspace: run `guiyi month` first")
    golden = Snapshot.open(workspace, pointer.snapshot).read("golden", ["person_id", "id_number"])
    golden = golden.filter(golden["id_number"].is_valid()).combine_chunks()
    rows = random.Random(0).sample(range(golden.num_rows), min(_SAMPLE, golden.num_rows))
    sample = golden.take(rows)
    numbers: list[str] = sample["id_number"].to_pylist()
    persons = [to_text(person, "person") for person in sample["person_id"].to_pylist()]

    def search(chance: random.Random) -> Request:
        return "POST", "/v1/persons/search", {"id_number": chance.choice(numbers)}

    def person(chance: random.Random) -> Request:
        return "GET", f"/v1/persons/{chance.choice(persons)}", None

    def neighbourhood(chance: random.Random) -> Request:
        return "GET", f"/v1/persons/{chance.choice(persons)}/neighbourhood", None

    def timeline(chance: random.Random) -> Request:
        return "GET", f"/v1/persons/{chance.choice(persons)}/timeline", None

    def path(chance: random.Random) -> Request:
        return "POST", "/v1/paths", {"from": chance.choice(persons), "to": chance.choice(persons)}

    def match(chance: random.Random) -> Request:
        return "POST", "/v1/match", {"id_number": chance.choice(numbers)}

    return {
        "person by ID number": search,
        "person by id": person,
        "neighbourhood": neighbourhood,
        "timeline": timeline,
        "path": path,
        "match": match,
    }


@contextmanager
def serving(workspace: Workspace) -> Iterator[int]:
    """`guiyi serve` in a process of its own, ready to answer."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = int(probe.getsockname()[1])
    program = "from api.cli import main; main()"
    command = [sys.executable, "-c", program, "serve", "-w", str(workspace.root), "--port", str(port)]
    process = subprocess.Popen(
        command, stderr=subprocess.DEVNULL, cwd=Path(__file__).absolute().parent.parent
    )
    try:
        asyncio.run(_ready(port, process))
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


async def _ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit("the service ended; run `guiyi serve` by hand to see why")
        try:
            reader, writer = await asyncio.open_connection(_HOST, port)
        except OSError:
            await asyncio.sleep(0.2)
            continue
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        if b" 200 " in answer[:16]:
            return
        await asyncio.sleep(0.2)
    raise SystemExit(f"the service was not ready within {_START_SECONDS:.0f} seconds")


async def measure(
    port: int,
    key: str,
    make: Callable[[random.Random], Request],
    clients: int,
    seconds: float,
    seed: int,
) -> dict[str, float]:
    """Ask from several clients at once, each sending its next request when the last is answered."""
    times: list[float] = []
    for connection_seed in range(clients):  # first use of every connection and cache is not counted
        await _ask(port, key, make, random.Random(seed + connection_seed), [], requests=_WARM_REQUESTS)
    started = time.perf_counter()
    await asyncio.gather(
        *(
            _ask(port, key, make, random.Random(seed * 1000 + client), times, until=started + seconds)
            for client in range(clients)
        )
    )
    took = time.perf_counter() - started
    times.sort()
    return {
        "requests": len(times),
        "per_second": round(len(times) / took, 1),
        **{
            f"p{q}_ms": round(times[min(len(times) - 1, len(times) * q // 100)] * 1000, 2)
            for q in (50, 95, 99)
        },
        "max_ms": round(times[-1] * 1000, 2),
    }


async def _ask(  # noqa: PLR0913
    port: int,
    key: str,
    make: Callable[[random.Random], Request],
    chance: random.Random,
    times: list[float],
    *,
    until: float = float("inf"),
    requests: int = 10**9,
) -> None:
    reader, writer = await asyncio.open_connection(_HOST, port)
    for _ in range(requests):
        method, path, body = make(chance)
        content = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {_HOST}\r\nAuthorization: Bearer {key}\r\nX-Purpose: verification\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        sent = time.perf_counter()
        if sent >= until:
            break
        writer.write(head.encode() + content)
        status, length = await _head(reader)
        await reader.readexactly(length)
        times.append(time.perf_counter() - sent)
        if status != 200:
            raise SystemExit(f"{method} {path.rsplit('/', 1)[0]} was answered with {status}")
    writer.close()
    await writer.wait_closed()


async def _head(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Status and length of the body of an answer."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    length = next(int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:"))
    return int(lines[0].split()[1]), length


def show(results: dict[str, dict[str, float]], clients: int) -> None:
    print(f"{clients} clients; times in milliseconds, audit on disk included")
    columns = ("requests", "per_second", "p50_ms", "p95_ms", "p99_ms", "max_ms")
    print(f"{'':22}" + "".join(f"{column.removesuffix('_ms'):>12}" for column in columns))
    for name, result in results.items():
        print(f"{name:22}" + "".join(f"{result[column]:>12}" for column in columns))


if __name__ == "__main__":
    main()
