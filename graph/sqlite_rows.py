"""Rows for the embedded graph store: names and access as the numbers they have there, and many rows a statement."""

import sqlite3
from collections.abc import Sequence
from itertools import chain

import pyarrow as pa

from graph.staging import Stage

_ROWS = 50
"""Rows a statement: a third less work than one row each, and no more is gained by more."""


def stage_codes(db: sqlite3.Connection, stage: Stage) -> None:
    """Number labels, types, indexed properties, and who may see what; a number once given stays.

    Leaves the tables `names` (name, code) and `stored_access` (access, stored) in the stage.
    """
    found = stage.database.execute(
        "SELECT DISTINCT label FROM opened_nodes UNION SELECT DISTINCT type FROM opened_edges "
        "UNION SELECT DISTINCT label || '.' || property FROM opened_lookups ORDER BY 1"
    ).fetchall()
    db.executemany("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING", found)
    known = db.execute("SELECT name, code FROM names").fetchall()
    _note(stage, "names", pa.schema({"name": pa.string(), "code": pa.int32()}), known)
    texts = stage.database.execute(
        "SELECT DISTINCT access FROM opened_nodes UNION SELECT DISTINCT access FROM opened_edges "
        "UNION SELECT DISTINCT source_access FROM opened_edges UNION SELECT DISTINCT target_access FROM opened_edges "
        "ORDER BY 1"
    ).fetchall()
    pairs = [tuple(text.split("/")) for (text,) in texts]
    db.executemany("INSERT INTO access (regions, departments) VALUES (?, ?) ON CONFLICT DO NOTHING", pairs)
    known = db.execute("SELECT regions || '/' || departments, a FROM access").fetchall()
    _note(stage, "stored_access", pa.schema({"access": pa.string(), "stored": pa.int32()}), known)


def insert_rows(db: sqlite3.Connection, head: str, row: str, columns: Sequence[Sequence[object]]) -> int:
    """Insert columns of equal length, several rows a statement.

    Args:
        db: The connection.
        head: `INSERT INTO … VALUES`.
        row: What one row is, in brackets, with a question mark for every column.
        columns: The values.

    Returns:
        The number of rows.
    """
    count = len(columns[0])
    whole = count - count % _ROWS
    flat = list(chain.from_iterable(zip(*(column[:whole] for column in columns), strict=True)))
    size = _ROWS * len(columns)
    db.executemany(
        f"{head} {', '.join([row] * _ROWS)}", (flat[i : i + size] for i in range(0, len(flat), size))
    )
    db.executemany(f"{head} {row}", zip(*(column[whole:] for column in columns), strict=True))
    return count


def _note(stage: Stage, table: str, schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> None:
    """Make a table of a stage from rows."""
    columns = [[row[i] for row in rows] for i in range(len(schema))]
    stage.database.register("noted", pa.table(columns, schema=schema))
    stage.database.execute(f"CREATE TABLE {table} AS FROM noted")
    stage.database.unregister("noted")
