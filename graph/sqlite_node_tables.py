"""The nodes of the embedded graph store and what they are found by; as a program, what makes them for a first load.

    python -m graph.sqlite_node_tables FOLDER GENERATION

reads `nodes.parquet`, `lookups.parquet` and `terms.parquet` there and writes `nodes.db`. It ends when who started it
has ended.
"""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import NODE_INDEX, NODE_TABLES

SOURCES = {
    "nodes.parquet": "SELECT n, c, code, stored, key, properties FROM opened_nodes JOIN names ON name = label "
    "JOIN stored_access USING (access) ORDER BY n",
    "lookups.parquet": "SELECT DISTINCT code, value, n FROM opened_lookups "
    "JOIN names ON name = label || '.' || property ORDER BY ALL",
    "terms.parquet": "SELECT n, terms FROM node_terms ORDER BY n",
}
"""What they are made of, in a stage with the numbers of `sqlite_rows.stage_codes` and with `staged_terms`."""

DATABASE = "nodes.db"

_Columns = Sequence[Sequence[Any]]


def open_nodes(db: sqlite3.Connection, generation: int, batches: Iterable[_Columns]) -> int:
    """Add nodes that begin in a generation: columns number, content, label, access, key, properties."""
    head = "INSERT INTO nodes (n, f, c, label, a, key, properties) VALUES"
    row = f"(?, {generation}, ?, ?, ?, ?, ?)"
    return sum(insert_rows(db, head, row, columns) for columns in batches)


def make_node_tables(
    db: sqlite3.Connection, generation: int, batches: Callable[[str], Iterable[_Columns]]
) -> None:
    """Fill the tables, which are empty, from batches of what `SOURCES` names."""
    nodes, lookups, terms = SOURCES
    db.execute("DROP INDEX IF EXISTS nodes_n")
    open_nodes(db, generation, batches(nodes))
    db.execute(NODE_INDEX)
    for columns in batches(lookups):
        insert_rows(db, "INSERT INTO lookup VALUES", "(?, ?, ?)", columns)
    for columns in batches(terms):
        db.executemany("INSERT INTO search (rowid, terms) VALUES (?, ?)", zip(*columns, strict=True))


def update_terms(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Index nodes of which older versions may be indexed already: under the terms of both."""
    for columns in batches:
        for n, terms in zip(*columns, strict=True):
            held = db.execute("SELECT terms FROM search WHERE rowid = ?", (n,)).fetchone()
            if held is None:
                db.execute("INSERT INTO search (rowid, terms) VALUES (?, ?)", (n, terms))
            elif not set(terms.split()) <= (known := set(held[0].split())):
                merged = " ".join(sorted({*terms.split(), *known}))
                db.execute("INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)", (n, merged))


def build(folder: Path, generation: int) -> None:
    """Make the tables in a file of their own from the files in a folder."""
    db = sqlite3.connect(folder / DATABASE, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "secure_delete = OFF", "cache_size = -65536"):
        db.execute(f"PRAGMA {setting}")
    for statement in NODE_TABLES:
        db.execute(statement)
    db.execute("BEGIN")
    make_node_tables(db, generation, lambda name: _batches(folder / name))
    db.execute("COMMIT")
    db.close()


def _batches(path: Path) -> Iterator[_Columns]:
    parent = os.getppid()
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(50_000):
            if os.getppid() != parent:
                raise SystemExit("nobody waits for the tables any more")
            yield [column.to_pylist() for column in batch.columns]


if __name__ == "__main__":
    build(Path(sys.argv[1]), int(sys.argv[2]))
