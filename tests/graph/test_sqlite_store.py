"""What is SQLite's own; the contract itself is in test_store.py."""

import sqlite3
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from graph.projection import node_schema
from graph.sqlite_store import SqliteStore
from graph.store import GraphData
from resolver.errors import StoreError


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
