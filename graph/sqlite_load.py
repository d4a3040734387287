"""The first load of the embedded graph store: a whole graph into empty tables.

Nodes and what they are found by are made by a second process in a file of its own meanwhile, and copied table by table.
Edges are bound from Python once; both their rows in `adjacent` are made of them inside SQLite.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.sqlite_node_tables import DATABASE, SOURCES, make_node_tables
from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import NODE_INDEX, OPEN
from graph.staged_terms import stage_terms
from graph.staging import Stage
from resolver.errors import StoreError

WORTHWHILE = 100_000
"""Nodes from which on a second process is worth its start."""

_STAGED = """
CREATE TABLE loading.staged (
    e INTEGER PRIMARY KEY, c INTEGER, type INTEGER, source INTEGER, target INTEGER, a INTEGER, source_a INTEGER,
    target_a INTEGER, key TEXT, probability REAL, valid_from INTEGER, valid_to INTEGER, row_ids TEXT, properties TEXT)
"""
_COPIED = ("nodes", "lookup", "search_config", "search_content", "search_data", "search_idx")


def attach(db: sqlite3.Connection, folder: Path) -> None:
    """Give a connection that is in no transaction a file for what is needed only while it loads."""
    db.execute("ATTACH ? AS loading", (str(folder / "loading.db"),))
    db.execute("PRAGMA loading.journal_mode = OFF")
    db.execute("PRAGMA loading.synchronous = OFF")


def load(db: sqlite3.Connection, generation: int, stage: Stage, folder: Path) -> tuple[int, int]:
    """Open what is staged, in tables that are empty; gives how many nodes and edges there are.

    Args:
        db: With the file of `attach`.
        generation: That the nodes and edges begin in.
        stage: With the numbers of `stage_codes`.
        folder: For temporary files.
    """
    stage_terms(stage)
    with _nodes_made(db, generation, stage, folder):
        edges = _load_edges(db, generation, stage)
    return stage.count("SELECT count(*) FROM opened_nodes"), edges


def _load_edges(db: sqlite3.Connection, generation: int, stage: Stage) -> int:
    db.execute(_STAGED)
    head = (
        "INSERT INTO loading.staged (c, type, source, target, a, source_a, target_a, key, probability, valid_from, "
        "valid_to, row_ids, properties) VALUES"
    )
    loaded = 0
    for columns in stage.batches(
        "SELECT c, code, source, target, own.stored, s.stored, t.stored, nullif(key, ''), probability, valid_from, "
        "valid_to, row_ids, properties FROM opened_edges JOIN names ON name = type "
        "JOIN stored_access own ON own.access = opened_edges.access "
        "JOIN stored_access s ON s.access = source_access JOIN stored_access t ON t.access = target_access"
    ):
        loaded += insert_rows(db, head, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns)
    span = f"{generation}, {OPEN}"
    db.execute(
        "INSERT INTO edges (e, f, t, c, type, source, target, a, key, probability, valid_from, valid_to, row_ids, "
        f"properties) SELECT e, {span}, c, type, source, target, a, key, probability, valid_from, valid_to, row_ids, "
        "properties FROM loading.staged ORDER BY e"
    )
    db.execute(
        "INSERT INTO adjacent (n, type, other, e, f, t, a, other_a, valid_from, valid_to) "
        f"SELECT source AS n, type, target AS other, e, {span}, a, target_a, valid_from, valid_to "
        "FROM loading.staged WHERE source <> target "
        f"UNION ALL SELECT target, type, source, e, {span}, a, source_a, valid_from, valid_to "
        "FROM loading.staged WHERE source <> target ORDER BY 1, 2, 3, 4"
    )
    return loaded


@contextmanager
def _nodes_made(db: sqlite3.Connection, generation: int, stage: Stage, folder: Path) -> Iterator[None]:
    """Make the tables of nodes: in a second process during the block, or after it when that is not worthwhile."""
    if stage.count("SELECT count(*) FROM opened_nodes") < WORTHWHILE:
        yield
        make_node_tables(db, generation, lambda name: stage.batches(SOURCES[name]))
        return
    for name, query in SOURCES.items():
        path = str(folder / name).replace("'", "''")
        stage.database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)")
    child = subprocess.Popen(
        [sys.executable, "-m", "graph.sqlite_node_tables", str(folder), str(generation)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with child:
        try:
            yield
            said = child.communicate()[1]
        finally:
            child.kill()
    if child.returncode != 0:
        raise StoreError(
            f"the nodes of the graph store cannot be written: {(said.splitlines() or ['it was ended'])[-1]}",
            remedy="Make more memory, or space on the disk of the workspace, then try again; nothing was changed.",
        )
    # Rows go over as they are, an index that both have with them, and full text by its own tables.
    db.execute(NODE_INDEX)
    db.execute("ATTACH ? AS made", (str(folder / DATABASE),))
    for table in _COPIED:
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM made.{table}")
