"""The ledger's database: opened, migrated, and every failure of it told in words a user can act on.

Acknowledged means on disk: SQLite runs with a write-ahead log and `synchronous=FULL`. Writers take their
turn: SQLite by `BEGIN IMMEDIATE` with a busy timeout, PostgreSQL by one advisory lock per transaction.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from resolver.errors import WorkspaceError
from resolver.ledger.tables import REVISION

BUSY_TIMEOUT_MS = 30_000
_WRITE = "guiyi_write"
_ADVISORY_LOCK = 0x67756979  # "guiy": any constant, the same in every writer
_MIGRATIONS = Path(__file__).parent / "migrations"

# What the driver says, what it means, what to do.
_TROUBLES = (
    (
        ("disk is full", "no space left"),
        "there is no space left",
        "Free some space, then try again; nothing was lost.",
    ),
    (
        ("disk i/o error",),
        "its disk cannot be written or read",
        "Free some space if it is full, else check the disk; then try again. Nothing was lost.",
    ),
    (
        ("readonly", "read-only"),
        "it may not be written",
        "Check the rights of the file and its folder.",
    ),
    (
        ("locked", "busy"),
        "another process has been writing to it for too long",
        "Wait until it has ended, then try again.",
    ),
    (
        ("unable to open", "connection to server", "connection refused"),
        "it cannot be opened",
        "Check the path or URL and its rights.",
    ),
    (
        ("not a database", "malformed"),
        "it is damaged",
        "Stop all writers and restore it from the last backup.",
    ),
)


def open_engine(url: str) -> sa.Engine:
    """Open the database and bring its tables to this version.

    Args:
        url: SQLAlchemy URL, `sqlite:///…/ledger.db` or `postgresql+psycopg://…`.

    Raises:
        WorkspaceError: It cannot be opened or written, or a newer version of Guiyi made it.
    """
    try:
        engine = sa.create_engine(url)
    except ModuleNotFoundError as missing:
        raise WorkspaceError(
            f"the ledger's URL needs the package {missing.name}", remedy=f"Run: pip install {missing.name}"
        ) from missing
    except sa.exc.ArgumentError as error:
        raise WorkspaceError(
            f"the ledger's URL cannot be understood: {error}", remedy="Correct [ledger] url in guiyi.toml."
        ) from error
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    try:
        _migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one state of the ledger throughout."""
    with _in_words(engine), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that no other writer runs beside; on disk when the block is left without an error."""
    with (
        _in_words(engine),
        engine.connect().execution_options(**{_WRITE: True}) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        yield connection


def migrations() -> Config:
    """Alembic's configuration of the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _migrate(engine: sa.Engine) -> None:
    with reading(engine) as connection:
        if _revision(connection) == REVISION:
            return
    with writing(engine) as connection:
        found = _revision(connection)  # asked again: another process may just have migrated it
        if found == REVISION:
            return
        config = migrations()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise WorkspaceError(
                f"the ledger {_name(engine)} was made by a newer Guiyi "
                f"(revision {found}; this one knows {REVISION})",
                remedy="Update Guiyi, then try again.",
            )
        config.attributes["connection"] = connection
        command.upgrade(config, REVISION)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))
    connection.execute("PRAGMA synchronous = FULL")
    # Without this, INSERT OR REPLACE deletes the old row behind the append-only triggers' back.
    connection.execute("PRAGMA recursive_triggers = ON")


def _patiently(change: Callable[[], object]) -> None:
    """Retry while a second process opens the same new file: the busy timeout leaves out this one change."""
    for _ in range(100):
        try:
            change()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.05)
    change()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _in_words(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # a row that may not be: the caller's mistake, not the database's state
    except sa.exc.DBAPIError as error:
        said = str(error.orig)
        for marks, meaning, remedy in _TROUBLES:
            if any(mark in said.lower() for mark in marks):
                raise WorkspaceError(
                    f"the ledger {_name(engine)}: {meaning} ({said})", remedy=remedy
                ) from error
        raise WorkspaceError(
            f"the ledger {_name(engine)} failed: {said}", remedy="Check the database, then try again."
        ) from error


def _name(engine: sa.Engine) -> str:
    return engine.url.database or "" if engine.dialect.name == "sqlite" else engine.url.render_as_string()
