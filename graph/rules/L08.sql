-- id = "L08"
-- title = "户籍死亡注销而无死亡证明/火化"
-- title_en = "Cancelled as dead, without certificate or cremation"
-- basis = "威医保发〔2020〕60号 §二(一), §二末"
-- feeds = ["W07", "W01", "W05"]
-- needs = ["W07", "W01"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["HEALTH", "CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["cancel_date", "days_since"]
-- fires = "A household entry was cancelled for death more than grace_days days before the reference date and no earlier than the first death that the certificates received reach back to, and no certificate or cremation of that person is known."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 60
-- min = 0
-- max = 365
-- unit = "days"

SELECT h.person_id,
    list(h.row_id ORDER BY h.row_id) AS row_ids,
    min(h.cancel_date) AS since,
    '' AS subject,
    1 - coalesce(max(c.match_probability), 0) AS link_probability,
    min(h.cancel_date) AS cancel_date,
    max(r.reference_date - h.cancel_date) AS days_since
FROM household_register h
CROSS JOIN reference r
LEFT JOIN crossings c ON c.person_id = h.person_id
    AND c.other_person_id IN (SELECT person_id FROM deaths WHERE feed IN ('W01', 'W05'))
WHERE h.cancel_reason = 'death' AND h.person_id IS NOT NULL
    AND r.reference_date - h.cancel_date > $grace_days
    AND h.cancel_date >= (SELECT min(death_date) FROM deaths WHERE feed = 'W01')
    AND h.person_id NOT IN (SELECT person_id FROM deaths WHERE feed IN ('W01', 'W05'))
GROUP BY h.person_id

-- [[examples]]
-- what = "nobody else recorded the death"
-- rows = '''
-- W01 deceased=9 certificate_no=c9 death_time=2023-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=@ cancel_reason=death
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01", "2024-05-02"]
--
-- [[examples]]
-- what = "before the certificates reach back"
-- rows = '''
-- W01 deceased=9 certificate_no=c9 death_time=2024-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2023-12-31 cancel_reason=death
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a certificate, or a cremation"
-- rows = '''
-- W01 deceased=9 certificate_no=c9 death_time=2023-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-12 cancel_reason=death
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W07 person=2 household_no=h2 move_in_date=2000-01-01 cancel_date=2024-03-12 cancel_reason=death
-- W05 deceased=2 cremation_time=2024-03-14
-- '''
-- silent = true
--
-- [[examples]]
-- what = "moved out is not dead"
-- rows = '''
-- W01 deceased=9 certificate_no=c9 death_time=2023-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-12 cancel_reason=moved_out
-- '''
-- silent = true
