-- id = "M01"
-- title = "婚姻登记与户籍婚姻状况矛盾"
-- title_en = "Marriage registration and household register differ"
-- basis = "威医保发〔2020〕60号 §二(一), §二末"
-- feeds = ["W04", "W07"]
-- severity = "D"
-- direction = "quality"
-- return_to = ["CIVIL", "POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["last_registration", "registered_on", "marital_status"]
-- fires = "The last event (marriage, divorce or annulment) registered for a person lies more than grace_days days before the reference date, and an open household entry says otherwise: single or divorced after a marriage, married after a divorce or annulment. Widowed is no contradiction."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 90
-- min = 0
-- max = 730
-- unit = "days"

WITH events AS (
    SELECT husband_person_id AS person_id, row_id, registration_type, registration_date FROM marriages
    UNION ALL
    SELECT wife_person_id, row_id, registration_type, registration_date FROM marriages
),
latest AS (
    SELECT e.*
    FROM events e
    CROSS JOIN reference r
    WHERE e.person_id IS NOT NULL AND e.registration_type IN ('marriage', 'divorce', 'annulment')
        AND e.registration_date <= r.reference_date
    QUALIFY row_number() OVER (
        PARTITION BY e.person_id ORDER BY e.registration_date DESC, e.registration_type DESC, e.row_id DESC
    ) = 1
)
SELECT l.person_id,
    list_sort(list_distinct(list(l.row_id) || list(h.row_id))) AS row_ids,
    min(l.registration_date) AS since,
    '' AS subject,
    min(l.registration_type) AS last_registration,
    min(l.registration_date) AS registered_on,
    min(h.marital_status) AS marital_status
FROM latest l
JOIN household_register h ON h.person_id = l.person_id AND h.valid_to IS NULL
CROSS JOIN reference r
WHERE r.reference_date - l.registration_date > $grace_days
    AND (
        (l.registration_type = 'marriage' AND h.marital_status IN ('single', 'divorced'))
        OR (l.registration_type IN ('divorce', 'annulment') AND h.marital_status = 'married')
    )
GROUP BY l.person_id

-- [[examples]]
-- what = "married, but single in the register"
-- rows = '''
-- W04 husband=1 wife=2 registration_type=marriage registration_date=@
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 marital_status=single
-- '''
-- raises = ["2024-03-31"]
-- silent = ["2024-04-01", "2024-04-02"]
--
-- [[examples]]
-- what = "what the register says after a marriage"
-- rows = '''
-- W04 husband=2 wife=1 registration_type=marriage registration_date=2020-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 marital_status=@
-- '''
-- raises = ["single", "divorced"]
-- silent = ["married", "widowed", "null"]
--
-- [[examples]]
-- what = "after a divorce"
-- rows = '''
-- W04 husband=2 wife=1 registration_type=marriage registration_date=2020-01-01
-- W04 husband=2 wife=1 registration_type=divorce registration_date=2022-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 marital_status=@
-- '''
-- raises = ["married"]
-- silent = ["divorced", "single"]
