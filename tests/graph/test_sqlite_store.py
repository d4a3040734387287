"""What is SQLite's own; the contract itself is in `test_store_*.py`."""

import sqlite3
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from graph.projection import node_schema
from graph.sqlite_store import SqliteStore
from graph.staging import Staging
from graph.store import DeltaRefusedError, GraphData, GraphDelta
from resolver.errors import StoreError
from tests.graph.sketch import random_sketch


def people(*names: str) -> GraphData:
    rows = [{"key": name, "name": name, "regions": "371002"} for name in names]
    return GraphData({"Person": pa.Table.from_pylist(rows, node_schema("Person"))}, {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    store = SqliteStore(tmp_path / "graph.db")
    store.publish(1, people("张三"))
    store.close()
    return tmp_path / "graph.db"


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "graph.db").write_bytes(b"not a database, but long enough to look at" * 100)
    store = SqliteStore(tmp_path / "graph.db")
    with pytest.raises(StoreError, match="not a database"):
        store.current_generation()
    with pytest.raises(StoreError, match="not a database"):
        store.publish(1, people("张三"))


def test_a_newer_format_is_told(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="newer Guiyi"):
        store.view()
    with pytest.raises(StoreError, match="newer Guiyi"):
        store.publish(2, people("张三"))


def test_another_writer_is_told_and_readers_go_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.sqlite_schema._BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = SqliteStore(path)
    with pytest.raises(StoreError, match="locked") as error:
        store.publish(2, people("张三"))
    assert "another process" in error.value.remedy.lower()
    assert store.view().get("Person:张三") is not None
    other.close()
    store.close()


def test_nothing_is_left_beside_the_store(path: Path) -> None:
    leftover = path.with_name("graph.db.spill")
    leftover.mkdir()
    (leftover / "old").write_text("left by a crash")
    store = SqliteStore(path)
    store.publish(2, people("李四"))
    store.close()
    assert [p.name for p in path.parent.iterdir()] == ["graph.db"]


def test_readers_cannot_write(path: Path) -> None:
    store = SqliteStore(path)
    store.view()
    (reader,) = store._readers
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.db.execute("DELETE FROM nodes")
    store.close()


def test_connections_of_ended_threads_are_closed(path: Path) -> None:
    store = SqliteStore(path)
    for _ in range(5):
        thread = threading.Thread(target=store.current_generation)
        thread.start()
        thread.join()
    assert len(store._readers) == 1
    store.close()
    assert store.current_generation() == 1  # opens again
    store.close()


def test_what_only_older_generations_had_leaves_the_indexes_with_them(path: Path) -> None:
    store = SqliteStore(path)
    store.publish(2, people("李四"))
    store.collect_garbage(1)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT count(*) FROM search").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM nodes").fetchone() == (1,)
    db.close()
    store.close()


def to_format_2(db: sqlite3.Connection) -> None:
    db.execute("DROP INDEX nodes_n")
    for table, row in (("nodes", "v"), ("edges", "e")):
        db.execute(f"ALTER TABLE {table} ADD COLUMN t INTEGER NOT NULL DEFAULT 2147483647")
        db.execute(
            f"UPDATE {table} SET t = ended.t FROM ended_{table} AS ended WHERE ended.{row} = {table}.{row}"
        )
        db.execute(f"DROP TABLE ended_{table}")
    db.execute("CREATE INDEX nodes_n ON nodes (n, f, t)")
    db.execute("PRAGMA user_version = 2")


def to_format_1(db: sqlite3.Connection) -> None:
    to_format_2(db)
    for column in ("hash", "nodes", "edges"):
        db.execute(f"ALTER TABLE generations DROP COLUMN {column}")
    db.execute("DROP INDEX edges_loop")
    db.execute("PRAGMA user_version = 1")


def test_a_store_of_the_first_format_is_brought_up_to_date_when_it_is_read(path: Path) -> None:
    with sqlite3.connect(path) as db:
        to_format_1(db)
    db.close()
    store = SqliteStore(path)
    assert store.recorded_hash() is None
    assert store.view().get("Person:张三") is not None
    with pytest.raises(DeltaRefusedError):
        store.publish_delta(2, nothing(store.graph_hash()))
    done = store.publish(2, people("张三"))
    assert (done.opened, store.recorded_hash(1), store.recorded_hash(2)) == (0, None, done.graph_hash)
    assert store.publish_delta(3, nothing(done.graph_hash)).graph_hash == done.graph_hash
    store.close()


def test_every_generation_of_a_store_of_the_format_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    store = SqliteStore(path)
    hashes = [store.publish(g, random_sketch(g).data()).graph_hash for g in (1, 2, 3)]
    store.close()
    with sqlite3.connect(path) as db:
        tables = db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
        to_format_2(db)
        assert db.execute("SELECT count(*) > 0 FROM edges WHERE t = 2").fetchone() == (1,)
    db.close()
    assert [store.graph_hash(g) for g in (1, 2, 3)] == hashes
    store.set_current(2)
    assert store.publish(3, random_sketch(1).data()).graph_hash == hashes[0]
    assert store.collect_garbage(2) == (1,)
    assert [store.graph_hash(g) for g in (2, 3)] == [hashes[1], hashes[0]]
    store.close()
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall() == tables
    db.close()


def test_what_a_delta_wrote_is_copied_back_when_garbage_is_collected(path: Path) -> None:
    store = SqliteStore(path)
    reader = store.view()  # while somebody reads, closing a connection copies nothing back
    before = path.read_bytes()
    store.publish_delta(2, nothing(store.graph_hash()))
    assert path.read_bytes() == before
    assert store.generations() == (1, 2)
    store.collect_garbage(1)
    assert path.read_bytes() != before
    assert reader.generation == 1
    store.close()


def nothing(graph_hash: str) -> GraphDelta:
    with Staging(GraphData(), Path()) as staging:
        tables = [
            staging.database.sql(f"FROM opened_{name}").to_arrow_table()
            for name in ("nodes", "edges", "lookups")
        ]
        closed = [
            staging.database.sql(query).to_arrow_table()
            for query in ("SELECT n, c FROM nodes", "SELECT type, source, target, c FROM edges")
        ]
    return GraphDelta(graph_hash, graph_hash, *tables, *closed)
