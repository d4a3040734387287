-- id = "L12"
-- title = "“被死亡”：死亡记录与生命迹象矛盾"
-- title_en = "Recorded dead, but alive"
-- basis = "推导; 个人信息保护法 8, 46"
-- feeds = ["W01", "W05", "W07", "W04", "W11", "W13", "W28", "X01"]
-- needs = ["W01|W05|W07", "W04|W11|W13|W28|X01"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 3
-- silences = ["L01", "L02", "L03", "L05", "L06", "L07", "L10"]
-- evidence = ["death_date", "death_sources", "signs", "first_sign", "last_sign", "hold_allowed"]
-- fires = "A strong sign of life (marriage or divorce registered, contribution month, housing-fund month, face at a visit, proof of life) lies days_after days or more after a recorded death."
--
-- [parameters.days_after]
-- type = "integer"
-- default = 30
-- min = 1
-- max = 365
-- unit = "days"
--
-- # One finding per person; it goes to whoever recorded the death, never to a hold. Signs: a marriage or divorce
-- # registered (both must appear in person), a pension contribution for a later month (from its first day), a visit
-- # proved by face, a month paid into the housing fund, a proof of life in person. Every record of the death must stand; of the signs, one is enough.
-- # L02 is silenced beside L01, of which it is the same for a cremation: whoever is alive was cremated under a wrong name
-- # or number, and that question belongs to the crematory (to which this finding goes), never to whoever would end the cover.
-- # What speaks of the records alone (L08, L09, L11) stays: the source needs it to find its mistake.

WITH signs AS (
    SELECT husband_person_id AS person_id, row_id, registration_date AS day, registration_type AS sign
    FROM marriages
    UNION ALL
    SELECT wife_person_id, row_id, registration_date, registration_type
    FROM marriages
    UNION ALL
    SELECT person_id, row_id, owed_period, 'contribution'
    FROM pension_contributions
    UNION ALL
    SELECT person_id, row_id, CAST(service_begin AS DATE), 'face'
    FROM visits
    WHERE credential = 'face'
    UNION ALL
    SELECT person_id, row_id, paid_through, 'housing fund'
    FROM housing_fund_accounts
    WHERE status IS DISTINCT FROM 'closed'
    UNION ALL
    SELECT person_id, row_id, CAST(check_time AS DATE), 'proof of life'
    FROM life_checks
    WHERE result = 'alive' AND method IS DISTINCT FROM 'data'
)
SELECT s.person_id,
    list(DISTINCT d.row_id ORDER BY d.row_id) AS row_ids,
    list(DISTINCT s.row_id ORDER BY s.row_id) AS any_of,
    min(d.death_date) AS since,
    max(s.day) AS until,
    '' AS subject,
    min(d.death_date) AS death_date,
    list(DISTINCT d.feed ORDER BY d.feed) AS death_sources,
    list(DISTINCT s.sign ORDER BY s.sign) AS signs,
    min(s.day) AS first_sign,
    max(s.day) AS last_sign,
    false AS hold_allowed
FROM deaths d
JOIN signs s ON s.person_id = d.person_id
CROSS JOIN reference r
WHERE s.day - d.death_date >= $days_after AND s.day <= r.reference_date
    AND s.sign IN ('marriage', 'divorce', 'contribution', 'face', 'housing fund', 'proof of life')
GROUP BY s.person_id

-- [[examples]]
-- what = "a face at a visit"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=@ credential=face
-- '''
-- raises = ["2024-04-09", "2024-05-01"]
-- silent = ["2024-04-08", "2024-03-11"]
--
-- [[examples]]
-- what = "a card is no sign"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-05-01 credential=@
-- '''
-- silent = ["social_card", "e_voucher"]
--
-- [[examples]]
-- what = "married, contributing, saving for a house, seen alive"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-03-10 cancel_reason=death
-- W04 husband=1 wife=2 registration_type=@ registration_date=2024-05-01
-- '''
-- raises = ["marriage", "divorce"]
-- silent = ["annulment", "reissue_marriage"]
--
-- [[examples]]
-- what = "a month of contribution"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W11 insured=1 owed_period=@ base=5000
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-04-01", "2024-03-01"]
--
-- [[examples]]
-- what = "a proof of life"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- X01 checked=1 check_time=2024-05-01 method=@ result=alive
-- '''
-- raises = ["face", "visit", "counter"]
-- silent = ["data"]
--
-- [[examples]]
-- what = "a proof of life that failed"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- X01 checked=1 check_time=2024-05-01 method=face result=failed
-- '''
-- silent = true
--
-- [[examples]]
-- what = "housing fund paid up to a later month"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W13 depositor=1 year=2023 start_month=2023-07-01 paid_through=@ status=active
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-04-01"]
