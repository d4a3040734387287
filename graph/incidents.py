"""What happened to whom, and who else was in it: the incidents that leads for third-party liability start from.

An *incident* is of one of these kinds, and one event is told once (the first kind that knows it):

    accident      a party of a traffic accident (W22) whom rule T01 found treated
    candidate     a party whom the police know without a usable number, and a person of the same name treated in time
    work_injury   a recognised work injury (X04) whose treatment the fund paid, as rule T05 found
    payment       a third party's payment (X03) for what the fund paid too, as rule T03 found
    declared      a treatment of an injury that the facility itself declares as a third party's doing (W28, J05)

A candidate is never linked: it is a question to the police, with the chance that it is the party meant.
"""

import duckdb
import pyarrow as pa

OWN_SHARE = {"full": 1.0, "main": 0.7, "equal": 0.5, "minor": 0.3, "none": 0.0}
"""Share of the damage that the injured bear themselves, by their own liability, where the police give a degree only.

These are the shares courts usually take (main 70, equal 50, minor 30 per cent).
"""

CANDIDATE_DAYS = 3
"""Days from the accident within which a candidate's injury is first treated, as in rule T06."""

_PARTIES = """
CREATE TEMP TABLE party_rows AS
SELECT p.*, CAST(p.accident_time AS DATE) AS day,
    CASE WHEN CAST(p.accident_time AS TIME) <> TIME '00:00:00' THEN p.accident_time END AS moment,
    coalesce(p.liability_share / 100.0, s.own_share)::DOUBLE AS own_share,
    coalesce(r.id_status, 'missing') NOT IN ('valid', 'legacy') AS nameless
FROM accident_parties p
LEFT JOIN records r ON r.record_key = p.record_key
LEFT JOIN own_shares s ON s.liability = p.liability
"""

_COLUMNS = """
CREATE TEMP TABLE incidents (
    kind VARCHAR, incident VARCHAR, person_id BIGINT, finding_key BIGINT, incident_rows BIGINT[],
    treatment_rows BIGINT[], day DATE, moment TIMESTAMP, injury VARCHAR, liability VARCHAR, own_share DOUBLE,
    link_probability DOUBLE, route VARCHAR, employer VARCHAR, employer_organisation_id BIGINT, payer VARCHAR,
    payer_kind VARCHAR
)
"""

_ACCIDENTS = """
INSERT INTO incidents BY NAME
SELECT 'accident' AS kind, p.accident_no AS incident, f.person_id, f.finding_key,
    list(DISTINCT p.row_id ORDER BY p.row_id) AS incident_rows, any_value(f.row_ids) AS treatment_rows,
    min(p.day) AS day, min(p.moment) AS moment, max(p.injury) AS injury, max(p.liability) AS liability,
    max(p.own_share) AS own_share, any_value(f.link_probability) AS link_probability, any_value(f.route) AS route
FROM t_findings f
JOIN party_rows p ON p.person_id = f.person_id AND p.accident_no = json_extract_string(f.facts, '$.accident_no')
WHERE f.rule = 'T01'
GROUP BY f.finding_key, f.person_id, p.accident_no
"""

# Whom a row without a usable number may mean: the name is the same, birth date and sex do not contradict, and an
# injury was treated within days. The chance is that of one among the candidates and one who was treated nowhere.
_CANDIDATES = """
INSERT INTO incidents BY NAME
WITH parties AS (
    SELECT p.*
    FROM party_rows p
    WHERE p.nameless AND p.injury IS DISTINCT FROM 'none' AND p.liability IS DISTINCT FROM 'full' AND EXISTS (
        SELECT 1 FROM party_rows o
        WHERE o.accident_no = p.accident_no AND o.party_no <> p.party_no AND o.liability IS DISTINCT FROM 'none'
    )
    QUALIFY row_number() OVER (PARTITION BY p.accident_no, p.party_no ORDER BY p.row_id DESC) = 1
),
meant AS (
    SELECT DISTINCT p.row_id, g.person_id
    FROM parties p
    JOIN persons g ON g.name = p.name
        AND (p.birth_date IS NULL OR g.birth_date IS NULL OR g.birth_date = p.birth_date)
        AND (p.sex IS NULL OR g.sex IS NULL OR g.sex = p.sex)
    JOIN treatments t ON t.person_id = g.person_id AND t.trauma
        AND t.begin_day - p.day BETWEEN 0 AND $days
        AND (t.begin_day > p.day OR t.begin_time IS NULL OR p.moment IS NULL OR t.begin_time >= p.moment)
    WHERE NOT EXISTS (
        SELECT 1 FROM incidents i WHERE i.incident = p.accident_no AND i.person_id IN (p.person_id, g.person_id)
    ) AND NOT EXISTS (
        SELECT 1 FROM party_rows o WHERE o.accident_no = p.accident_no AND o.person_id = g.person_id
            AND o.row_id <> p.row_id
    )
),
chances AS (
    SELECT row_id, 1.0 / (count(*) + 1) AS chance FROM meant GROUP BY row_id
)
SELECT 'candidate' AS kind, p.accident_no AS incident, m.person_id,
    (SELECT min(finding_key) FROM t_findings f WHERE f.rule = 'T06' AND list_contains(f.row_ids, p.row_id))
        AS finding_key,
    [p.row_id] AS incident_rows, [] AS treatment_rows, p.day, p.moment, p.injury, p.liability, p.own_share,
    c.chance AS link_probability, 'identity_review' AS route
FROM meant m
JOIN parties p ON p.row_id = m.row_id
JOIN chances c ON c.row_id = m.row_id
"""

_WORK_INJURIES = """
INSERT INTO incidents BY NAME
SELECT 'work_injury' AS kind, coalesce(w.decision_no, '') AS incident, f.person_id, f.finding_key,
    list(DISTINCT w.row_id ORDER BY w.row_id) AS incident_rows, any_value(f.row_ids) AS treatment_rows,
    min(w.accident_date) AS day, 0.0 AS own_share, any_value(f.link_probability) AS link_probability,
    any_value(f.route) AS route, min(w.employer_name) AS employer,
    min(w.employer_organisation_id) AS employer_organisation_id
FROM t_findings f
JOIN work_injuries w ON w.person_id = f.person_id AND list_contains(f.row_ids, w.row_id)
WHERE f.rule = 'T05' AND NOT EXISTS (
    SELECT 1 FROM incidents i
    WHERE i.kind = 'accident' AND i.person_id = f.person_id AND abs(i.day - w.accident_date) <= 1
)
GROUP BY f.finding_key, f.person_id, w.decision_no
"""

_PAYMENTS = """
INSERT INTO incidents BY NAME
SELECT 'payment' AS kind, coalesce(p.document_no, '') AS incident, f.person_id, f.finding_key,
    list(DISTINCT p.row_id ORDER BY p.row_id) AS incident_rows, any_value(f.row_ids) AS treatment_rows,
    coalesce(min(p.accident_date), min(p.paid_date)) AS day, 0.0 AS own_share,
    any_value(f.link_probability) AS link_probability, any_value(f.route) AS route,
    min(p.payer_name) FILTER (p.payer_kind IN ('insurer', 'employer')) AS payer, min(p.payer_kind) AS payer_kind
FROM t_findings f
JOIN third_party_payments p ON p.person_id = f.person_id AND list_contains(f.row_ids, p.row_id)
WHERE f.rule = 'T03' AND NOT EXISTS (
    SELECT 1 FROM incidents i
    WHERE i.person_id = f.person_id AND (i.incident = p.accident_no OR abs(i.day - p.accident_date) <= 1)
)
GROUP BY f.finding_key, f.person_id, p.document_no
"""

_DECLARED = """
INSERT INTO incidents BY NAME
SELECT 'declared' AS kind, t.visit AS incident, t.person_id,
    (SELECT min(finding_key) FROM t_findings f WHERE f.rule = 'T09' AND list_has_any(f.row_ids, t.row_ids))
        AS finding_key,
    t.row_ids AS incident_rows, t.row_ids AS treatment_rows, t.begin_day AS day, t.begin_time AS moment,
    coalesce((SELECT min(link_probability) FROM visits v WHERE list_contains(t.row_ids, v.row_id)), 1.0)
        AS link_probability,
    'department' AS route
FROM treatments t
WHERE t.trauma AND t.third_party_declared AND t.fund_amount > 0 AND NOT EXISTS (
    SELECT 1 FROM incidents i WHERE i.person_id = t.person_id AND t.begin_day - i.day BETWEEN 0 AND 365
)
"""


def find_incidents(connection: duckdb.DuckDBPyConnection, findings: pa.Table) -> None:
    """Make the tables `incidents` and `party_rows`.

    Args:
        connection: With the views of a snapshot, `treatments` among them.
        findings: The snapshot's findings of the rules T.
    """
    connection.register("t_findings", findings)
    shares = pa.table({"liability": list(OWN_SHARE), "own_share": list(OWN_SHARE.values())})
    connection.register("own_shares", shares)
    for statement in (_PARTIES, _COLUMNS, _ACCIDENTS):
        connection.execute(statement)
    connection.execute(_CANDIDATES, {"days": CANDIDATE_DAYS})
    for statement in (_WORK_INJURIES, _PAYMENTS, _DECLARED):
        connection.execute(statement)
