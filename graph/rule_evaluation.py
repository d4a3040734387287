"""How good the rules are: findings of a snapshot against the conflicts that were planted in a made-up city."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from graph.rule_views import month_of
from resolver.database import open_database
from resolver.snapshot import Snapshot
from resolver.truth import LIABILITY, Truth

ROUTES = ("department", "identity_review")
_OF_CASEWORK = ("Q09", "MW4", "MW5")
"""Rules that rest on what was done about findings; without any casework they are not measured."""

# What the evidence of each finding is truly about: truth rows, persons and organisations.
_EVIDENCE = """
CREATE TEMP TABLE evidence AS
SELECT f.finding, f.rule, t.truth_row, t.kind, t.subject
FROM (SELECT finding, rule, unnest(row_ids) AS row_id FROM findings) f
JOIN truth_rows t ON t.row_id = f.row_id
"""

# A conflict is met by a finding of its rule, on one of its rows if it names rows, else on rows about all of its
# persons, else about its organisation, else without rows about its feed's delivery of its month (`docs/data.md`,
# *Truth*).
_MEETINGS = """
CREATE TEMP TABLE meetings AS
SELECT DISTINCT e.finding, c.conflict, c.planted
FROM (SELECT conflict, rule, planted, unnest(truth_rows) AS truth_row FROM conflicts) c
JOIN evidence e ON e.rule = c.rule AND e.truth_row = c.truth_row
UNION ALL
SELECT e.finding, c.conflict, any_value(c.planted)
FROM (
    SELECT conflict, rule, planted, len(list_distinct(persons)) AS n, unnest(persons) AS person
    FROM conflicts
    WHERE len(truth_rows) = 0 AND len(persons) > 0
) c
JOIN evidence e ON e.rule = c.rule AND e.kind = 'person' AND e.subject = c.person
GROUP BY e.finding, c.conflict
HAVING count(DISTINCT c.person) = any_value(c.n)
UNION ALL
SELECT DISTINCT e.finding, c.conflict, c.planted
FROM conflicts c
JOIN evidence e ON e.rule = c.rule AND e.kind = 'organisation' AND e.subject = c.organisation
WHERE len(c.truth_rows) = 0 AND len(c.persons) = 0
UNION ALL
SELECT f.finding, c.conflict, c.planted
FROM conflicts c
JOIN findings f ON f.rule = c.rule AND len(f.row_ids) = 0 AND f.facts ->> 'feed' = c.feed
    AND strftime(f.since, '%Y-%m') = c.period
WHERE c.feed <> ''
"""

_JUDGED = """
CREATE TEMP TABLE judged AS
SELECT f.finding, f.rule, f.route, f.suppressed_by IS NULL AS counted,
    EXISTS (SELECT 1 FROM meetings m WHERE m.finding = f.finding AND m.planted) AS is_true
FROM findings f
"""

_COUNTS = """
WITH met AS (
    SELECT m.conflict,
        bool_or(true) AS somewhere,
        bool_or(j.route = 'department') AS department,
        bool_or(j.route = 'identity_review') AS identity_review
    FROM meetings m
    JOIN judged j ON j.finding = m.finding
    WHERE j.counted AND m.planted = j.is_true
    GROUP BY m.conflict
),
planted AS (
    SELECT c.rule,
        count(*) FILTER (c.planted) AS planted,
        count(*) FILTER (c.planted AND m.somewhere) AS met,
        count(*) FILTER (c.planted AND m.department) AS met_department,
        count(*) FILTER (c.planted AND m.identity_review) AS met_identity_review,
        count(*) FILTER (NOT c.planted AND m.somewhere) AS innocent_raised
    FROM conflicts c
    LEFT JOIN met m ON m.conflict = c.conflict
    GROUP BY c.rule
),
raised AS (
    SELECT rule,
        count(*) AS found,
        count(*) FILTER (is_true) AS is_true,
        count(*) FILTER (route = 'department') AS found_department,
        count(*) FILTER (route = 'department' AND is_true) AS true_department,
        count(*) FILTER (route = 'identity_review') AS found_identity_review,
        count(*) FILTER (route = 'identity_review' AND is_true) AS true_identity_review
    FROM judged
    WHERE counted
    GROUP BY rule
)
SELECT coalesce(p.rule, r.rule) AS rule, p.* EXCLUDE (rule), r.* EXCLUDE (rule)
FROM planted p
FULL JOIN raised r ON r.rule = p.rule
ORDER BY 1
"""

_MISSED = """
WITH entities AS (
    SELECT t.subject, count(DISTINCT m.entity_id) AS entities
    FROM truth_rows t
    JOIN row_records rr ON rr.row_id = t.row_id AND rr.role = t.role
    JOIN members m ON m.record_key = rr.record_key
    WHERE t.kind = 'person'
    GROUP BY t.subject
),
suppressed AS (
    SELECT m.conflict, min(f.suppressed_by) AS suppressed_by
    FROM meetings m
    JOIN findings f ON f.finding = m.finding
    GROUP BY m.conflict
),
persons AS (
    SELECT c.conflict, max(e.entities) AS entities
    FROM (SELECT conflict, unnest(persons) AS person FROM conflicts) c
    JOIN entities e ON e.subject = c.person
    GROUP BY c.conflict
)
SELECT c.conflict, c.rule, c.persons, c.organisation, c.truth_rows, c.period, c.why, c.trap, c.feed,
    CASE WHEN s.suppressed_by IS NOT NULL THEN 'suppressed by ' || s.suppressed_by
        WHEN p.entities > 1 THEN 'the rows of a person lie in ' || p.entities || ' persons'
        ELSE 'not raised' END AS reason
FROM conflicts c
LEFT JOIN suppressed s ON s.conflict = c.conflict
LEFT JOIN persons p ON p.conflict = c.conflict
WHERE c.planted AND NOT EXISTS (
    SELECT 1
    FROM meetings m
    JOIN judged j ON j.finding = m.finding
    WHERE m.conflict = c.conflict AND j.counted
)
ORDER BY c.rule, c.conflict
"""

_FALSE = """
WITH about AS (
    SELECT finding,
        list(DISTINCT subject ORDER BY subject) FILTER (kind = 'person') AS persons,
        list(DISTINCT subject ORDER BY subject) FILTER (kind = 'organisation') AS organisations
    FROM evidence
    GROUP BY finding
),
innocent AS (
    SELECT m.finding, min(c.why) AS why
    FROM meetings m
    JOIN conflicts c ON c.conflict = m.conflict
    WHERE NOT m.planted
    GROUP BY m.finding
)
SELECT f.finding_key, f.rule, f.route, f.link_probability, f.row_ids, f.facts,
    coalesce(a.persons, []) AS persons, coalesce(a.organisations, []) AS organisations,
    CASE WHEN i.why IS NOT NULL THEN 'innocent: ' || i.why
        WHEN len(a.persons) > 1 THEN 'rows about ' || len(a.persons) || ' persons'
        ELSE 'nothing planted' END AS reason
FROM judged j
JOIN findings f ON f.finding = j.finding
LEFT JOIN about a ON a.finding = j.finding
LEFT JOIN innocent i ON i.finding = j.finding
WHERE j.counted AND NOT j.is_true
ORDER BY f.rule, f.finding_key
"""


def evaluate_rules(snapshot: Snapshot, truth: Truth) -> dict[str, Any]:
    """Compare a snapshot's findings with the conflicts planted up to its period.

    A finding that another one silences does not count: a conflict met only by such a one is missed.

    Args:
        snapshot: With `findings`.
        truth: As `resolver.truth.read_truth` brings it to this workspace's rows.

    Returns:
        `rules`: for each rule id, and for `all` of them, how many conflicts were `planted`, findings `found`,
        findings `true`, conflicts `missed`, look-alikes raised all the same (`innocent_raised`), `precision` and
        `recall` (None where nothing was found or planted), and under `department` and `identity_review` the
        `found`, `true`, `precision` and `recall` of the findings that went there. `missed` and `false` list the
        conflicts and the findings that went wrong, each with a `reason`. `not_in_truth`: findings of rules of
        which the truth says nothing (no conflict and no look-alike of theirs was ever put in): rule id -> how many.
        A rule that is switched off is not measured; Q09, MW4 and MW5 are only where casework was entered
        (`graph.rehearsal`).

    Raises:
        SnapshotError: The snapshot has no findings.
    """
    tables = {name: snapshot.read(name) for name in ("findings", "row_records", "members")}
    tables |= {"truth_rows": truth.rows, "conflicts": _measured(snapshot, truth.conflicts)}
    return compare_findings(tables, month_of(snapshot.manifest["period"]))


def _measured(snapshot: Snapshot, conflicts: pa.Table) -> pa.Table:
    """Conflicts of rules that could find them."""
    ran = snapshot.manifest.get("checked_by", {}).get("rules")
    if ran is not None:
        conflicts = conflicts.filter(pc.is_in(conflicts["rule"], pa.array(sorted(ran))))
    frozen = "case_events" in snapshot.manifest["files"]
    if frozen and snapshot.read("case_events").num_rows:
        return conflicts
    return conflicts.filter(pc.invert(pc.is_in(conflicts["rule"], pa.array(_OF_CASEWORK))))


def compare_findings(tables: Mapping[str, pa.Table], period: date) -> dict[str, Any]:
    """What `evaluate_rules` does, over tables that need not come from a snapshot.

    Args:
        tables: `findings`, `row_records` and `members` as in a snapshot, `truth_rows` and `conflicts` as in `Truth`.
        period: Conflicts of later periods do not count, nor do those that have passed.
    """
    numbers = pa.array(range(tables["findings"].num_rows), pa.int64())
    with open_database() as connection:
        connection.register("findings", tables["findings"].append_column("finding", numbers))
        connection.register("all_conflicts", tables["conflicts"])
        for name in ("truth_rows", "row_records", "members"):
            connection.register(name, tables[name])
        connection.execute(
            """
            CREATE TEMP TABLE conflicts AS
            SELECT * FROM (
                SELECT * FROM all_conflicts
                UNION ALL BY NAME
                SELECT NULL::VARCHAR AS feed, NULL::VARCHAR AS last_period WHERE false -- truths of before have neither
            )
            WHERE period <= $period AND coalesce(last_period, $period) >= $period AND rule <> $liability
            """,
            {"period": f"{period:%Y-%m}", "liability": LIABILITY},
        )
        for statement in (_EVIDENCE, _MEETINGS, _JUDGED):
            connection.execute(statement)
        covered = set(tables["conflicts"]["rule"].to_pylist())
        every = _rows(connection, _COUNTS)
        counts = [row for row in every if row["rule"] in covered]
        rules = {row["rule"]: _measures(row) for row in counts}
        total = (
            {key: sum(row[key] or 0 for row in counts) for key in counts[0] if key != "rule"}
            if counts
            else {}
        )
        return {
            "rules": {**rules, "all": _measures(total)},
            "missed": _rows(connection, _MISSED),
            "false": [row for row in _rows(connection, _FALSE) if row["rule"] in covered],
            "not_in_truth": {row["rule"]: row["found"] for row in every if row["rule"] not in covered},
        }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return rows


def _measures(row: Mapping[str, Any]) -> dict[str, Any]:
    count = {key: int(value or 0) for key, value in row.items() if key != "rule"}
    planted, met = count.get("planted", 0), count.get("met", 0)
    found, right = count.get("found", 0), count.get("is_true", 0)
    measures: dict[str, Any] = {
        "planted": planted,
        "found": found,
        "true": right,
        "missed": planted - met,
        "innocent_raised": count.get("innocent_raised", 0),
        "precision": _share(right, found),
        "recall": _share(met, planted),
    }
    for route in ROUTES:
        route_found, route_true = count.get(f"found_{route}", 0), count.get(f"true_{route}", 0)
        measures[route] = {
            "found": route_found,
            "true": route_true,
            "precision": _share(route_true, route_found),
            "recall": _share(count.get(f"met_{route}", 0), planted),
        }
    return measures


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
