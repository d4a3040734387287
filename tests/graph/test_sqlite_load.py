"""The first load of the embedded store: the same tables whichever process makes them, and whole or not at all."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from graph import sqlite_load, sqlite_node_tables
from graph.sqlite_store import SqliteStore
from resolver.errors import StoreError
from tests.graph.sketch import family, random_sketch

TABLES = ("meta", "generations", "names", "access", "nodes", "edges", "ended_nodes", "ended_edges", "adjacent",
          "lookup", "search")  # fmt: skip


@pytest.fixture
def by_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_load, "WORTHWHILE", 0)


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in a store, without the numbers that edges and names happened to get."""
    db = sqlite3.connect(path)
    names = dict(db.execute("SELECT code, name FROM names"))
    found = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    keys = {e: (names[kind], source, target, key) for e, kind, source, target, key in db.execute(
        "SELECT e, type, source, target, key FROM edges")}  # fmt: skip
    found["adjacent"] = [
        (n, names[kind], other, keys[e], *rest) for n, kind, other, e, *rest in found["adjacent"]
    ]
    found["edges"] = [(keys[e], *rest) for e, *rest in found["edges"]]
    found["search"] = [tuple(sorted(set(terms.split()))) for (terms,) in found["search"]]
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.execute("INSERT INTO search(search) VALUES ('integrity-check')")
    db.close()
    return {table: sorted(rows, key=repr) for table, rows in found.items()}


def test_two_processes_make_what_one_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for worthwhile in (10**9, 0):
        monkeypatch.setattr(sqlite_load, "WORTHWHILE", worthwhile)
        store = SqliteStore(tmp_path / f"{worthwhile}.db")
        done = store.publish(1, family().data())
        assert store.graph_hash() == done.graph_hash
        assert {node.id for node in store.view().search("张三")} == {"Person:1", "Person:3"}
        store.close()
        made.append(contents(tmp_path / f"{worthwhile}.db"))
    assert made[0] == made[1]
    assert len(made[1]["adjacent"]) == 2 * len(made[1]["edges"])


@pytest.mark.usefixtures("by_two_processes")
def test_a_store_that_was_emptied_is_loaded_again_and_goes_on(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "graph.db")
    store.publish(1, random_sketch(1).data())
    store.clear()
    done = store.publish(2, family().data())
    assert (store.generations(), store.graph_hash()) == ((2,), done.graph_hash)
    other = store.publish(3, random_sketch(2).data())
    assert store.graph_hash() == other.graph_hash
    assert {node.id for node in store.view(2).search("13806310001")} == {"Person:1", "Person:2"}
    store.close()
    contents(tmp_path / "graph.db")


@pytest.mark.usefixtures("by_two_processes")
def test_a_second_process_that_fails_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sqlite_node_tables.SOURCES, "terms.parquet", "SELECT n, n AS terms, n AS odd FROM node_terms"
    )
    store = SqliteStore(tmp_path / "graph.db")
    with pytest.raises(StoreError, match=r"nodes of the graph store cannot be written: .*Error"):
        store.publish(1, family().data())
    assert [p.name for p in tmp_path.iterdir()] == []
    monkeypatch.undo()
    assert store.publish(1, family().data()).nodes == 5


def test_what_a_deleted_store_left_is_not_taken_for_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    store = SqliteStore(path)
    store.publish(1, random_sketch(1).data())
    store.view()  # while somebody reads, the log is kept
    store.publish(2, random_sketch(2).data())
    left = path.with_name("graph.db-wal").read_bytes()
    store.close()
    path.unlink()
    path.with_name("graph.db-wal").write_bytes(left)
    done = store.publish(1, family().data())
    assert store.graph_hash() == done.graph_hash
    store.close()
    contents(path)
