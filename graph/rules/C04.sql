-- id = "C04"
-- title = "有养老/公积金而无医保(漏缴)"
-- title_en = "Pension or housing fund paid, no employee medical insurance"
-- basis = "威医保发〔2020〕60号 §二(二)"
-- feeds = ["W11", "W13", "W29"]
-- needs = ["W29", "W11|W13"]
-- severity = "B"
-- direction = "protect"
-- return_to = ["MSB", "TAX"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["months", "first_month", "last_month", "cover", "sources", "employer_name"]
-- fires = "In at least min_months months of the year before the reference date a pension contribution is owed or an active housing fund account runs, and no employee spell touches the month. Severity B without any cover at the reference date; C where the person has resident cover that day. The dead, and those who draw a pension, are left out."
--
-- [parameters.min_months]
-- type = "integer"
-- default = 2
-- min = 1
-- max = 12
-- unit = "months"

WITH uncovered_pension AS (
    SELECT p.person_id, p.month, p.row_id, 'W11' AS source
    FROM pension_months p
    WHERE NOT EXISTS (
        SELECT 1 FROM employment e
        WHERE e.person_id = p.person_id AND e.valid_from <= last_day(p.month) AND e.valid_to >= p.month
    )
),
fund_months AS (
    SELECT f.person_id, f.row_id,
        unnest(generate_series(
            greatest(date_trunc('month', f.valid_from), date_trunc('month', r.reference_date) - INTERVAL 11 MONTH),
            least(date_trunc('month', r.reference_date),
                coalesce(f.paid_through, f.valid_to, date_trunc('month', r.reference_date))),
            INTERVAL 1 MONTH
        )) AS month
    FROM housing_fund_accounts f
    CROSS JOIN reference r
    WHERE f.person_id IS NOT NULL AND coalesce(f.status, 'active') = 'active'
        AND f.person_id NOT IN (
            SELECT e.person_id FROM employment e
            WHERE e.valid_from <= r.reference_date - INTERVAL 1 YEAR AND e.valid_to >= r.reference_date
        )
),
uncovered AS (
    SELECT * FROM uncovered_pension
    UNION ALL
    SELECT f.person_id, CAST(f.month AS DATE), f.row_id, 'W13'
    FROM fund_months f
    WHERE NOT EXISTS (
        SELECT 1 FROM employment e
        WHERE e.person_id = f.person_id AND e.valid_from <= last_day(CAST(f.month AS DATE)) AND e.valid_to >= f.month
    )
),
judged AS (
    SELECT person_id,
        list_sort(list_distinct(list(row_id))) AS row_ids,
        min(month) AS first_month,
        max(month) AS last_month,
        count(DISTINCT month) AS months,
        list(DISTINCT source ORDER BY source) AS sources
    FROM uncovered
    GROUP BY person_id
    HAVING count(DISTINCT month) >= $min_months
)
SELECT j.person_id, j.row_ids,
    j.first_month AS since,
    j.last_month AS until,
    '' AS subject,
    CASE WHEN i.person_id IS NULL THEN 'B' ELSE 'C' END AS severity,
    1 - coalesce(n.doubt, 0) AS link_probability,
    j.months, j.first_month, j.last_month,
    CASE WHEN i.resident THEN 'resident' WHEN i.person_id IS NOT NULL THEN 'employee later' ELSE 'none' END AS cover,
    j.sources,
    o.employer_name
FROM judged j
LEFT JOIN insured_now i ON i.person_id = j.person_id
LEFT JOIN enrolled_doubts n ON n.person_id = j.person_id
LEFT JOIN (
    SELECT row_id, employer_name FROM pension_contributions WHERE row_id IN (SELECT row_ids[1] FROM judged)
) o ON o.row_id = j.row_ids[1]
WHERE j.person_id NOT IN (SELECT person_id FROM deaths)
    AND j.person_id NOT IN (SELECT person_id FROM pension_payments WHERE person_id IS NOT NULL)

-- [[examples]]
-- what = "two months of pension, no cover"
-- rows = '''
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- W11 insured=1 owed_period=@ base=5000
-- '''
-- raises = ["2024-04-01", "2024-06-01"]
-- silent = ["2024-05-01", "2023-06-01"]
--
-- [[examples]]
-- what = "covered from the second month"
-- rows = '''
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- W11 insured=1 owed_period=2024-06-01 base=5000
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=@
-- '''
-- raises = ["2024-07-01"]
-- silent = ["2024-06-30", "2024-05-31"]
--
-- [[examples]]
-- what = "resident cover instead"
-- rows = '''
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- W11 insured=1 owed_period=2024-06-01 base=5000
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- raises = true
--
-- [[examples]]
-- what = "housing fund"
-- rows = '''
-- W13 depositor=1 year=2023 start_month=@ base=5000
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "pensioners and the dead"
-- rows = '''
-- W13 depositor=1 year=2023 start_month=2023-07-01 base=5000
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W13 depositor=2 year=2023 start_month=2023-07-01 base=5000
-- W12 pensioner=2 pension_no=n pay_month=2024-05-01 amount=3000
-- '''
-- silent = true
