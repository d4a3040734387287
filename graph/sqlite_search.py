"""The indexes of values and full text of the embedded graph store; as a program, what builds them for a first load.

    python -m graph.sqlite_search FOLDER

reads `lookups.parquet` and `terms.parquet` there and writes `indexes.db`. It ends when who started it has ended.
"""

import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import INDEX_TABLES

LOOKUPS, TERMS, INDEXES = "lookups.parquet", "terms.parquet", "indexes.db"
TERMS_SQL = "SELECT n, terms FROM node_terms ORDER BY n"
"""Of a stage with `staged_terms`."""

_Columns = Sequence[Sequence[Any]]


def index_lookups(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Fill the empty index of values with columns code, value, node; each row once, sorted."""
    for columns in batches:
        insert_rows(db, "INSERT INTO lookup VALUES", "(?, ?, ?)", columns)


def index_terms(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Fill the empty full-text index with columns node, terms; sorted by node."""
    for columns in batches:
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


def build(folder: Path) -> None:
    """Build both indexes from the files in a folder."""
    db = sqlite3.connect(folder / INDEXES, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "secure_delete = OFF", "cache_size = -65536"):
        db.execute(f"PRAGMA {setting}")
    for statement in INDEX_TABLES:
        db.execute(statement)
    db.execute("BEGIN")
    index_lookups(db, _batches(folder / LOOKUPS))
    index_terms(db, _batches(folder / TERMS))
    db.execute("COMMIT")
    db.close()


def _batches(path: Path) -> Iterator[_Columns]:
    parent = os.getppid()
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(50_000):
            if os.getppid() != parent:
                raise SystemExit("nobody waits for the indexes any more")
            yield [column.to_pylist() for column in batch.columns]


if __name__ == "__main__":
    build(Path(sys.argv[1]))
