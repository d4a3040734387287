-- id = "P10"
-- title = "困难对象领取较高养老金"
-- title_en = "Receives aid and draws a high pension"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(二)(三)"
-- feeds = ["W14", "W15", "W16", "W17", "J01", "J02", "J03", "J04", "W12"]
-- needs = ["W14|W15|W16|W17|J01|J02|J03|J04", "W12"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["categories", "pension", "paid_months", "note"]
-- fires = "A person who stands in an aid list at the reference date (not only in the disability lists) was paid a pension, net of what was recovered, of more than amount in each of at least months months of the year before the reference date, while listed."
--
-- [parameters.amount]
-- type = "number"
-- default = 2000
-- min = 100
-- max = 20000
-- unit = "yuan a month"
--
-- [parameters.months]
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
paid AS (
    SELECT p.person_id, coalesce(p.owed_period, p.pay_month) AS month, sum(p.amount) AS amount, min(p.row_id) AS row_id
    FROM pension_payments p
    JOIN listed l ON l.person_id = p.person_id
    CROSS JOIN reference r
    WHERE coalesce(p.owed_period, p.pay_month) > r.reference_date - INTERVAL 1 YEAR
        AND coalesce(p.owed_period, p.pay_month) >= date_trunc('month', l.since)
    GROUP BY ALL
    HAVING sum(p.amount) > $amount
)
SELECT l.person_id,
    list_sort(list_distinct(max(l.row_ids) || list(p.row_id))) AS row_ids,
    min(p.month) AS since,
    '' AS subject,
    max(l.categories) AS categories,
    max(p.amount) AS pension,
    count(*) AS paid_months,
    'not disqualifying in itself' AS note
FROM listed l
JOIN paid p ON p.person_id = l.person_id
GROUP BY l.person_id
HAVING count(*) >= $months

-- [[examples]]
-- what = "more than 2,000 yuan in three months"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=@
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=@
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=@
-- '''
-- raises = ["2000.01", "4000"]
-- silent = ["2000", "180"]
--
-- [[examples]]
-- what = "two months, or before the list"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=@
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-05-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 amount=3000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-05-01"]
