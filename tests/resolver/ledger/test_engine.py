import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from resolver.errors import WorkspaceError
from resolver.ledger import engine as engine_module
from resolver.ledger import tables
from resolver.ledger.engine import migrations, open_engine, writing
from resolver.ledger.ledger import Ledger

AT = datetime(2025, 3, 31, 13, 5, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def at_revision(path: Path, revision: str) -> None:
    """Make a ledger as an older Guiyi left it."""
    raw = sa.create_engine(f"sqlite:///{path}")
    with raw.begin() as connection:
        config = migrations()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    raw.dispose()


def indexes(path: Path) -> set[str]:
    raw = sqlite3.connect(path)
    names = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    raw.close()
    return names


def test_the_newest_migration_is_the_one_asked_for() -> None:
    assert ScriptDirectory.from_config(migrations()).get_heads() == [tables.REVISION]


def test_migrations_lead_to_the_tables_declared(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()


def test_an_older_ledger_is_migrated_with_what_is_in_it(path: Path) -> None:
    at_revision(path, "0001")
    raw = sqlite3.connect(path)
    raw.execute("INSERT INTO pointer_moves VALUES (1, 4, 2, 'old', '2025-03-31T13:05:00.000000+00:00')")
    raw.commit()
    raw.close()
    assert "crosswalk_events_entity_id" not in indexes(path)
    with Ledger.open(f"sqlite:///{path}") as ledger:
        (move,) = ledger.pointer_moves()
        assert (move.snapshot, move.graph_generation, move.reason, move.at) == (4, 2, "old", AT)
    assert "crosswalk_events_entity_id" in indexes(path)


def test_a_failed_migration_leaves_the_old_ledger(path: Path) -> None:
    at_revision(path, "0001")
    before = indexes(path)
    raw = sqlite3.connect(path)
    raw.execute(
        "CREATE INDEX crosswalk_events_snapshot ON runs (kind)"
    )  # the third index of 0002 is in the way
    raw.commit()
    raw.close()
    with pytest.raises(WorkspaceError, match="already exists"):
        Ledger.open(f"sqlite:///{path}")
    assert indexes(path) == before | {"crosswalk_events_snapshot"}


def test_a_newer_ledger_is_refused(path: Path) -> None:
    at_revision(path, "0002")
    raw = sqlite3.connect(path)
    raw.execute("UPDATE alembic_version SET version_num = '0099'")
    raw.commit()
    raw.close()
    with pytest.raises(WorkspaceError, match=r"newer Guiyi \(revision 0099"):
        Ledger.open(f"sqlite:///{path}")


def test_acknowledged_means_on_disk(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    engine.dispose()


def test_no_space_left(path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{path}")
    with ledger._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(WorkspaceError, match="no space left") as caught:
        ledger.append_chained("audit", [{"text": "x" * 100_000}], AT)
    assert "Free some space" in caught.value.remedy
    assert ledger.read_chained("audit") == []
    ledger.close()


def test_a_ledger_that_may_not_be_written(path: Path) -> None:
    Ledger.open(f"sqlite:///{path}").close()
    with (
        Ledger.open(f"sqlite:///file:{path}?mode=ro&uri=true") as ledger,
        pytest.raises(WorkspaceError, match="may not be written"),
    ):
        ledger.append_chained("audit", [{}], AT)


def test_a_writer_that_never_ends(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 10)
    ledger = Ledger.open(f"sqlite:///{path}")
    other = open_engine(f"sqlite:///{path}")
    with writing(other), pytest.raises(WorkspaceError, match="another process"):
        ledger.append_chained("audit", [{}], AT)
    ledger.append_chained("audit", [{}], AT)
    ledger.close()
    other.dispose()


def test_readers_do_not_wait_for_a_writer(path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{path}")
    other = open_engine(f"sqlite:///{path}")
    with writing(other):
        assert ledger.deliveries() == []
    ledger.close()
    other.dispose()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////no/such/folder/ledger.db", "cannot be opened"),
        ("nonsense", "cannot be understood"),
    ],
)
def test_a_wrong_url(url: str, said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        Ledger.open(url)


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def create_engine(url: str) -> sa.Engine:
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr(sa, "create_engine", create_engine)
    with pytest.raises(WorkspaceError, match="psycopg"):
        Ledger.open("postgresql+psycopg://localhost/guiyi")


def test_a_file_that_is_no_ledger(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(WorkspaceError, match="damaged"):
        Ledger.open(f"sqlite:///{path}")


def test_statements_for_postgresql(capsys: pytest.CaptureFixture[str]) -> None:
    """What a database administrator would run; see docs for how it was tried on a server."""
    config = migrations()
    config.set_main_option("dialect", "postgresql")
    command.upgrade(config, tables.REVISION, sql=True)
    statements = capsys.readouterr().out
    for table in tables.metadata.sorted_tables:
        assert f"CREATE TABLE {table.name} (" in statements
        assert f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table.name}" in statements
    assert re.search(r"event_id BIGSERIAL", statements)
    assert "RAISE(ABORT" not in statements
