"""A server killed, full, read-only, or loaded in bulk: it has one of its own, which each of these tests restarts.

A restart takes a quarter of a minute, so the tests that need more than one are part of `make soak`.
"""

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from graph import neo4j_connection, neo4j_import, neo4j_server, neo4j_writer
from graph.neo4j_connection import Address
from graph.neo4j_store import Neo4jStore
from graph.sqlite_store import SqliteStore
from graph.store import Scope
from resolver.errors import StoreError
from tests.graph.sketch import EAST, Sketch, family, random_sketch
from tests.shared_server import SMALL


class Fragile:
    """A server to break, and a store on it."""

    def __init__(self, folder: Path) -> None:
        self.server = neo4j_server.start(folder, SMALL, owner=os.getpid())
        self.store = self.open()

    @property
    def pid(self) -> int:
        """Of the server as it runs now: a load in bulk starts it again."""
        server = neo4j_server.running(self.server.folder)
        assert server is not None
        return server.pid

    def kill(self) -> None:
        """As the kernel does when memory runs out."""
        pid = self.pid
        psutil.Process(pid).send_signal(signal.SIGKILL)
        neo4j_server.end_process(pid)

    def start_again(self) -> None:
        self.store.close()
        neo4j_server.stop(self.server.folder)
        self.server = neo4j_server.start(self.server.folder, SMALL, owner=os.getpid())
        self.store = self.open()

    def open(self) -> Neo4jStore:
        password = self.server.password_file.read_text("ascii").strip()
        return Neo4jStore(Address(self.server.uri, password=password, graph="fragile"), self.server.folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    held = Fragile(tmp_path_factory.mktemp("fragile") / "server")
    yield held
    held.store.close()
    held.kill()  # nobody needs its data any more


@pytest.fixture
def fragile(server: Fragile) -> Fragile:
    """With an empty graph."""
    server.store.clear()
    return server


def large() -> Sketch:
    """The family and more, with what is hard to write into a file."""
    sketch = random_sketch(5)
    for name, values in family().nodes.items():
        sketch.nodes[f"{name}x"] = values
    sketch.node(
        "Person:odd",
        name='张"三,\n四\\',
        former_names=["a;b", "", "c,d"],
        address="",
        phones=["1"],
        sex=1,
        ambiguous=True,
    )
    sketch.edge("SPOUSE_OF", "Person:odd", "Person:1x", valid_from=None, probability=None, row_ids=[])
    return sketch


def test_the_first_load_in_bulk_makes_the_same_graph(
    fragile: Fragile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_import, "WORTHWHILE", 1)
    bulk: list[object] = []
    load = neo4j_import.load
    monkeypatch.setattr(neo4j_import, "load", lambda *given: bulk.append(load(*given)))
    sketch = large()
    embedded = SqliteStore(tmp_path / "graph.db")
    expected = embedded.publish(1, sketch.data())
    done = fragile.store.publish(1, sketch.data())
    assert bulk
    assert done == expected
    assert fragile.store.graph_hash() == expected.graph_hash
    for scope in (Scope(), Scope(regions=frozenset({EAST}))):
        ours, theirs = fragile.store.view(scope=scope), embedded.view(scope=scope)
        assert ours.get_many(sketch.nodes) == theirs.get_many(sketch.nodes)
        for node in ("Person:1", "Person:odd", "Phone:px"):
            assert ours.neighbourhood(node, 2) == theirs.neighbourhood(node, 2)
        for text in ("张三", "三丰", "zhang san", "13806310001", "c"):
            assert ours.search(text) == theirs.search(text)
        assert ours.find("Phone", "number", "13806310001") == theirs.find("Phone", "number", "13806310001")
    changed = large()
    changed.node("Person:new", name="新人")
    assert (
        fragile.store.publish(2, changed.data()).graph_hash == embedded.publish(2, changed.data()).graph_hash
    )
    assert len(bulk) == 1
    embedded.close()


@pytest.mark.soak
def test_a_load_that_was_cut_off_is_thrown_away(fragile: Fragile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neo4j_import, "WORTHWHILE", 1)
    sketch = family()
    administer = neo4j_import.administer

    def half(*given: Any) -> str:
        administer(*given)
        raise StoreError("cut off")

    monkeypatch.setattr(neo4j_import, "administer", half)
    with pytest.raises(StoreError, match="cut off"):
        fragile.store.publish(1, sketch.data())
    assert fragile.store.current_generation() is None
    assert not (fragile.server.folder / "load").exists()
    monkeypatch.undo()
    done = fragile.store.publish(1, sketch.data())
    assert (done.opened, fragile.store.graph_hash()) == (13, done.graph_hash)


def test_a_server_killed_in_the_middle_of_a_publish_and_started_again(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neo4j_connection, "_RETRY_SECONDS", 0.5)
    first = fragile.store.publish(1, random_sketch(1).data())
    reading = fragile.open()
    reader = reading.view()
    around = reader.neighbourhood("Person:1", 3)
    original = neo4j_writer.edge_rows

    def killing(*given: Any) -> Any:
        fragile.kill()  # nodes are written, edges are not
        return original(*given)

    monkeypatch.setattr(neo4j_writer, "edge_rows", killing)
    with pytest.raises(StoreError, match="does not answer"):
        fragile.store.publish(2, random_sketch(2).data())
    with pytest.raises(StoreError, match="does not answer"):
        reader.get("Person:1")
    monkeypatch.undo()
    port = fragile.server.bolt
    fragile.start_again()
    assert fragile.server.bolt == port  # what guiyi.toml names still holds
    store = fragile.store
    assert (store.generations(), store.graph_hash()) == ((1,), first.graph_hash)
    assert reader.neighbourhood("Person:1", 3) == store.view().neighbourhood("Person:1", 3) == around
    reading.close()
    done = store.publish(2, random_sketch(2).data())
    assert store.graph_hash() == done.graph_hash
    assert store.publish(2, random_sketch(2).data()).opened == 0


@pytest.mark.soak
def test_a_full_disk_and_a_database_that_can_only_be_read(
    fragile: Fragile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of the server may grow any more: to it, the disk is full. It comes back read-only."""
    before = fragile.store.publish(1, random_sketch(1).data()).graph_hash
    resource.prlimit(fragile.pid, resource.RLIMIT_FSIZE, (1, 1))
    with pytest.raises(StoreError, match="its disk is full") as error:
        fragile.store.publish(2, random_sketch(2, people=3000).data())
    assert "Make space" in error.value.remedy
    fragile.kill()  # a database that could not write stays stopped
    read_only = "server.databases.default_to_read_only=true\n"
    monkeypatch.setattr(neo4j_server, "_CONFIGURATION", neo4j_server._CONFIGURATION + read_only)
    fragile.start_again()
    with pytest.raises(StoreError, match="can only be read") as error:
        fragile.store.publish(2, random_sketch(2).data())
    assert "default_to_read_only" in error.value.remedy
    assert fragile.store.graph_hash() == before
    assert fragile.store.view().neighbourhood("Person:1", 2) is not None
    monkeypatch.undo()
    fragile.start_again()
    done = fragile.store.publish(2, random_sketch(2).data())
    assert fragile.store.graph_hash() == done.graph_hash
