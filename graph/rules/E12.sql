-- id = "E12"
-- title = "户籍迁出/注销仍按本地居民参保"
-- title_en = "Moved away, still enrolled as a local resident"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W07", "W29", "X02"]
-- needs = ["W07", "W29"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["cancel_date", "cancel_reason", "days_open", "psn_no"]
-- fires = "All household entries of a person have ended, the last one not for death, as a duplicate or into the army, and a resident spell (390) is open more than grace_days days after that, or ended that late; no residence permit holds at the reference date. L01 silences it."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 60
-- min = 0
-- max = 365
-- unit = "days"

WITH gone AS (
    SELECT n.person_id, n.ended, h.row_id, h.cancel_reason
    FROM register_now n
    JOIN household_register h ON h.person_id = n.person_id AND h.cancel_date = n.ended
    CROSS JOIN reference r
    WHERE NOT n.open AND NOT coalesce(n.dead, false) AND n.ended <= r.reference_date
        AND coalesce(h.cancel_reason, 'moved_out') IN ('moved_out', 'emigrated')
        AND n.person_id NOT IN (
            SELECT person_id FROM residence_permits
            WHERE person_id IS NOT NULL AND valid_from <= r.reference_date
                AND (valid_to IS NULL OR valid_to >= r.reference_date)
        )
)
SELECT e.person_id,
    list(DISTINCT e.row_id ORDER BY e.row_id) AS row_ids,
    list(DISTINCT g.row_id ORDER BY g.row_id) AS any_of,
    min(g.ended) AS since,
    CASE WHEN bool_and(e.valid_to IS NOT NULL) THEN max(e.valid_to) END AS until,
    coalesce(e.psn_no, '') AS subject,
    min(g.ended) AS cancel_date,
    min(g.cancel_reason) AS cancel_reason,
    max(least(coalesce(e.valid_to, r.reference_date), r.reference_date) - g.ended) AS days_open,
    e.psn_no
FROM enrolments e
JOIN gone g ON g.person_id = e.person_id
CROSS JOIN reference r
WHERE e.insutype = '390' AND e.psn_type IS DISTINCT FROM 'student' AND e.valid_from <= g.ended
    AND (e.valid_to IS NOT NULL OR coalesce(e.status, 'normal') = 'normal')
    AND least(coalesce(e.valid_to, r.reference_date), r.reference_date) - g.ended > $grace_days
GROUP BY e.person_id, e.psn_no

-- [[examples]]
-- what = "moved away"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=@ cancel_reason=moved_out
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01", "2024-05-02"]
--
-- [[examples]]
-- what = "why the entry ended"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-01-10 cancel_reason=@
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- raises = ["moved_out", "emigrated"]
-- silent = ["death", "army", "duplicate"]
--
-- [[examples]]
-- what = "registered again"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-01-10 cancel_reason=moved_out
-- W07 person=1 household_no=h2 move_in_date=2024-02-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "an employee's cover goes by the employer"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-01-10 cancel_reason=moved_out
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a residence permit, a student"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-01-10 cancel_reason=moved_out
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- X02 holder=1 permit_no=r start_date=2024-02-01
-- W07 person=2 household_no=h2 move_in_date=2000-01-01 cancel_date=2024-01-10 cancel_reason=moved_out
-- W29 insured=2 psn_no=p2 insutype=390 status=normal psn_type=student start_date=2020-01-01
-- '''
-- silent = true
