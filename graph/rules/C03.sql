-- id = "C03"
-- title = "单位申报人数不一致"
-- title_en = "An employer reports different headcounts"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(二)"
-- feeds = ["W11", "W13", "W29"]
-- needs = ["W29", "W11|W13"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "HRSS", "FUND"]
-- due = "10wd"
-- enabled = true
-- version = 3
-- joins_rows = false
-- evidence = ["month", "medical", "pension", "fund", "missing_in_medical", "missing_in_pension", "missing_in_fund"]
-- fires = "For an employer (one credit code; without a code, one name) with pension contributions (or active housing fund accounts) in the last month for which any pension contribution is owed up to the reference date (without W11: the reference month), the number of persons there differs from its number of working persons with an employee spell that covers that month by more than tolerance_persons and more than tolerance_share of the larger. A source in which the employer does not appear is not counted."
--
-- [parameters.tolerance_persons]
-- type = "integer"
-- default = 3
-- min = 0
-- max = 1000
-- unit = "persons"
--
-- [parameters.tolerance_share]
-- type = "number"
-- default = 0.1
-- min = 0
-- max = 1
-- unit = "share"

WITH this_month AS (
    SELECT CAST(coalesce((SELECT max(month) FROM pension_months), date_trunc('month', reference_date)) AS DATE) AS month
    FROM reference
),
sides AS (
    SELECT e.business, e.person_id, 'medical' AS side, min(e.row_id) AS row_id
    FROM employment e
    CROSS JOIN this_month t
    WHERE e.business IS NOT NULL AND coalesce(e.psn_type, 'working') = 'working'
        AND e.valid_from <= last_day(t.month) AND e.valid_to >= t.month
    GROUP BY ALL
    UNION ALL
    SELECT p.business, p.person_id, 'pension', min(p.row_id)
    FROM pension_months p
    JOIN this_month t ON t.month = p.month
    WHERE p.business IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT b.business, f.person_id, 'fund', min(f.row_id)
    FROM housing_fund_accounts f
    JOIN businesses b ON b.organisation_id = f.employer_organisation_id
    CROSS JOIN this_month t
    WHERE f.person_id IS NOT NULL
        AND coalesce(f.status, 'active') = 'active' AND f.valid_from <= last_day(t.month)
        AND coalesce(f.valid_to, make_date(CAST(f.year + 1 AS BIGINT), 6, 30)) >= t.month
    GROUP BY ALL
),
people AS (
    SELECT business, person_id, min(row_id) AS row_id,
        bool_or(side = 'medical') AS medical, bool_or(side = 'pension') AS pension, bool_or(side = 'fund') AS fund
    FROM sides
    GROUP BY business, person_id
),
counted AS (
    SELECT business,
        count(*) FILTER (medical) AS medical,
        nullif(count(*) FILTER (pension), 0) AS pension,
        nullif(count(*) FILTER (fund), 0) AS fund
    FROM people
    GROUP BY business
),
apart AS (
    SELECT *
    FROM counted
    WHERE medical > 0 AND (
        (abs(medical - pension) > $tolerance_persons
            AND abs(medical - pension) > $tolerance_share * greatest(medical, pension))
        OR (abs(medical - fund) > $tolerance_persons
            AND abs(medical - fund) > $tolerance_share * greatest(medical, fund))
    )
)
SELECT a.business AS organisation_id,
    list(p.row_id ORDER BY p.row_id) FILTER (
        NOT (p.medical AND p.pension = (a.pension IS NOT NULL) AND p.fund = (a.fund IS NOT NULL))
    )[1:50] AS row_ids,
    max(t.month) AS since,
    '' AS subject,
    max(t.month) AS month,
    max(a.medical) AS medical,
    max(a.pension) AS pension,
    max(a.fund) AS fund,
    list(p.person_id ORDER BY p.person_id) FILTER (NOT p.medical)[1:50] AS missing_in_medical,
    list(p.person_id ORDER BY p.person_id) FILTER (NOT p.pension AND a.pension IS NOT NULL)[1:50] AS missing_in_pension,
    list(p.person_id ORDER BY p.person_id) FILTER (NOT p.fund AND a.fund IS NOT NULL)[1:50] AS missing_in_fund
FROM apart a
JOIN people p ON p.business = a.business
CROSS JOIN this_month t
GROUP BY a.business
HAVING len(row_ids) > 0

-- [[examples]]
-- what = "one person more than is tolerated"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=3 employer=@ owed_period=2024-06-01 base=5000
-- '''
-- raises = ["7"]
-- silent = ["8"]
-- parameters = { tolerance_persons = 1 }
--
-- [[examples]]
-- what = "a share of many"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-06-01 base=5000
-- '''
-- silent = true
-- parameters = { tolerance_persons = 0, tolerance_share = 0.5 }
--
-- [[examples]]
-- what = "housing fund accounts"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W13 depositor=1 employer=7 year=2023 start_month=2023-07-01
-- W13 depositor=2 employer=7 year=2023 start_month=2023-07-01 status=@
-- '''
-- raises = ["active"]
-- silent = ["sealed"]
-- parameters = { tolerance_persons = 0 }
--
-- [[examples]]
-- what = "missing in the housing fund only"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W29 insured=2 psn_no=p2 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-06-01 base=5000
-- W13 depositor=1 employer=7 year=2023 start_month=2023-07-01
-- W13 depositor=2 employer=@ year=2023 start_month=2023-07-01
-- '''
-- raises = ["8"]
-- silent = ["7"]
-- parameters = { tolerance_persons = 0 }
--
-- [[examples]]
-- what = "a source that knows nothing of the employer"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W29 insured=2 psn_no=p2 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W29 insured=3 psn_no=p3 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=4 employer=8 owed_period=2024-06-01 base=5000
-- '''
-- silent = true
-- parameters = { tolerance_persons = 0 }
