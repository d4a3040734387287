-- id = "P16"
-- title = "市县名单与MAMS/省平台不一致"
-- title_en = "The county's changes differ from MAMS or the province's list"
-- basis = "济医保发〔2023〕13号 §一、三"
-- feeds = ["J07", "J13", "X06"]
-- needs = ["J07", "J13|X06"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["CIVIL", "RURAL", "HUB"]
-- due = "m10"
-- enabled = true
-- version = 2
-- evidence = ["category", "change_type", "change_month", "missing_in", "still_in", "extract_times"]
-- fires = "The latest change of a person in a category (monthly changes) lies at least grace_months months before the reference month and is an entry (or a change to it), and a list received (MAMS, province) lacks the person in the category at the reference date; or it is an exit (or a change from it), and such a list still holds the person."
--
-- [parameters.grace_months]
-- type = "integer"
-- default = 1
-- min = 0
-- max = 6
-- unit = "months"

WITH steps AS (
    SELECT person_id, row_id, change_month, category_after AS category, 'in' AS way
    FROM aid_changes
    WHERE person_id IS NOT NULL AND change_type IN ('enter', 'change') AND category_after IS NOT NULL
    UNION ALL
    SELECT person_id, row_id, change_month, category_before, 'out'
    FROM aid_changes
    WHERE person_id IS NOT NULL AND change_type IN ('exit', 'change') AND category_before IS NOT NULL
        AND category_before IS DISTINCT FROM category_after
),
last_steps AS (
    SELECT s.*
    FROM steps s
    CROSS JOIN reference r
    WHERE s.change_month <= r.reference_date
    QUALIFY row_number() OVER (PARTITION BY s.person_id, s.category ORDER BY s.change_month DESC, s.row_id DESC) = 1
),
latest AS (
    SELECT s.*
    FROM last_steps s
    CROSS JOIN reference r
    WHERE date_diff('month', s.change_month, r.reference_date) >= $grace_months
),
lists AS (
    SELECT person_id, row_id, aid_category AS category, 'J13' AS feed, valid_from, valid_to, list_status,
        CAST(sync_time AS VARCHAR) AS extract_time
    FROM mams_list
    UNION ALL
    SELECT person_id, row_id, aid_category, 'X06', valid_from, valid_to, list_status, CAST(issue_time AS VARCHAR)
    FROM provincial_list
),
there AS (
    SELECT l.*
    FROM lists l
    CROSS JOIN reference r
    WHERE l.person_id IS NOT NULL AND l.valid_from <= r.reference_date AND l.list_status IS DISTINCT FROM 'ended'
        AND (l.valid_to IS NULL OR l.valid_to >= r.reference_date)
),
received AS (
    SELECT feed, max(extract_time) AS extract_time FROM lists GROUP BY feed
),
compared AS (
    SELECT s.*, f.feed, f.extract_time, t.row_id AS list_row
    FROM latest s
    CROSS JOIN received f
    LEFT JOIN there t ON t.person_id = s.person_id AND t.category = s.category AND t.feed = f.feed
)
SELECT person_id,
    list_sort(list_distinct(list(row_id) || coalesce(list(list_row) FILTER (list_row IS NOT NULL), []))) AS row_ids,
    max(change_month) AS since,
    category AS subject,
    category,
    max(way) AS change_type,
    max(change_month) AS change_month,
    list(DISTINCT feed ORDER BY feed) FILTER (way = 'in') AS missing_in,
    list(DISTINCT feed ORDER BY feed) FILTER (way = 'out') AS still_in,
    list(DISTINCT feed || ' ' || coalesce(extract_time, '') ORDER BY feed || ' ' || coalesce(extract_time, ''))
        AS extract_times
FROM compared
WHERE (way = 'in' AND list_row IS NULL) OR (way = 'out' AND list_row IS NOT NULL)
GROUP BY person_id, category

-- [[examples]]
-- what = "entered, but not in MAMS"
-- rows = '''
-- J07 recipient=1 unit=u change_month=@ change_type=enter category_after=subsistence
-- J13 recipient=9 aid_category=subsistence begin_date=2023-01-01
-- '''
-- raises = ["2024-05-01", "2023-01-01"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "in MAMS"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-02-01 change_type=enter category_after=subsistence
-- J13 recipient=1 aid_category=@ begin_date=2024-02-01
-- '''
-- raises = ["monitored"]
-- silent = ["subsistence"]
--
-- [[examples]]
-- what = "left, but still there"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-02-01 change_type=exit category_before=subsistence
-- X06 recipient=1 aid_category=subsistence begin_date=2023-01-01 end_date=@
-- '''
-- raises = ["2024-06-30", "null"]
-- silent = ["2024-06-29"]
--
-- [[examples]]
-- what = "entered, and left within the months of grace"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-02-01 change_type=enter category_after=subsistence
-- J07 recipient=1 unit=u change_month=@ change_type=exit category_before=subsistence
-- J13 recipient=9 aid_category=subsistence begin_date=2023-01-01
-- '''
-- raises = ["2024-01-01", "2024-07-01"]
-- silent = ["2024-05-01", "2024-06-01"]
