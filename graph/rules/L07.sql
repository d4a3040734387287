-- id = "L07"
-- title = "死亡证明而户籍未注销"
-- title_en = "Death certified, household entry still open"
-- basis = "威医保发〔2020〕60号 §二(一), §二末; 户口登记条例 8"
-- feeds = ["W01", "W07"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["death_date", "days_open"]
-- fires = "A death was certified more than grace_days days before the reference date, the person has an open entry in the household register, and none that was cancelled for death."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

SELECT d.person_id,
    list(DISTINCT h.row_id ORDER BY h.row_id) AS row_ids,
    list(DISTINCT d.row_id ORDER BY d.row_id) AS any_of,
    min(d.death_date) AS since,
    '' AS subject,
    min(d.death_date) AS death_date,
    max(r.reference_date - d.death_date) AS days_open
FROM deaths d
JOIN register_now n ON n.person_id = d.person_id AND n.open AND NOT coalesce(n.dead, false)
JOIN household_register h ON h.person_id = d.person_id AND h.valid_to IS NULL
CROSS JOIN reference r
WHERE d.feed = 'W01' AND r.reference_date - d.death_date > $grace_days
GROUP BY d.person_id

-- [[examples]]
-- what = "an open entry after the certificate"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=@
-- W07 person=1 household_no=h1 move_in_date=2000-01-01
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01"]
--
-- [[examples]]
-- what = "cancelled, for whatever reason"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-04-30 cancel_reason=@
-- '''
-- silent = ["death", "moved_out"]
--
-- [[examples]]
-- what = "one entry cancelled for death, another left open as a duplicate"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-04-30 cancel_reason=death
-- W07 person=1 household_no=h2 move_in_date=2000-01-01
-- '''
-- silent = true
