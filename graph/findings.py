"""Findings: what the rules find in one snapshot, how sure the identities behind it are, and who must answer."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.evidence_hash import hash_evidence
from graph.finding_evidence import Links, find_links, match_weights
from graph.link_probability import NO_RECORD
from graph.rule import PROVIDER, Rule, RuleProblem
from graph.rule_run import create_found
from graph.rule_settings import RuleSettings
from graph.rule_threads import run_side_by_side
from graph.rule_views import received_feeds, rule_views
from graph.setting_tables import create_setting_tables
from resolver.progress import Progress, silent
from resolver.snapshot import Snapshot

DEPARTMENT_AT = 0.95
"""From this link probability on a finding goes to a department; below it to identity review.

To identity review goes too what rests on a *suspect*: a person with two open entries in the household register under
different valid numbers, such as twins seen under each other's number.
"""

DENIED = "denied"
"""Stands in `suppressed_by` of a finding that somebody denied (否认) and whose rows have not changed since."""

FINDING_SCHEMA = pa.schema(
    [
        pa.field("finding_key", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),
        pa.field("direction", pa.string(), nullable=False),
        pa.field("rule_version", pa.int32(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("organisation_id", pa.int64()),
        pa.field("other_person_id", pa.int64()),
        pa.field("row_ids", pa.list_(pa.int64()), nullable=False),
        pa.field("record_keys", pa.list_(pa.int64()), nullable=False),
        pa.field("link_probability", pa.float64(), nullable=False),
        pa.field(
            "weakest_link",
            pa.struct(
                [
                    ("record_key_l", pa.int64()),
                    ("record_key_r", pa.int64()),
                    ("match_weight", pa.float64()),
                ]
            ),
        ),
        pa.field("route", pa.string(), nullable=False),
        pa.field("return_to", pa.list_(pa.string()), nullable=False),
        pa.field("due", pa.string(), nullable=False),
        pa.field("amount", pa.decimal128(16, 2)),
        pa.field("since", pa.date32()),
        pa.field("until", pa.date32()),
        pa.field("facts", pa.string(), nullable=False),
        pa.field("suppressed_by", pa.string()),
        pa.field("evidence_hash", pa.int64(), nullable=False),
    ]
)
"""`findings.parquet`; the columns are described in `docs/data.md`."""

# Findings in their final order, with what their rules' headers say.
_NUMBERED = """
CREATE TEMP TABLE numbered AS
SELECT row_number() OVER (ORDER BY f.rule, f.finding_key) - 1 AS finding, f.* EXCLUDE (severity, direction),
    h.* EXCLUDE (rule, severity, direction), coalesce(f.severity, h.severity) AS severity,
    coalesce(f.direction, h.direction) AS direction
FROM found f
JOIN headers h USING (rule)
"""

_FINISHED = """
WITH suspects AS (
    SELECT h.person_id
    FROM household_register h
    JOIN records r ON r.record_key = h.record_key
    WHERE h.valid_to IS NULL AND r.id_status IN ('valid', 'legacy')
        AND h.person_id IN (SELECT unnest([person_id, other_person_id]) FROM numbered WHERE joins_rows)
    GROUP BY h.person_id
    HAVING count(DISTINCT r.id_number) > 1
),
suppressed AS (
    SELECT f.finding, min(s.rule) AS suppressed_by
    FROM numbered f
    JOIN silences s ON s.silenced = f.rule
    JOIN numbered by_rule ON by_rule.rule = s.rule AND by_rule.person_id = f.person_id
    GROUP BY f.finding
),
denied AS (
    SELECT finding_key, arg_max(evidence_hash, n) AS evidence_hash
    FROM (SELECT *, row_number() OVER () AS n FROM case_events WHERE event IN ('denied', 'undenied'))
    GROUP BY finding_key
    HAVING arg_max(event, n) = 'denied'
),
evidence_lists AS (
    SELECT finding, list(row_id ORDER BY position) AS row_ids,
        list(record_key ORDER BY position) AS record_keys,
        list(DISTINCT department ORDER BY department) FILTER (needed AND department IS NOT NULL) AS departments
    FROM evidence_records
    GROUP BY finding
)
SELECT n.finding_key, n.rule, n.severity, n.direction, n.version AS rule_version, n.person_id, n.organisation_id,
    n.other_person_id, coalesce(e.row_ids, []) AS row_ids, coalesce(e.record_keys, []) AS record_keys,
    n.link_probability AS own_probability,
    flatten(list_transform(n.return_to, lambda role: CASE WHEN role = $provider
        THEN coalesce(n.departments, e.departments, []) ELSE [role] END)) AS return_to,
    n.due, n.amount, n.since, n.until, n.facts,
    coalesce(s.suppressed_by, CASE WHEN no.finding_key IS NOT NULL THEN $denied END) AS suppressed_by,
    coalesce(h.evidence_hash, 0) AS evidence_hash,
    n.joins_rows AND EXISTS (
        SELECT 1 FROM suspects WHERE suspects.person_id IN (n.person_id, n.other_person_id)
    ) AS about_suspect
FROM numbered n
LEFT JOIN evidence_lists e ON e.finding = n.finding
LEFT JOIN suppressed s ON s.finding = n.finding
LEFT JOIN evidence_hashes h ON h.finding = n.finding
LEFT JOIN denied no ON no.finding_key = n.finding_key AND no.evidence_hash = coalesce(h.evidence_hash, 0)
ORDER BY n.finding
"""


def run_rules(
    snapshot: Snapshot,
    rules: Sequence[Rule],
    settings: RuleSettings | None = None,
    progress: Progress = silent,
    problems: list[RuleProblem] | None = None,
    not_run: dict[str, str] | None = None,
) -> pa.Table:
    """Run rules over a snapshot.

    Args:
        snapshot: With all files but `findings`.
        rules: Which to run; the order does not matter. A rule that another one silences is silenced only if that
            one runs too.
        settings: The jurisdiction's parameters and tables; None = the defaults of the rules, and no tables.
        progress: Told of every rule.
        problems: Gets what is wrong with rules that cannot run; the others run without them.
        not_run: Gets the rules that were not run because a feed they need was never received: id -> why.

    Returns:
        Findings as in `FINDING_SCHEMA`, sorted by rule and finding key. The same snapshot, rules and parameters
        give the same table.

    Raises:
        RuleFileError: A rule cannot run and `problems` is None.
        SnapshotError: A file of the snapshot is missing.
    """
    settings = settings or RuleSettings()
    runnable = _runnable(snapshot, rules, {} if not_run is None else not_run)
    with rule_views(snapshot, derived="") as connection:
        create_setting_tables(connection, settings)
        create_found(connection)
        for error in run_side_by_side(connection, runnable, settings, progress):
            if problems is None:
                raise error
            problems.append(error.problem)
        progress("rules", len(runnable), len(runnable))
        _register_headers(connection, runnable)
        connection.execute(_NUMBERED)
        ((n_findings,),) = connection.sql("SELECT count(*) FROM numbered").fetchall()
        if n_findings == 0:
            return FINDING_SCHEMA.empty_table()
        links = find_links(connection, n_findings)
        weights = match_weights(connection, links)
        hash_evidence(connection, frozenset(feed for rule in runnable for feed in rule.feeds))
        words = {"provider": PROVIDER, "denied": DENIED}
        finished = connection.sql(_FINISHED, params=words).to_arrow_table()
    return _assemble(finished, links, weights)


def _runnable(snapshot: Snapshot, rules: Sequence[Rule], not_run: dict[str, str]) -> list[Rule]:
    received = received_feeds(snapshot)
    not_run |= {rule.id: reason for rule in rules if (reason := rule.missing(received))}
    return [rule for rule in rules if rule.id not in not_run]


def _register_headers(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    headers = pa.table(
        {
            "rule": pa.array([rule.id for rule in rules], pa.string()),
            "severity": pa.array([rule.severity for rule in rules], pa.string()),
            "direction": pa.array([rule.direction for rule in rules], pa.string()),
            "version": pa.array([rule.version for rule in rules], pa.int32()),
            "return_to": pa.array([rule.return_to for rule in rules], pa.list_(pa.string())),
            "due": pa.array([rule.due for rule in rules], pa.string()),
            "joins_rows": pa.array([rule.joins_rows for rule in rules], pa.bool_()),
        }
    )
    pairs = [(rule.id, silenced) for rule in rules for silenced in rule.silences]
    silences = pa.table(
        {
            "rule": pa.array([rule for rule, _ in pairs], pa.string()),
            "silenced": pa.array([silenced for _, silenced in pairs], pa.string()),
        }
    )
    connection.register("headers", headers)
    connection.register("silences", silences)


def _assemble(finished: pa.Table, links: Links, weights: pa.Array) -> pa.Table:
    own = finished["own_probability"].fill_null(1.0).to_numpy()
    probability = np.minimum(links.probability, own)
    nameless = (links.record_key_l == NO_RECORD) | (own < links.probability)
    weakest = pa.StructArray.from_arrays(
        [pa.array(links.record_key_l), pa.array(links.record_key_r), weights],
        names=["record_key_l", "record_key_r", "match_weight"],
        mask=pa.array(nameless),
    )
    sure = (probability >= DEPARTMENT_AT) & ~finished["about_suspect"].to_numpy()
    route = pc.if_else(pa.array(sure), "department", "identity_review")
    columns = {
        **{name: finished[name] for name in finished.column_names},
        "link_probability": pa.array(probability),
        "weakest_link": weakest,
        "route": route,
    }
    return pa.table([columns[name] for name in FINDING_SCHEMA.names], names=FINDING_SCHEMA.names).cast(
        FINDING_SCHEMA
    )
