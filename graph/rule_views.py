"""What rules may read: the views of one snapshot in DuckDB, and nothing else of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from tempfile import TemporaryDirectory

import duckdb
import pyarrow.parquet as pq

from graph.contract_views import residence_feeds, roles, row_elements, row_keys
from graph.derived_views import DerivedViews
from resolver.database import open_database
from resolver.feeds.contract import Contract, contracts
from resolver.parameters.working_days import is_working_day
from resolver.snapshot import Snapshot

MEMORY_LIMIT = "2GB"
THREADS = 2
_DAYS_COUNTED = 730

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
}

# Files that `check` adds before the rules run; a snapshot without one has the view, and nothing in it.
_FROZEN_VIEWS = {
    "deliveries": (
        "feed VARCHAR, department VARCHAR, period DATE, delivery_id VARCHAR, extent VARCHAR, n_rows BIGINT, "
        "n_accepted BIGINT, n_quarantined BIGINT, zero BOOLEAN, complete BOOLEAN"
    ),
    "quarantine": (
        "feed VARCHAR, department VARCHAR, period DATE, row_id BIGINT, sheet VARCHAR, row_no INTEGER, "
        "column_name VARCHAR, reason VARCHAR"
    ),
    "case_events": (
        "finding_key BIGINT, rule VARCHAR, event VARCHAR, day DATE, department VARCHAR, record_key BIGINT, "
        "row_ids BIGINT[], evidence_hash BIGINT, due DATE"
    ),
    "households": (
        "household_id BIGINT, kind VARCHAR, person_id BIGINT, relation VARCHAR, valid_from DATE, valid_to DATE, "
        "basis VARCHAR, probability DOUBLE, flagged BOOLEAN"
    ),
    "kinship": (
        "person_id BIGINT, kin_person_id BIGINT, relation VARCHAR, valid_from DATE, valid_to DATE, "
        "basis VARCHAR, row_id BIGINT, probability DOUBLE"
    ),
    # See `graph.analysis.patterns`.
    "shell_employers": (
        "organisation_id BIGINT, insured BIGINT, in_pension BIGINT, kin_pairs BIGINT, owners BIGINT, "
        "kin_of_owners BIGINT, towns BIGINT, neighbours BIGINT, signs BIGINT"
    ),
    "attendance_groups": "group_id BIGINT, person_id BIGINT, partners BIGINT, days BIGINT",
}
_SQL_TYPES = {
    "sex": "TINYINT", "date": "DATE", "month": "DATE", "datetime": "TIMESTAMP", "integer": "BIGINT",
    "amount": "DECIMAL(16, 2)", "flag": "BOOLEAN",
}  # fmt: skip


@contextmanager
def rule_views(snapshot: Snapshot, derived: str = "deaths treatments") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the views for rules; see *Views for rules* in `docs/data.md`.

    A feed that was never received is an empty view. Once this has returned, SQL on the connection can read the
    snapshot's files and no others, and cannot change its settings.

    Args:
        snapshot: Whose files the views show.
        derived: Which derived views to make now.

    Raises:
        SnapshotError: The snapshot's manifest names a file that is not there.
    """
    with TemporaryDirectory(prefix="guiyi-rules-") as spill:
        config: dict[str, str | int] = {
            "threads": THREADS,
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill,
        }
        with open_database(config) as connection:
            # Without it DuckDB holds back rows to keep the order of the files; what is made here is sorted anyway.
            connection.execute("SET preserve_insertion_order = false")
            _close_off(connection, snapshot)
            _create_views(connection, snapshot)
            DerivedViews(connection).make(derived)
            yield connection


def month_of(text: str) -> date:
    """The first day of a period written `YYYY-MM` or `YYYY-MM-DD`."""
    return date.fromisoformat(f"{text[:7]}-01")


def _close_off(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    connection.execute(f"SET allowed_directories = [{_quoted(str(snapshot.folder))}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def received_feeds(snapshot: Snapshot) -> frozenset[str]:
    """Feeds of which anything was received up to the snapshot's period, be it that there was no change."""
    if "deliveries" in snapshot.manifest["files"]:
        return frozenset(snapshot.read("deliveries", ["feed"])["feed"].to_pylist())
    there = snapshot.manifest["files"]
    return frozenset(feed for feed in contracts() if there.get(f"rows/{feed}", {"rows": 0})["rows"])


def empty_view(contract: Contract) -> str:
    """A SELECT with the columns of `rows/<feed>` and no rows."""
    columns = ", ".join(f'NULL::{type_} AS "{name}"' for name, type_ in view_columns(contract).items())
    return f"SELECT {columns} WHERE false"


def view_columns(contract: Contract) -> dict[str, str]:
    """Column -> SQL type of a feed's view."""
    types = {
        "row_id": "BIGINT", "received_at": "TIMESTAMP WITH TIME ZONE", "period": "DATE",
        "valid_from": "DATE", "valid_to": "DATE",
    }  # fmt: skip
    for column in contract.columns.values():
        types[column_name(column.name)] = _SQL_TYPES.get(column.type, "VARCHAR")
    for entity in contract.entities:
        for prefix in [f"{entity.role}_"] + ([""] if entity is contract.main else []):
            types[f"{prefix}record_key"] = "BIGINT"
            types[f"{prefix}{entity.kind}_id"] = "BIGINT"
            types[f"{prefix}link_probability"] = "DOUBLE"
    return types


def fixed_views(reference_date: date, period: date) -> dict[str, str]:
    """Views that come from no file: name -> SELECT."""
    departments = ", ".join(
        f"('{c.feed}', '{c.department}', '{c.kind}', {c.monthly})" for c in contracts().values()
    )
    return {
        "reference": f"SELECT DATE '{reference_date}' AS reference_date, DATE '{period}' AS period",
        "departments": f"SELECT * FROM (VALUES {departments}) t(feed, department, feed_kind, monthly)",
        "row_keys": row_keys(),
        "row_elements": row_elements(),
        "roles": roles(),
        "residence_feeds": residence_feeds(),
        "working_days": _working_days(reference_date),
    }


@cache
def _working_days(reference_date: date) -> str:
    """SELECT of `working_days`: the working days of the two years up to the reference date, numbered from 1."""
    days = (reference_date - timedelta(days=n) for n in range(_DAYS_COUNTED, -1, -1))
    rows = ", ".join(f"(DATE '{day}', {n})" for n, day in enumerate(filter(is_working_day, days), 1))
    return f"SELECT * FROM (VALUES {rows}) t(day, number)"


def frozen_tables() -> dict[str, str]:
    """Columns of the tables that `check` freezes into a snapshot, by name."""
    return dict(_FROZEN_VIEWS)


def _create_views(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    there = set(snapshot.manifest["files"])
    views = {}
    for contract in contracts().values():
        name = f"rows/{contract.feed}"
        views[contract.view] = _rows(snapshot, contract) if name in there else empty_view(contract)
    views |= {view: _parquet(snapshot, name) for name, view in _FILE_VIEWS.items() if name in there}
    for name, columns in _FROZEN_VIEWS.items():
        views[name] = _parquet(snapshot, name) if name in there else _nothing(columns)
    reference_date = date.fromisoformat(snapshot.manifest["reference_date"])
    views |= fixed_views(reference_date, month_of(snapshot.manifest["period"]))
    connection.execute(";\n".join(f"CREATE VIEW {view} AS {body}" for view, body in views.items()))


def _rows(snapshot: Snapshot, contract: Contract) -> str:
    """A feed's rows; columns that its contract did not have when the snapshot was made are null."""
    name = f"rows/{contract.feed}"
    there = pq.read_schema(snapshot.path(name)).names
    missing = {column for column in view_columns(contract) if column not in there}
    return _parquet(snapshot, name) + (f" UNION ALL BY NAME {empty_view(contract)}" if missing else "")


def _nothing(columns: str) -> str:
    names = [column.strip().split(" ", 1) for column in columns.split(",")]
    return "SELECT " + ", ".join(f"NULL::{type_} AS {name}" for name, type_ in names) + " WHERE false"


def _parquet(snapshot: Snapshot, name: str) -> str:
    return f"SELECT * FROM read_parquet({_quoted(str(snapshot.path(name)))}, hive_partitioning = false)"


def column_name(name: str) -> str:
    """What a contract's column is called in a view: `period` is the delivery's, the contract's is the month owed."""
    return "owed_period" if name == "period" else name


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
