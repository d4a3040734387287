-- id = "P09"
-- title = "困难对象有较高缴费/缴存基数"
-- title_en = "Receives aid and contributes on a high base"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(二)(三)"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "J01", "J02", "J03", "J04", "W11", "W13"]
-- needs = ["W14|W15|W16|W17|W18|W19|J01|J02|J03|J04", "W11|W13"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL", "RURAL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["categories", "base", "months", "sources", "note"]
-- fires = "A person who stands in an aid list at the reference date (not only in the disability lists) has, in at least min_months months of the year before it while listed, a pension base above factor times line, or an active housing fund account with such a base that has run for min_months months. A reason to look, not in itself a reason to refuse."
--
-- [parameters.line]
-- type = "number"
-- default = 1000
-- min = 100
-- max = 10000
-- unit = "yuan a month"
--
-- [parameters.factor]
-- type = "number"
-- default = 3
-- min = 1
-- max = 20
-- unit = "times the line"
--
-- [parameters.min_months]
-- type = "integer"
-- default = 3
-- min = 1
-- max = 12
-- unit = "months"

WITH listed AS (
    SELECT person_id, min(since) AS since, flatten(list(row_ids)) AS row_ids, list_sort(list(category)) AS categories
    FROM aid_now
    WHERE category NOT IN ('severe_disability', 'disability_certificate')
    GROUP BY person_id
),
high AS (
    SELECT l.person_id, p.row_id, p.month, p.base, 'W11' AS source, 1 AS months
    FROM listed l
    JOIN pension_months p ON p.person_id = l.person_id AND p.month >= date_trunc('month', l.since)
    WHERE p.base > $factor * $line
    UNION ALL
    SELECT l.person_id, f.row_id, f.valid_from, f.base, 'W13',
        date_diff('month', greatest(f.valid_from, l.since), least(coalesce(f.valid_to, r.reference_date), r.reference_date)) + 1
    FROM listed l
    JOIN housing_fund_accounts f ON f.person_id = l.person_id
    CROSS JOIN reference r
    WHERE f.base > $factor * $line AND coalesce(f.status, 'active') = 'active' AND f.valid_from <= r.reference_date
        AND coalesce(f.valid_to, r.reference_date) >= date_trunc('month', r.reference_date)
),
by_source AS (
    SELECT person_id, source, list_sort(list(row_id)) AS row_ids, max(base) AS base, min(month) AS since,
        CASE WHEN source = 'W11' THEN count(DISTINCT month) ELSE max(months) END AS months
    FROM high
    GROUP BY person_id, source
)
SELECT l.person_id,
    list_sort(list_distinct(max(l.row_ids) || flatten(list(b.row_ids)))) AS row_ids,
    min(b.since) AS since,
    '' AS subject,
    max(l.categories) AS categories,
    max(b.base) AS base,
    max(b.months) AS months,
    list_sort(list(b.source)) AS sources,
    'not disqualifying in itself' AS note
FROM listed l
JOIN by_source b ON b.person_id = l.person_id AND b.months >= $min_months
GROUP BY l.person_id

-- [[examples]]
-- what = "three months above three times the line"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W11 insured=1 owed_period=2024-04-01 base=@
-- W11 insured=1 owed_period=2024-05-01 base=@
-- W11 insured=1 owed_period=2024-06-01 base=@
-- '''
-- raises = ["3000.01", "5000"]
-- silent = ["3000", "2000"]
--
-- [[examples]]
-- what = "two months, or before the list"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=@
-- W11 insured=1 owed_period=2024-04-01 base=5000
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- W11 insured=1 owed_period=2024-06-01 base=5000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-05-01"]
--
-- [[examples]]
-- what = "housing fund"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W13 depositor=1 year=2023 start_month=@ base=9000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-05-01"]
--
-- [[examples]]
-- what = "a disability is no reason to ask"
-- rows = '''
-- W20 holder=1 start_date=2020-01-01
-- W13 depositor=1 year=2023 start_month=2023-07-01 base=9000
-- '''
-- silent = true
