"""Third-party liability: from an accident to the treatment the fund paid and what others may owe of it."""

import pyarrow as pa

from graph.rule_views import rule_views
from resolver.snapshot import Snapshot

OWN_SHARE = {"full": 1.0, "main": 0.7, "equal": 0.5, "minor": 0.3, "none": 0.0}
"""Share of the damage that the injured bear themselves, by their own liability.

The police state a degree, not a share; these are the shares courts usually take (main 70, equal 50, minor 30 per cent).
"""

LEAD_SCHEMA = pa.schema(
    [
        pa.field("finding_key", pa.int64(), nullable=False),
        pa.field("person_id", pa.int64(), nullable=False),
        pa.field("accident_no", pa.string(), nullable=False),
        pa.field("accident_time", pa.timestamp("s")),
        pa.field("injury", pa.string()),
        pa.field("liability", pa.string()),  # of the injured person
        pa.field("others_share", pa.float64()),  # null where the liability is not known
        pa.field("insurers", pa.list_(pa.string()), nullable=False),  # of the other parties' vehicles
        pa.field("visits", pa.list_(pa.string()), nullable=False),
        pa.field("facilities", pa.list_(pa.string()), nullable=False),
        pa.field("first_service", pa.date32()),
        pa.field("days_after", pa.int64()),
        pa.field("trauma", pa.bool_()),
        pa.field("hospital", pa.bool_()),  # admitted or treated in an emergency
        pa.field("third_party_declared", pa.bool_()),
        pa.field("fund_paid", pa.decimal128(16, 2)),
        pa.field("recoverable", pa.decimal128(16, 2)),  # fund paid × others' share
        pa.field("strength", pa.int32(), nullable=False),  # 0 … 4, see `liability_leads`
        pa.field("link_probability", pa.float64(), nullable=False),
        pa.field("route", pa.string(), nullable=False),
        pa.field("row_ids", pa.list_(pa.int64()), nullable=False),
    ]
)

_LEADS = """
WITH leads AS (
    SELECT finding_key, person_id, json_extract_string(facts, '$.accident_no') AS accident_no, row_ids,
        link_probability, route, amount AS fund_paid
    FROM t01
),
treated AS (
    SELECT l.finding_key, t.*
    FROM leads l
    JOIN treatments t ON t.person_id = l.person_id
    WHERE list_has_any(t.row_ids, l.row_ids)
),
stays AS (
    SELECT finding_key,
        list(visit ORDER BY begin_day, visit) AS visits,
        list(DISTINCT coalesce(facility_name, facility_code)
            ORDER BY coalesce(facility_name, facility_code))
            FILTER (coalesce(facility_name, facility_code) IS NOT NULL) AS facilities,
        min(begin_day) AS first_service,
        bool_or(trauma) AS trauma,
        coalesce(bool_or(med_type IN ('inpatient', 'emergency')), false) AS hospital,
        bool_or(third_party_declared) AS third_party_declared
    FROM treated
    GROUP BY finding_key
),
parties AS (
    SELECT l.finding_key, min(p.accident_time) AS accident_time, max(p.injury) AS injury,
        max(p.liability) AS liability
    FROM leads l
    JOIN accident_parties p ON p.accident_no = l.accident_no AND p.person_id = l.person_id
    GROUP BY l.finding_key
),
others AS (
    SELECT l.finding_key, list(DISTINCT p.insurer ORDER BY p.insurer) AS insurers
    FROM leads l
    JOIN accident_parties p ON p.accident_no = l.accident_no AND p.person_id IS DISTINCT FROM l.person_id
    WHERE p.insurer IS NOT NULL
    GROUP BY l.finding_key
),
joined AS (
    SELECT l.*, p.accident_time, p.injury, p.liability, 1 - s.own_share AS others_share,
        coalesce(o.insurers, []) AS insurers, coalesce(t.visits, []) AS visits,
        coalesce(t.facilities, []) AS facilities, t.first_service,
        t.first_service - CAST(p.accident_time AS DATE) AS days_after,
        t.trauma, t.hospital, t.third_party_declared
    FROM leads l
    LEFT JOIN parties p ON p.finding_key = l.finding_key
    LEFT JOIN others o ON o.finding_key = l.finding_key
    LEFT JOIN stays t ON t.finding_key = l.finding_key
    LEFT JOIN shares s ON s.liability = p.liability
)
SELECT *,
    CAST(round(fund_paid * others_share, 2) AS DECIMAL(16, 2)) AS recoverable,
    CAST(2 * coalesce(days_after <= 3, false)::INTEGER + coalesce(trauma, false)::INTEGER
        + coalesce(hospital, false)::INTEGER AS INTEGER) AS strength
FROM joined
ORDER BY strength DESC, recoverable DESC NULLS LAST, finding_key
"""


def liability_leads(snapshot: Snapshot) -> pa.Table:
    """The accidents whose treatment the fund may have paid for somebody else, the best evidence first.

    A lead is a T01 finding with the accident, the treatments and the money: a reason to ask, not a proof.
    *Strength* counts 2 for a service within three days, 1 for a trauma code or flag, 1 for a hospital stay or an
    emergency. Equally strong leads stand in the order of what is recoverable.

    Args:
        snapshot: With `findings`.

    Returns:
        One row per lead, as in `LEAD_SCHEMA`; amounts in yuan.

    Raises:
        SnapshotError: The snapshot has no findings.
    """
    findings = snapshot.read("findings", filters=[("rule", "=", "T01")])
    shares = pa.table({"liability": list(OWN_SHARE), "own_share": list(OWN_SHARE.values())})
    with rule_views(snapshot) as connection:
        connection.register("t01", findings)
        connection.register("shares", shares)
        leads = connection.sql(_LEADS).to_arrow_table()
    return leads.select(LEAD_SCHEMA.names).cast(LEAD_SCHEMA)
