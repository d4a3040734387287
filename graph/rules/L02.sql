-- id = "L02"
-- title = "火化仍参保"
-- title_en = "Cremated, but still enrolled"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W05", "W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["cremation_date", "days_open", "insutype", "status", "paid_through"]
-- fires = "A cremation lies more than grace_days days before the end of a spell, or before the reference date if the spell is open and normal. L01 silences it where a death is recorded too, L12 where the person is alive."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

WITH late AS (
    SELECT e.person_id, e.psn_no, e.insutype, e.row_id, e.status, e.paid_through, e.valid_to,
        c.row_id AS cremation_row, CAST(c.cremation_time AS DATE) AS day,
        least(coalesce(e.valid_to, r.reference_date), r.reference_date) - CAST(c.cremation_time AS DATE) AS days_open
    FROM enrolments e
    JOIN cremations c ON c.person_id = e.person_id
    CROSS JOIN reference r
    WHERE e.valid_to IS NOT NULL OR coalesce(e.status, 'normal') = 'normal'
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) AS row_ids,
    list(DISTINCT cremation_row ORDER BY cremation_row) AS any_of,
    min(day) AS since,
    CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS until,
    concat_ws('|', psn_no, insutype) AS subject,
    min(day) AS cremation_date,
    max(days_open) AS days_open,
    insutype,
    max(status) AS status,
    max(paid_through) AS paid_through
FROM late
WHERE days_open > $grace_days
GROUP BY person_id, psn_no, insutype

-- [[examples]]
-- what = "open spell after the cremation"
-- rows = '''
-- W05 deceased=1 cremation_time=@
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01"]
--
-- [[examples]]
-- what = "spell ended after the cremation"
-- rows = '''
-- W05 deceased=1 cremation_time=2024-03-10
-- W29 insured=1 psn_no=p1 insutype=310 status=ended psn_type=working start_date=2020-01-01 end_date=@
-- '''
-- raises = ["2024-04-10"]
-- silent = ["2024-04-09", "2024-04-08"]
--
-- [[examples]]
-- what = "another person was cremated"
-- rows = '''
-- W05 deceased=2 cremation_time=2024-01-10
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- silent = true
