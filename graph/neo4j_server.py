"""A Neo4j server of one's own: one folder, its own ports on this machine only, a password nobody needs to type.

For trying, for tests, and for a single machine. The folder holds `home/` (data, logs, configuration), `password`
(readable by its owner only) and, while the server runs, `server.json`.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from graph.neo4j_install import java, locked, server_jars
from resolver.errors import StoreError

LOADING = "loading"
"""A file in the folder while a load overwrites the database: one that is found at a start was cut off."""

USER = "neo4j"
"""The only account; Community gives every account all rights."""

_HOST = "127.0.0.1"
_START_SECONDS = 180
_STOP_SECONDS = 60
_children: dict[
    int, list["subprocess.Popen[bytes]"]
] = {}  # servers this process started, each with its guard
_OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.lang", "java.util.concurrent")
]
_COMPILING = [
    "-XX:Tier4InvocationThreshold=50000", "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000", "-XX:Tier4BackEdgeThreshold=400000",
]  # fmt: skip
"""What is not run ten times as often as usual is not optimised: on two cores the compiler takes from the work that it
is to make quicker, a third of a bulk import and of filling an index."""
# By default a server that nobody speaks to waits five seconds before it ends.
# Parameters of queries hold personal values, so no query is logged. What a closed transaction log is kept for is
# incremental backup, which this edition does not have. A full-text index is filled in few large pieces, for putting
# pieces together takes as long as making them.
_CONFIGURATION = """\
server.default_listen_address={host}
server.bolt.listen_address={host}:{bolt}
server.http.enabled={http_enabled}
server.http.listen_address={host}:{http}
server.https.enabled=false
server.memory.heap.initial_size={heap}
server.memory.heap.max_size={heap}
server.memory.pagecache.size={page_cache}
internal.dbms.bolt.netty_server_shutdown_quiet_period=0
internal.dbms.index.lucene.population_ram_buffer_size=256
internal.dbms.index.lucene.population_max_buffered_docs=10000000
server.logs.gc.enabled=false
db.logs.query.enabled=OFF
db.tx_log.rotation.size=64m
db.tx_log.rotation.retention_policy=256M size
dbms.usage_report.enabled=false
dbms.security.procedures.allowlist=db.*,dbms.components
dbms.security.allow_csv_import_from_file_urls=false
"""


@dataclass(frozen=True)
class Memory:
    """What a server may use, in Neo4j's notation (`512m`, `2g`)."""

    heap: str = "1g"
    page_cache: str = "512m"


@dataclass(frozen=True)
class Server:
    """A server that was started.

    Attributes:
        folder: Where it lives.
        bolt: Port of the protocol that the store speaks.
        http: Port of the HTTP interface; 0 = none.
        pid: The server's process.
        memory: What it may use.
    """

    folder: Path
    bolt: int
    http: int
    pid: int
    memory: Memory

    @property
    def uri(self) -> str:
        """What `graph.uri` names."""
        return f"bolt://{_HOST}:{self.bolt}"

    @property
    def password_file(self) -> Path:
        """What `graph.password_file` names."""
        return self.folder / "password"

    @property
    def settings(self) -> str:
        """`[graph]` of the guiyi.toml of a workspace that uses it."""
        entries = {"uri": self.uri, "password_file": self.password_file, "server": self.folder}
        return "[graph]\n" + "".join(
            f"{name} = {json.dumps(str(value))}\n" for name, value in entries.items()
        )


def start(
    folder: Path, memory: Memory | None = None, *, http: bool = False, owner: int | None = None
) -> Server:
    """Start the server of a folder, made when it is not there; one that runs already is left as it is.

    Args:
        folder: Where it lives.
        memory: What it may use; default: as last time.
        http: Offer the HTTP interface as well.
        owner: The server ends when this process does, however that ends; None = it goes on.

    Raises:
        StoreError: Java or the server is missing, or it does not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    with locked(folder / ".lock"):
        found = running(folder)
        if found is not None:
            return found
        known = _last(folder)
        server = Server(
            folder,
            _free_port(known.bolt if known else 0),
            _free_port(known.http if known else 0) if http else 0,
            0,
            memory or (known.memory if known else Memory()),
        )
        _forget_half_a_load(folder)
        _configure(server)
        _set_password(server)
        return _launch(server, owner)


def stop(folder: Path) -> bool:
    """Stop the server of a folder and wait until it has ended.

    Returns:
        Whether one was running.
    """
    if not folder.is_dir():
        return False
    with locked(folder / ".lock"):
        server = running(folder)
        if server is None:
            return False
        end_process(server.pid)
        return True


def running(folder: Path) -> Server | None:
    """The server that runs in a folder; None = none does."""
    server = _last(folder)
    return server if server is not None and _is_server(server.pid, server.folder) else None


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    """Hold a running server stopped for the time of the block; it comes back on the same ports, whatever happens."""
    owner = _owner(server.folder)
    stop(server.folder)
    try:
        yield
    finally:
        start(server.folder, server.memory, http=server.http != 0, owner=owner)


def administer(server: Server, arguments: Sequence[str]) -> str:
    """Run `neo4j-admin` on the folder of a server, which must be stopped for most of it; returns what it says.

    Raises:
        StoreError: It fails.
    """
    # Half the machine's memory at most: the import works outside the heap.
    command = [
        java(), "-Xmx1g", *_collector(), *_COMPILING, *_OPENS, "-cp", f"{server_jars()}/*", "org.neo4j.cli.AdminTool",
        *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command, env=_environment(server.folder), capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, cwd=server.folder,
    )  # fmt: skip
    said = done.stdout + done.stderr
    if done.returncode != 0:
        lines = [line for line in said.splitlines() if line.strip() and "--verbose" not in line]
        told = next((line for line in lines if line.startswith("Error")), (lines or ["it says nothing"])[-1])
        raise StoreError(
            f"neo4j-admin {' '.join(arguments[:2])} failed: {told}",
            remedy=f"Look into {server.folder / 'home' / 'logs'}.",
        )
    return said


def _collector() -> list[str]:
    """The garbage collector that lets a bulk import run quickest; Java refuses two, and the user's own goes first."""
    return [] if "GC" in os.environ.get("JDK_JAVA_OPTIONS", "") else ["-XX:+UseParallelGC"]


def end_process(pid: int) -> None:
    """Ask a process to end, wait, and kill it when it does not; its guard ends by itself."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(_STOP_SECONDS)
    for child in _children.pop(pid, ()):
        child.wait(_STOP_SECONDS)


def _last(folder: Path) -> Server | None:
    """The server that was last started in a folder, running or not."""
    try:
        told = json.loads((folder / "server.json").read_text("utf-8"))
        return Server(folder.resolve(), told["bolt"], told["http"], told["pid"], Memory(**told["memory"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _owner(folder: Path) -> int | None:
    try:
        owner = json.loads((folder / "server.json").read_text("utf-8")).get("owner")
    except (OSError, ValueError):
        return None
    return owner if isinstance(owner, int) else None


def _is_server(pid: int, folder: Path) -> bool:
    """Whether a process is the server of this folder, and not another one that was given its number."""
    try:
        return f"--home-dir={folder / 'home'}" in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def _forget_half_a_load(folder: Path) -> None:
    """Throw away a database of which a load wrote only a part; there was nothing in it before."""
    if (folder / LOADING).exists():
        for kind in ("databases", "transactions"):
            shutil.rmtree(folder / "home" / "data" / kind / "neo4j", ignore_errors=True)
        (folder / LOADING).unlink()


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((_HOST, port))
            return int(probe.getsockname()[1])
    raise StoreError("no port of this machine is free", remedy="End other programs, then try again.")


def _environment(folder: Path) -> dict[str, str]:
    home = folder / "home"
    return {**os.environ, "NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")}


def _configure(server: Server) -> None:
    conf = server.folder / "home" / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    text = _CONFIGURATION.format(
        host=_HOST, bolt=server.bolt, http=server.http or 7474, http_enabled=str(server.http != 0).lower(),
        heap=server.memory.heap, page_cache=server.memory.page_cache,
    )  # fmt: skip
    (conf / "neo4j.conf").write_text(text, "utf-8")


def _set_password(server: Server) -> None:
    """Make a password before the first start; afterwards the server itself knows it."""
    if server.password_file.exists():
        return
    handle = os.open(server.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(20) + "\n")
        # By way of the file: arguments of a command can be seen by everybody on the machine.
        administer(server, ["dbms", "set-initial-password", f"@{server.password_file}"])
    except BaseException:
        server.password_file.unlink()
        raise


def _launch(server: Server, owner: int | None) -> Server:
    home = server.folder / "home"
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    heap = server.memory.heap
    command = [
        java(), f"-Xms{heap}", f"-Xmx{heap}", *_COMPILING, "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8",
        "-Dlog4j2.disable.jmx=true", *_OPENS, "-cp", f"{server_jars()}/*",
        "org.neo4j.server.CommunityEntryPoint", f"--home-dir={home}", f"--config-dir={home / 'conf'}",
    ]  # fmt: skip
    with (logs / "console.log").open("wb") as console:
        process = subprocess.Popen(
            command, env=_environment(server.folder), stdin=subprocess.DEVNULL, stdout=console,
            stderr=subprocess.STDOUT, start_new_session=True, cwd=server.folder,
        )  # fmt: skip
    server = replace(server, pid=process.pid)
    _children[process.pid] = [process]
    told = {**asdict(server), "folder": str(server.folder), "owner": owner}
    (server.folder / "server.json").write_text(json.dumps(told), "utf-8")
    if owner is not None:
        guard = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("neo4j_guard.py")), str(owner), str(process.pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        _children[process.pid].append(guard)
    try:
        _wait_until_ready(server, process)
    except BaseException:
        end_process(process.pid)
        raise
    return server


def _wait_until_ready(server: Server, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the server greets on its port: it listens only once the database is open."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise StoreError(f"the Neo4j server ended at once: {_last_words(server)}", remedy=_look(server))
        with suppress(OSError), socket.create_connection((_HOST, server.bolt), timeout=5) as probe:
            # Bolt handshake: the magic number and four proposals; a server answers with the version it takes.
            probe.sendall(bytes.fromhex("6060b017" + "00020405" + "00000000" * 3))
            if len(probe.recv(4)) == 4:
                return
        time.sleep(0.1)
    raise StoreError(f"the Neo4j server is not ready after {_START_SECONDS} s", remedy=_look(server))


def _last_words(server: Server) -> str:
    log = (server.folder / "home" / "logs" / "console.log").read_text("utf-8", "replace")
    lines = [line for line in log.splitlines() if "ERROR" in line or "Exception" in line or "Error" in line]
    return lines[-1] if lines else "it says nothing"


def _look(server: Server) -> str:
    return f"Look into {server.folder / 'home' / 'logs'}."
