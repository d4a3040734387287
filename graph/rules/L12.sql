-- id = "L12"
-- title = "“被死亡”：死亡记录与生命迹象矛盾"
-- title_en = "Recorded dead, but alive"
-- basis = "推导; 个人信息保护法 8, 46"
-- feeds = ["W01", "W05", "W07", "W04", "W11", "W28"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- silences = ["L01", "L03", "L05", "L06", "L07", "L10"]
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
-- # proved by face. Every record of the death must stand; of the signs, one is enough.

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
    AND s.sign IN ('marriage', 'divorce', 'contribution', 'face')
GROUP BY s.person_id
