"""Aid identities 救助身份 (济医保发〔2023〕13号 §三): the month's review of who entered, left or changed.

A person may stand in several lists at once; that is no conflict, and the *best* category by the jurisdiction's rank
table counts (就高). Its period is that of the owner's list. A *change* is a difference between the end of the month
before and the reference date, by the lists themselves, each person once, however many lists or rows say it; beside it
stands what the monthly changes (J07) report, so that what was reported twice, not at all, or without the list is seen.
What contradicts is raised by the rules P01 to P17; this is the table that the review goes through.
"""

import pyarrow as pa

from graph.derived_views import DerivedViews
from graph.rule_settings import RuleSettings
from graph.rule_views import rule_views
from graph.setting_tables import create_setting_tables
from resolver.errors import SettingsError
from resolver.snapshot import Snapshot

CHANGES = {"entered": "新增", "left": "退出", "changed": "身份变更", "none": "无变动"}

NOTES = {
    "reported_twice": "同一变动重复上报",
    "not_reported": "名单有变动未上报",
    "not_in_list": "已上报但名单未见",
    "no_flag": "未设资助标识",
    "lower_flag": "标识未就高",
    "other_begin": "标识起始与名单不一致",
    "flag_left": "已退出标识未取消",
    "not_insured": "未参保",
}
"""What the review has to see to."""

REVIEW_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        ("name", pa.string()),
        ("id_number", pa.string()),
        ("region", pa.string()),
        ("change", pa.string()),  # of `CHANGES`: since the end of the month before
        ("best_before", pa.string()),  # category
        ("best", pa.string()),
        ("categories", pa.list_(pa.string())),  # all held, the best first
        ("n_rows", pa.int64()),  # of lists that say so
        ("department", pa.string()),  # owner of the best category's list
        ("benefit_from", pa.date32()),  # by the owner's list
        ("benefit_to", pa.date32()),  # its last day; null = open
        # Which category was the best from which day on, this year; null = none
        ("year", pa.list_(pa.struct([("day", pa.date32()), ("category", pa.string())]))),
        ("flag", pa.string()),  # best category flagged in the settlement system
        ("flag_from", pa.date32()),
        ("n_reported", pa.int64()),  # rows of the month's changes (J07)
        ("notes", pa.list_(pa.string())),  # of `NOTES`
    ]
)

# Of each category, a person's unbroken stay that holds on the day: touching rows are one.
_SPANS = """
CREATE TEMP TABLE spans AS
WITH ranked AS (
    SELECT a.person_id, a.category, a.department, a.row_id, a.valid_from,
        coalesce(a.valid_to, DATE '9999-12-31') AS ends, k.rank,
        max(coalesce(a.valid_to, DATE '9999-12-31')) OVER (
            PARTITION BY a.person_id, a.category ORDER BY a.valid_from, a.row_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered
    FROM aid_lists a
    JOIN aid_ranks k USING (category)
    WHERE a.valid_from IS NOT NULL AND (a.valid_to IS NULL OR a.valid_to >= a.valid_from)
),
numbered AS (
    SELECT *, count(*) FILTER (covered IS NULL OR valid_from > covered + INTERVAL 1 DAY) OVER (
        PARTITION BY person_id, category ORDER BY valid_from, row_id
    ) AS span
    FROM ranked
)
SELECT person_id, category, rank, min(department) AS department, min(valid_from) AS begins, max(ends) AS ends,
    count(*) AS n_rows
FROM numbered
GROUP BY person_id, category, rank, span
"""

_REVIEW = """
WITH days AS (
    SELECT reference_date AS today, CAST(date_trunc('month', reference_date) AS DATE) - 1 AS before FROM reference
),
held AS (
    SELECT s.person_id, arg_min(s.category, (s.rank, s.category)) AS best,
        list(s.category ORDER BY s.rank, s.category) AS categories, CAST(sum(s.n_rows) AS BIGINT) AS n_rows,
        arg_min(s.department, (s.rank, s.category)) AS department,
        arg_min(s.begins, (s.rank, s.category)) AS benefit_from, arg_min(s.ends, (s.rank, s.category)) AS ends
    FROM spans s, days d
    WHERE d.today BETWEEN s.begins AND s.ends
    GROUP BY s.person_id
),
held_before AS (
    SELECT s.person_id, arg_min(s.category, (s.rank, s.category)) AS best,
        list(s.category ORDER BY s.rank, s.category) AS categories,
        arg_min(s.ends, (s.rank, s.category)) AS ends, arg_min(s.department, (s.rank, s.category)) AS department,
        arg_min(s.begins, (s.rank, s.category)) AS begins
    FROM spans s, days d
    WHERE d.before BETWEEN s.begins AND s.ends
    GROUP BY s.person_id
),
flags AS (
    SELECT f.person_id, arg_min(f.category, (k.rank, f.category)) AS flag, min(k.rank) AS rank,
        arg_min(f.since, (k.rank, f.category)) AS flag_from
    FROM flags_now f
    JOIN aid_ranks k USING (category)
    GROUP BY f.person_id
),
reported AS (
    SELECT c.person_id, count(*) AS n_reported,
        count(*) > count(DISTINCT concat_ws('|', c.change_type, c.category_before, c.category_after)) AS repeated,
        list(DISTINCT c.category_after) FILTER (c.change_type <> 'exit') AS into,
        bool_or(c.change_type <> 'exit') AS enters
    FROM aid_changes c, reference r
    WHERE c.person_id IS NOT NULL AND c.change_month = date_trunc('month', r.reference_date)
    GROUP BY c.person_id
),
points AS (
    SELECT s.person_id, greatest(s.begins, date_trunc('year', d.today)) AS day
    FROM spans s, days d WHERE s.ends >= date_trunc('year', d.today) AND s.begins <= d.today
    UNION
    SELECT s.person_id, s.ends + 1 FROM spans s, days d
    WHERE s.ends < d.today AND s.ends + 1 >= date_trunc('year', d.today)
),
states AS (
    SELECT p.person_id, p.day, arg_min(s.category, (s.rank, s.category)) AS category
    FROM points p
    LEFT JOIN spans s ON s.person_id = p.person_id AND p.day BETWEEN s.begins AND s.ends
    GROUP BY p.person_id, p.day
),
steps AS (
    SELECT person_id, CAST(day AS DATE) AS day, category FROM states
    QUALIFY category IS DISTINCT FROM lag(category) OVER (PARTITION BY person_id ORDER BY day)
),
years AS (
    SELECT person_id, list(struct_pack(day := day, category := category) ORDER BY day) AS year
    FROM steps GROUP BY person_id
),
everybody AS (
    SELECT person_id FROM held UNION SELECT person_id FROM held_before UNION SELECT person_id FROM reported
),
told AS (
    SELECT e.person_id,
        CASE WHEN h.best IS NULL AND b.best IS NULL THEN 'none' WHEN b.best IS NULL THEN 'entered'
            WHEN h.best IS NULL THEN 'left' WHEN list_sort(h.categories) <> list_sort(b.categories) THEN 'changed'
            ELSE 'none' END AS change,
        b.best AS best_before, h.best, coalesce(h.categories, []) AS categories, coalesce(h.n_rows, 0) AS n_rows,
        coalesce(h.department, b.department) AS department, coalesce(h.benefit_from, b.begins) AS benefit_from,
        nullif(coalesce(h.ends, b.ends), DATE '9999-12-31') AS benefit_to,
        f.flag, f.flag_from, f.rank AS flag_rank, k.rank AS best_rank, coalesce(p.n_reported, 0) AS n_reported,
        coalesce(p.repeated, false) AS repeated, coalesce(p.enters, false) AS enters, coalesce(p.into, []) AS into
    FROM everybody e
    LEFT JOIN held h ON h.person_id = e.person_id
    LEFT JOIN held_before b ON b.person_id = e.person_id
    LEFT JOIN flags f ON f.person_id = e.person_id
    LEFT JOIN reported p ON p.person_id = e.person_id
    LEFT JOIN aid_ranks k ON k.category = h.best
)
SELECT t.person_id, g.name, g.id_number, g.region, t.change, t.best_before, t.best, t.categories, t.n_rows,
    t.department, t.benefit_from, t.benefit_to,
    coalesce(y.year, []) AS year, t.flag, t.flag_from, t.n_reported,
    list_filter([
        CASE WHEN t.repeated THEN 'reported_twice' END,
        CASE WHEN t.change <> 'none' AND t.n_reported = 0 AND (SELECT count(*) FROM reported) > 0
            THEN 'not_reported' END,
        CASE WHEN t.enters AND NOT list_has_all(t.categories, list_filter(t.into, lambda c: c IS NOT NULL))
            THEN 'not_in_list' END,
        CASE WHEN t.best IS NOT NULL AND t.flag IS NULL THEN 'no_flag' END,
        CASE WHEN t.flag_rank > t.best_rank THEN 'lower_flag' END,
        CASE WHEN t.flag = t.best AND date_trunc('month', t.flag_from) <> date_trunc('month', greatest(
            t.benefit_from, date_trunc('year', r.reference_date))) THEN 'other_begin' END,
        CASE WHEN t.best IS NULL AND t.flag IS NOT NULL THEN 'flag_left' END,
        CASE WHEN t.best IS NOT NULL AND t.person_id NOT IN (SELECT person_id FROM insured_now) THEN 'not_insured' END
    ], lambda note: note IS NOT NULL) AS notes
FROM told t
JOIN persons g ON g.person_id = t.person_id
LEFT JOIN years y ON y.person_id = t.person_id
CROSS JOIN reference r
ORDER BY t.person_id
"""


def aid_review(snapshot: Snapshot, settings: RuleSettings) -> pa.Table:
    """Everybody who holds an aid category, held one at the end of the month before, or is in the month's changes.

    Args:
        snapshot: A checked snapshot.
        settings: The jurisdiction's: `aid_ranks` says which category is better.

    Returns:
        `REVIEW_SCHEMA`, sorted by person. Categories without a rank (a plain disability certificate) are left out.
        `not_reported` is noted only where changes of the month were received at all.

    Raises:
        SettingsError: The jurisdiction gives no ranks.
    """
    if not settings.tables.get("aid_ranks"):
        raise SettingsError(
            "no aid category has a rank here, so no benefit is the best",
            remedy="Give [aid_ranks] in the jurisdiction's profile, as graph/profiles/default.toml does.",
        )
    with rule_views(snapshot, derived="") as database:
        create_setting_tables(database, settings)
        DerivedViews(database).make(_SPANS + _REVIEW)
        database.execute(_SPANS)
        return database.sql(_REVIEW).to_arrow_table().cast(REVIEW_SCHEMA)
