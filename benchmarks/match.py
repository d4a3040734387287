"""Who is meant by one description: time in the engine and through HTTP, explanation and audit included.

    python -m benchmarks.match [WORKSPACE] [--persons 4000] [--clients 1 8] [--seconds 10] [--json]

Without a workspace a city of so many persons is made up, linked and published in a temporary folder. Descriptions
are made from its golden records: as they are, with an error, or with a name alone. The key it makes is revoked.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.month import run_month
from api.published import Publications, Published
from api.security.keys import create_key, revoke_key
from benchmarks.service import Request, measure, serving
from resolver.ledger.ledger import Ledger
from resolver.standardize.example import person_example
from resolver.synthetic.city import synthesize
from resolver.workspace import Workspace

_QUESTIONS = 5_000
_WARM = 200
_SAMPLE = 20_000
_AUDITED = 300
_FIELDS = ("name", "id_number", "birth_date", "phone", "address")

Values = dict[str, str]
Maker = Callable[[random.Random], Values]
Times = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("workspace", type=Path, nargs="?")
    parser.add_argument("--persons", type=int, default=4_000, help="of the made-up city")
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8])
    parser.add_argument("--seconds", type=float, default=10.0, help="per mix and number of clients")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with _workspace(asked.workspace, asked.persons) as workspace:
        results = measured(workspace, asked.clients, asked.seconds)
    if asked.json:
        print(json.dumps(results, indent=2))
    else:
        show(results)


def measured(workspace: Workspace, clients: list[int], seconds: float) -> dict[str, Any]:
    """All figures of a workspace with something published."""
    with Ledger.open(workspace.ledger_url) as ledger:
        publications = Publications(workspace, ledger)
        publications.refresh()
        published = publications.current()
        started = time.perf_counter()
        matcher = published.matcher
        opened = time.perf_counter() - started
        matcher.read()  # as the service does
        makers = _makers(published)
        results: dict[str, Any] = {
            "records": published.snapshot.manifest["counts"]["records"],
            "opening_ms": round(opened * 1000, 2),
            "engine": {name: _engine(matcher.match, make) for name, make in makers.items()},
            "audit": _audit(ledger),
        }
        publications.close()
        results["http"] = {
            f"{name}, {n} clients": times
            for n in clients
            for name, times in _http(workspace, ledger, makers, n, seconds)
        }
    return results


def _makers(published: Published) -> dict[str, Maker]:
    """Kind of description -> maker of a random one."""
    golden = published.snapshot.read("golden", ["name", "id_number", "birth_date", "phone"])
    known = golden.filter(golden["id_number"].is_valid()).combine_chunks()
    rows = random.Random(0).sample(range(known.num_rows), min(_SAMPLE, known.num_rows))
    persons = [
        {name: str(value) for name, value in row.items() if value is not None}
        for row in known.take(rows).to_pylist()
    ]

    def some(*fields: str) -> Maker:
        def make(chance: random.Random) -> Values:
            person = chance.choice(persons)
            return {name: person[name] for name in fields if name in person}

        return make

    def mistyped(chance: random.Random) -> Values:
        person = dict(chance.choice(persons))
        number, place = person["id_number"], chance.randrange(6, 17)
        person["id_number"] = number[:place] + str(chance.randrange(10)) + number[place + 1 :]
        return person

    return {
        "all that is known": some(*_FIELDS),
        "number mistyped": mistyped,
        "name and birth date": some("name", "birth_date"),
        "number alone": some("id_number"),
        "name alone": some("name"),
    }


def _engine(match: Callable[[Mapping[str, Any], int], list[Any]], make: Maker) -> Times:
    """Standardising, finding, comparing, weighing and explaining: wall and CPU time of one question at a time."""
    chance = random.Random(1)
    wall, cpu, found = [], [], 0
    for number in range(_WARM + _QUESTIONS):
        values = make(chance)
        before, before_cpu = time.perf_counter(), time.thread_time()
        matches = match(person_example(values), 5)
        if number >= _WARM:
            cpu.append(time.thread_time() - before_cpu)
            wall.append(time.perf_counter() - before)
            found += len(matches)
    return {
        "found": round(found / _QUESTIONS, 2),
        **_percentiles("", wall),
        **_percentiles("cpu_", cpu),
    }


def _audit(ledger: Ledger) -> Times:
    """What bringing one audit event to disk takes, of which every answer waits for one."""
    times = []
    for _ in range(_AUDITED):
        before = time.perf_counter()
        ledger.append_chained("audit", [{"action": "benchmark", "persons": []}], datetime.now(UTC))
        times.append(time.perf_counter() - before)
    return _percentiles("", times)


def _http(
    workspace: Workspace, ledger: Ledger, makers: dict[str, Maker], clients: int, seconds: float
) -> Iterator[tuple[str, Times]]:
    key = create_key(ledger, "benchmark", "investigator", datetime.now(UTC))
    try:
        with serving(workspace) as port:
            lists: Request = ("GET", "/v1/duplicates?limit=1", None)
            asyncio.run(measure(port, key, lambda _: lists, 1, 0.1, 1))  # answered when all is in memory
            for name, make in makers.items():
                request = lambda chance, make=make: ("POST", "/v1/match", make(chance))  # noqa: E731
                yield name, asyncio.run(measure(port, key, request, clients, seconds, 1))
    finally:
        revoke_key(ledger, key.split("_")[1], "end of the benchmark", datetime.now(UTC))


def _percentiles(prefix: str, seconds: list[float]) -> Times:
    ordered = sorted(seconds)
    at = {q: ordered[min(len(ordered) - 1, len(ordered) * q // 100)] for q in (50, 99)}
    return {f"{prefix}p{q}_ms": round(value * 1000, 3) for q, value in at.items()}


@contextmanager
def _workspace(folder: Path | None, persons: int) -> Iterator[Workspace]:
    if folder is not None:
        yield Workspace.open(folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        city = Path(scratch) / "city"
        synthesize(city, persons, seed=1, months=1, profile="typical")
        workspace = Workspace.create(Path(scratch) / "workspace")
        with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
            run_month(workspace, ledger, [city])
        yield workspace


def show(results: dict[str, Any]) -> None:
    print(f"{results['records']:,} records; the index opens in {results['opening_ms']} ms")
    print(f"audit event to disk: {results['audit']}")
    for part in ("engine", "http"):
        for name, times in results[part].items():
            print(f"{part:7}{name:34}" + "  ".join(f"{what} {value}" for what, value in times.items()))


if __name__ == "__main__":
    main()
