"""Trying rules on their own examples: one in-memory database, a few rows at a time."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import TracebackType

import duckdb

from graph.derived_views import derived_views, views_read
from graph.rule import Rule, RuleFileError
from graph.rule_example import PERIOD, REFERENCE_DATE, Example, ExampleRow
from graph.rule_run import create_found, run_rule
from graph.rule_settings import RuleSettings
from graph.rule_views import column_name, empty_view, fixed_views, frozen_tables
from graph.setting_tables import create_setting_tables
from resolver.feeds.contract import Contract, contracts

_FIRST_KEY = 1000

# Of the snapshot's other files only what rules read of them.
TABLES = {
    "records": (
        "record_key BIGINT, feed VARCHAR, role VARCHAR, source_key VARCHAR, name VARCHAR, surname VARCHAR, "
        "given VARCHAR, pinyin VARCHAR, former_name VARCHAR, sex TINYINT, birth_date DATE, id_type VARCHAR, "
        "id_number VARCHAR, id_status VARCHAR, phone VARCHAR, region VARCHAR, town VARCHAR, village VARCHAR, "
        "address VARCHAR, employer VARCHAR, employer_code VARCHAR, household_no VARCHAR, "
        "aid_household_no VARCHAR, spouse_name VARCHAR, spouse_id VARCHAR, mother_name VARCHAR, "
        "mother_id VARCHAR, father_name VARCHAR, father_id VARCHAR, kin_name VARCHAR"
    ),
    "organisation_records": (
        "record_key BIGINT, feed VARCHAR, role VARCHAR, source_key VARCHAR, name VARCHAR, core VARCHAR, "
        "region VARCHAR, credit_code VARCHAR"
    ),
    "members": "record_key BIGINT, entity_id BIGINT",
    "organisation_members": "record_key BIGINT, entity_id BIGINT",
    "row_records": "row_id BIGINT, role VARCHAR, record_key BIGINT",
    "superseded": "row_id BIGINT, feed VARCHAR, superseded_by BIGINT, reason VARCHAR",
    "pairs": "record_key_l BIGINT, record_key_r BIGINT, match_weight DOUBLE, match_probability DOUBLE",
    "persons": "person_id BIGINT, name VARCHAR, sex TINYINT, birth_date DATE, id_number VARCHAR",
    "organisations": (
        "organisation_id BIGINT, kind VARCHAR, name VARCHAR, credit_code VARCHAR, facility_code VARCHAR"
    ),
}


@dataclass(frozen=True)
class Failure:
    """An example that did not come out as its file says.

    Attributes:
        rule: Id of the rule.
        what: What the example shows, with the value that varied.
        message: What happened instead.
    """

    rule: str
    what: str
    message: str

    def __str__(self) -> str:
        return f"rule {self.rule}, {self.what}: {self.message}"


class Trial:
    """A database for examples; use as a context manager.

    Args:
        settings: Tables of the jurisdiction; parameters are those of the headers and of the examples.
    """

    def __init__(self, settings: RuleSettings) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        self._views = {contract.view: contract for contract in contracts().values()}
        self._rows: dict[str, list[dict[str, str]]] = {}
        self._filled: set[str] = set()
        statements = [f"CREATE TABLE {view} AS {empty_view(c)}" for view, c in self._views.items()]
        described = {**TABLES, **frozen_tables()}
        statements += [f"CREATE TABLE {name} ({columns})" for name, columns in described.items()]
        fixed = fixed_views(REFERENCE_DATE, PERIOD)
        statements += [f"CREATE VIEW {name} AS {body}" for name, body in fixed.items()]
        self._connection.execute(";\n".join(statements))
        create_setting_tables(self._connection, settings)
        create_found(self._connection)
        # Over a few rows it costs less to work a view out again than to keep it.
        for name in views_read(" ".join(derived_views())):
            self._connection.execute(f"CREATE TEMP VIEW {name} AS {derived_views()[name]}")
        self._n = 0

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def failures(self, rule: Rule) -> list[Failure]:
        """Run a rule on all its examples.

        Returns:
            Those that came out otherwise; an example that cannot be run is one.
        """
        if not rule.examples:
            return [
                Failure(rule.id, "no example", "the file shows no rows that raise it and none that do not")
            ]
        return [failure for example in rule.examples for failure in self._failures_of(rule, example)]

    def find(
        self, rule: Rule, rows: Iterable[ExampleRow], parameters: Mapping[str, float]
    ) -> list[dict[str, object]]:
        """What a rule finds among a few rows: the table `found` of `graph.rule_run`, row by row.

        Raises:
            RuleFileError: The rule cannot run.
            ValueError: A row names a view, column or choice that does not exist.
        """
        try:
            for row in rows:
                self._add(row)
            self._insert()
            run_rule(self._connection, rule, rule.bind(parameters))
            table = self._connection.sql("SELECT * FROM found").to_arrow_table()
            found: list[dict[str, object]] = table.to_pylist()
            return found
        finally:
            self._clear()

    def _failures_of(self, rule: Rule, example: Example) -> list[Failure]:
        failures = []
        for value, rows, raises in example.cases():
            what = f"{example.what} ({value})" if value else example.what
            try:
                found = self.find(rule, rows, example.parameters)
            except (RuleFileError, ValueError, duckdb.Error) as error:
                failures.append(Failure(rule.id, what, str(error)))
                continue
            if bool(found) is not raises:
                failures.append(Failure(rule.id, what, "it is raised" if found else "it is not raised"))
        return failures

    def _add(self, row: ExampleRow) -> None:
        contract = contracts().get(row.view) or self._views.get(row.view)
        if contract is None:
            self._collect(row.view, row.values)
            return
        self._n += 1
        values = {"row_id": str(self._n), "period": str(PERIOD)}
        given = dict(row.values)
        record = {k.removeprefix("record."): given.pop(k) for k in list(given) if k.startswith("record.")}
        for entity in contract.entities:
            number = given.pop(entity.role, None)
            if number is None:
                continue
            is_main = entity is contract.main
            key = self._record(contract.feed, entity.kind, entity.role, number, record if is_main else {})
            for prefix in [f"{entity.role}_"] + ([""] if is_main else []):
                values[f"{prefix}record_key"], values[f"{prefix}{entity.kind}_id"] = key, number
                values[f"{prefix}link_probability"] = "0.99"
        _check(contract, given)
        first = given.get(column_name(contract.valid_from), "null")
        values["valid_from"] = first[:10]
        values["valid_to"] = _last_day(contract, given.get(column_name(contract.valid_to), "null"))
        self._collect(contract.view, {**values, **given})

    def _record(self, feed: str, kind: str, role: str, number: str, own: Mapping[str, str]) -> str:
        key = str(_FIRST_KEY + self._n * 10 + len(role) % 10)
        organisation = "organisation_" if kind == "organisation" else ""
        self._collect(f"{organisation}records", {"record_key": key, "feed": feed, "role": role, **own})
        self._collect(f"{organisation}members", {"record_key": key, "entity_id": number})
        self._collect("row_records", {"row_id": str(self._n), "role": role, "record_key": key})
        return key

    def _collect(self, view: str, values: Mapping[str, str]) -> None:
        self._rows.setdefault(view, []).append(dict(values))

    def _insert(self) -> None:
        for view, rows in self._rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            tuples = ", ".join(f"({', '.join(_literal(row.get(name)) for name in names)})" for row in rows)
            columns = ", ".join(f'"{name}"' for name in names)
            try:
                self._connection.execute(f"INSERT INTO {view} ({columns}) VALUES {tuples}")
            except duckdb.Error as error:
                raise ValueError(f"{view}: {str(error).splitlines()[0]}") from error
            self._filled.add(view)

    def _clear(self) -> None:
        self._connection.execute("; ".join(f"DELETE FROM {view}" for view in [*self._filled, "found"]))
        self._filled.clear()
        self._rows.clear()
        self._n = 0


def _last_day(contract: Contract, given: str) -> str:
    """The last day on which a row holds whose end is given so, as *Current rows* in `docs/data.md` has it."""
    if given == "null":
        return given
    day = date.fromisoformat(given[:10])
    if contract.stops:
        day -= timedelta(days=1)
    elif contract.columns[contract.valid_to].type == "month":
        day = day.replace(day=monthrange(day.year, day.month)[1])
    return day.isoformat()


def _check(contract: Contract, given: Mapping[str, str]) -> None:
    for name, value in given.items():
        column = contract.columns.get("period" if name == "owed_period" else name)
        if column is not None and column.choices and value not in (*column.choices, "null"):
            raise ValueError(f"{contract.feed}.{name}: {value!r} is not one of {', '.join(column.choices)}")


def _literal(value: str | None) -> str:
    return "NULL" if value in (None, "null") else "'" + str(value).replace("'", "''") + "'"
