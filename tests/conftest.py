"""Shared by the tests that need a whole city: made once per session, small enough to be quick."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.month import MonthReport, run_month
from graph.neo4j_server import Server
from resolver.ledger.ledger import Ledger
from resolver.synthetic.city import synthesize
from resolver.workspace import Workspace
from tests import shared_server

SMALL_CITY = 1_000

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
    """Name the folder of the shared server before workers are made; they inherit it."""
    if not hasattr(config, "workerinput"):
        shared_server.prepare()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server."""
    if not hasattr(config, "workerinput"):
        shared_server.remove()


@pytest.fixture(scope="session")
def neo4j_server() -> Server:
    """A real Neo4j server, shared by all tests."""
    return shared_server.shared_server()
