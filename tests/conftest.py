"""Shared by the tests that need a whole city: made once per session, small enough to be quick."""

import os
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.month import MonthReport, run_month
from graph.neo4j_connection import Address
from graph.neo4j_server import Memory, Server, start, stop
from graph.neo4j_store import Neo4jStore
from resolver.ledger.ledger import Ledger
from resolver.synthetic.city import synthesize
from resolver.workspace import Workspace

SMALL_CITY = 1_000

_SERVER = "GUIYI_TEST_NEO4J"  # folder of the Neo4j server that all workers of a test run share
_SMALL = Memory(heap="512m", page_cache="64m")

# Parallel workers inherit the width that readline noted for the terminal of their parent; output is judged as piped.
os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up city of two months."""
    folder = tmp_path_factory.mktemp("city")
    synthesize(folder, SMALL_CITY, seed=7, months=2, profile="typical")
    return folder


@pytest.fixture(scope="session")
def month(city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, MonthReport]:
    """The city's months, received, resolved, checked and published. Not to be written to."""
    workspace = Workspace.create(tmp_path_factory.mktemp("workspace"))
    with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
        report = run_month(workspace, ledger, [city])
    return workspace, report


@pytest.fixture
def now() -> datetime:
    """A fixed moment after noon."""
    return datetime(2026, 11, 3, 13, 5, 7, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder of the server before workers are made; they inherit it."""
    if not hasattr(config, "workerinput"):
        os.environ[_SERVER] = tempfile.mkdtemp(prefix="guiyi-neo4j-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if a test started it. Should this process be killed, the server ends by itself."""
    folder = os.environ.get(_SERVER)
    if folder and not hasattr(config, "workerinput"):
        stop(Path(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def neo4j_server(request: pytest.FixtureRequest) -> Server:
    """A real Neo4j server: one for all tests and workers, started by the first that asks for it."""
    owner = os.getppid() if hasattr(request.config, "workerinput") else os.getpid()
    return start(Path(os.environ[_SERVER]), _SMALL, owner=owner)


@pytest.fixture(scope="session")
def neo4j_graph(neo4j_server: Server) -> Callable[[str], Address]:
    """Addresses of empty graphs on the server, by name; the same name again empties it again."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    password = neo4j_server.password_file.read_text("ascii").strip()

    def empty(name: str) -> Address:
        address = Address(neo4j_server.uri, password=password, graph=f"{worker}_{name}")
        store = Neo4jStore(address)
        store.clear()
        store.close()
        return address

    return empty
