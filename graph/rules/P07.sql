-- id = "P07"
-- title = "新增未纳入"
-- title_en = "Entrant not taken over by the cut-off"
-- basis = "济医保发〔2023〕13号 §三 该纳入的纳入"
-- feeds = ["J07", "J06"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- silences = ["P02"]
-- evidence = ["category", "change_month", "cutoff", "flag_begin", "flag_set", "unit"]
-- fires = "The monthly changes say that a person entered (or changed to) a category; on the cutoff_day of the following month, which is not after the reference date, no flag for it was set (set_date, else begin_date) that does not end before the month; and no later change took the person out of it."
--
-- [parameters.cutoff_day]
-- type = "integer"
-- default = 10
-- min = 1
-- max = 28
-- unit = "day of the next month"

WITH entered AS (
    SELECT c.person_id, c.category_after AS category, c.row_id, c.change_month, c.unit, r.reference_date,
        CAST(date_trunc('month', c.change_month) + INTERVAL 1 MONTH AS DATE) + ($cutoff_day - 1) AS cutoff
    FROM aid_changes c
    CROSS JOIN reference r
    WHERE c.person_id IS NOT NULL AND c.change_type IN ('enter', 'change') AND c.category_after IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM aid_changes later
            WHERE later.person_id = c.person_id AND later.category_before = c.category_after
                AND later.change_type IN ('exit', 'change') AND later.change_month >= c.change_month
                AND later.row_id <> c.row_id
        )
),
set_flags AS (
    SELECT person_id, category, min(coalesce(set_date, begin_date)) AS set_on, min(begin_date) AS begin_date,
        max(coalesce(end_date, DATE '9999-12-31')) AS ends
    FROM aid_flags
    WHERE person_id IS NOT NULL
    GROUP BY person_id, category
)
SELECT e.person_id,
    list_sort(list(e.row_id)) AS row_ids,
    min(e.change_month) AS since,
    e.category AS subject,
    e.category,
    min(e.change_month) AS change_month,
    min(e.cutoff) AS cutoff,
    min(f.begin_date) AS flag_begin,
    min(f.set_on) AS flag_set,
    min(e.unit) AS unit
FROM entered e
LEFT JOIN set_flags f ON f.person_id = e.person_id AND f.category = e.category
WHERE e.cutoff <= e.reference_date AND (f.set_on IS NULL OR f.set_on > e.cutoff OR f.ends < e.change_month)
GROUP BY e.person_id, e.category

-- [[examples]]
-- what = "no flag when the review of the next month ends"
-- rows = '''
-- J07 recipient=1 unit=u change_month=@ change_type=enter category_after=subsistence
-- '''
-- raises = ["2024-05-01", "2024-01-01"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "set too late"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-03-01 change_type=enter category_after=subsistence
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-03-01 set_date=@
-- '''
-- raises = ["2024-04-11"]
-- silent = ["2024-04-10", "2024-03-05"]
--
-- [[examples]]
-- what = "left again"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-03-01 change_type=enter category_after=subsistence
-- J07 recipient=1 unit=u change_month=@ change_type=exit category_before=subsistence
-- '''
-- raises = ["2024-02-01"]
-- silent = ["2024-03-01", "2024-05-01"]
--
-- [[examples]]
-- what = "the cut-off"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-03-01 change_type=enter category_after=subsistence
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-03-01 set_date=2024-04-15
-- '''
-- silent = true
-- parameters = { cutoff_day = 15 }
