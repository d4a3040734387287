-- id = "L09"
-- title = "有火化无死亡证明"
-- title_en = "Cremated without a death certificate"
-- basis = "威医保发〔2020〕60号 §二(一), §二末"
-- feeds = ["W05", "W01"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["HEALTH"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["cremation_date", "crematory"]
-- fires = "A cremation lies more than grace_days days before the reference date and no earlier than the first death that the certificates received reach back to, and no certificate of that person is known."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

SELECT w.person_id,
    list(w.row_id ORDER BY w.row_id) AS row_ids,
    CAST(min(w.cremation_time) AS DATE) AS since,
    '' AS subject,
    1 - coalesce(max(c.match_probability), 0) AS link_probability,
    CAST(min(w.cremation_time) AS DATE) AS cremation_date,
    min(w.crematory) AS crematory
FROM cremations w
CROSS JOIN reference r
LEFT JOIN crossings c ON c.person_id = w.person_id
    AND c.other_person_id IN (SELECT person_id FROM deaths WHERE feed = 'W01')
WHERE w.person_id IS NOT NULL AND r.reference_date - CAST(w.cremation_time AS DATE) > $grace_days
    AND w.cremation_time >= (SELECT min(death_date) FROM deaths WHERE feed = 'W01')
    AND w.person_id NOT IN (SELECT person_id FROM deaths WHERE feed = 'W01')
GROUP BY w.person_id

-- [[examples]]
-- what = "no certificate"
-- rows = '''
-- W01 deceased=9 certificate_no=c9 death_time=2023-01-01
-- W05 deceased=1 cremation_time=@
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01", "2022-12-31"]
--
-- [[examples]]
-- what = "a certificate"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W05 deceased=1 cremation_time=2024-03-12
-- '''
-- silent = true
