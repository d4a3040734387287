-- id = "L10"
-- title = "死亡仍享困难/残疾身份"
-- title_en = "Dead, but still listed or flagged for aid"
-- basis = "威医保发〔2020〕60号 §二(一)(三); 济医保发〔2023〕13号 §三 退出"
-- feeds = ["W01", "W05", "W07", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "J01", "J02", "J03", "J04", "J06"]
-- needs = ["W01|W05|W07", "W14|W15|W16|W17|W18|W19|W20|W21|J01|J02|J03|J04|J06"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["CIVIL", "RURAL", "DPF"]
-- due = "m10"
-- enabled = true
-- version = 1
-- silences = ["P01", "P02", "P03", "P04"]
-- evidence = ["death_date", "death_sources", "category", "feed", "open_through", "months_after"]
-- fires = "A list entry or aid flag is open after the first day of the month that follows the month of death and grace_months further months (an entry that stops on that day is in time; the flag of an earlier year ended with that year). One finding per person and category."
--
-- [parameters.grace_months]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 12
-- unit = "months"

WITH entries AS (
    SELECT person_id, row_id, feed, category, valid_from, valid_to, monthly_amount FROM aid_lists
    UNION ALL
    SELECT person_id, row_id, 'J06', category, begin_date,
        nullif(least(coalesce(cleared_date, DATE '9999-12-31'), coalesce(end_date, DATE '9999-12-31'),
            CASE WHEN year < date_part('year', reference_date) THEN make_date(CAST(year AS BIGINT), 12, 31)
                ELSE DATE '9999-12-31' END), DATE '9999-12-31'),
        NULL
    FROM aid_flags
    CROSS JOIN reference
),
late AS (
    SELECT e.*, d.death_date, d.row_ids AS death_rows, d.feeds,
        least(coalesce(e.valid_to, r.reference_date), r.reference_date) AS open_through,
        date_trunc('month', d.death_date) + to_months(1 + $grace_months) AS owed_until
    FROM entries e
    JOIN first_deaths d ON d.person_id = e.person_id
    CROSS JOIN reference r
    WHERE e.valid_from <= r.reference_date
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) AS row_ids,
    max(death_rows) AS any_of,
    min(death_date) AS since,
    CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS until,
    max(monthly_amount * (1 + date_diff('month', CAST(owed_until AS DATE), open_through))) AS amount,
    category AS subject,
    min(death_date) AS death_date,
    max(feeds) AS death_sources,
    category,
    list(DISTINCT feed ORDER BY feed) AS feed,
    max(open_through) AS open_through,
    max(date_diff('month', CAST(death_date AS DATE), open_through)) AS months_after
FROM late
WHERE open_through > owed_until
GROUP BY person_id, category

-- [[examples]]
-- what = "the allowance runs on"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=@
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- '''
-- raises = ["2024-05-31", "2024-03-10"]
-- silent = ["2024-06-01", "2024-06-30"]
--
-- [[examples]]
-- what = "it stops with the month after the death"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=@
-- '''
-- raises = ["2024-05-01", "2024-06-01"]
-- silent = ["2024-04-01", "2024-03-01"]
--
-- [[examples]]
-- what = "the flag in the settlement system"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01 cleared_date=@
-- '''
-- raises = ["2024-05-31"]
-- silent = ["2024-03-31"]
--
-- [[examples]]
-- what = "the flag of an earlier year ended with it"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=@
-- J06 recipient=1 psn_no=p1 year=2023 category=subsistence begin_date=2023-01-01
-- '''
-- raises = ["2023-11-30"]
-- silent = ["2023-12-01", "2024-03-10"]
--
-- [[examples]]
-- what = "a list of the poor, and a cremation"
-- rows = '''
-- W05 deceased=1 death_date=2024-03-10 cremation_time=2024-03-12
-- W14 member=1 identified_date=2020-01-01 list_status=@
-- '''
-- raises = ["active", "null"]
-- silent = ["ended"]
--
-- [[examples]]
-- what = "disability, orphan, poverty lists"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-10 cancel_reason=death
-- W20 holder=1 start_date=2020-01-01
-- W14 member=1 identified_date=2020-01-01
-- '''
-- raises = true
--
-- [[examples]]
-- what = "the living"
-- rows = '''
-- W01 deceased=2 certificate_no=c2 death_time=2024-03-10
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- '''
-- silent = true
