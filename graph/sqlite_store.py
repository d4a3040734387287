"""The embedded graph store: one SQLite file in the workspace. Only `graph.sqlite_*` imports sqlite3 for the graph."""

import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from graph import sqlite_delta, sqlite_writer
from graph.contents import hash_of
from graph.sqlite_edges import attach
from graph.sqlite_reading import Names, Reading
from graph.sqlite_schema import (
    finish,
    open_new,
    open_reader,
    open_writer,
    store_errors,
    transaction,
)
from graph.sqlite_view import SqliteView
from graph.staging import StagedDelta, Staging, staging_errors
from graph.store import ANY_DAY, EVERYTHING, GraphData, GraphDelta, Interval, Publication, Scope, in_scope
from resolver.errors import StoreError


class _Reader:
    """One thread's connection, and which combinations of regions and departments each scope may see."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.thread = threading.current_thread()
        self._tables: dict[Scope, tuple[str, int]] = {}
        self._names = Names({})

    def names(self) -> Names:
        """Codes of labels, types and properties; they are only ever added to. Call inside a transaction."""
        newest = self.db.execute("SELECT max(code) FROM names").fetchone()[0]
        if newest not in self._names.by_code:
            self._names = Names(dict(self.db.execute("SELECT code, name FROM names")))
        return self._names

    def visible(self, scope: Scope) -> str | None:
        """Name of the table of what a scope may see; None = everything. Call inside a transaction."""
        if scope == EVERYTHING:
            return None
        table, known = self._tables.get(scope, (f"temp.visible_{len(self._tables)}", 0))
        newest = self.db.execute("SELECT coalesce(max(a), 0) FROM access").fetchone()[0]
        if scope not in self._tables or newest > known:
            self._fill(table, scope, known)
            self._tables[scope] = (table, newest)
        return table

    def _fill(self, table: str, scope: Scope, known: int) -> None:
        rows = self.db.execute("SELECT a, regions, departments FROM access WHERE a > ?", (known,)).fetchall()
        allowed = [
            (a,)
            for a, regions, departments in rows
            if in_scope(scope, regions.split(","), departments.split(","))
        ]
        self.db.execute("PRAGMA query_only = OFF")
        try:
            self.db.execute(f"CREATE TABLE IF NOT EXISTS {table} (a INTEGER PRIMARY KEY)")
            self.db.executemany(f"INSERT OR IGNORE INTO {table} VALUES (?)", allowed)
        finally:
            self.db.execute("PRAGMA query_only = ON")


class SqliteStore:
    """See `graph.store.GraphStore`. Reading opens one connection per thread; writing one per call."""

    def __init__(self, path: Path) -> None:
        """A store in a file, which is made by the first publish."""
        self._path = path
        self._local = threading.local()
        self._lock = threading.Lock()
        self._readers: list[_Reader] = []

    def publish(self, generation: int, data: GraphData) -> Publication:
        """Make a graph a new generation and the current one."""
        with (
            staging_errors(),
            _spill_folder(self._path) as spill,
            Staging(data, spill) as staging,
        ):
            if not self._path.exists():
                return self._make(generation, staging, spill)
            with self._writing() as db:
                attach(db, spill)
                with transaction(db):
                    publication = sqlite_writer.publish(db, generation, staging, spill)
                db.execute("PRAGMA wal_checkpoint(PASSIVE)")
                return publication

    def _make(self, generation: int, staging: Staging, spill: Path) -> Publication:
        """Make the file, aside; it is there, whole, or not at all."""
        built = spill / "graph.db"
        with store_errors(self._path), closing(open_new(built)) as db:
            attach(db, spill)
            with transaction(db):
                publication = sqlite_writer.publish(db, generation, staging, spill)
            finish(db, built, self._path)
        return publication

    def publish_delta(self, generation: int, delta: GraphDelta) -> Publication:
        """Make the current generation, changed by a delta, a new generation and the current one."""
        # This opens a connection for reading as well: when the last one is closed, SQLite copies back at once.
        if self.current_generation() is None:
            raise sqlite_delta.delta_refused(generation, "the store is empty")
        with staging_errors(), StagedDelta(delta) as stage, self._writing() as db:
            # What is committed is safe in the log; copying it back into the file waits for `collect_garbage`.
            db.execute("PRAGMA wal_autocheckpoint = 0")
            attach(db)
            with transaction(db):
                return sqlite_delta.publish_delta(db, generation, delta, stage)

    def recorded_hash(self, generation: int | None = None) -> str | None:
        """The graph hash that was noted when a generation was published."""
        if generation is None and self.current_generation() is None:
            return None
        kept = self._kept(generation)
        with self._reading(kept, EVERYTHING, ANY_DAY) as reading:
            recorded = sqlite_writer.recorded_publication(reading.db, kept)
            return None if recorded is None else recorded.graph_hash

    def abort(self, generation: int) -> None:
        """Remove what was written for a generation above the current one."""
        current = self.current_generation()
        if current is not None and generation <= current:
            raise StoreError(
                f"graph generation {generation} cannot be aborted: the current one is {current}",
                remedy="Roll the pointer back first.",
            )
        if self._path.exists():
            with self._writing() as db, transaction(db):
                sqlite_writer.undo_above(db, generation - 1)

    def current_generation(self) -> int | None:
        """The store's own copy of the pointer."""
        with store_errors(self._path):
            reader = self._reader()
            return None if reader is None else sqlite_writer.current_generation(reader.db)

    def generations(self) -> tuple[int, ...]:
        """Generations that can be read, ascending."""
        with store_errors(self._path):
            reader = self._reader()
            if reader is None:
                return ()
            return tuple(row[0] for row in reader.db.execute("SELECT g FROM generations ORDER BY g"))

    def set_current(self, generation: int) -> None:
        """Move the pointer."""
        self._kept(generation)
        with self._writing() as db, transaction(db):
            db.execute("UPDATE meta SET current = ?", (generation,))

    def collect_garbage(self, keep: int = 3) -> tuple[int, ...]:
        """Forget all but the newest generations up to the current one."""
        if not self._path.exists():
            return ()
        with self._writing() as db:
            with transaction(db):
                forgotten = sqlite_writer.collect_garbage(db, keep)
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            return forgotten

    def clear(self) -> None:
        """Remove the whole graph; the next publish is a first one."""
        if self._path.exists():
            with self._writing() as db, transaction(db):
                sqlite_writer.clear(db)

    def view(self, generation: int | None = None, scope: Scope = EVERYTHING) -> SqliteView:
        """Look at a generation; None = the current one."""
        return SqliteView(self._kept(generation), scope, self._reading)

    def graph_hash(self, generation: int | None = None) -> str:
        """Hash over all nodes and edges of a generation."""
        kept = self._kept(generation)
        with self._reading(kept, EVERYTHING, ANY_DAY) as reading:
            nodes, edges = (
                sqlite_writer.visible_contents(reading.db, table, kept) for table in ("nodes", "edges")
            )
            return hash_of(nodes, edges)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for reader in self._readers:
                reader.db.close()
            self._readers.clear()
            self._local = threading.local()

    def _kept(self, generation: int | None) -> int:
        wanted = self.current_generation() if generation is None else generation
        if wanted is None:
            raise StoreError(
                f"graph store {self._path} is empty", remedy="Publish a month first: guiyi month."
            )
        if wanted not in self.generations():
            raise _not_kept(wanted)
        return wanted

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with store_errors(self._path):
            db = open_writer(self._path)
            try:
                yield db
            finally:
                db.close()

    @contextmanager
    def _reading(self, generation: int, scope: Scope, when: Interval) -> Iterator[Reading]:
        """One state of the file for all queries of a call, in which the generation is whole."""
        with store_errors(self._path):
            reader = self._reader()
            if reader is None:
                raise _not_kept(generation)
            reader.db.execute("BEGIN")
            try:
                if not reader.db.execute("SELECT 1 FROM generations WHERE g = ?", (generation,)).fetchone():
                    raise _not_kept(generation)
                yield Reading(reader.db, reader.names(), generation, reader.visible(scope), when)
            finally:
                reader.db.execute("COMMIT")

    def _reader(self) -> _Reader | None:
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None:
            db = open_reader(self._path)
            if db is None:
                return None
            reader = _Reader(db)
            with self._lock:
                self._close_orphans()
                self._readers.append(reader)
            self._local.reader = reader
        return reader

    def _close_orphans(self) -> None:
        """Close the connections of threads that have ended."""
        for reader in self._readers:
            if not reader.thread.is_alive():
                reader.db.close()
        self._readers = [reader for reader in self._readers if reader.thread.is_alive()]


@contextmanager
def _spill_folder(path: Path) -> Iterator[Path]:
    """A folder beside the store for what does not fit into memory; one that a crash left is removed."""
    folder = path.with_name(f"{path.name}.spill")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _not_kept(generation: int) -> StoreError:
    return StoreError(
        f"graph generation {generation} is not kept (any more)", remedy="Ask again: newer data is there."
    )
