-- id = "L05"
-- title = "死亡后仍发养老金"
-- title_en = "Pension paid after death"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(一)(二)"
-- feeds = ["W01", "W05", "W07", "W12"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["HRSS"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["death_date", "death_sources", "months", "first_month", "last_month"]
-- needs = ["W01|W05|W07", "W12"]
-- fires = "A pension is paid for a month after the month of death, and not recovered in full."
--
-- # One finding per person. The month owed decides where the payment says it, else the month of payment; the month
-- # of the death itself is owed. A payment that came twice counts once; what was recovered (a negative amount for
-- # the same months) is taken off, and nothing left over is no finding.

WITH payments AS (
    SELECT person_id, row_id, amount, coalesce(owed_period, pay_month) AS owed
    FROM pension_payments
    WHERE person_id IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY person_id, pension_no, pay_month, owed_period, amount ORDER BY row_id) = 1
),
after_death AS (
    SELECT p.person_id, p.row_id, p.owed, any_value(p.amount) AS amount,
        list(d.row_id) AS death_rows, list(d.feed) AS feeds, min(d.death_date) AS death_date
    FROM payments p
    JOIN deaths d ON d.person_id = p.person_id
    WHERE date_trunc('month', p.owed) > date_trunc('month', d.death_date)
    GROUP BY p.person_id, p.row_id, p.owed
)
SELECT person_id,
    list(row_id ORDER BY owed, row_id) AS row_ids,
    list_sort(list_distinct(flatten(list(death_rows)))) AS any_of,
    min(owed) AS since,
    max(owed) AS until,
    sum(amount) AS amount,
    '' AS subject,
    min(death_date) AS death_date,
    list_sort(list_distinct(flatten(list(feeds)))) AS death_sources,
    count(DISTINCT owed) AS months,
    min(owed) AS first_month,
    max(owed) AS last_month
FROM after_death
GROUP BY person_id
HAVING sum(amount) > 0 OR bool_or(amount IS NULL)

-- [[examples]]
-- what = "the month owed"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 owed_period=@ amount=3000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-01", "2024-02-01"]
--
-- [[examples]]
-- what = "the month of payment"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W12 pensioner=1 pension_no=n pay_month=@ amount=3000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-01"]
--
-- [[examples]]
-- what = "recovered"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W12 pensioner=1 pension_no=n pay_month=2024-04-01 amount=3000
-- W12 pensioner=1 pension_no=n pay_month=2024-06-01 owed_period=2024-04-01 amount=@
-- '''
-- raises = ["-2000"]
-- silent = ["-3000"]
