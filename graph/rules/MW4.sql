-- id = "MW4"
-- title = "预警后未见处置"
-- title_en = "A warning without response"
-- basis = "推导; 济医保发〔2023〕13号 §四"
-- feeds = ["J05"]
-- needs = []
-- severity = "B"
-- direction = "protect"
-- return_to = ["CIVIL", "RURAL"]
-- due = "mth"
-- enabled = true
-- version = 1
-- about_feeds = true
-- evidence = ["warned_on", "department", "months_since", "warning_rule"]
-- fires = "A warning (MW1, MW2) was issued to a department, and no reply, resolution or no-third-party note for it is recorded by the end of the month after the one in which it was issued, which the reference date has reached."

WITH issued AS (
    SELECT finding_key, rule, department, person_id, min(day) AS warned_on, max(row_ids) AS row_ids
    FROM case_steps
    WHERE event = 'issued' AND rule IN ('MW1', 'MW2')
    GROUP BY ALL
)
SELECT i.person_id,
    i.row_ids,
    i.warned_on AS since,
    concat_ws('|', i.finding_key, i.department, i.warned_on) AS subject,
    i.warned_on,
    i.department,
    date_diff('month', i.warned_on, r.reference_date) AS months_since,
    i.rule AS warning_rule
FROM issued i
CROSS JOIN reference r
WHERE last_day(CAST(i.warned_on + INTERVAL 1 MONTH AS DATE)) <= r.reference_date
    AND NOT EXISTS (
        SELECT 1 FROM case_steps s
        WHERE s.finding_key = i.finding_key AND s.day >= i.warned_on
            AND s.event IN ('replied', 'updated', 'resolved', 'denied')
            AND (s.department IS NULL OR s.department IN ('', i.department))
    )

-- [[examples]]
-- what = "no reply by the end of the next month"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=MW1 event=issued day=@ department=CIVIL record_key=1019 row_ids=[1]
-- '''
-- raises = ["2024-05-31", "2024-05-01", "2024-01-15"]
-- silent = ["2024-06-01", "2024-06-30"]
--
-- [[examples]]
-- what = "a reply"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=MW1 event=issued day=2024-04-10 department=CIVIL record_key=1019 row_ids=[1]
-- case_events finding_key=7 rule=MW1 event=@ day=2024-05-10 department=CIVIL record_key=1019 row_ids=[1]
-- '''
-- raises = ["urged"]
-- silent = ["replied", "resolved"]
--
-- [[examples]]
-- what = "of another department"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=MW2 event=issued day=2024-04-10 department=CIVIL record_key=1019 row_ids=[1]
-- case_events finding_key=7 rule=MW2 event=replied day=2024-05-10 department=@ record_key=1019 row_ids=[1]
-- '''
-- raises = ["RURAL"]
-- silent = ["CIVIL"]
--
-- [[examples]]
-- what = "other rules have their own clock"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=L01 event=issued day=2024-04-10 department=MSB record_key=1019 row_ids=[1]
-- '''
-- silent = true
