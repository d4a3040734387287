"""Third-party liability: from what happened to whom, over the treatment the fund paid, to who owes how much of it."""

import duckdb
import pyarrow as pa

from graph.incidents import find_incidents
from graph.lead_evidence import reasons_sql, strength_sql
from graph.recovery import recovery_states
from graph.rule_views import rule_views
from resolver.snapshot import Snapshot

CHAIN_DAYS = 365
"""How long after the incident a treatment of the same injury, or follow-up care (Z47, Z48, Z50, Z54), belongs to it."""

_LIABLE = pa.struct(
    [
        ("kind", pa.string()),  # party, insurer, employer
        ("name", pa.string()),  # of insurers and employers; a party is found by its node
        ("share", pa.float64()),  # of the damage, 0 … 1; null where it is not known
        ("node", pa.string()),  # of the graph: Person, Vehicle or Employer; null where it is not known
    ]
)

LEAD_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),  # accident, candidate, work_injury, payment, declared
        pa.field("finding_key", pa.int64()),  # null: no rule speaks of it
        pa.field("person_id", pa.int64(), nullable=False),
        pa.field("incident", pa.string(), nullable=False),  # number of accident, decision, document or visit
        pa.field("incident_day", pa.date32()),
        pa.field("accident_time", pa.timestamp("s")),
        pa.field("injury", pa.string()),
        pa.field("liability", pa.string()),  # of the injured person
        pa.field("others_share", pa.float64()),  # null where the liability is not known
        pa.field("liable", pa.list_(_LIABLE), nullable=False),
        pa.field("visits", pa.list_(pa.string()), nullable=False),
        pa.field("follow_ups", pa.list_(pa.string()), nullable=False),  # later visits for the same injury
        pa.field("facilities", pa.list_(pa.string()), nullable=False),
        pa.field("diagnoses", pa.list_(pa.string()), nullable=False),
        pa.field("first_service", pa.date32()),
        pa.field("days_after", pa.int64()),
        pa.field("trauma", pa.bool_()),
        pa.field("hospital", pa.bool_()),  # admitted or treated in an emergency
        pa.field("third_party_declared", pa.bool_()),
        pa.field("declared_causes", pa.list_(pa.string()), nullable=False),
        pa.field("fund_paid", pa.decimal128(16, 2)),
        pa.field("third_party_paid", pa.decimal128(16, 2)),  # for treatment, by X03
        pa.field("recoverable", pa.decimal128(16, 2)),  # fund paid × others' share
        pa.field("state", pa.string(), nullable=False),  # `graph.recovery`
        pa.field("strength", pa.float64(), nullable=False),
        pa.field("reasons", pa.list_(pa.struct([("reason", pa.string()), ("points", pa.float64())])), nullable=False),
        pa.field("link_probability", pa.float64(), nullable=False),
        pa.field("route", pa.string(), nullable=False),
        pa.field("path", pa.list_(pa.string()), nullable=False),  # nodes of the graph, from who is liable to the care
        pa.field("row_ids", pa.list_(pa.int64()), nullable=False),
    ]
)  # fmt: skip

_NUMBERED = "CREATE TEMP TABLE leads AS SELECT row_number() OVER () AS lead, * FROM incidents"

# Treatments that the finding stands on; of a candidate the injuries of the month; then what follows them.
_TREATED = """
CREATE TEMP TABLE lead_treatments AS
WITH firsts AS (
    SELECT l.lead, l.day, t.*, false AS follow_up
    FROM leads l
    JOIN treatments t ON t.person_id = l.person_id
    WHERE list_has_any(t.row_ids, l.treatment_rows)
        OR (l.kind = 'candidate' AND t.trauma AND t.begin_day - l.day BETWEEN 0 AND 30
            AND (t.begin_day > l.day OR t.begin_time IS NULL OR l.moment IS NULL OR t.begin_time >= l.moment))
),
injuries AS (
    SELECT lead, max(day) AS day, min(begin_day) AS first_day, list(visit) AS seen,
        list(DISTINCT upper(left(diagnosis_code, 3))) FILTER (trauma AND diagnosis_code IS NOT NULL) AS codes
    FROM firsts
    GROUP BY lead
    HAVING bool_or(trauma)
),
later AS (
    SELECT i.lead, i.day, t.*, true
    FROM injuries i
    JOIN leads l ON l.lead = i.lead
    JOIN treatments t ON t.person_id = l.person_id AND t.begin_day BETWEEN i.first_day AND i.day + $days::INTEGER
    WHERE NOT list_contains(i.seen, t.visit) AND (
        upper(left(t.diagnosis_code, 3)) IN ('Z47', 'Z48', 'Z50', 'Z54')
        OR list_contains(i.codes, upper(left(t.diagnosis_code, 3)))
    )
)
SELECT * FROM firsts UNION ALL SELECT * FROM later
"""

_CARE = """
CREATE TEMP TABLE lead_care AS
WITH codes AS (
    SELECT row_id, upper(diagnosis_code) AS code FROM visits WHERE diagnosis_code IS NOT NULL
    UNION ALL
    SELECT row_id, upper(diagnosis_code) FROM settlements WHERE diagnosis_code IS NOT NULL
),
rows_of AS (
    SELECT lead, unnest(row_ids) AS row_id FROM lead_treatments
),
coded AS (
    SELECT r.lead, list(DISTINCT c.code ORDER BY c.code) AS diagnoses,
        bool_or(regexp_matches(c.code, '^(V|X8[5-9]|X9|Y0)')) AS by_another,
        bool_or(regexp_matches(c.code, '^(W[01]|X[67]|X8[0-4])')) AS by_oneself
    FROM rows_of r
    JOIN codes c ON c.row_id = r.row_id
    GROUP BY r.lead
),
nodes AS (
    SELECT r.lead,
        list(DISTINCT 'Treatment:' || coalesce('v' || left(md5(mdtrt_id), 16), 's' || left(md5(setl_id), 16)))
            AS treatment_nodes
    FROM rows_of r
    JOIN (
        SELECT row_id, mdtrt_id, NULL AS setl_id FROM visits
        UNION ALL
        SELECT row_id, mdtrt_id, setl_id FROM settlements
    ) s ON s.row_id = r.row_id
    WHERE coalesce(mdtrt_id, setl_id) IS NOT NULL
    GROUP BY r.lead
),
stays AS (
    SELECT lead,
        coalesce(list(visit ORDER BY begin_day, visit) FILTER (NOT follow_up), []) AS visits,
        coalesce(list(visit ORDER BY begin_day, visit) FILTER (follow_up), []) AS follow_ups,
        list(DISTINCT coalesce(facility_name, facility_code) ORDER BY coalesce(facility_name, facility_code))
            FILTER (coalesce(facility_name, facility_code) IS NOT NULL) AS facilities,
        list(DISTINCT 'Facility:' || facility_organisation_id) FILTER (facility_organisation_id IS NOT NULL)
            AS facility_nodes,
        list(DISTINCT declared_cause ORDER BY declared_cause) FILTER (declared_cause IS NOT NULL)
            AS declared_causes,
        min(begin_day) AS first_service, arg_min(begin_time, begin_day) AS first_time,
        bool_or(trauma) AS trauma,
        coalesce(bool_or(med_type IN ('inpatient', 'emergency') AND NOT follow_up), false) AS hospital,
        bool_or(third_party_declared) AS third_party_declared,
        sum(fund_amount) AS fund_paid,
        flatten(list(row_ids ORDER BY begin_day, visit)) AS care_rows
    FROM lead_treatments
    GROUP BY lead
)
SELECT s.*, c.diagnoses, coalesce(c.by_another, false) AS by_another, coalesce(c.by_oneself, false) AS by_oneself,
    n.treatment_nodes
FROM stays s
LEFT JOIN coded c ON c.lead = s.lead
LEFT JOIN nodes n ON n.lead = s.lead
"""

# What others bear is divided among the other parties by their degrees of liability, as courts weigh them.
_LIABLE_PARTIES = """
CREATE TEMP TABLE lead_liable AS
WITH others AS (
    SELECT l.lead, l.own_share, p.insurer, p.party_no, coalesce(s.own_share, 1.0) AS degree,
        coalesce('Person:' || p.person_id, 'Vehicle:' || left(md5(
            nullif(regexp_replace(upper(p.plate_no), '[\\s·.-]', '', 'g'), '')), 16)) AS node
    FROM leads l
    JOIN party_rows p ON p.accident_no = l.incident AND NOT list_contains(l.incident_rows, p.row_id)
        AND p.person_id IS DISTINCT FROM l.person_id AND p.liability IS DISTINCT FROM 'none'
    LEFT JOIN own_shares s ON s.liability = p.liability
    WHERE l.kind IN ('accident', 'candidate')
    QUALIFY row_number() OVER (PARTITION BY l.lead, p.party_no ORDER BY p.row_id DESC) = 1
)
SELECT lead,
    list({'kind': CASE WHEN insurer IS NULL THEN 'party' ELSE 'insurer' END, 'name': insurer,
        'share': round((1 - own_share) * degree / total, 4), 'node': node} ORDER BY degree DESC, party_no) AS liable
FROM (SELECT *, sum(degree) OVER (PARTITION BY lead) AS total FROM others)
GROUP BY lead
"""

_PAID = """
CREATE TEMP TABLE lead_payments AS
SELECT l.lead, sum(amount) AS third_party_paid
FROM leads l
JOIN (
    SELECT DISTINCT person_id, document_no, accident_no, accident_date, paid_date, coalesce(medical_amount, amount)
        AS amount
    FROM third_party_payments
    WHERE person_id IS NOT NULL
) p ON p.person_id = l.person_id
CROSS JOIN reference r
WHERE p.paid_date <= r.reference_date AND (
    (l.kind = 'payment' AND coalesce(p.document_no, '') = l.incident)
    OR (l.kind <> 'payment' AND (p.accident_no = l.incident OR abs(p.accident_date - l.day) <= 1))
)
GROUP BY l.lead
"""

_EMPLOYED = """
CREATE TEMP TABLE lead_employers AS
SELECT l.lead, min(w.employer_name) AS employer, min(w.employer_organisation_id) AS employer_id
FROM leads l
JOIN work_injuries w ON w.person_id = l.person_id AND abs(w.accident_date - l.day) <= 1
CROSS JOIN reference r
WHERE w.decision = 'recognised' AND w.decision_date <= r.reference_date
GROUP BY l.lead
"""

_JOINED = """
CREATE TEMP TABLE joined AS
SELECT l.*, 1 - l.own_share AS others_share, c.* EXCLUDE (lead), coalesce(p.third_party_paid, 0) AS third_party_paid,
    e.lead IS NOT NULL AS work_injury,
    concat_ws(' ', array_to_string(c.declared_causes, ' ')) AS cause,
    CASE WHEN c.first_time IS NOT NULL AND l.moment IS NOT NULL THEN (epoch(c.first_time) - epoch(l.moment)) / 86400.0
        ELSE c.first_service - l.day END AS gap,
    CASE WHEN l.kind = 'payment' THEN [{'kind': l.payer_kind, 'name': l.payer, 'share': NULL::DOUBLE,
            'node': NULL::VARCHAR}] ELSE coalesce(o.liable, []) END
        || CASE WHEN e.lead IS NULL THEN [] ELSE [{'kind': 'employer', 'name': e.employer,
            'share': CASE WHEN l.kind = 'work_injury' THEN 1.0 END, 'node': 'Employer:' || e.employer_id}] END
        AS liable,
    list_sort(list_distinct(l.incident_rows)) || list_filter(list_sort(list_distinct(c.care_rows)),
        lambda row: NOT list_contains(l.incident_rows, row)) AS row_ids,
    list_filter(
        list_transform(coalesce(o.liable, []), lambda who: who.node)
            || [CASE WHEN e.lead IS NOT NULL THEN 'Employer:' || e.employer_id END,
                CASE WHEN l.kind IN ('accident', 'candidate') THEN 'Accident:' || left(md5(l.incident), 16) END,
                'Person:' || l.person_id]
            || list_sort(coalesce(c.treatment_nodes, [])) || list_sort(coalesce(c.facility_nodes, [])),
        lambda node: node IS NOT NULL
    ) AS path,
    (SELECT list(f.finding_key ORDER BY f.finding_key) FROM t_findings f
     WHERE f.person_id = l.person_id AND f.rule IN ('T01', 'T02', 'T03', 'T04', 'T05', 'T07')
        AND list_has_any(f.row_ids, list_concat(l.incident_rows, c.care_rows))) AS case_keys
FROM leads l
JOIN lead_care c ON c.lead = l.lead
LEFT JOIN lead_liable o ON o.lead = l.lead
LEFT JOIN lead_payments p ON p.lead = l.lead
LEFT JOIN lead_employers e ON e.lead = l.lead
"""

_RANKED = f"""
WITH reasoned AS (
    SELECT *, {reasons_sql()} AS reasons FROM joined
)
SELECT * REPLACE (
        coalesce(facilities, []) AS facilities, coalesce(diagnoses, []) AS diagnoses,
        coalesce(declared_causes, []) AS declared_causes
    ), day AS incident_day, moment AS accident_time,
    first_service - day AS days_after,
    CAST(CASE WHEN kind = 'payment' THEN least(fund_paid, third_party_paid)
        ELSE round(fund_paid * others_share, 2) END AS DECIMAL(16, 2)) AS recoverable,
    list_distinct(coalesce(case_keys, []) || CASE WHEN finding_key IS NULL THEN [] ELSE [finding_key] END)
        AS all_keys,
    {strength_sql("reasons")} AS strength
FROM reasoned
ORDER BY strength DESC, recoverable DESC NULLS LAST, incident, person_id
"""


def liability_leads(snapshot: Snapshot, events: pa.Table | None = None) -> pa.Table:
    """What others may owe of what the fund paid, the best evidence first.

    A lead is a reason to ask, not a proof: an incident (`graph.incidents`), the treatments in its window and what
    followed them, the money, and who is liable. Its *strength* is the sum that `graph.lead_evidence` states; equally
    strong leads stand in the order of what is recoverable.

    Args:
        snapshot: With `findings`.
        events: The steps recorded so far, as `graph.casework.CASE_EVENT_SCHEMA`; None = those up to the snapshot.

    Returns:
        One row per lead, as in `LEAD_SCHEMA`; amounts in yuan. The same snapshot and events give the same table.

    Raises:
        SnapshotError: The snapshot has no findings.
    """
    findings = snapshot.read("findings", filters=[("rule", "in", [f"T0{n}" for n in range(1, 10)])])
    with rule_views(snapshot, "treatments") as connection:
        find_incidents(connection, findings)
        steps = events
        if steps is None:
            steps = connection.sql("SELECT finding_key, event FROM case_events").to_arrow_table()
        leads = _ranked(connection)
    states = recovery_states(
        leads["all_keys"].to_pylist(), [paid > 0 for paid in leads["third_party_paid"].to_pylist()], steps
    )
    leads = leads.append_column("state", pa.array(states, pa.string()))
    return leads.select(LEAD_SCHEMA.names).cast(LEAD_SCHEMA)


def _ranked(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    connection.execute(_NUMBERED)
    connection.execute(_TREATED, {"days": CHAIN_DAYS})
    for statement in (_CARE, _LIABLE_PARTIES, _PAID, _EMPLOYED, _JOINED):
        connection.execute(statement)
    return connection.sql(_RANKED).to_arrow_table()
