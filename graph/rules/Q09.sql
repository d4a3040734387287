-- id = "Q09"
-- title = "逾期未回复"
-- title_en = "Reply overdue"
-- basis = "威医保发〔2020〕60号 §二末, §三(三)"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "C"
-- direction = "quality"
-- return_to = ["PROVIDER", "MSB"]
-- due = "-"
-- enabled = true
-- version = 2
-- about_feeds = true
-- joins_rows = false
-- evidence = ["department", "issued_on", "due_on", "days_overdue", "about_rule"]
-- fires = "A finding was issued or returned to a department, the day by which the reply is owed (as the case states it, else working_days working days after) lies before the reference date, and no reply, update, resolution or denial by it is recorded up to the reference date."
--
-- [parameters.working_days]
-- type = "integer"
-- default = 10
-- min = 1
-- max = 60
-- unit = "working days, where the case states no day"

WITH issued AS (
    SELECT finding_key, rule, department, person_id, min(day) AS issued_on,
        min(due) AS stated, max(row_ids) AS row_ids
    FROM case_steps
    WHERE event IN ('issued', 'returned')
    GROUP BY finding_key, rule, department, person_id
),
dated AS (
    SELECT i.*, coalesce(i.stated, d.day) AS due_on
    FROM issued i
    ASOF LEFT JOIN working_days w ON w.day <= i.issued_on
    LEFT JOIN working_days d ON d.number = coalesce(w.number, 0) + CAST($working_days AS INTEGER)
)
SELECT i.person_id,
    i.row_ids,
    i.due_on AS since,
    concat_ws('|', i.finding_key, i.department, i.issued_on) AS subject,
    [i.department] AS departments,
    i.department, i.issued_on, i.due_on,
    r.reference_date - i.due_on AS days_overdue,
    i.rule AS about_rule
FROM dated i
CROSS JOIN reference r
WHERE coalesce(i.department, '') <> '' AND i.due_on < r.reference_date AND NOT EXISTS (
    SELECT 1 FROM case_steps s
    WHERE s.finding_key = i.finding_key AND s.day >= i.issued_on AND s.day <= r.reference_date
        AND s.event IN ('replied', 'updated', 'resolved', 'denied')
        AND (s.department IS NULL OR s.department IN ('', i.department))
)

-- [[examples]]
-- what = "the day the case states"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=L01 event=issued day=2024-06-10 due=@ department=HEALTH record_key=1019 row_ids=[1]
-- '''
-- raises = ["2024-06-29", "2024-06-24"]
-- silent = ["2024-06-30", "2024-07-01"]
--
-- [[examples]]
-- what = "ten working days where it states none"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=L01 event=issued day=@ department=HEALTH record_key=1019 row_ids=[1]
-- '''
-- raises = ["2024-06-16", "2024-06-14", "2020-01-01"]
-- silent = ["2024-06-17", "2024-06-29"]
--
-- [[examples]]
-- what = "a reply"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- case_events finding_key=7 rule=L01 event=issued day=2024-05-10 department=HEALTH record_key=1019 row_ids=[1]
-- case_events finding_key=7 rule=L01 event=@ day=2024-06-20 department=HEALTH record_key=1019 row_ids=[1]
-- '''
-- raises = ["urged"]
-- silent = ["replied", "denied"]
