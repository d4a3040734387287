-- id = "E13"
-- title = "疑似挂靠参保"
-- title_en = "Enrolled with an employer one does not work for"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(二)"
-- feeds = ["W29", "W11", "W13"]
-- needs = ["W29", "W11"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "HRSS"]
-- due = "10wd"
-- enabled = true
-- version = 3
-- evidence = ["pattern", "medical_employer", "pension_employer", "fund_employer", "months", "insured_there", "staff_there", "shell_signs"]
-- fires = "A person has a normal employee spell at the reference date, not as a flexible worker, and pension contributions in at least min_months months of the spell in the last year, none from that employer (one credit code; without a code, one name); and either the housing fund account that is active is with yet another employer, or that employer has pension contributions for at most tiny_staff persons but insures at least unrelated_insured persons who have none from it; or the employer insures at least shell_insured persons and more than five times as many as are in its pension scheme, and shows at least shell_signs of the four signs of a shell (few of the insured in its pension scheme, no two of them kin, none of them kin of its owners, another employer at its address)."
--
-- [parameters.min_months]
-- type = "integer"
-- default = 3
-- min = 1
-- max = 12
-- unit = "months"
--
-- [parameters.tiny_staff]
-- type = "integer"
-- default = 2
-- min = 0
-- max = 20
-- unit = "persons"
--
-- [parameters.unrelated_insured]
-- type = "integer"
-- default = 5
-- min = 2
-- max = 100
-- unit = "persons"
--
-- [parameters.shell_signs]
-- type = "integer"
-- default = 3
-- min = 2
-- max = 5
-- unit = "signs; 5 = never"
--
-- [parameters.shell_insured]
-- type = "integer"
-- default = 10
-- min = 5
-- max = 1000
-- unit = "persons"
--
-- # Who pays the pensions of those whom it insures is no shell, however few of them are kin, and whoever is next door.

WITH medical AS (
    SELECT e.person_id, e.row_id, e.business, e.valid_from
    FROM employment e
    CROSS JOIN reference r
    WHERE e.business IS NOT NULL AND e.psn_type IS DISTINCT FROM 'flexible'
        AND e.psn_type IS DISTINCT FROM 'retired'
        AND e.valid_from <= r.reference_date AND e.valid_to >= r.reference_date
    QUALIFY row_number() OVER (PARTITION BY e.person_id ORDER BY e.valid_from DESC, e.row_id) = 1
),
elsewhere AS (
    SELECT m.person_id, count(DISTINCT p.month) AS months, max(p.row_id) AS pension_row,
        arg_max(p.business, (p.month, p.row_id)) AS pension_business,
        bool_or(p.business = m.business) AS there_too
    FROM medical m
    JOIN pension_months p ON p.person_id = m.person_id AND p.month >= date_trunc('month', m.valid_from)
        AND p.business IS NOT NULL
    GROUP BY m.person_id
),
unrelated AS (
    SELECT m.*, x.months, x.pension_row, x.pension_business
    FROM medical m
    JOIN elsewhere x ON x.person_id = m.person_id
    WHERE NOT coalesce(x.there_too, false) AND x.months >= $min_months
),
staff AS (
    SELECT business, count(DISTINCT person_id) AS staff_there FROM pension_months GROUP BY business
),
crowd AS (
    SELECT u.business, count(*) AS unrelated_there, coalesce(max(s.staff_there), 0) AS staff_there
    FROM unrelated u
    LEFT JOIN staff s ON s.business = u.business
    GROUP BY u.business
),
fund AS (
    SELECT f.person_id, min(f.row_id) AS fund_row, min(b.business) AS fund_business,
        list(b.business) AS fund_businesses
    FROM housing_fund_accounts f
    JOIN businesses b ON b.organisation_id = f.employer_organisation_id
    CROSS JOIN reference r
    WHERE f.person_id IN (SELECT person_id FROM unrelated) AND coalesce(f.status, 'active') = 'active'
        AND b.business IS NOT NULL AND f.valid_from <= r.reference_date
        AND (f.valid_to IS NULL OR f.valid_to >= date_trunc('month', r.reference_date))
    GROUP BY f.person_id
),
shells AS (
    SELECT b.business, max(s.signs) AS signs, sum(s.insured) AS insured
    FROM shell_employers s
    JOIN businesses b ON b.organisation_id = s.organisation_id
    GROUP BY b.business
    HAVING sum(s.insured) >= $shell_insured
),
judged AS (
    SELECT u.*, f.fund_row, f.fund_business, c.unrelated_there, c.staff_there, s.signs,
        CASE WHEN NOT list_contains(f.fund_businesses, u.business)
                AND NOT list_contains(f.fund_businesses, u.pension_business) THEN 'three employers'
            WHEN c.staff_there <= $tiny_staff AND c.unrelated_there >= $unrelated_insured THEN 'tiny employer'
            WHEN s.signs >= $shell_signs AND s.insured > 5 * c.staff_there THEN 'shell employer'
        END AS pattern
    FROM unrelated u
    JOIN crowd c ON c.business = u.business
    LEFT JOIN fund f ON f.person_id = u.person_id
    LEFT JOIN shells s ON s.business = u.business
)
SELECT person_id,
    CASE WHEN pattern = 'three employers' THEN [row_id, pension_row, fund_row] ELSE [row_id, pension_row] END
        AS row_ids,
    valid_from AS since,
    '' AS subject,
    pattern,
    business AS medical_employer,
    pension_business AS pension_employer,
    fund_business AS fund_employer,
    months,
    unrelated_there AS insured_there,
    staff_there,
    signs AS shell_signs
FROM judged
WHERE pattern IS NOT NULL

-- [[examples]]
-- what = "three employers"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- W13 depositor=1 employer=@ year=2023 start_month=2023-07-01 status=active
-- '''
-- raises = ["9"]
-- silent = ["7", "8"]
--
-- [[examples]]
-- what = "two months are no pattern"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- W13 depositor=1 employer=9 year=2023 start_month=2023-07-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a tiny employer that insures strangers"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W29 insured=2 psn_no=p2 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=2 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=2 employer=8 owed_period=2024-05-01 base=5000
-- '''
-- raises = true
-- parameters = { min_months = 2, unrelated_insured = 2 }
--
-- [[examples]]
-- what = "its own staff"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W29 insured=2 psn_no=p2 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=7 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=7 owed_period=2024-05-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-04-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-05-01 base=5000
-- '''
-- silent = true
-- parameters = { min_months = 2, unrelated_insured = 2 }
--
-- [[examples]]
-- what = "a flexible worker"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=flexible start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- W13 depositor=1 employer=9 year=2023 start_month=2023-07-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "an employer with the signs of a shell"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- shell_employers organisation_id=7 insured=10 signs=@
-- '''
-- raises = ["3", "4"]
-- silent = ["2"]
--
-- [[examples]]
-- what = "such an employer that insures few"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- shell_employers organisation_id=7 insured=@ signs=4
-- '''
-- raises = ["10"]
-- silent = ["9"]
--
-- [[examples]]
-- what = "an employer that has staff of its own"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- W11 insured=2 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=3 employer=7 owed_period=2024-06-01 base=5000
-- shell_employers organisation_id=7 insured=@ signs=4
-- '''
-- raises = ["11"]
-- silent = ["10"]
--
-- [[examples]]
-- what = "its own staff is no stranger to it"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7
-- W11 insured=1 employer=7 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-04-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- shell_employers organisation_id=7 insured=10 signs=4
-- '''
-- silent = true
