-- id = "C06"
-- title = "退休划账与养老金发放不符"
-- title_en = "A retiree's account credit does not follow from the pension"
-- basis = "威医保发〔2020〕60号 §二(二) 养老金发放金额"
-- feeds = ["W12", "W29"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["HRSS", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["account_credit", "expected", "pension", "pension_month", "formula"]
-- fires = "At the reference date a retired employee spell states a monthly account credit that differs by more than tolerance from the formula: rate times the average pension of the place (reference_pension), or, where that is 0, rate times the person's own pension of the latest month up to the reference date (formula version v1)."
--
-- [parameters.rate]
-- type = "number"
-- default = 0.02
-- min = 0
-- max = 0.1
-- unit = "share"
--
-- [parameters.reference_pension]
-- type = "number"
-- default = 0
-- min = 0
-- max = 20000
-- unit = "yuan a month"
--
-- [parameters.tolerance]
-- type = "number"
-- default = 5
-- min = 0
-- max = 500
-- unit = "yuan"

WITH latest AS (
    SELECT person_id, month, sum(amount) AS pension, min(row_id) AS row_id
    FROM (
        SELECT p.person_id, coalesce(p.owed_period, p.pay_month) AS month, p.amount, p.row_id
        FROM pension_payments p
        CROSS JOIN reference r
        WHERE p.person_id IS NOT NULL AND coalesce(p.owed_period, p.pay_month) <= r.reference_date
        QUALIFY row_number() OVER (
            PARTITION BY p.person_id, p.pension_no, p.pay_month, p.owed_period, p.amount ORDER BY p.row_id
        ) = 1
    )
    GROUP BY person_id, month
    QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY month DESC) = 1
),
compared AS (
    SELECT e.person_id, e.row_id, l.row_id AS pension_row, e.account_credit, l.pension, l.month,
        round($rate * CASE WHEN $reference_pension > 0 THEN $reference_pension ELSE l.pension END, 2) AS expected
    FROM employment e
    JOIN latest l ON l.person_id = e.person_id
    CROSS JOIN reference r
    WHERE e.psn_type = 'retired' AND e.account_credit IS NOT NULL AND l.pension > 0
        AND e.valid_from <= r.reference_date AND e.valid_to >= r.reference_date
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) || list(DISTINCT pension_row ORDER BY pension_row) AS row_ids,
    min(month) AS since,
    max(account_credit - expected) AS amount,
    '' AS subject,
    max(account_credit) AS account_credit,
    max(expected) AS expected,
    max(pension) AS pension,
    max(month) AS pension_month,
    CASE WHEN $reference_pension > 0 THEN 'v1: rate x average pension' ELSE 'v1: rate x own pension' END AS formula
FROM compared
WHERE abs(account_credit - expected) > $tolerance
GROUP BY person_id

-- [[examples]]
-- what = "two per cent of one's own pension"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=retired start_date=2020-01-01 account_credit=@
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=3000
-- '''
-- raises = ["65.01", "54.99", "100"]
-- silent = ["65", "60", "55"]
--
-- [[examples]]
-- what = "of the place's average"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=retired start_date=2020-01-01 account_credit=@
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=9000
-- '''
-- raises = ["180"]
-- silent = ["60"]
-- parameters = { reference_pension = 3000 }
--
-- [[examples]]
-- what = "working"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 account_credit=300
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=3000
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the latest month counts"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=retired start_date=2020-01-01 account_credit=60
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=9000
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=3000
-- '''
-- silent = true
