-- id = "L13"
-- title = "新生儿未参保"
-- title_en = "Newborn not enrolled"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W02", "W29", "W01", "W05", "W07"]
-- needs = ["W02", "W29"]
-- severity = "B"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- silences = ["E11"]
-- evidence = ["birth_date", "age_days", "mother_person_id", "mother_name", "facility_name"]
-- fires = "A child was born more than grace_days and at most until_days days before the reference date, has no spell of any kind, is not recorded dead, and its household entry, if it has one, is open."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 90
-- min = 0
-- max = 366
-- unit = "days"
--
-- [parameters.until_days]
-- type = "integer"
-- default = 730
-- min = 30
-- max = 3650
-- unit = "days"

SELECT b.person_id,
    list(b.row_id ORDER BY b.row_id) AS row_ids,
    CAST(min(b.birth_time) AS DATE) AS since,
    '' AS subject,
    1 - coalesce(max(n.doubt), 0) AS link_probability,
    CAST(min(b.birth_time) AS DATE) AS birth_date,
    max(r.reference_date - CAST(b.birth_time AS DATE)) AS age_days,
    min(b.mother_person_id) AS mother_person_id,
    min(b.mother_name) AS mother_name,
    min(b.facility_name) AS facility_name
FROM birth_certificates b
CROSS JOIN reference r
LEFT JOIN enrolled_doubts n ON n.person_id = b.person_id
LEFT JOIN register_now h ON h.person_id = b.person_id
WHERE b.person_id IS NOT NULL AND coalesce(h.open, true)
    AND r.reference_date - CAST(b.birth_time AS DATE) > $grace_days
    AND r.reference_date - CAST(b.birth_time AS DATE) <= $until_days
    AND b.person_id NOT IN (SELECT person_id FROM enrolments WHERE person_id IS NOT NULL)
    AND b.person_id NOT IN (SELECT person_id FROM deaths)
GROUP BY b.person_id

-- [[examples]]
-- what = "no spell after three months"
-- rows = '''
-- W02 child=1 mother=2 birth_time=@
-- '''
-- raises = ["2024-03-31"]
-- silent = ["2024-04-01", "2024-04-02", "2022-06-30"]
--
-- [[examples]]
-- what = "enrolled, in whatever way"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=@ psn_type=resident start_date=2020-01-01
-- '''
-- silent = ["normal", "paused", "ended"]
--
-- [[examples]]
-- what = "died"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-01
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- '''
-- silent = true
--
-- [[examples]]
-- what = "moved away"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-05-01 cancel_reason=moved_out
-- '''
-- silent = true
