-- id = "P05"
-- title = "已退出仍享受"
-- title_en = "Left the list, flag still on"
-- basis = "济医保发〔2023〕13号 §二、三 退出"
-- feeds = ["J07", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "J01", "J02", "J03", "J04", "J06"]
-- needs = ["J06", "J07|W14|W15|W16|W17|W18|W19|W20|J01|J02|J03|J04"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["category", "exit_date", "exit_sources", "flag_begin", "flag_end", "months_after", "subsidy"]
-- fires = "A person left a category (the list's own end, or an exit or change in the monthly changes), stands in no list of it at the reference date, and the flag for it runs beyond the month of the exit: it is open at a reference date in a later month, or ended in a later month. The month of the exit is that of the last day listed (停发年月: the month before), of the exit's effective date, else the month of the change."

WITH exits AS (
    SELECT person_id, category, row_id, feed AS source, valid_to AS exit_date FROM aid_lists WHERE valid_to IS NOT NULL
    UNION ALL
    SELECT person_id, category_before, row_id, 'J07',
        coalesce(effective_date, last_day(change_month))
    FROM aid_changes
    WHERE person_id IS NOT NULL AND change_type IN ('exit', 'change') AND category_before IS NOT NULL
        AND category_before IS DISTINCT FROM category_after
),
last_exit AS (
    SELECT x.person_id, x.category, max(x.exit_date) AS exit_date, list_sort(list(x.row_id)) AS row_ids,
        list(DISTINCT x.source ORDER BY x.source) AS sources
    FROM exits x
    CROSS JOIN reference r
    WHERE x.exit_date <= r.reference_date
    GROUP BY x.person_id, x.category
),
flags AS (
    SELECT f.person_id, f.category, f.row_id, f.begin_date, f.subsidy,
        least(coalesce(f.cleared_date, DATE '9999-12-31'), coalesce(f.end_date, DATE '9999-12-31'),
            CASE WHEN f.year < date_part('year', r.reference_date)
                THEN make_date(CAST(f.year AS BIGINT), 12, 31) ELSE DATE '9999-12-31' END) AS ends
    FROM aid_flags f
    CROSS JOIN reference r
    WHERE f.person_id IS NOT NULL
),
late AS (
    SELECT x.*, f.row_id AS flag_row, f.begin_date, f.ends, f.subsidy,
        least(f.ends, r.reference_date) AS through
    FROM last_exit x
    JOIN flags f ON f.person_id = x.person_id AND f.category = x.category
    CROSS JOIN reference r
    WHERE date_trunc('month', least(f.ends, r.reference_date)) > date_trunc('month', x.exit_date)
        AND f.begin_date <= r.reference_date
)
SELECT l.person_id,
    list_sort(list_distinct(flatten(list(l.row_ids)) || list(l.flag_row))) AS row_ids,
    min(l.exit_date) AS since,
    CASE WHEN max(l.ends) < DATE '9999-12-31' THEN max(l.ends) END AS until,
    sum(l.subsidy) FILTER (l.begin_date > l.exit_date) AS amount,
    l.category AS subject,
    l.category,
    min(l.exit_date) AS exit_date,
    max(l.sources) AS exit_sources,
    min(l.begin_date) AS flag_begin,
    CASE WHEN max(l.ends) < DATE '9999-12-31' THEN max(l.ends) END AS flag_end,
    max(date_diff('month', l.exit_date, l.through)) AS months_after,
    max(l.subsidy) AS subsidy
FROM late l
ANTI JOIN aid_now n ON n.person_id = l.person_id AND n.category = l.category
GROUP BY l.person_id, l.category

-- [[examples]]
-- what = "the list's own end"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=@
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- raises = ["2024-05-01", "2024-06-01"]
-- silent = ["2024-07-01"]
--
-- [[examples]]
-- what = "an exit among the monthly changes"
-- rows = '''
-- J07 recipient=1 unit=u change_month=@ change_type=exit category_before=subsistence
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "the flag ended in the month of the exit"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-03-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01 end_date=@
-- '''
-- raises = ["2024-03-01", "2024-03-31"]
-- silent = ["2024-02-29", "2024-02-01"]
--
-- [[examples]]
-- what = "listed again"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-03-01
-- W16 recipient=1 certificate_no=d2 approval_month=2024-05-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "another category"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-03-01
-- J06 recipient=1 psn_no=p1 year=2024 category=monitored begin_date=2024-01-01
-- '''
-- silent = true
