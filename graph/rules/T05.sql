-- id = "T05"
-- title = "应由工伤负担"
-- title_en = "Work injury paid by medical insurance"
-- basis = "推导; 社会保险法 30(一)"
-- feeds = ["X04", "W28", "J05"]
-- needs = ["X04", "W28|J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["HRSS"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["decision_no", "accident_date", "accident_cause", "decision_date", "treatments", "employer_name"]
-- fires = "A work injury was recognised, decided up to the reference date, and the person had trauma treatments paid by the fund that began from the day of the accident up to trauma_days days after it. One finding per decision."
--
-- [parameters.trauma_days]
-- type = "integer"
-- default = 90
-- min = 1
-- max = 1095
-- unit = "days"

SELECT w.person_id,
    list_sort(list_distinct(list(w.row_id))) || list_sort(list_distinct(flatten(list(t.row_ids)))) AS row_ids,
    min(t.begin_day) AS since,
    max(coalesce(t.end_day, t.begin_day)) AS until,
    sum(t.fund_amount) AS amount,
    coalesce(w.decision_no, '') AS subject,
    w.decision_no,
    min(w.accident_date) AS accident_date,
    min(w.accident_cause) AS accident_cause,
    min(w.decision_date) AS decision_date,
    count(DISTINCT t.visit) AS treatments,
    min(w.employer_name) AS employer_name
FROM work_injuries w
JOIN treatments t ON t.person_id = w.person_id AND t.begin_day - w.accident_date BETWEEN 0 AND $trauma_days
CROSS JOIN reference r
WHERE w.decision = 'recognised' AND w.decision_date <= r.reference_date AND t.trauma AND t.fund_amount > 0
GROUP BY w.person_id, w.decision_no

-- [[examples]]
-- what = "paid by the fund from the accident on"
-- rows = '''
-- X04 injured=1 decision_no=d accident_date=2024-01-10 decision_date=2024-03-01 decision=recognised
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=500
-- '''
-- raises = ["2024-01-10", "2024-04-09"]
-- silent = ["2024-01-09", "2024-04-10"]
--
-- [[examples]]
-- what = "the decision"
-- rows = '''
-- X04 injured=1 decision_no=d accident_date=2024-01-10 decision_date=2024-03-01 decision=@
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-01-11 service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=500
-- '''
-- raises = ["recognised"]
-- silent = ["refused"]
--
-- [[examples]]
-- what = "decided later, or no trauma"
-- rows = '''
-- X04 injured=1 decision_no=d accident_date=2024-01-10 decision_date=2024-07-01 decision=recognised
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-01-11 service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=500
-- X04 injured=2 decision_no=e accident_date=2024-01-10 decision_date=2024-03-01 decision=recognised
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-01-11 service_end=2024-03-01 settle_time=2024-03-02 fund_amount=500
-- '''
-- silent = true
