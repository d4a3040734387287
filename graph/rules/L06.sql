-- id = "L06"
-- title = "养老死亡减员而医保/户籍在册"
-- title_en = "Off the pension roll as dead, but enrolled or registered"
-- basis = "威医保发〔2020〕60号 §二(一), §二末"
-- feeds = ["W06", "W29", "W07"]
-- needs = ["W06", "W29|W07"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["exit_month", "death_date", "open_in", "days_open", "reason", "remark"]
-- fires = "The pension roll was left because of death, and more than grace_days days later (counted from the date of death it states, else from the last day of the exit month) a spell is open and normal or the household entry is open. L01 silences it."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

WITH exits AS (
    SELECT person_id, row_id, exit_month, death_date, reason, remark,
        coalesce(death_date, last_day(exit_month)) AS day
    FROM pension_exits
    WHERE person_id IS NOT NULL AND reason = 'death'
),
open_rows AS (
    SELECT person_id, row_id, 'W29' AS feed,
        CASE WHEN coalesce(status, 'normal') = 'normal' OR valid_to IS NOT NULL THEN valid_to ELSE DATE '1900-01-01' END
            AS ended
    FROM enrolments
    UNION ALL
    SELECT person_id, row_id, 'W07', valid_to FROM household_register
),
late AS (
    SELECT x.*, o.row_id AS open_row, o.feed,
        least(coalesce(o.ended, r.reference_date), r.reference_date) - x.day AS days_open, o.ended
    FROM exits x
    JOIN open_rows o ON o.person_id = x.person_id
    CROSS JOIN reference r
    WHERE least(coalesce(o.ended, r.reference_date), r.reference_date) - x.day > $grace_days
        AND (o.feed = 'W29' OR o.ended IS NULL)
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) AS row_ids,
    list(DISTINCT open_row ORDER BY open_row) AS any_of,
    min(day) AS since,
    CASE WHEN bool_and(ended IS NOT NULL) THEN max(ended) END AS until,
    '' AS subject,
    min(exit_month) AS exit_month,
    min(death_date) AS death_date,
    list(DISTINCT feed ORDER BY feed) AS open_in,
    max(days_open) AS days_open,
    min(reason) AS reason,
    min(remark) AS remark
FROM late
GROUP BY person_id

-- [[examples]]
-- what = "the date of death it states"
-- rows = '''
-- W06 insured=1 reason=death exit_month=2024-05-01 death_date=@
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01"]
--
-- [[examples]]
-- what = "without one, the last day of the month"
-- rows = '''
-- W06 insured=1 reason=death exit_month=@
-- W07 person=1 household_no=h1 move_in_date=2000-01-01
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-05-01", "2024-06-01"]
--
-- [[examples]]
-- what = "other reasons are none"
-- rows = '''
-- W06 insured=1 reason=@ exit_month=2023-05-01
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- silent = ["retirement", "transfer", "termination"]
--
-- [[examples]]
-- what = "the register is closed and the spell ended in time"
-- rows = '''
-- W06 insured=1 reason=death exit_month=2024-03-01 death_date=2024-03-10
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-20 cancel_reason=death
-- W29 insured=1 psn_no=p1 insutype=310 status=ended psn_type=working start_date=2020-01-01 end_date=2024-04-09
-- '''
-- silent = true
