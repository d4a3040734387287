"""Tables of the embedded graph store, and how connections to it are made.

`nodes` and `edges` hold one row per version, which is never changed: it can be read in generations from `f` on, and up
to its end once that is in `ended_nodes` or `ended_edges`. (A delta ends versions all over the file; in their own rows
each end would cost a page.) `adjacent` holds every edge version twice, once from each end, with all that a walk filters
by, `f <= g < t` among it, so that a walk reads one range of one B-tree per node and touches `edges` only for what it
keeps. `lookup` and `search` are indexes over all versions: they may name a node that no longer has the value, and
readers check. Who may see what is a number in `access`, one per combination of regions and departments.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resolver.errors import StoreError

OPEN = 2**31 - 1
"""`t` of a row of `adjacent` that has not ended; four bytes in SQLite where 2**62 would take eight in every row."""

FORMAT = 3

TABLES = """
CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1), current INTEGER);
INSERT INTO meta VALUES (1, NULL);
CREATE TABLE generations (g INTEGER PRIMARY KEY, hash TEXT, nodes INTEGER, edges INTEGER);
CREATE TABLE names (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE access (
    a INTEGER PRIMARY KEY, regions TEXT NOT NULL, departments TEXT NOT NULL, UNIQUE (regions, departments));
CREATE TABLE edges (
    e INTEGER PRIMARY KEY, f INTEGER NOT NULL, c INTEGER NOT NULL, type INTEGER NOT NULL,
    source INTEGER NOT NULL, target INTEGER NOT NULL, a INTEGER NOT NULL, key TEXT, probability REAL,
    valid_from INTEGER, valid_to INTEGER, row_ids TEXT, properties TEXT);
CREATE TABLE adjacent (
    n INTEGER, type INTEGER, other INTEGER, e INTEGER, f INTEGER NOT NULL, t INTEGER NOT NULL, a INTEGER NOT NULL,
    other_a INTEGER NOT NULL, valid_from INTEGER, valid_to INTEGER,
    PRIMARY KEY (n, type, other, e)) WITHOUT ROWID;
"""

NODE_TABLES = (
    "CREATE TABLE nodes (v INTEGER PRIMARY KEY, n INTEGER NOT NULL, f INTEGER NOT NULL, c INTEGER NOT NULL, "
    "label INTEGER NOT NULL, a INTEGER NOT NULL, key TEXT NOT NULL, properties TEXT)",
    "CREATE TABLE lookup (property INTEGER, value TEXT, n INTEGER, PRIMARY KEY (property, value, n)) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE search USING fts5(terms, detail=none, columnsize=0, tokenize='ascii')",
)
"""Those that hold nodes and what nodes are found by."""

LOOP_INDEX = "CREATE INDEX IF NOT EXISTS edges_loop ON edges (source) WHERE source = target"
"""Edges from a node to itself, which are not in `adjacent`."""

NODE_INDEX = "CREATE INDEX IF NOT EXISTS nodes_n ON nodes (n, f)"

_ENDED = (
    "CREATE TABLE ended_nodes (v INTEGER PRIMARY KEY, t INTEGER NOT NULL)",
    "CREATE TABLE ended_edges (e INTEGER PRIMARY KEY, t INTEGER NOT NULL)",
)

# From the format before to this one, in place.
_UPGRADES = {
    1: ("ALTER TABLE generations ADD COLUMN hash TEXT", "ALTER TABLE generations ADD COLUMN nodes INTEGER",
        "ALTER TABLE generations ADD COLUMN edges INTEGER", LOOP_INDEX),
    2: (*_ENDED, f"INSERT INTO ended_nodes SELECT v, t FROM nodes WHERE t < {OPEN}",
        f"INSERT INTO ended_edges SELECT e, t FROM edges WHERE t < {OPEN}", "DROP INDEX nodes_n",
        "ALTER TABLE nodes DROP COLUMN t", "ALTER TABLE edges DROP COLUMN t", NODE_INDEX),
}  # fmt: skip


def still_held(table: str, generation: int | None = None) -> str:
    """Condition on `nodes` or `edges`: the version has not ended, or not by a generation."""
    row = {"nodes": "v", "edges": "e"}[table]
    by = "" if generation is None else f" AND ended_{table}.t <= {generation}"
    return f"NOT EXISTS (SELECT 1 FROM ended_{table} WHERE ended_{table}.{row} = {table}.{row}{by})"


_BUSY_SECONDS = 10.0
_MAPPED = 2**31  # bytes of the file that are read without being copied


def open_writer(path: Path) -> sqlite3.Connection:
    """Open for writing; make the tables when the file is new.

    Raises:
        StoreError: The file is not ours or of a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute("PRAGMA cache_size = -262144")
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
        connection.execute("PRAGMA temp_store = MEMORY")
        with transaction(connection):
            _make_tables(connection, _format(connection, path))
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection | None:
    """Open for reading only; None when there is no store yet. One of an older format is brought up to this one.

    Raises:
        StoreError: The file is not ours or of a newer version.
    """
    if not path.exists():
        return None
    connection = _connect(path)
    try:
        found = _format(connection, path)
        if found == 0:
            connection.close()
            return None
        if found < FORMAT:
            open_writer(path).close()
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA cache_size = -32768")
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")
        connection.execute("PRAGMA query_only = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def open_new(path: Path) -> sqlite3.Connection:
    """Make a store in a file that nobody looks at before it is finished: a crash may leave anything there."""
    connection = _connect(path)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "secure_delete = OFF", "cache_size = -131072"):
        connection.execute(f"PRAGMA {setting}")
    with transaction(connection):
        _make_tables(connection, 0)
    return connection


def finish(connection: sqlite3.Connection, built: Path, path: Path) -> None:
    """Put a store made by `open_new` in its place, where none is yet, whole and safe on the disk."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    for ending in ("-wal", "-shm"):  # of a store that somebody deleted: they would be taken for this one's
        path.with_name(path.name + ending).unlink(missing_ok=True)
    _to_disk(built)
    built.rename(path)
    _to_disk(path.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def index_days(connection: sqlite3.Connection) -> None:
    """Index what a facility provided by the day, once there is something."""
    row = connection.execute("SELECT code FROM names WHERE name = 'PROVIDED_BY'").fetchone()
    if row is not None:
        connection.execute(
            f"CREATE INDEX IF NOT EXISTS adjacent_day ON adjacent (n, valid_from) WHERE type = {row[0]}"
        )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One writing transaction: committed whole or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Tell SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        remedy = "If the file is damaged, delete it: the graph is rebuilt from the snapshot."
        if "locked" in str(error) or "busy" in str(error):
            remedy = "Another process writes to it; try again when that has ended."
        elif "full" in str(error):
            remedy = "Make space on the disk, then try again; nothing was changed."
        raise StoreError(f"graph store {path}: {error}", remedy=remedy) from error


def _make_tables(connection: sqlite3.Connection, found: int) -> None:
    """Make the tables, or bring those of an earlier format up to this one."""
    if found == 0:
        for statement in (*TABLES.split(";"), *_ENDED, *NODE_TABLES, LOOP_INDEX):
            connection.execute(statement)
    for step in range(max(found, 1), FORMAT) if found else ():
        for statement in _UPGRADES[step]:
            connection.execute(statement)
    if found != FORMAT:
        connection.execute(f"PRAGMA user_version = {FORMAT}")


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def format_of(connection: sqlite3.Connection) -> int:
    """The format of the tables; 0 = there are none yet."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _format(connection: sqlite3.Connection, path: Path) -> int:
    found = format_of(connection)
    if found > FORMAT:
        raise StoreError(
            f"graph store {path} was made by a newer Guiyi (format {found}; this one reads up to {FORMAT})",
            remedy="Update Guiyi, or delete the file: the graph is rebuilt from the snapshot.",
        )
    return found
