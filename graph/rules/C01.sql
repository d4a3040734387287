-- id = "C01"
-- title = "医保基数低于养老基数"
-- title_en = "Medical base below the pension base"
-- basis = "威医保发〔2020〕60号 §二(二)"
-- feeds = ["W11", "W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "HRSS", "TAX"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["medical_base", "pension_base", "shortfall_per_month", "months", "first_month", "last_month", "clamped", "provisional_wage"]
-- fires = "In at least min_months months of the year of the reference date that a working employee spell with a stated base covers, the medical base is lower than the pension base of the same employer (or of any, where the spell names none) by more than tolerance of the pension base, after both were clamped to 60 % and 300 % of the average wage of the year; without a wage the bases are compared as they are. One finding per person."
--
-- [parameters.tolerance]
-- type = "number"
-- default = 0.01
-- min = 0
-- max = 0.5
-- unit = "share"
--
-- [parameters.min_months]
-- type = "integer"
-- default = 1
-- min = 1
-- max = 12
-- unit = "months"

WITH compared AS (
    SELECT e.person_id, e.row_id, p.row_id AS pension_row, p.month, b.provisional,
        b.year IS NOT NULL AS clamped,
        greatest(least(e.contribution_base, coalesce(b.ceiling, e.contribution_base)), coalesce(b.floor, 0)) AS medical,
        greatest(least(p.base, coalesce(b.ceiling, p.base)), coalesce(b.floor, 0)) AS pension
    FROM employment e
    JOIN pension_months p ON p.person_id = e.person_id AND p.month >= date_trunc('month', e.valid_from)
        AND p.month <= e.valid_to
        AND (e.business IS NULL OR p.business IS NULL OR p.business = e.business)
    CROSS JOIN reference r
    LEFT JOIN wage_bounds b ON b.year = date_part('year', p.month)
    WHERE e.contribution_base > 0 AND p.base > 0 AND e.psn_type IS DISTINCT FROM 'retired'
        AND date_part('year', p.month) = date_part('year', r.reference_date)
),
low AS (
    SELECT * FROM compared WHERE medical < pension * (1 - $tolerance)
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) || list(DISTINCT pension_row ORDER BY pension_row) AS row_ids,
    min(month) AS since,
    max(month) AS until,
    sum(pension - medical) AS amount,
    '' AS subject,
    min(medical) AS medical_base,
    max(pension) AS pension_base,
    max(pension - medical) AS shortfall_per_month,
    count(DISTINCT month) AS months,
    min(month) AS first_month,
    max(month) AS last_month,
    bool_and(clamped) AS clamped,
    bool_or(provisional) AS provisional_wage
FROM low
GROUP BY person_id
HAVING count(DISTINCT month) >= $min_months

-- [[examples]]
-- what = "lower than the pension base"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=@
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["4949", "3000"]
-- silent = ["4950", "5000", "6000"]
--
-- [[examples]]
-- what = "clamped to the floor"
-- rows = '''
-- given_wages year=2024 wage=7000 provisional=false
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=3000
-- W11 insured=1 owed_period=2024-05-01 base=@
-- '''
-- raises = ["4300"]
-- silent = ["4000", "4200"]
--
-- [[examples]]
-- what = "clamped to the ceiling"
-- rows = '''
-- given_wages year=2024 wage=1000 provisional=false
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=@
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["2900"]
-- silent = ["3000", "4000"]
--
-- [[examples]]
-- what = "outside the spell, or of another employer"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2024-04-01 contribution_base=3000 employer=7
-- W11 insured=1 employer=@ owed_period=2024-05-01 base=5000
-- '''
-- raises = ["7"]
-- silent = ["8"]
--
-- [[examples]]
-- what = "last year is not looked at"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 contribution_base=3000
-- W11 insured=1 owed_period=@ base=5000
-- '''
-- raises = ["2024-01-01"]
-- silent = ["2023-12-01"]
