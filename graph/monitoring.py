"""High-cost monitoring 高额费用监测预警 (济医保发〔2023〕13号 §四): who bore too much, and the province's list.

The *burden* of a person in a year is what neither basic nor serious-illness insurance paid, over all insurance numbers
and places, from 1 January to the reference date; settlements that were reversed (冲正) and their reversals count for
nothing. It is held against a line: half of the province's per-capita disposable income of the year before for
near-subsistence families and monitored households (low-income), one and a half of it for everybody else. While that
year's income is not published, the newest before it is taken, and the line is provisional. Formula, basis of the year
and shares are those of rules MW1 and MW2 as they are set here.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from graph.derived_views import DerivedViews
from graph.rule_settings import RuleSettings
from graph.rule_views import rule_views
from graph.rules.catalogue import Catalogue
from graph.setting_tables import create_setting_tables
from resolver.errors import SettingsError, SnapshotError
from resolver.snapshot import Snapshot

FORMULAS = {1: "burden-v1: all self-paid", 2: "burden-v2: in-scope self-paid"}
"""Versions of the burden's formula: all that the person paid, or only what is within the policy's scope."""

POPULATIONS = {"vulnerable": "低保边缘和监测对象", "ordinary": "普通参保人员"}

SAME_WITHIN = 1
"""Yuan by which two sums of the same person may differ and still be the same."""

REASONS = {
    "same": "一致",
    "other_burden": "负担金额不同",
    "other_population": "人群归类不同",
    "other_line": "预警线不同",
    "no_costs": "本地当年无费用记录",
    "several_numbers": "多个参保号合并后超线",
    "provisional_line": "预警线为暂定",
    "not_listed": "省级名单未列入",
}
"""Why the province's list and ours differ on a person, the most telling reason first."""

MONITORED_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("name", pa.string()),
        ("id_number", pa.string()),
        ("region", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("population", pa.string()),  # of `POPULATIONS`
        ("burden", pa.decimal128(16, 2)),
        ("line", pa.decimal128(16, 2)),
        ("share_of_income", pa.float64()),
        ("income", pa.decimal128(16, 2)),
        ("income_year", pa.int32()),
        ("provisional", pa.bool_()),
        ("formula", pa.string()),
        ("total_amount", pa.decimal128(16, 2)),
        ("fund_amount", pa.decimal128(16, 2)),  # basic and serious-illness insurance
        ("n_settlements", pa.int64()),
        ("n_psn_nos", pa.int64()),  # insurance numbers
        ("n_places", pa.int64()),
    ]
)
RECONCILED_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("name", pa.string()),
        ("id_number", pa.string()),
        ("found_in", pa.string()),  # both, here, province
        ("reason", pa.string()),  # of `REASONS`
        ("population", pa.string()),
        ("provincial_population", pa.string()),
        ("burden", pa.decimal128(16, 2)),  # ours, over the line or not; null: no costs this year
        ("provincial_burden", pa.decimal128(16, 2)),
        ("line", pa.decimal128(16, 2)),
        ("provincial_line", pa.decimal128(16, 2)),
        ("n_psn_nos", pa.int64()),
        ("row_id", pa.int64()),  # of the province's list
    ]
)
STATEMENT_SCHEMA = pa.schema(
    [
        ("application_no", pa.string()),
        ("name", pa.string()),
        ("id_number", pa.string()),
        ("setl_id", pa.string()),
        ("psn_no", pa.string()),
        ("facility_name", pa.string()),
        ("med_type", pa.string()),
        ("service_begin", pa.timestamp("us")),
        ("service_end", pa.timestamp("us")),
        ("settle_time", pa.timestamp("us")),
        ("total_amount", pa.decimal128(16, 2)),
        ("pooled_amount", pa.decimal128(16, 2)),
        ("serious_illness_amount", pa.decimal128(16, 2)),
        ("aid_amount", pa.decimal128(16, 2)),
        ("in_scope_self_amount", pa.decimal128(16, 2)),
        ("out_scope_amount", pa.decimal128(16, 2)),
        ("personal_amount", pa.decimal128(16, 2)),
    ]
)

# Everybody with costs this year, over the line or not. The comparison is that of the rules, to the last yuan.
_MEASURED = """
CREATE TEMP TABLE measured AS
WITH judged AS (
    SELECT b.person_id, b.basis, b.all_self_paid, b.in_scope_self_paid, b.settlements, w.*,
        CASE WHEN v.person_id IS NULL THEN 'ordinary' ELSE 'vulnerable' END AS population
    FROM yearly_burdens b
    LEFT JOIN vulnerable_now v ON v.person_id = b.person_id
    CROSS JOIN warning_lines w
),
burdens AS (
    SELECT j.*, p.share, p.formula,
        CASE WHEN p.formula = 1 THEN j.all_self_paid ELSE j.in_scope_self_paid END AS burden
    FROM judged j
    JOIN populations p ON p.population = j.population AND p.basis = j.basis
),
costs AS (
    SELECT b.person_id, c.psn_no, c.place, c.total_amount, c.reimbursed,
        CASE WHEN b.formula = 1 THEN c.all_self_paid ELSE c.in_scope_self_paid END AS paid
    FROM burdens b
    JOIN yearly_costs c ON c.person_id = b.person_id
    WHERE CASE WHEN b.basis = 1 THEN c.by_service ELSE c.by_settlement END
),
by_number AS (
    SELECT person_id, psn_no, sum(paid) AS paid FROM costs GROUP BY ALL
),
largest AS (
    SELECT person_id, max(paid) AS largest_burden FROM by_number GROUP BY person_id
),
summed AS (
    SELECT person_id, sum(total_amount) AS total_amount, sum(reimbursed) AS reimbursed,
        count(DISTINCT psn_no) AS n_psn_nos, count(DISTINCT place) AS n_places
    FROM costs GROUP BY person_id
)
SELECT b.*, s.* EXCLUDE (person_id), l.largest_burden, b.burden > b.share * b.income AS over_line
FROM burdens b
JOIN summed s ON s.person_id = b.person_id
JOIN largest l ON l.person_id = b.person_id
"""

_LIST = """
SELECT m.person_id, g.name, g.id_number, g.region, g.address, g.phone, m.population, m.burden,
    round(m.share * m.income, 2) AS line, round(m.burden / m.income, 4) AS share_of_income, m.income, m.income_year,
    m.provisional, f.name AS formula, m.total_amount, m.reimbursed AS fund_amount, m.settlements AS n_settlements,
    m.n_psn_nos, m.n_places
FROM measured m
JOIN persons g ON g.person_id = m.person_id
JOIN formulas f ON f.formula = m.formula
WHERE m.over_line
ORDER BY m.population DESC, m.burden DESC, m.person_id
"""

_RECONCILED = """
WITH joined AS (
    SELECT coalesce(m.person_id, p.person_id) AS person_id,
        CASE WHEN p.person_id IS NULL THEN 'here' WHEN coalesce(m.over_line, false) THEN 'both' ELSE 'province' END
            AS found_in,
        m.* EXCLUDE (person_id), p.row_id, p.burden AS provincial_burden, p.line AS provincial_line,
        p.population AS provincial_population, o.share AS other_share
    FROM measured m
    FULL JOIN provincial_now p ON p.person_id = m.person_id
    LEFT JOIN populations o ON o.population <> m.population
    WHERE p.person_id IS NOT NULL OR m.over_line
)
SELECT j.person_id, g.name, g.id_number, j.found_in,
    CASE
        WHEN found_in = 'both' AND abs(burden - provincial_burden) <= $same THEN 'same'
        WHEN found_in = 'both' THEN 'other_burden'
        WHEN found_in = 'province' AND burden IS NULL THEN 'no_costs'
        WHEN found_in = 'province' AND provincial_population <> population AND burden > other_share * income
            THEN 'other_population'
        WHEN found_in = 'province' AND burden > provincial_line THEN 'other_line'
        WHEN found_in = 'province' THEN 'other_burden'
        WHEN largest_burden <= share * income THEN 'several_numbers'
        WHEN burden <= other_share * income THEN 'other_population'
        WHEN provisional THEN 'provisional_line'
        ELSE 'not_listed'
    END AS reason,
    j.population, j.provincial_population, j.burden, j.provincial_burden, round(j.share * j.income, 2) AS line,
    j.provincial_line, j.n_psn_nos, j.row_id
FROM joined j
JOIN persons g ON g.person_id = j.person_id
ORDER BY j.found_in, reason, coalesce(j.burden, j.provincial_burden) DESC, j.person_id
"""

# The months the application names, else the twelve up to its day; by the first day of the service.
_STATEMENT = """
WITH asked AS (
    SELECT application_no, person_id, name, id_number,
        coalesce(cost_from, date_trunc('month', request_date - INTERVAL 11 MONTH)) AS first_day,
        last_day(coalesce(cost_to, request_date)) AS last_day
    FROM illness_poverty_applications
    WHERE application_no = $application
    QUALIFY row_number() OVER (ORDER BY row_id DESC) = 1
)
SELECT a.application_no, a.name, a.id_number, s.setl_id, s.psn_no, s.facility_name, s.med_type, s.service_begin,
    s.service_end, s.settle_time, s.total_amount, s.pooled_amount, s.serious_illness_amount, f.aid_amount,
    s.in_scope_self_amount, f.out_scope_amount, f.personal_amount
FROM asked a
JOIN settled s ON s.person_id = a.person_id
JOIN settlements f ON f.row_id = s.row_id
WHERE CAST(s.service_begin AS DATE) BETWEEN a.first_day AND a.last_day
ORDER BY s.service_begin, s.setl_id
"""


@dataclass(frozen=True)
class Monitoring:
    """How burdens are measured and held against lines.

    Attributes:
        rules: `vulnerable` and `ordinary` -> parameters of MW1 and MW2 in force: `share`, `formula`, `year_basis`.
        settings: The jurisdiction's tables, for incomes.
    """

    rules: Mapping[str, Mapping[str, float]]
    settings: RuleSettings

    @classmethod
    def of(cls, catalogue: Catalogue, settings: RuleSettings) -> "Monitoring":
        """As the warnings MW1 and MW2 are set.

        Raises:
            SettingsError: One of the two rules is refused.
        """
        named = {"vulnerable": "MW1", "ordinary": "MW2"}
        if missing := [rule for rule in named.values() if rule not in catalogue.rules]:
            raise SettingsError(
                f"rule {missing[0]} cannot be read", remedy="See `guiyi rules list`; correct its file."
            )
        return cls({name: settings.in_force(catalogue.rules[rule]) for name, rule in named.items()}, settings)


def monitored(snapshot: Snapshot, monitoring: Monitoring) -> pa.Table:
    """Who bears more than the line at the reference date: the month's list.

    Returns:
        `MONITORED_SCHEMA`, the vulnerable first, then by burden.

    Raises:
        SettingsError: No income of an earlier year is known.
    """
    with _measured(snapshot, monitoring) as database:
        return database.sql(_LIST).to_arrow_table().cast(MONITORED_SCHEMA)


def reconciled(snapshot: Snapshot, monitoring: Monitoring) -> pa.Table:
    """The province's list of the reference month (J10) beside ours.

    Returns:
        `RECONCILED_SCHEMA`: everybody on either, sorted by where and why.

    Raises:
        SettingsError: No income of an earlier year is known.
        SnapshotError: The province's list of the month was not received.
    """
    with _measured(snapshot, monitoring) as database:
        ((n_listed,),) = database.sql(
            "SELECT count(*) FROM provincial_warnings, reference "
            "WHERE warning_month = date_trunc('month', reference_date)"
        ).fetchall()
        if n_listed == 0:
            month = snapshot.manifest["reference_date"][:7]
            raise SnapshotError(
                f"the province's list (J10) of {month} was not received",
                remedy="Receive it (guiyi receive FILE), then run guiyi resolve, check and publish again.",
            )
        found = database.sql(_RECONCILED, params={"same": SAME_WITHIN}).to_arrow_table()
        return found.cast(RECONCILED_SCHEMA)


def statement(snapshot: Snapshot, application: str) -> pa.Table:
    """What an applicant for illness poverty 因病致贫 (J11) was charged: the standing settlements, whatever the number.

    Over the months that the application names, else the twelve up to its day, by the first day of the service.

    Returns:
        `STATEMENT_SCHEMA`, in the order of time.

    Raises:
        SnapshotError: There is no such application, or it names nobody.
    """
    with rule_views(snapshot, derived="settled") as database:
        known = database.execute(
            "SELECT count(*), count(person_id) FROM illness_poverty_applications WHERE application_no = $1",
            [application],
        ).fetchall()
        if known[0][1] == 0:
            what = "names nobody" if known[0][0] else "was not received"
            raise SnapshotError(
                f"application {application} {what}", remedy="See feed J11: `guiyi feeds list`, docs/feeds.md."
            )
        found = database.sql(_STATEMENT, params={"application": application}).to_arrow_table()
        return found.cast(STATEMENT_SCHEMA)


@contextmanager
def _measured(snapshot: Snapshot, monitoring: Monitoring) -> Iterator[duckdb.DuckDBPyConnection]:
    """The views with the table `measured`."""
    with rule_views(snapshot, derived="") as database:
        create_setting_tables(database, monitoring.settings)
        DerivedViews(database).make(f"{_MEASURED} {_RECONCILED}")
        if not database.sql("SELECT 1 FROM warning_lines").fetchall():
            year = int(snapshot.manifest["reference_date"][:4])
            raise SettingsError(
                f"no per-capita disposable income of a year before {year} is known, so there is no line",
                remedy="Receive it (feed J12), or give it in the jurisdiction's profile (graph/profiles).",
            )
        _create(database, "formulas", [{"formula": n, "name": name} for n, name in FORMULAS.items()])
        _create(
            database,
            "populations",
            [
                {"population": name, "share": float(given["share"]), "formula": int(given["formula"]),
                 "basis": int(given["year_basis"])}
                for name, given in monitoring.rules.items()
            ],
        )  # fmt: skip
        database.execute(_MEASURED)
        yield database


def _create(database: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    database.register(name, pa.Table.from_pylist(rows))
