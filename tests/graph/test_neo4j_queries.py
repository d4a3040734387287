"""The queries of docs/neo4j.md run and find something in the made-up city, whose graph is the same in both stores."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.month import MonthReport
from graph.neo4j_connection import Connection, rows
from graph.neo4j_schema import Names
from graph.neo4j_store import Neo4jStore
from graph.projection import project
from graph.schema import NODES
from graph.sqlite_store import SqliteStore
from resolver.workspace import Workspace
from tests.shared_server import empty_graph, graph_address

_QUERIES = re.findall(
    r"^```cypher\n(.*?)^```",
    (Path(__file__).parents[2] / "docs" / "neo4j.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def city_graph(month: tuple[Workspace, MonthReport]) -> Iterator[tuple[Connection, Names]]:
    """The city's graph on the server, published; it must hash to what the embedded store published."""
    workspace, report = month
    assert report.snapshot is not None
    address = graph_address(empty_graph("city"))
    with closing(Neo4jStore(address)) as store, closing(SqliteStore(workspace.graph_db)) as embedded:
        done = store.publish(1, project(report.snapshot))
        assert done.graph_hash == store.graph_hash() == embedded.graph_hash()
    with closing(Connection(address)) as connection:
        yield connection, Names.of(address.graph)


def test_there_are_twenty() -> None:
    assert len(_QUERIES) == 20


@pytest.mark.parametrize("query", _QUERIES, ids=range(1, len(_QUERIES) + 1))
def test_a_query_of_the_documentation(city_graph: tuple[Connection, Names], query: str) -> None:
    connection, names = city_graph
    # The server of the tests holds other graphs too.
    own = re.sub(rf":({'|'.join(NODES)})\b", rf":{names.graph}&\1", query).replace(
        "MATCH (x) WHERE", f"MATCH (x:{names.graph}) WHERE"
    )
    assert own != query
    assert connection.read(lambda session: [*rows(session, own)])
