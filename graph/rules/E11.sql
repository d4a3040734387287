-- id = "E11"
-- title = "户籍人口未参保"
-- title_en = "Registered here, enrolled nowhere"
-- basis = "推导; 济医保发〔2023〕13号 应保尽保"
-- feeds = ["W07", "W29", "W01", "W05"]
-- needs = ["W07", "W29"]
-- severity = "B"
-- direction = "protect"
-- return_to = ["MSB", "STREET"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["household_no", "address", "region", "age_years"]
-- fires = "A person whose household entry is open, who moved in more than grace_days days and was born more than newborn_days days before the reference date and is not recorded dead, has no spell of any kind in any scheme. P01 and L13 silence it."
--
-- [parameters.newborn_days]
-- type = "integer"
-- default = 90
-- min = 0
-- max = 366
-- unit = "days"
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 90
-- min = 0
-- max = 366
-- unit = "days"

SELECT h.person_id,
    list(h.row_id ORDER BY h.row_id) AS row_ids,
    min(h.valid_from) AS since,
    '' AS subject,
    1 - coalesce(max(n.doubt), 0) AS link_probability,
    min(h.household_no) AS household_no,
    min(h.address) AS address,
    min(h.region) AS region,
    max(date_diff('year', h.birth_date, r.reference_date)) AS age_years
FROM household_register h
CROSS JOIN reference r
LEFT JOIN enrolled_doubts n ON n.person_id = h.person_id
WHERE h.person_id IS NOT NULL AND (h.valid_to IS NULL OR h.valid_to > r.reference_date)
    AND coalesce(r.reference_date - h.valid_from > $grace_days, true)
    AND coalesce(r.reference_date - h.birth_date > $newborn_days, true)
    AND h.person_id NOT IN (SELECT person_id FROM enrolments WHERE person_id IS NOT NULL)
    AND h.person_id NOT IN (SELECT person_id FROM deaths)
GROUP BY h.person_id

-- [[examples]]
-- what = "moved in"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=@
-- '''
-- raises = ["2024-03-31", "2000-01-01"]
-- silent = ["2024-04-01", "2024-04-02"]
--
-- [[examples]]
-- what = "born"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 birth_date=@
-- '''
-- raises = ["2024-03-31"]
-- silent = ["2024-04-01"]
--
-- [[examples]]
-- what = "some spell, some time"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=@ psn_type=resident start_date=2020-01-01
-- '''
-- silent = ["normal", "paused", "ended"]
--
-- [[examples]]
-- what = "dead"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- '''
-- silent = true
--
-- [[examples]]
-- what = "moved away"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=@ cancel_reason=moved_out
-- '''
-- raises = ["2024-07-01"]
-- silent = ["2024-06-30"]
