"""The indexes of values and full text of the embedded graph store; as a program, what builds them for a first load.

    python -m graph.sqlite_search FOLDER

reads `lookups.parquet` and `searched.parquet` there and writes `indexes.db`. It ends when who started it has ended.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from graph.search_terms import index_terms
from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import INDEX_TABLES

LOOKUPS, SEARCHED, INDEXES = "lookups.parquet", "searched.parquet", "indexes.db"

_Columns = Sequence[Sequence[Any]]


def index_lookups(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Fill the empty index of values with columns code, value, node; each row once, sorted."""
    for columns in batches:
        insert_rows(db, "INSERT INTO lookup VALUES", "(?, ?, ?)", columns)


def index_terms_of(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Fill the empty full-text index with columns node, label, properties (JSON text or none); sorted."""
    for nodes, labels, properties in batches:
        rows = zip(nodes, map(terms, labels, properties), strict=True)
        db.executemany("INSERT INTO search (rowid, terms) VALUES (?, ?)", rows)


def update_terms(db: sqlite3.Connection, batches: Iterable[_Columns]) -> None:
    """Index nodes of which older versions may be indexed already: under the terms of both."""
    for columns in batches:
        for n, label, properties in zip(*columns, strict=True):
            found = terms(label, properties)
            held = db.execute("SELECT terms FROM search WHERE rowid = ?", (n,)).fetchone()
            if held is None:
                db.execute("INSERT INTO search (rowid, terms) VALUES (?, ?)", (n, found))
            elif not set(found.split()) <= (known := set(held[0].split())):
                merged = " ".join(sorted({*found.split(), *known}))
                db.execute("INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)", (n, merged))


def terms(label: str, properties: str | None) -> str:
    """Terms of a node, from JSON text of its properties."""
    return " ".join(index_terms(label, json.loads(properties or "{}")))


def build(folder: Path) -> None:
    """Build both indexes from the files in a folder."""
    db = sqlite3.connect(folder / INDEXES, isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "secure_delete = OFF", "cache_size = -65536"):
        db.execute(f"PRAGMA {setting}")
    for statement in INDEX_TABLES:
        db.execute(statement)
    db.execute("BEGIN")
    index_lookups(db, _batches(folder / LOOKUPS))
    index_terms_of(db, _batches(folder / SEARCHED))
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
