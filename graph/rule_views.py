"""What rules may read: the views of one snapshot in DuckDB, and nothing else of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from importlib import resources
from tempfile import TemporaryDirectory

import duckdb

from resolver.feeds.contract import Contract, contracts
from resolver.snapshot import Snapshot

MEMORY_LIMIT = "1GB"
THREADS = 2

# Files of the snapshot -> the view's name, where the two differ; `docs/data.md` says what is in them.
_FILE_VIEWS = {
    "golden": "persons",
    "golden_organisations": "organisations",
    "members": "members",
    "organisation_members": "organisation_members",
    "records": "records",
    "organisation_records": "organisation_records",
    "row_records": "row_records",
    "superseded": "superseded",
    "pairs": "pairs",
    "households": "households",
    "kinship": "kinship",
}
_DERIVED_VIEWS = ("deaths", "treatments")
_SQL_TYPES = {
    "sex": "TINYINT", "date": "DATE", "month": "DATE", "datetime": "TIMESTAMP", "integer": "BIGINT",
    "amount": "DECIMAL(16, 2)", "flag": "BOOLEAN",
}  # fmt: skip


@contextmanager
def rule_views(snapshot: Snapshot) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the views for rules; see *Views for rules* in `docs/data.md`.

    A feed that was never received is an empty view. Once this has returned, SQL on the connection can read the
    snapshot's files and no others, and cannot change its settings.

    Raises:
        SnapshotError: The snapshot's manifest names a file that is not there.
    """
    with TemporaryDirectory(prefix="guiyi-rules-") as spill:
        config: dict[str, str | bool | int | float | list[str]] = {
            "threads": THREADS,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill,
        }
        with duckdb.connect(config=config) as connection:
            # Without it DuckDB holds back rows to keep the order of the files; what is made here is sorted anyway.
            connection.execute("SET preserve_insertion_order = false")
            # It takes parts of a query that differ only in the column they read for one (DuckDB 2.0.0).
            connection.execute("SET disabled_optimizers = 'common_subplan'")
            _close_off(connection, snapshot)
            _create_views(connection, snapshot)
            yield connection


def month_of(text: str) -> date:
    """The first day of a period written `YYYY-MM` or `YYYY-MM-DD`."""
    return date.fromisoformat(f"{text[:7]}-01")


def _close_off(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    connection.execute(f"SET allowed_directories = [{_quoted(str(snapshot.folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _create_views(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    there = set(snapshot.manifest["files"])
    views = {}
    for contract in contracts().values():
        name = f"rows/{contract.feed}"
        views[contract.view] = _parquet(snapshot, name) if name in there else _nothing(contract)
    views |= {view: _parquet(snapshot, name) for name, view in _FILE_VIEWS.items() if name in there}
    reference_date = date.fromisoformat(snapshot.manifest["reference_date"])
    period = month_of(snapshot.manifest["period"])
    views["reference"] = f"SELECT DATE '{reference_date}' AS reference_date, DATE '{period}' AS period"
    departments = ", ".join(f"('{c.feed}', '{c.department}')" for c in contracts().values())
    views["departments"] = f"SELECT * FROM (VALUES {departments}) t(feed, department)"
    connection.execute(";\n".join(f"CREATE VIEW {view} AS {body}" for view, body in views.items()))
    folder = resources.files("graph.rules") / "views"
    for view in _DERIVED_VIEWS:
        body = (folder / f"{view}.sql").read_text("utf-8")
        # Made once, because several rules read them and they group whole feeds.
        connection.execute(f"CREATE TEMP TABLE {view} AS\n{body}")


def _parquet(snapshot: Snapshot, name: str) -> str:
    return f"SELECT * FROM read_parquet({_quoted(str(snapshot.path(name)))}, hive_partitioning = false)"


def _nothing(contract: Contract) -> str:
    """A SELECT with the columns of `rows/<feed>` and no rows."""
    types = {
        "row_id": "BIGINT", "received_at": "TIMESTAMP WITH TIME ZONE", "period": "DATE",
        "valid_from": "DATE", "valid_to": "DATE",
    }  # fmt: skip
    for column in contract.columns.values():
        # `period` is the delivery's; a contract's own column of that name is the month owed
        name = "owed_period" if column.name == "period" else column.name
        types[name] = _SQL_TYPES.get(column.type, "VARCHAR")
    for entity in contract.entities:
        for prefix in [f"{entity.role}_"] + ([""] if entity is contract.main else []):
            types[f"{prefix}record_key"] = "BIGINT"
            types[f"{prefix}{entity.kind}_id"] = "BIGINT"
            types[f"{prefix}link_probability"] = "DOUBLE"
    columns = ", ".join(f'NULL::{type_} AS "{name}"' for name, type_ in types.items())
    return f"SELECT {columns} WHERE false"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
