"""The first load of the embedded graph store: a whole graph into empty tables.

The indexes of values and full text are built by a second process into a file of their own meanwhile, and copied table
by table. Edges are bound from Python once; both their rows in `adjacent` are made of them inside SQLite.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import NODE_INDEX, OPEN
from graph.sqlite_search import INDEXES, LOOKUPS, TERMS, TERMS_SQL, index_lookups, index_terms
from graph.staged_terms import stage_terms
from graph.staging import Stage
from resolver.errors import StoreError

WORTHWHILE = 100_000
"""Nodes from which on a second process is worth its start."""

_LOOKUPS_SQL = (
    "SELECT DISTINCT code, value, n FROM opened_lookups "
    "JOIN names ON name = label || '.' || property ORDER BY ALL"
)
_STAGED = """
CREATE TABLE loading.staged (
    e INTEGER PRIMARY KEY, c INTEGER, type INTEGER, source INTEGER, target INTEGER, a INTEGER, source_a INTEGER,
    target_a INTEGER, key TEXT, probability REAL, valid_from INTEGER, valid_to INTEGER, row_ids TEXT, properties TEXT)
"""
_COPIED = ("lookup", "search_config", "search_content", "search_data", "search_idx")


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
    with _indexed(db, stage, folder):
        nodes = _load_nodes(db, generation, stage)
        edges = _load_edges(db, generation, stage)
    return nodes, edges


def _load_nodes(db: sqlite3.Connection, generation: int, stage: Stage) -> int:
    db.execute("DROP INDEX IF EXISTS nodes_n")
    loaded = 0
    for columns in stage.batches(
        "SELECT n, c, code, stored, key, properties FROM opened_nodes JOIN names ON name = label "
        "JOIN stored_access USING (access) ORDER BY n"
    ):
        head = "INSERT INTO nodes (n, f, t, c, label, a, key, properties) VALUES"
        loaded += insert_rows(db, head, f"(?, {generation}, {OPEN}, ?, ?, ?, ?, ?)", columns)
    db.execute(NODE_INDEX)
    return loaded


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
def _indexed(db: sqlite3.Connection, stage: Stage, folder: Path) -> Iterator[None]:
    """See to `lookup` and `search`: in a second process during the block, or after it when that is not worthwhile."""
    stage_terms(stage)
    if stage.count("SELECT count(*) FROM opened_nodes") < WORTHWHILE:
        yield
        index_lookups(db, stage.batches(_LOOKUPS_SQL))
        index_terms(db, stage.batches(TERMS_SQL))
        return
    for name, query in ((LOOKUPS, _LOOKUPS_SQL), (TERMS, TERMS_SQL)):
        path = str(folder / name).replace("'", "''")
        stage.database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)")
    child = subprocess.Popen(
        [sys.executable, "-m", "graph.sqlite_search", str(folder)], stdin=subprocess.DEVNULL,
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
            f"the indexes of the graph store cannot be built: {(said.splitlines() or ['it was ended'])[-1]}",
            remedy="Make more memory, or space on the disk of the workspace, then try again; nothing was changed.",
        )
    _copy_indexes(db, folder)


def _copy_indexes(db: sqlite3.Connection, folder: Path) -> None:
    """Take over what the second process built: rows go over as they are, those of full text in its own tables."""
    db.execute("ATTACH ? AS indexes", (str(folder / INDEXES),))
    for table in _COPIED:
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM indexes.{table}")
