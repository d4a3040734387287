"""What goes wrong with a Neo4j server is told, with what to do; readers keep whole generations, the next publish heals.

What breaks a server is in test_neo4j_broken.py.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from graph import neo4j_connection, neo4j_writer
from graph.neo4j_connection import Address, Connection, check_server
from graph.neo4j_generations import Generations
from graph.neo4j_schema import Names
from graph.neo4j_server import Server
from graph.neo4j_store import Neo4jStore
from resolver.errors import SettingsError, StoreError
from tests.cut_off import Cable
from tests.graph.sketch import family, random_sketch
from tests.shared_server import empty_graph, graph_address

_SECRET = "not-the-password-of-anybody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _told(address: Address, *, match: str) -> StoreError:
    """What both a reader and a writer are told."""
    with closing(Neo4jStore(address)) as store:
        with pytest.raises(StoreError, match=match) as reading:
            store.view()
        with pytest.raises(StoreError, match=match):
            store.publish(1, family().data())
    assert reading.value.remedy
    assert address.password not in str(reading.value)
    return reading.value


def test_a_server_that_is_not_there() -> None:
    error = _told(Address(f"bolt://127.0.0.1:{_free_port()}", password=_SECRET), match="does not answer")
    assert "graph.uri" in error.remedy


def test_a_wrong_password(neo4j_server: Server) -> None:
    with (
        closing(Neo4jStore(Address(neo4j_server.uri, password=_SECRET))) as store,
        pytest.raises(StoreError, match="refuses user 'neo4j'") as error,
    ):
        store.view()
    assert "GUIYI_GRAPH_PASSWORD" in error.value.remedy
    assert _SECRET not in f"{error.value} {error.value.__cause__} {store._address!r}"


def test_a_database_that_is_not_there(neo4j_server: Server) -> None:
    known = graph_address("none")
    error = _told(
        Address(known.uri, password=known.password, database="other"), match="does not have the database"
    )
    assert "graph.database" in error.remedy


@pytest.mark.parametrize("greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00\x00\x00\x00", b""])
def test_something_else_listens_there(greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def greet() -> None:
            while True:
                try:
                    caller, _ = other.accept()
                except OSError:
                    return
                with caller:
                    caller.recv(20)
                    caller.sendall(greeting)

        thread = threading.Thread(target=greet)
        thread.start()
        _told(
            Address(f"bolt://127.0.0.1:{other.getsockname()[1]}", password=_SECRET),
            match="does not (speak the protocol|answer)",
        )
        other.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def test_a_server_that_is_too_old(neo4j_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_connection, "OLDEST_SERVER", (5, 999))
    error = _told(graph_address("none"), match=r"is Neo4j 5\.26\.\d+; this software needs 5\.999")
    assert "Update the server" in error.remedy


@pytest.mark.parametrize("agent", ["Neo4j/4.4.30", "Neo4j/5.25.1", "Memgraph/2.0", ""])
def test_what_is_no_server_for_us(agent: str) -> None:
    with pytest.raises(StoreError):
        check_server(agent, "bolt://x")


@pytest.mark.parametrize("agent", ["Neo4j/5.26.0", "Neo4j/5.30.1", "Neo4j/2026.08.1"])
def test_what_is(agent: str) -> None:
    check_server(agent, "bolt://x")


@pytest.mark.parametrize(
    "wrong",
    [
        {"uri": "http://x"},
        {"uri": "bolt://neo4j:secret@x:7687"},
        {"uri": "bolt://x", "graph": "Robert'); DROP"},
    ],
)
def test_an_address_that_cannot_be(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as error:
        Address(**wrong)
    assert "secret" not in str(error.value)


def test_a_graph_of_a_newer_version_is_not_touched(
    neo4j_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = graph_address(empty_graph("newer"))
    with closing(Neo4jStore(address)) as store:
        store.publish(1, family().data())
        text = Generations.text
        monkeypatch.setattr(
            Generations, "text", lambda self: text(self).replace('"format": 1', '"format": 99')
        )
        with pytest.raises(
            StoreError, match="newer Guiyi"
        ):  # its first step writes it, the next one reads it
            store.publish(2, family().data())
        monkeypatch.undo()
        with pytest.raises(StoreError, match="newer Guiyi"):
            store.view()
        with pytest.raises(StoreError, match="newer Guiyi"):
            store.publish(3, family().data())
    with closing(Connection(address)) as connection:  # for whoever uses the graph next
        connection.command(f"MATCH (x:{Names.of(address.graph).meta}) DELETE x")


def test_a_connection_lost_between_reads_is_made_again(neo4j_server: Server) -> None:
    address = graph_address(empty_graph("lost"))
    with Cable(neo4j_server.bolt) as cable, closing(Neo4jStore(_through(cable, address))) as store:
        store.publish(1, family().data())
        view = store.view()
        assert view.get("Person:1") is not None
        cable.cut()
        assert view.get("Person:1") is not None
        assert view.neighbour_counts("Phone:p") == {"USES_PHONE": 3}


def test_a_connection_lost_in_the_middle_of_a_read_and_not_coming_back(
    neo4j_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = graph_address(empty_graph("lost"))
    with Cable(neo4j_server.bolt) as cable, closing(Neo4jStore(_through(cable, address))) as store:
        store.publish(1, family().data())
        view = store.view()
        original = neo4j_connection.rows

        def cut_after(*given: Any) -> Iterator[Any]:
            yield from original(*given)
            cable.refuse()

        monkeypatch.setattr("graph.neo4j_reading.rows", cut_after)
        with pytest.raises(StoreError, match="does not answer"):
            view.neighbourhood("Person:1", 2)
        monkeypatch.undo()
        cable.accept()
        assert view.neighbourhood("Person:1", 2) is not None


def test_a_connection_lost_in_the_middle_of_a_publish(
    neo4j_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = graph_address(empty_graph("lost"))
    monkeypatch.setattr(neo4j_connection, "_RETRY_SECONDS", 0.5)
    with Cable(neo4j_server.bolt) as cable, closing(Neo4jStore(_through(cable, address))) as store:
        first = store.publish(1, random_sketch(1).data())
        _in_the_middle(monkeypatch, cable.refuse)
        with pytest.raises(StoreError, match="does not answer"):
            store.publish(2, random_sketch(2).data())
        monkeypatch.undo()
        cable.accept()
        assert (store.generations(), store.graph_hash()) == ((1,), first.graph_hash)
        done = store.publish(2, random_sketch(2).data())
        assert store.graph_hash() == done.graph_hash


def _through(cable: Cable, address: Address) -> Address:
    return Address(f"bolt://127.0.0.1:{cable.port}", password=address.password, graph=address.graph)


def _in_the_middle(monkeypatch: pytest.MonkeyPatch, happen: Callable[[], object]) -> None:
    """Let something happen when a publish has written its nodes, and not yet its edges."""
    original = neo4j_writer.edge_rows

    def rows(*given: Any) -> Any:
        happen()
        return original(*given)

    monkeypatch.setattr(neo4j_writer, "edge_rows", rows)
