-- id = "P04"
-- title = "待遇起止与部门不一致"
-- title_en = "The flag's period is not the owner's"
-- basis = "济医保发〔2023〕13号 §二末"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "W20", "J01", "J02", "J03", "J04", "J06"]
-- needs = ["W14|W15|W16|W17|W18|W19|W20|J01|J02|J03|J04", "J06"]
-- severity = "B"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["category", "flag_begin", "flag_end", "list_begin", "list_end", "differs", "months"]
-- fires = "Of one category that a person both stands in a list of and is flagged for in the year of the reference date, the flag begins in a month more than tolerance_months away from that of the list's beginning (or of January, if the list began before the year); or both have ended and their last months differ by more than that. Protect where the flag covers less than the list, else recover. A flag without end for a list that ended is P05."
--
-- [parameters.tolerance_months]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 12
-- unit = "months"

WITH listed AS (
    SELECT person_id, category, list_sort(list(row_id)) AS row_ids, min(valid_from) AS begins,
        CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS ends
    FROM aid_lists
    CROSS JOIN reference
    WHERE valid_from <= reference_date AND coalesce(valid_to, reference_date) >= date_trunc('year', reference_date)
    GROUP BY person_id, category
),
flagged AS (
    SELECT person_id, category, list_sort(list(row_id)) AS row_ids, min(begin_date) AS begins,
        CASE WHEN bool_and(coalesce(cleared_date, end_date) <= reference_date)
            THEN max(least(coalesce(cleared_date, end_date), coalesce(end_date, cleared_date))) END AS ends
    FROM aid_flags
    CROSS JOIN reference
    WHERE person_id IS NOT NULL AND begin_date <= reference_date
        AND coalesce(year, date_part('year', begin_date)) = date_part('year', reference_date)
    GROUP BY person_id, category
),
compared AS (
    SELECT l.person_id, l.category, list_sort(list_distinct(l.row_ids || f.row_ids)) AS row_ids,
        f.begins AS flag_begin, f.ends AS flag_end, l.begins AS list_begin, l.ends AS list_end,
        date_diff('month', greatest(l.begins, date_trunc('year', r.reference_date)), greatest(f.begins,
            date_trunc('year', r.reference_date))) AS late,
        CASE WHEN f.ends IS NULL OR l.ends IS NULL THEN 0 ELSE date_diff('month', f.ends, l.ends) END AS short
    FROM listed l
    JOIN flagged f ON f.person_id = l.person_id AND f.category = l.category
    JOIN aid_ranks k ON k.category = l.category
    CROSS JOIN reference r
    WHERE l.ends IS NULL OR l.ends > r.reference_date OR f.ends IS NOT NULL
)
SELECT person_id, row_ids,
    CAST(greatest(flag_begin, list_begin) AS DATE) AS since,
    category AS subject,
    CASE WHEN late > $tolerance_months OR short > $tolerance_months THEN 'protect' ELSE 'recover' END AS direction,
    category, flag_begin, flag_end, list_begin, list_end,
    list_filter([CASE WHEN abs(late) > $tolerance_months THEN 'begin' END,
        CASE WHEN abs(short) > $tolerance_months THEN 'end' END], lambda side: side IS NOT NULL) AS differs,
    greatest(abs(late), abs(short)) AS months
FROM compared
WHERE abs(late) > $tolerance_months OR abs(short) > $tolerance_months

-- [[examples]]
-- what = "the beginning"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2024-03-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=@
-- '''
-- raises = ["2024-04-01", "2024-02-28"]
-- silent = ["2024-03-01", "2024-03-31"]
--
-- [[examples]]
-- what = "a list that began in an earlier year"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2020-05-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=@
-- '''
-- raises = ["2024-02-01"]
-- silent = ["2024-01-01", "2024-01-31"]
--
-- [[examples]]
-- what = "the end"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-04-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01 end_date=@
-- '''
-- raises = ["2024-02-29", "2024-04-01"]
-- silent = ["2024-03-31", "2024-03-01"]
--
-- [[examples]]
-- what = "a flag without end is P05"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-04-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "tolerance"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2024-03-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=@
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-04-30"]
-- parameters = { tolerance_months = 1 }
