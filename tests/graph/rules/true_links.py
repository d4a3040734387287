"""Rules over a made-up city's facts with true links: no files, no errors, no linkage, and so no excuse for a miss.

`python -m tests.graph.rules.true_links --persons 5000 --rules L02,L04` prints what each rule finds, misses and wrongly
raises. What intake, linkage and quarantine add comes from elsewhere and is empty here; so are deliveries.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from graph.analysis.patterns import find_patterns
from graph.derived_views import DerivedViews
from graph.rule import Rule
from graph.rule_evaluation import compare_findings
from graph.rule_run import create_found, run_rule
from graph.rule_settings import default_settings
from graph.rule_trial import TABLES
from graph.rule_views import column_name, fixed_views, frozen_tables, view_columns
from graph.rules.catalogue import load_catalogue
from graph.setting_tables import create_setting_tables
from resolver.feeds.contract import Contract, contracts
from resolver.synthetic.build import build_world
from resolver.synthetic.world import World

_FEED_ROWS = 10**8  # row ids: number of the feed times this, plus the fact
_ROLES = 10

# Identity attributes -> what the city knows of a person or an organisation.
_PERSON = {
    "name": "name", "former_name": "former_name", "id_number": "id_number", "sex": "sex", "birth_date": "birth_date",
    "phone": "phone", "region": "region", "town": "town", "village": "village", "household_no": "household_no",
}  # fmt: skip
_ORGANISATION = {
    "name": "name", "credit_code": "credit_code", "facility_code": "facility_code", "region": "region",
    "address": "address", "phone": "phone",
}  # fmt: skip

# Who was married to whom from when to when, in both directions.
_MARRIED = """
INSERT INTO kinship BY NAME
WITH events AS (
    SELECT husband_person_id AS a, wife_person_id AS b, registration_type AS type, registration_date AS day, row_id
    FROM marriages
    UNION ALL
    SELECT wife_person_id, husband_person_id, registration_type, registration_date, row_id FROM marriages
)
SELECT a AS person_id, b AS kin_person_id, 'spouse' AS relation, day AS valid_from, 'W04' AS basis, row_id,
    1.0 AS probability,
    least((SELECT min(day) FROM events e WHERE e.a = m.a AND e.b = m.b AND e.type = 'divorce' AND e.day >= m.day),
        one.death_date, other.death_date) AS valid_to
FROM events m
JOIN world_persons one ON one.person = m.a - 1
JOIN world_persons other ON other.person = m.b - 1
WHERE m.type = 'marriage'
"""


class TrueLinks:
    """A database with the views that rules read, filled from a world's facts; use as a context manager."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._connection = duckdb.connect()
        self._connection.execute("SET disabled_optimizers = 'common_subplan'")
        self._catalogue = load_catalogue()
        self._connection.register("world_persons", world.persons)
        self._connection.register("world_organisations", world.organisations)
        described = {**TABLES, **frozen_tables()}
        self._connection.execute(
            ";\n".join(f"CREATE TABLE {name} ({columns})" for name, columns in described.items())
        )
        for name, places in (("persons", ("region", "town")), ("organisations", ("region", "address"))):
            for place in places:
                self._connection.execute(f"ALTER TABLE {name} ADD COLUMN {place} VARCHAR")
        self._connection.execute(
            "CREATE TABLE truth_rows (row_id BIGINT, truth_row BIGINT, role VARCHAR, kind VARCHAR, subject BIGINT)"
        )
        for number, contract in enumerate(contracts().values()):
            self._fill(number, contract)
        self._fill_entities()
        self._fill_casework()
        fixed = fixed_views(world.reference_date, world.periods[-1])
        for name, body in fixed.items():
            self._connection.execute(f"CREATE VIEW {name} AS {body}")
        create_setting_tables(self._connection, default_settings(self._catalogue))
        create_found(self._connection)
        self._derived = DerivedViews(self._connection)
        self._fill_patterns()

    def __enter__(self) -> "TrueLinks":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All rules by id."""
        return self._catalogue.rules

    def compare(self, rules: Iterable[str]) -> dict[str, Any]:
        """Run rules with their headers' parameters; `graph.rule_evaluation.compare_findings` of what they find."""
        asked = set(rules)
        silencing = {
            rule.id: set(rule.silences) for rule in self.rules.values() if asked & set(rule.silences)
        }
        for name in sorted(asked | silencing.keys()):
            rule = self.rules[name]
            self._derived.make(rule.sql)
            run_rule(self._connection, rule, rule.bind({}))
        for name, silenced in silencing.items():
            self._connection.execute(
                "DELETE FROM found WHERE list_contains($silenced, rule) AND person_id IN "
                "(SELECT person_id FROM found WHERE rule = $rule)",
                {"silenced": sorted(silenced), "rule": name},
            )
        self._connection.execute(
            "DELETE FROM found WHERE NOT list_contains($asked, rule)", {"asked": sorted(asked)}
        )
        findings = self._connection.sql(
            "SELECT finding_key, rule, coalesce(list_concat(row_ids, any_of), []) AS row_ids, since, facts, "
            "'department' AS route, "
            "coalesce(link_probability, 1) AS link_probability, NULL::VARCHAR AS suppressed_by FROM found"
        ).to_arrow_table()
        tables = {
            name: self._connection.sql(f"SELECT * FROM {name}").to_arrow_table()
            for name in ("truth_rows", "members", "row_records")
        }
        tables |= {"findings": findings, "conflicts": self._conflicts()}
        return compare_findings(tables, self._world.periods[-1])

    def _conflicts(self) -> pa.Table:
        number_of = {feed: number for number, feed in enumerate(contracts())}
        periods = [f"{period:%Y-%m}" for period in self._world.periods]
        rows = [
            {
                "conflict": i,
                "rule": c.rule,
                "planted": c.planted,
                "persons": list(c.persons),
                "organisation": c.organisation,
                "truth_rows": [number_of[feed] * _FEED_ROWS + fact for feed, fact in c.facts],
                "period": periods[c.period],
                "why": c.why,
                "trap": c.trap,
                "feed": c.feed,
                "last_period": None if c.last_period < 0 else periods[c.last_period],
            }
            for i, c in enumerate(self._world.conflicts)
        ]
        numbers = pa.list_(pa.int64())
        types = {"persons": numbers, "truth_rows": numbers, "organisation": pa.int64(), "trap": pa.int16()}
        schema = pa.schema([(name, types.get(name, _type_of(name))) for name in rows[0]])
        return pa.Table.from_pylist(rows, schema)

    def _fill(self, number: int, contract: Contract) -> None:
        facts = self._world.facts.get(contract.feed)
        columns = view_columns(contract)
        described = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
        self._connection.execute(f"CREATE TABLE {contract.view} ({described})")
        if facts is None or not facts.num_rows:
            return
        self._connection.register("facts", facts)
        values = self._values(number, contract, facts)
        chosen = ", ".join(f'CAST({values[name]} AS {type_}) AS "{name}"' for name, type_ in columns.items())
        roles = [entity for entity in contract.entities if entity.role in facts.column_names]
        joins = " ".join(
            f"LEFT JOIN world_{entity.kind}s {_alias(entity.role)} "
            f'ON {_alias(entity.role)}.{entity.kind} = f."{entity.role}"'
            for entity in roles
        )
        self._connection.execute(
            f"INSERT INTO {contract.view} SELECT {chosen} FROM facts f {joins} ORDER BY f.fact"
        )
        self._write_over(contract, number)
        self._keep_newest(contract)
        for at, entity in enumerate(roles):
            key = f"row_id * {_ROLES} + {at}"
            rows = f'FROM {contract.view} WHERE "{entity.role}_{entity.kind}_id" IS NOT NULL'
            subject = f'"{entity.role}_{entity.kind}_id" - 1'
            self._connection.execute(
                f"INSERT INTO truth_rows SELECT row_id, row_id, '{entity.role}', '{entity.kind}', {subject} {rows}"
            )
            self._connection.execute(f"INSERT INTO row_records SELECT row_id, '{entity.role}', {key} {rows}")
            prefix = "organisation_" if entity.kind == "organisation" else ""
            self._connection.execute(f"INSERT INTO {prefix}members SELECT {key}, {subject} + 1 {rows}")
            self._add_records(contract, entity.role, entity.kind, key)

    def _write_over(self, contract: Contract, number: int) -> None:
        """Cells that a department writes in a way of its own; those of identity count in rules only as they stand."""
        cells: dict[str, list[dict[str, Any]]] = {}
        for override in self._world.overrides:
            if override.feed == contract.feed and override.column in contract.columns:
                row = {"row_id": number * _FEED_ROWS + override.fact, "value": override.value}
                cells.setdefault(override.column, []).append(row)
        schema = pa.schema([("row_id", pa.int64()), ("value", pa.string())])
        for column, rows in cells.items():
            self._connection.register("cells", pa.Table.from_pylist(rows, schema))
            self._connection.execute(
                f'UPDATE {contract.view} v SET "{column_name(column)}" = TRY_CAST(c.value AS '
                f"{view_columns(contract)[column_name(column)]}) FROM cells c WHERE c.row_id = v.row_id"
            )

    def _values(self, number: int, contract: Contract, facts: pa.Table) -> dict[str, str]:
        there = set(facts.column_names)
        first_days = ", ".join(f"DATE '{period}'" for period in self._world.periods)
        values = {
            "row_id": f"{number * _FEED_ROWS} + f.fact",
            "received_at": "NULL",
            "period": f"([{first_days}])[f.period + 1]",
        }
        identity: dict[str, str] = {}
        for entity in contract.entities:
            known = _PERSON if entity.kind == "person" else _ORGANISATION
            if entity.role not in there:
                continue
            for attribute, column in entity.values.items():
                if attribute in known:
                    identity.setdefault(column, f"{_alias(entity.role)}.{known[attribute]}")
        for cell in contract.columns.values():
            name = column_name(cell.name)
            given = "owed_period" if cell.name == "period" else cell.name
            own = given in there and given not in {entity.role for entity in contract.entities}
            values[name] = f'f."{given}"' if own else identity.get(cell.name, "NULL")
        for at, entity in enumerate(contract.entities):
            is_there = f'f."{entity.role}" >= 0' if entity.role in there else "false"
            given = f'f."{entity.role}" + 1' if entity.role in there else "NULL"
            role = {
                "record_key": f"({number * _FEED_ROWS} + f.fact) * {_ROLES} + {at}",
                f"{entity.kind}_id": given,
                "link_probability": "1.0",
            }
            for prefix in [f"{entity.role}_"] + ([""] if entity is contract.main else []):
                for name, value in role.items():
                    values[f"{prefix}{name}"] = f"CASE WHEN {is_there} THEN {value} END"
        values["valid_from"] = f"TRY_CAST({values[column_name(contract.valid_from)]} AS DATE)"
        values["valid_to"] = self._last_day(contract, values, "last_period" in there)
        return values

    def _last_day(self, contract: Contract, values: Mapping[str, str], listed: bool) -> str:
        """The last day on which a row holds, as *Current rows* in `docs/data.md` has it."""
        last = "NULL::DATE"
        if contract.valid_to:
            last = f"TRY_CAST({values[column_name(contract.valid_to)]} AS DATE)"
            if contract.stops:
                last = f"({last} - 1)"
            elif contract.columns[contract.valid_to].type == "month":
                last = f"last_day({last})"
        if not listed or contract.kind != "snapshot":
            return last
        ends = ", ".join(f"last_day(DATE '{period}')" for period in self._world.periods)
        gone = f"CASE WHEN f.last_period >= 0 AND f.last_period < {len(self._world.periods) - 1} "
        gone += f"THEN ([{ends}])[f.last_period + 1] END"
        return f"least({last}, {gone})"

    def _keep_newest(self, contract: Contract) -> None:
        """Of rows with one natural key in several deliveries only the newest is current."""
        names = [column_name(name) for name in contract.natural_key]
        if not names:
            return
        key = ", ".join(f'"{name}"' for name in names)
        full = " AND ".join(f'"{name}" IS NOT NULL' for name in names if name not in contract.key_blanks)
        self._connection.execute(
            f"DELETE FROM {contract.view} WHERE row_id IN (SELECT row_id FROM {contract.view} WHERE {full} "
            f"QUALIFY period < max(period) OVER (PARTITION BY {key}))"
        )
        if "op" in contract.columns:
            self._connection.execute(f"DELETE FROM {contract.view} WHERE op = 'revoke'")

    def _add_records(self, contract: Contract, role: str, kind: str, key: str) -> None:
        rows = f'FROM {contract.view} v JOIN world_{kind}s w ON w.{kind} = v."{role}_{kind}_id" - 1'
        if kind == "person":
            named = next(entity for entity in contract.entities if entity.role == role).values
            mother = f'v."{named["mother_id"]}"' if "mother_id" in named else "NULL"
            self._connection.execute(
                f"INSERT INTO records BY NAME SELECT {mother} AS mother_id, "
                f"{key} AS record_key, '{contract.feed}' AS feed, '{role}' AS role, w.name, w.former_name, w.sex, "
                "w.birth_date, w.id_type, w.id_number, 'valid' AS id_status, w.phone, w.region, w.town, w.village, "
                f"w.household_no {rows}"
            )
        else:
            self._connection.execute(
                "INSERT INTO organisation_records BY NAME SELECT "
                f"{key} AS record_key, '{contract.feed}' AS feed, '{role}' AS role, w.name, w.region, "
                f"w.credit_code {rows}"
            )

    def _fill_casework(self) -> None:
        """Each case on the first row about its person; its number is the finding's key."""
        for step in self._world.casework:
            self._connection.execute(
                "INSERT INTO case_events SELECT $case, $rule, $event, $day, $department, m.record_key, [t.row_id], "
                f"0, $due FROM truth_rows t JOIN members m ON m.record_key = t.row_id * {_ROLES} "
                "AND m.entity_id = t.subject + 1 WHERE t.kind = 'person' AND t.subject = $person "
                "ORDER BY t.row_id LIMIT 1",
                {
                    "case": step.case,
                    "rule": step.rule,
                    "event": step.event,
                    "day": step.day,
                    "department": step.department,
                    "due": step.due,
                    "person": step.persons[0],
                },
            )

    def _fill_entities(self) -> None:
        for statement in (
            "INSERT INTO persons SELECT person + 1, name, sex, birth_date, id_number, region, town FROM world_persons",
            "INSERT INTO organisations SELECT organisation + 1, CASE WHEN facility_code IS NULL THEN 'employer' "
            "ELSE 'facility' END, name, credit_code, facility_code, region, address FROM world_organisations",
            "INSERT INTO households BY NAME SELECT household + 1 AS household_id, 'registered' AS kind, "
            "person + 1 AS person_id, relation, valid_to, 'W07' AS basis, 1.0 AS probability, false AS flagged "
            "FROM world_persons JOIN (SELECT person_id, CASE WHEN bool_and(valid_to IS NOT NULL) "
            "THEN max(valid_to) END AS valid_to FROM household_register GROUP BY person_id) r "
            "ON r.person_id = person + 1",
            _MARRIED,
            "INSERT INTO kinship BY NAME SELECT person + 1 AS person_id, spouse + 1 AS kin_person_id, "
            "'spouse' AS relation, 'W04' AS basis, 1.0 AS probability FROM world_persons w WHERE spouse >= 0 AND NOT "
            "EXISTS (SELECT 1 FROM kinship k WHERE k.person_id = w.person + 1 AND k.kin_person_id = w.spouse + 1)",
            *(
                f"INSERT INTO kinship BY NAME SELECT person + 1 AS person_id, {parent} + 1 AS kin_person_id, "
                f"'parent' AS relation, 'W02' AS basis, 1.0 AS probability FROM world_persons WHERE {parent} >= 0"
                for parent in ("mother", "father")
            ),
        ):
            self._connection.execute(statement)

    def _fill_patterns(self) -> None:
        self._derived.make("settled")
        for name, table in find_patterns(self._connection).items():
            self._connection.register("pattern", table)
            self._connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM pattern")


def _alias(role: str) -> str:
    return f'"as_{role}"'


def _type_of(name: str) -> pa.DataType:
    return {"conflict": pa.int64(), "planted": pa.bool_()}.get(name, pa.string())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main(arguments: list[str]) -> None:
    """Print what rules find in a city of one's own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--persons", type=int, default=5000)
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rules", default="")
    parser.add_argument("--show", type=int, default=5)
    given = parser.parse_args(arguments)
    world = build_world(given.persons, given.seed, given.months, "typical")
    with TrueLinks(world) as links:
        rules = given.rules.split(",") if given.rules else list(links.rules)
        result = links.compare(rules)
    for name in rules:
        measures = result["rules"].get(name)
        if measures is None:
            _say(f"{name:5} not in truth, found {result['not_in_truth'].get(name, 0)}")
            continue
        _say(
            f"{name:5} planted {measures['planted']:5} found {measures['found']:5} true {measures['true']:5} "
            f"missed {measures['missed']:4} innocent raised {measures['innocent_raised']:4}"
        )
        for what in ("missed", "false"):
            for row in [row for row in result[what] if row["rule"] == name][: given.show]:
                shown = {
                    k: row[k]
                    for k in ("persons", "organisation", "organisations", "why", "reason", "facts")
                    if k in row
                }
                _say(f"      {what}: {shown}")


if __name__ == "__main__":
    main(sys.argv[1:])
