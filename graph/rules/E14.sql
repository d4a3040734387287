-- id = "E14"
-- title = "领养老金仍按在职参保 / 反之"
-- title_en = "Drawing a pension but insured as working, or the other way round"
-- basis = "威医保发〔2020〕60号 §二(二)"
-- feeds = ["W12", "W29", "W11"]
-- needs = ["W29", "W12|W11"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["HRSS", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["pattern", "months", "first_month", "last_month", "psn_type"]
-- fires = "Within the year before the reference date, in at least min_months months that a normal employee spell covers, a pension was paid (not recovered) although the spell says working, or pension contributions were paid although the spell says retired."
--
-- [parameters.min_months]
-- type = "integer"
-- default = 2
-- min = 1
-- max = 12
-- unit = "months"

WITH paid AS (
    SELECT person_id, coalesce(owed_period, pay_month) AS month, min(row_id) AS row_id
    FROM pension_payments
    CROSS JOIN reference
    WHERE person_id IS NOT NULL AND coalesce(owed_period, pay_month) > reference_date - INTERVAL 1 YEAR
    GROUP BY ALL
    HAVING coalesce(sum(amount), 1) > 0
),
months AS (
    SELECT person_id, month, row_id, 'working' AS psn_type, 'pension while working' AS pattern FROM paid
    UNION ALL
    SELECT person_id, month, row_id, 'retired', 'contributions while retired' FROM pension_months
)
SELECT e.person_id,
    list(DISTINCT e.row_id ORDER BY e.row_id) || list(DISTINCT m.row_id ORDER BY m.row_id) AS row_ids,
    min(m.month) AS since,
    max(m.month) AS until,
    m.pattern AS subject,
    m.pattern,
    count(DISTINCT m.month) AS months,
    min(m.month) AS first_month,
    max(m.month) AS last_month,
    min(e.psn_type) AS psn_type
FROM employment e
JOIN months m ON m.person_id = e.person_id AND m.psn_type = e.psn_type
    AND m.month >= e.valid_from AND m.month <= e.valid_to
CROSS JOIN reference r
WHERE m.month <= r.reference_date
GROUP BY e.person_id, m.pattern
HAVING count(DISTINCT m.month) >= $min_months

-- [[examples]]
-- what = "pension in two months of a working spell"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=@
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=3000
-- '''
-- raises = ["2024-04-01", "2020-01-01"]
-- silent = ["2024-04-02"]
--
-- [[examples]]
-- what = "what the spell says"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=@ start_date=2020-01-01
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=3000
-- '''
-- raises = ["working"]
-- silent = ["retired", "flexible"]
--
-- [[examples]]
-- what = "contributions while retired"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=@ start_date=2020-01-01
-- W11 insured=1 owed_period=2024-04-01 base=5000
-- W11 insured=1 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["retired"]
-- silent = ["working"]
--
-- [[examples]]
-- what = "recovered"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 owed_period=2024-05-01 amount=-3000
-- '''
-- silent = true
