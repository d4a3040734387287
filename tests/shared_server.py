"""A real Neo4j server for the tests: one for all workers of a run, started by the first test that asks for it.

`conftest.pytest_configure` names its folder before workers are made, `pytest_unconfigure` stops it. Should the run be
killed, the server ends by itself.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

from graph.neo4j_connection import Address
from graph.neo4j_server import Memory, Server, end_process, running, start
from graph.neo4j_store import Neo4jStore

_FOLDER, _OWNER = "GUIYI_TEST_SERVER", "GUIYI_TEST_SERVER_OWNER"
SMALL = Memory(heap="512m", page_cache="64m")


def prepare() -> None:
    """Name its folder; the server is started at first use."""
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="guiyi-neo4j-")
    os.environ[_OWNER] = str(os.getpid())
    os.environ["JDK_JAVA_OPTIONS"] = (
        "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # quicker to start and to warm up
    )


def remove() -> None:
    """End it, if a test started it, and remove all that it left; nobody needs its data, so it need not close them."""
    folder = os.environ.pop(_FOLDER, None)
    if folder:
        if server := running(Path(folder)):
            os.kill(server.pid, signal.SIGKILL)
            end_process(server.pid)
        shutil.rmtree(folder, ignore_errors=True)


def shared_server() -> Server:
    """The server."""
    return start(Path(os.environ[_FOLDER]), SMALL, owner=int(os.environ[_OWNER]))


def empty_graph(name: str) -> str:
    """Make an empty graph on the server, or empty that of this name; gives its name, which is the worker's own."""
    graph = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{name}"
    shared_server()
    store = Neo4jStore(graph_address(graph))
    store.clear()
    store.close()
    return graph


def graph_address(graph: str) -> Address:
    """Address of a graph on the server, which must have been started."""
    server = running(Path(os.environ[_FOLDER]))
    assert server is not None
    return Address(server.uri, password=server.password_file.read_text("ascii").strip(), graph=graph)
