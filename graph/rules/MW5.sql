-- id = "MW5"
-- title = "回传异常未更新/补录"
-- title_en = "A returned anomaly was not corrected"
-- basis = "济医保发〔2023〕13号 §三"
-- feeds = ["J07"]
-- needs = []
-- severity = "C"
-- direction = "quality"
-- return_to = ["CIVIL", "RURAL"]
-- due = "m10"
-- enabled = true
-- version = 1
-- about_feeds = true
-- evidence = ["returned_on", "department", "months_since", "returned_rule"]
-- fires = "An anomaly was returned to a department, and by the end of the month after (which the reference date has reached) neither an update or resolution of it is recorded nor a monthly change (J07) of that person for the month of the return or a later one was received."

WITH returned AS (
    SELECT finding_key, rule, department, person_id, min(day) AS returned_on, max(row_ids) AS row_ids
    FROM case_steps
    WHERE event = 'returned'
    GROUP BY ALL
)
SELECT i.person_id,
    i.row_ids,
    i.returned_on AS since,
    concat_ws('|', i.finding_key, i.department, i.returned_on) AS subject,
    i.returned_on,
    i.department,
    date_diff('month', i.returned_on, r.reference_date) AS months_since,
    i.rule AS returned_rule
FROM returned i
CROSS JOIN reference r
WHERE last_day(CAST(i.returned_on + INTERVAL 1 MONTH AS DATE)) <= r.reference_date
    AND NOT EXISTS (
        SELECT 1 FROM case_steps s
        WHERE s.finding_key = i.finding_key AND s.day >= i.returned_on
            AND s.event IN ('updated', 'resolved', 'denied')
    )
    AND NOT EXISTS (
        SELECT 1 FROM aid_changes c
        WHERE c.person_id = i.person_id AND c.change_month >= date_trunc('month', i.returned_on)
    )

-- [[examples]]
-- what = "nothing came by the end of the next month"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=P15 event=returned day=@ department=CIVIL record_key=1019 row_ids=[1]
-- '''
-- raises = ["2024-05-31", "2024-01-15"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "updated, or only replied"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=P15 event=returned day=2024-04-10 department=CIVIL record_key=1019 row_ids=[1]
-- case_events finding_key=7 rule=P15 event=@ day=2024-05-10 department=CIVIL record_key=1019 row_ids=[1]
-- '''
-- raises = ["replied"]
-- silent = ["updated", "resolved"]
--
-- [[examples]]
-- what = "a change in the month's review"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=P15 event=returned day=2024-04-10 department=CIVIL record_key=1019 row_ids=[1]
-- J07 recipient=1 unit=u change_month=@ change_type=exit category_before=subsistence
-- '''
-- raises = ["2024-03-01"]
-- silent = ["2024-04-01", "2024-05-01"]
