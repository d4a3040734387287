-- id = "C02"
-- title = "医保基数与公积金基数偏离"
-- title_en = "Medical base far from the housing fund base"
-- basis = "威医保发〔2020〕60号 §二(二)"
-- feeds = ["W13", "W29"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["MSB", "FUND"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["medical_base", "fund_base", "ratio", "fund_year", "floor", "ceiling", "clamped"]
-- fires = "At the reference date a working employee spell with a stated base and an active housing fund account of the same employer (or of any, where one names none) have bases, both clamped to 60 % and 300 % of the average wage of the year of the reference date (unclamped without a wage), whose ratio medical to fund is below low or above high. One finding per person."
--
-- [parameters.low]
-- type = "number"
-- default = 0.6
-- min = 0.1
-- max = 1
-- unit = "ratio"
--
-- [parameters.high]
-- type = "number"
-- default = 1.67
-- min = 1
-- max = 10
-- unit = "ratio"

WITH compared AS (
    SELECT e.person_id, e.row_id, f.row_id AS fund_row, f.year AS fund_year, b.floor, b.ceiling,
        b.year IS NOT NULL AS clamped,
        greatest(least(e.contribution_base, coalesce(b.ceiling, e.contribution_base)), coalesce(b.floor, 0)) AS medical,
        greatest(least(f.base, coalesce(b.ceiling, f.base)), coalesce(b.floor, 0)) AS fund
    FROM employment e
    CROSS JOIN reference r
    JOIN housing_fund_accounts f ON f.person_id = e.person_id AND coalesce(f.status, 'active') = 'active'
        AND f.valid_from <= r.reference_date
        AND coalesce(f.valid_to, make_date(CAST(f.year + 1 AS BIGINT), 6, 30)) >= date_trunc('month', r.reference_date)
    LEFT JOIN businesses o ON o.organisation_id = f.employer_organisation_id
    LEFT JOIN wage_bounds b ON b.year = date_part('year', r.reference_date)
    WHERE (e.business IS NULL OR o.business IS NULL OR o.business = e.business)
        AND e.contribution_base > 0 AND f.base > 0 AND e.psn_type IS DISTINCT FROM 'retired'
        AND e.valid_from <= r.reference_date AND e.valid_to >= r.reference_date
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) || list(DISTINCT fund_row ORDER BY fund_row) AS row_ids,
    max(r.reference_date) AS since,
    '' AS subject,
    min(medical) AS medical_base,
    max(fund) AS fund_base,
    round(min(medical / fund), 3) AS ratio,
    max(fund_year) AS fund_year,
    max(floor) AS floor,
    max(ceiling) AS ceiling,
    bool_and(clamped) AS clamped
FROM compared
CROSS JOIN reference r
WHERE medical / fund < $low OR medical / fund > $high
GROUP BY person_id

-- [[examples]]
-- what = "far below, far above"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=@
-- W13 depositor=1 year=2023 start_month=2023-07-01 base=10000 status=active
-- '''
-- raises = ["5999", "16701"]
-- silent = ["6000", "10000", "16700"]
--
-- [[examples]]
-- what = "the account's year"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=3000
-- W13 depositor=1 year=@ start_month=2022-07-01 base=10000 status=active
-- '''
-- raises = ["2023"]
-- silent = ["2022"]
--
-- [[examples]]
-- what = "sealed"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=3000
-- W13 depositor=1 year=2023 start_month=2023-07-01 base=10000 status=@
-- '''
-- raises = ["active", "null"]
-- silent = ["sealed", "closed"]
--
-- [[examples]]
-- what = "caps"
-- rows = '''
-- given_wages year=2024 wage=1000 provisional=true
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=@
-- W13 depositor=1 year=2023 start_month=2023-07-01 base=10000 status=active
-- '''
-- raises = ["1700"]
-- silent = ["1800", "3000", "9000"]
