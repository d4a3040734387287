"""Opening edges in the embedded graph store: bound from Python once, and put where they belong inside SQLite."""

import sqlite3
from pathlib import Path

from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import OPEN
from graph.staging import Stage

_STAGED = """
CREATE TABLE loading.staged (
    e INTEGER PRIMARY KEY, c INTEGER, type INTEGER, source INTEGER, target INTEGER, a INTEGER, source_a INTEGER,
    target_a INTEGER, key TEXT, probability REAL, valid_from INTEGER, valid_to INTEGER, row_ids TEXT, properties TEXT)
"""


def attach(db: sqlite3.Connection, folder: Path | None = None) -> None:
    """Give a connection that is in no transaction room for what is needed only while it writes.

    Args:
        db: The connection.
        folder: For a whole graph, which goes to a file; None = memory, for a delta.
    """
    db.execute("ATTACH ? AS loading", (":memory:" if folder is None else str(folder / "loading.db"),))
    db.execute("PRAGMA loading.journal_mode = OFF")
    db.execute("PRAGMA loading.synchronous = OFF")


def open_edges(db: sqlite3.Connection, generation: int, stage: Stage) -> int:
    """Open the staged edges, once for a connection; gives how many there are.

    Args:
        db: With the room of `attach`.
        generation: That they begin in.
        stage: With the numbers of `sqlite_rows.stage_codes`.
    """
    db.execute(_STAGED)
    head = (
        "INSERT INTO loading.staged (c, type, source, target, a, source_a, target_a, key, probability, valid_from, "
        "valid_to, row_ids, properties) VALUES"
    )
    opened = 0
    for columns in stage.batches(
        "SELECT c, code, source, target, own.stored, s.stored, t.stored, nullif(key, ''), probability, valid_from, "
        "valid_to, row_ids, properties FROM opened_edges JOIN names ON name = type "
        "JOIN stored_access own ON own.access = opened_edges.access "
        "JOIN stored_access s ON s.access = source_access JOIN stored_access t ON t.access = target_access"
    ):
        opened += insert_rows(db, head, "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", columns)
    last = int(db.execute("SELECT coalesce(max(e), 0) FROM edges").fetchone()[0])
    db.execute(
        "INSERT INTO edges (e, f, c, type, source, target, a, key, probability, valid_from, valid_to, row_ids, "
        f"properties) SELECT e + {last}, {generation}, c, type, source, target, a, key, probability, valid_from, "
        "valid_to, row_ids, properties FROM loading.staged ORDER BY e"
    )
    row = f"e + {last} AS e, {generation}, {OPEN}, a"
    db.execute(
        "INSERT INTO adjacent (n, type, other, e, f, t, a, other_a, valid_from, valid_to) "
        f"SELECT source AS n, type, target AS other, {row}, target_a, valid_from, valid_to "
        "FROM loading.staged WHERE source <> target "
        f"UNION ALL SELECT target, type, source, {row}, source_a, valid_from, valid_to "
        "FROM loading.staged WHERE source <> target ORDER BY 1, 2, 3, 4"
    )
    return opened
