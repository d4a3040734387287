-- id = "C05"
-- title = "多单位同时缴费"
-- title_en = "Contributions from several employers at once"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(二)"
-- feeds = ["W29", "W11"]
-- needs = ["W11|W29"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["months", "first_month", "last_month", "employers"]
-- fires = "In at least min_months months of the year before the reference date pension contributions of one person are owed by more than one employer (of different names), or a normal working employee spell covers the reference date with one employer while another one with another employer does too."
--
-- [parameters.min_months]
-- type = "integer"
-- default = 2
-- min = 1
-- max = 12
-- unit = "months"

WITH several AS (
    SELECT person_id, month, list(row_id) AS row_ids, list(business) AS employers
    FROM pension_months
    WHERE business IS NOT NULL
    GROUP BY person_id, month
    HAVING count(DISTINCT business) > 1
),
by_pension AS (
    SELECT person_id, flatten(list(row_ids)) AS row_ids, count(*) AS months, min(month) AS first_month,
        max(month) AS last_month, flatten(list(employers)) AS employers
    FROM several
    GROUP BY person_id
    HAVING count(*) >= $min_months
),
by_spells AS (
    SELECT e.person_id, list(e.row_id) AS row_ids, NULL::BIGINT AS months, max(e.valid_from) AS first_month,
        NULL::DATE AS last_month, list(e.business) AS employers
    FROM employment e
    CROSS JOIN reference r
    WHERE e.business IS NOT NULL AND coalesce(e.psn_type, 'working') = 'working'
        AND e.valid_from <= r.reference_date AND e.valid_to >= r.reference_date
    GROUP BY e.person_id
    HAVING count(DISTINCT e.business) > 1
),
both_ways AS (
    SELECT * FROM by_pension UNION ALL SELECT * FROM by_spells
)
SELECT person_id,
    list_sort(list_distinct(flatten(list(row_ids)))) AS row_ids,
    min(first_month) AS since,
    max(last_month) AS until,
    '' AS subject,
    max(months) AS months,
    min(first_month) AS first_month,
    max(last_month) AS last_month,
    list_sort(list_distinct(flatten(list(employers)))) AS employers
FROM both_ways
GROUP BY person_id

-- [[examples]]
-- what = "two employers in two months"
-- rows = '''
-- W11 insured=1 employer=7 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=1 employer=8 owed_period=@ base=5000
-- '''
-- raises = ["2024-06-01"]
-- silent = ["2024-04-01", "2024-05-01"]
--
-- [[examples]]
-- what = "two spells at once"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=7 end_date=@
-- W29 insured=1 psn_no=b insutype=310 status=normal psn_type=working start_date=2024-02-01 employer=8
-- '''
-- raises = ["2024-06-30"]
-- silent = ["2024-06-29", "2024-01-31"]
--
-- [[examples]]
-- what = "retired from one"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=retired start_date=2020-01-01 employer=7
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8
-- '''
-- silent = true
--
-- [[examples]]
-- what = "one name, and a code of its own or not"
-- rows = '''
-- W11 insured=1 employer=7 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=7 owed_period=2024-06-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W11 insured=1 employer=8 owed_period=2024-06-01 base=5000
-- organisation_members record_key=1 entity_id=7
-- organisation_members record_key=2 entity_id=8
-- organisation_records record_key=1 core=东方餐饮 credit_code=A
-- organisation_records record_key=2 core=东方餐饮 credit_code=@
-- '''
-- raises = ["B"]
-- silent = ["A", "null"]
