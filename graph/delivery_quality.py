"""Punctuality and quality of the feeds 报送情况, per department, feed and month.

Departments send last month's changes by the 10th (S1 §二末); what they send must name the persons and say the required
elements (S1 §三(二), S2 §一), down to the village or community. Who does not share as required is named (S1 §三(三)):
this is the table for it.
"""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from graph.rule_views import column_name, rule_views
from resolver.feeds.contract import Contract, contracts
from resolver.ledger.delivery import Delivery
from resolver.snapshot import Snapshot

DUE_DAY = 10
_HERE = ZoneInfo("Asia/Shanghai")

QUALITY_SCHEMA = pa.schema(
    [
        ("department", pa.string()),
        ("feed", pa.string()),
        ("title", pa.string()),
        ("title_en", pa.string()),
        ("period", pa.date32()),  # the month reported
        ("due_on", pa.date32()),  # the 10th of the next month; null for what is not owed monthly
        ("received_on", pa.date32()),  # day of the first delivery, in China; null when there is none
        ("status", pa.string()),  # on_time, late, missing
        ("zero", pa.bool_()),  # a zero receipt: nothing changed, and it was said
        ("deliveries", pa.int64()),
        ("rows", pa.int64()),
        ("usual_rows", pa.float64()),  # mean of the months before, without the first; null when there is none
        ("rejected", pa.int64()),  # rows in quarantine
        ("corrected", pa.int64()),  # rows accepted that a later row corrected or revoked
        ("with_elements", pa.float64()),  # share of current rows with name, number and all required elements
        (
            "to_village",
            pa.float64(),
        ),  # share of those that give a residence which names the village or community
    ]
)

_TABLE = """
WITH monthly AS (
    SELECT feed, period, min(received_on) AS received_on, count(*) AS deliveries, sum(n_rows) AS rows,
        sum(n_quarantined) AS rejected, bool_and(zero) AS zero
    FROM received GROUP BY ALL
),
owed AS (
    SELECT m.feed, CAST(unnest(generate_series(min(m.period), max(w.last), INTERVAL 1 MONTH)) AS DATE) AS period
    FROM monthly m JOIN departments d ON d.feed = m.feed AND d.monthly, (SELECT max(period) AS last FROM monthly) w
    GROUP BY m.feed
    UNION
    SELECT feed, period FROM monthly
),
corrections AS (
    SELECT r.feed, r.period, count(*) AS corrected
    FROM superseded s JOIN received r ON r.number = s.row_id >> 24
    WHERE s.reason IN ('corrected', 'revoked')
    GROUP BY ALL
),
firsts AS (SELECT feed, min(period) AS period FROM monthly GROUP BY feed),
measured AS (SELECT feed, period, avg(whole) AS with_elements, avg(located) AS to_village FROM said GROUP BY ALL)
SELECT d.department, o.feed, t.title, t.title_en, o.period,
    CASE WHEN d.monthly THEN CAST(o.period + INTERVAL 1 MONTH AS DATE) + $due_day - 1 END AS due_on,
    m.received_on,
    CASE WHEN m.feed IS NULL THEN 'missing' WHEN m.received_on > due_on THEN 'late' ELSE 'on_time' END AS status,
    coalesce(m.zero, false) AS zero,
    coalesce(m.deliveries, 0) AS deliveries,
    coalesce(m.rows, 0) AS rows,
    (
        SELECT avg(b.rows) FROM monthly b JOIN firsts f ON f.feed = b.feed
        WHERE b.feed = o.feed AND b.period < o.period AND b.period > f.period
    ) AS usual_rows,
    coalesce(m.rejected, 0) AS rejected,
    coalesce(c.corrected, 0) AS corrected,
    q.with_elements,
    q.to_village
FROM owed o
JOIN departments d ON d.feed = o.feed
JOIN titles t ON t.feed = o.feed
LEFT JOIN monthly m ON m.feed = o.feed AND m.period = o.period
LEFT JOIN corrections c ON c.feed = o.feed AND c.period = o.period
LEFT JOIN measured q ON q.feed = o.feed AND q.period = o.period
ORDER BY d.department, o.feed, o.period
"""


def delivery_quality(snapshot: Snapshot, deliveries: Sequence[Delivery]) -> pa.Table:
    """Measure every feed of which anything was ever received, month by month up to the newest month.

    A month that is owed and of which nothing came is there as `missing`. Shares are of the rows that hold now and came
    with that month's deliveries, and null where there are none.

    Args:
        snapshot: Made of these deliveries.
        deliveries: Those to report on.

    Returns:
        `QUALITY_SCHEMA`, by department, feed and month.
    """
    with rule_views(snapshot, derived="") as database:
        database.register("received", _received(deliveries))
        database.register("titles", _titles())
        _measure_rows(database)
        return database.sql(_TABLE, params={"due_day": DUE_DAY}).to_arrow_table().cast(QUALITY_SCHEMA)


def _received(deliveries: Sequence[Delivery]) -> pa.Table:
    columns = ("feed", "period", "n_rows", "n_quarantined", "zero")
    return pa.Table.from_pylist(
        [
            {name: getattr(d, name) for name in columns}
            | {"number": int(d.delivery_id, 16), "received_on": d.received_at.astimezone(_HERE).date()}
            for d in deliveries
        ],
        pa.schema(
            [
                ("feed", pa.string()),
                ("period", pa.date32()),
                ("n_rows", pa.int64()),
                ("n_quarantined", pa.int64()),
                ("zero", pa.bool_()),
                ("number", pa.int64()),
                ("received_on", pa.date32()),
            ]
        ),
    )


def _titles() -> pa.Table:
    known = contracts().values()
    return pa.table({name: [getattr(c, name) for c in known] for name in ("feed", "title", "title_en")})


def _measure_rows(database: duckdb.DuckDBPyConnection) -> None:
    """`said`: of every current row, whether it has all elements, and whether its residence names a village."""
    parts = [_said(contract) for contract in contracts().values()]
    database.execute("CREATE TEMP TABLE lacking AS SELECT DISTINCT feed, row_id FROM row_elements")
    database.execute("CREATE TEMP TABLE said AS\n" + "\nUNION ALL\n".join(parts))


def _said(contract: Contract) -> str:
    """SELECT of `feed`, `period`, `whole` (0 or 1) and `located` (0, 1 or null) of a feed's rows."""
    values = contract.main.values if contract.entities and contract.main.kind == "person" else {}
    named = [f"{_column(values[name])} IS NOT NULL" for name in ("name", "id_number") if name in values]
    whole = " AND ".join(["l.row_id IS NULL", *named])
    located, records = "NULL", ""
    if "address" in values:
        located = f"CASE WHEN {_column(values['address'])} IS NOT NULL THEN (p.village IS NOT NULL)::INT END"
        records = " LEFT JOIN records p ON p.record_key = r.record_key"
    return (
        f"SELECT '{contract.feed}' AS feed, r.period, ({whole})::INT AS whole, {located} AS located "
        f"FROM {contract.view} r LEFT JOIN lacking l ON l.feed = '{contract.feed}' AND l.row_id = r.row_id{records}"
    )


def _column(name: str) -> str:
    return f'r."{column_name(name)}"'
