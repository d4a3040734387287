-- id = "L01"
-- title = "死亡仍参保"
-- title_en = "Dead, but still enrolled"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W01", "W07", "W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "HEALTH", "POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- silences = ["E12", "L02", "L06"]
-- evidence = ["death_date", "death_sources", "days_open", "insutype", "status", "paid_through"]
-- needs = ["W01|W07", "W29"]
-- fires = "A death (certificate or register) lies more than grace_days days before the end of a spell, or before the reference date if the spell is open and normal."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"
--
-- # One finding per person, personal number and scheme. A spell that was paused or ended without a date says that
-- # it is over, not when: silent.

WITH late AS (
    SELECT e.person_id, e.psn_no, e.insutype, e.row_id, e.status, e.paid_through, e.valid_to,
        d.row_id AS death_row, d.feed, d.death_date,
        least(coalesce(e.valid_to, r.reference_date), r.reference_date) - d.death_date AS days_open
    FROM enrolments e
    JOIN deaths d ON d.person_id = e.person_id
    CROSS JOIN reference r
    WHERE d.feed IN ('W01', 'W07')
        AND (e.valid_to IS NOT NULL OR coalesce(e.status, 'normal') = 'normal')
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) AS row_ids,
    list(DISTINCT death_row ORDER BY death_row) AS any_of,
    min(death_date) AS since,
    CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS until,
    concat_ws('|', psn_no, insutype) AS subject,
    min(death_date) AS death_date,
    list(DISTINCT feed ORDER BY feed) AS death_sources,
    max(days_open) AS days_open,
    insutype,
    max(status) AS status,
    max(paid_through) AS paid_through
FROM late
WHERE days_open > $grace_days
GROUP BY person_id, psn_no, insutype

-- [[examples]]
-- what = "open spell at the boundary"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=@
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01", "1900-01-01", "2024-07-01"]
--
-- [[examples]]
-- what = "spell ended after the death"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W29 insured=1 psn_no=p1 insutype=310 status=ended psn_type=working start_date=2020-01-01 end_date=@
-- '''
-- raises = ["2024-04-10"]
-- silent = ["2024-04-09", "2024-04-08"]
--
-- [[examples]]
-- what = "cancelled in the register, for whatever reason"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-10 cancel_reason=@
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- raises = ["death"]
-- silent = ["moved_out", "army"]
--
-- [[examples]]
-- what = "paused without a date"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W29 insured=1 psn_no=p1 insutype=310 status=paused psn_type=working start_date=2020-01-01
-- '''
-- silent = true
