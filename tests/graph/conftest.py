"""Tiny snapshots: rows about numbered persons and organisations, as a run would have written them; and stores."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.findings import run_rules
from graph.intake_tables import DELIVERY_SCHEMA
from graph.rule_settings import RuleSettings, default_settings
from graph.rules.catalogue import load_catalogue
from graph.store import GraphStore, GraphView
from resolver.feeds.contract import Contract, contracts
from resolver.snapshot import Snapshot
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA, PERSON_RECORD_SCHEMA, ROW_RECORD_SCHEMA
from tests.graph.sketch import family
from tests.graph.store_kinds import KINDS, Place

REFERENCE_DATE = date(2024, 6, 30)
PERIOD = date(2024, 6, 1)

_CATALOGUE = load_catalogue()
_RULES = _CATALOGUE.rules
_TABLES = default_settings(_CATALOGUE).tables
_TYPES = {
    "sex": pa.int8(), "date": pa.date32(), "month": pa.date32(), "datetime": pa.timestamp("s"),
    "integer": pa.int64(), "amount": pa.decimal128(16, 2), "flag": pa.bool_(),
}  # fmt: skip
_MEMBERS = pa.schema(
    [
        ("record_key", pa.int64()),
        ("entity_id", pa.int64()),
        ("parent_record_key", pa.int64()),
        ("link_probability", pa.float64()),
        ("path_probability", pa.float64()),
        ("depth", pa.int16()),
    ]
)
_PAIRS = pa.schema(
    [
        ("record_key_l", pa.int64()),
        ("record_key_r", pa.int64()),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
    ]
)
_SUPERSEDED = pa.schema(
    [("row_id", pa.int64()), ("feed", pa.string()), ("superseded_by", pa.int64()), ("reason", pa.string())]
)
_PERSONS = pa.schema(
    [("person_id", pa.int64()), ("name", pa.string()), ("sex", pa.int8()), ("birth_date", pa.date32())]
)


@dataclass(frozen=True)
class Row:
    """A row that was added: its id, and the record key of each of its roles."""

    row_id: int
    record_keys: dict[str, int]

    @property
    def record_key(self) -> int:
        """Of the main role."""
        return next(iter(self.record_keys.values()))


@dataclass
class Town:
    """Collects rows; `snapshot` writes them.

    All records of a person hang on the first one, by an edge of the probability given when the record was made.
    """

    folder: Path
    reference_date: date = REFERENCE_DATE
    received: tuple[str, ...] = tuple(contracts())
    extra: dict[str, pa.Table] = field(default_factory=dict)
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _records: dict[str, dict[tuple[object, ...], dict[str, Any]]] = field(
        default_factory=lambda: {"person": {}, "organisation": {}}
    )
    _row_records: list[dict[str, Any]] = field(default_factory=list)
    _pairs: list[dict[str, Any]] = field(default_factory=list)
    _superseded: list[dict[str, Any]] = field(default_factory=list)
    _n: int = 0

    def add(
        self, feed: str, link: float = 0.99, record: Mapping[str, Any] | None = None, **values: Any
    ) -> Row:
        """Add a row.

        Args:
            feed: The feed.
            link: Probability of the edge from each new record of this row to its entity's first one.
            record: Values of the main role's record; another value makes another record.
            values: Role -> number of the person or organisation, column -> value; `valid_to` where the row's own
                column does not say it; `owed_period` is the `period` of W11 and W12.
        """
        contract = contracts()[feed]
        self._n += 1
        row: dict[str, Any] = {"row_id": self._n, "period": PERIOD}
        keys = {}
        for entity in contract.entities:
            number = values.pop(entity.role, None)
            if number is None:
                continue
            is_main = entity is contract.main
            own = dict(record or {}) if is_main else {}
            keys[entity.role] = key = self._record(entity.kind, (feed, entity.role, number), own, link)
            self._row_records.append({"row_id": self._n, "role": entity.role, "record_key": key})
            for prefix in [f"{entity.role}_"] + ([""] if is_main else []):
                row[f"{prefix}record_key"], row[f"{prefix}{entity.kind}_id"] = key, number
                row[f"{prefix}link_probability"] = link
        row["valid_from"] = _day(values.get("valid_from", values.get(_snapshot_name(contract.valid_from))))
        row["valid_to"] = _day(values.pop("valid_to", _last_day(contract, values.get(contract.valid_to))))
        unknown = set(values) - set(_row_schema(contract).names)
        assert not unknown, f"{feed} has no {unknown}"
        self._rows.setdefault(feed, []).append({**row, **values})
        return Row(self._n, keys)

    def pair(self, left: int, right: int, probability: float, weight: float = 0.0) -> None:
        """Say that two records were compared and kept."""
        low, high = sorted((left, right))
        self._pairs.append(dict(zip(_PAIRS.names, (low, high, weight, probability), strict=True)))

    def supersede(self, row: Row) -> None:
        """Say that a row is no longer current (it stays in `row_records` only)."""
        for feed, rows in self._rows.items():
            if any(r["row_id"] == row.row_id for r in rows):
                self._superseded.append({"row_id": row.row_id, "feed": feed, "reason": "corrected"})
                rows[:] = [r for r in rows if r["row_id"] != row.row_id]

    def absent(self, row: Row) -> None:
        """Say that a later full list lacks the row: listed as such, but current."""
        self._superseded.append({"row_id": row.row_id, "reason": "absent"})

    def snapshot(self) -> Snapshot:
        """Write everything added so far."""
        files = {}
        for feed, rows in self._rows.items():
            files[f"rows/{feed}"] = _table(rows, _row_schema(contracts()[feed]))
        persons, organisations = self._records["person"], self._records["organisation"]
        files["records"] = _table([*persons.values()], PERSON_RECORD_SCHEMA)
        files["organisation_records"] = _table([*organisations.values()], ORGANISATION_RECORD_SCHEMA)
        files["members"] = _members(persons)
        files["organisation_members"] = _members(organisations)
        files["row_records"] = _table(self._row_records, ROW_RECORD_SCHEMA)
        files["pairs"] = _table(self._pairs, _PAIRS)
        files["superseded"] = _table(self._superseded, _SUPERSEDED)
        numbers = sorted({r["entity"] for r in persons.values()})
        received = [
            {"feed": feed, "period": PERIOD, "extent": "delta", "n_rows": 1} for feed in self.received
        ]
        files["deliveries"] = _table(received, DELIVERY_SCHEMA)
        files["golden"] = _table([{"person_id": number} for number in numbers], _PERSONS)
        files |= self.extra
        manifest = {
            "reference_date": self.reference_date.isoformat(),
            "period": PERIOD.isoformat(),
            "files": {name: {"rows": table.num_rows} for name, table in files.items()},
        }
        for name, table in files.items():
            path = self.folder / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, path)
        return Snapshot(self.folder, 1, manifest)

    def find(self, *rules: str, **parameters: float) -> list[dict[str, Any]]:
        """Run rules over the snapshot; the parameters go to the first one."""
        chosen = [_RULES[rule] for rule in rules]
        findings: list[dict[str, Any]] = run_rules(
            self.snapshot(), chosen, RuleSettings(parameters={rules[0]: parameters}, tables=_TABLES)
        ).to_pylist()
        return findings

    def raises(self, rule: str, **parameters: float) -> bool:
        """Whether the rule finds anything."""
        return bool(self.find(rule, **parameters))

    def _record(self, kind: str, about: tuple[str, str, int], own: dict[str, Any], link: float) -> int:
        records = self._records[kind]
        identity = (*about, *sorted(own.items(), key=lambda item: item[0]))
        if identity not in records:
            key = 1000 + 2 * len(records) + (kind == "organisation")
            feed, role, number = about
            records[identity] = {
                **own, "record_key": key, "feed": feed, "role": role, "entity": number, "link": link
            }  # fmt: skip
        found: int = records[identity]["record_key"]
        return found


def _members(records: Mapping[Any, dict[str, Any]]) -> pa.Table:
    first: dict[int, int] = {}
    members = []
    for record in records.values():
        root = first.setdefault(record["entity"], record["record_key"])
        is_root = root == record["record_key"]
        probability = 1.0 if is_root else record["link"]
        members.append(
            {
                "record_key": record["record_key"],
                "entity_id": record["entity"],
                "parent_record_key": None if is_root else root,
                "link_probability": probability,
                "path_probability": probability,
                "depth": 0 if is_root else 1,
            }
        )
    return _table(members, _MEMBERS)


def _snapshot_name(column: str) -> str:
    return "owed_period" if column == "period" else column


def _row_schema(contract: Contract) -> pa.Schema:
    fields = {
        "row_id": pa.int64(), "received_at": pa.timestamp("us", "UTC"), "period": pa.date32(),
        "valid_from": pa.date32(), "valid_to": pa.date32(),
    }  # fmt: skip
    for column in contract.columns.values():
        fields[_snapshot_name(column.name)] = _TYPES.get(column.type, pa.string())
    for entity in contract.entities:
        for prefix in [f"{entity.role}_"] + ([""] if entity is contract.main else []):
            fields[f"{prefix}record_key"] = pa.int64()
            fields[f"{prefix}{entity.kind}_id"] = pa.int64()
            fields[f"{prefix}link_probability"] = pa.float64()
    return pa.schema(list(fields.items()))


def _table(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    columns = {
        column.name: pa.array([_fitting(row.get(column.name), column.type) for row in rows], column.type)
        for column in schema
    }
    return pa.table(columns)


def _fitting(value: Any, type_: pa.DataType) -> Any:
    if isinstance(value, (int, float)) and pa.types.is_decimal(type_):
        return Decimal(str(value))
    if isinstance(value, date) and not isinstance(value, datetime) and pa.types.is_timestamp(type_):
        return datetime.combine(value, time())
    return value


def _last_day(contract: Contract, end: date | datetime | None) -> date | datetime | None:
    """Of an end given as a month its last day, of a day on which something stops the day before."""
    if end is None or contract.columns[contract.valid_to].type != "month":
        return end
    following = (end.replace(day=28) + timedelta(days=4)).replace(day=1)
    return (end if contract.stops else following) - timedelta(days=1)


def _day(value: date | datetime | None) -> date | None:
    return value.date() if isinstance(value, datetime) else value


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """An empty town at the reference date 2024-06-30."""
    return Town(tmp_path / "snapshot")


@pytest.fixture
def another_town(tmp_path: Path) -> Callable[[str], Town]:
    """More cities, by name."""
    return lambda name: Town(tmp_path / name)


@pytest.fixture(params=sorted(KINDS))
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where to open, open again and empty a store; once for each kind of store."""
    missing = KINDS[request.param].missing()
    if missing:
        pytest.skip(f"no {request.param} store here: {missing}")
    place = Place(request.param, tmp_path)
    yield place
    place.close()


@pytest.fixture
def store(stores: Place) -> GraphStore:
    """An empty store."""
    return stores.empty()


@pytest.fixture
def family_view(store: GraphStore) -> GraphView:
    """The family of `sketch.family`, for tests that only read."""
    store.publish(1, family().data())
    return store.view()
