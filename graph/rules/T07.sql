-- id = "T07"
-- title = "先行支付未追偿"
-- title_en = "Advance paid and not recovered"
-- basis = "推导; 社会保险法 30"
-- feeds = ["J05"]
-- needs = []
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "monthly"
-- enabled = true
-- version = 1
-- evidence = ["paid_on", "source", "months_since", "limitation"]
-- fires = "An advance was paid (a case says so, or a standing settlement bears the advance flag) months months or more before the reference date, and since then no step of recovery (urged, recovering, recovered, no third party) is recorded for that case, or for any case of the rules T of that person."
--
-- [parameters.months]
-- type = "integer"
-- default = 6
-- min = 1
-- max = 36
-- unit = "months"

WITH steps AS (
    SELECT * FROM case_steps
),
recovered AS (
    SELECT finding_key, person_id, day
    FROM steps
    WHERE event IN ('urged', 'recovering', 'recovered', 'no_third_party') AND rule LIKE 'T%'
),
advances AS (
    SELECT s.person_id, s.row_ids, s.day AS paid_on, 'case' AS source, NULL::DECIMAL(16, 2) AS amount,
        CAST(s.finding_key AS VARCHAR) AS subject
    FROM steps s
    WHERE s.event = 'advance_paid' AND NOT EXISTS (
        SELECT 1 FROM recovered x WHERE x.finding_key = s.finding_key AND x.day >= s.day
    )
    UNION ALL
    SELECT s.person_id, [s.row_id], CAST(s.settle_time AS DATE), 'settlement', s.fund_amount, s.setl_id
    FROM settled s
    WHERE s.advance_flag AND NOT EXISTS (
        SELECT 1 FROM recovered x WHERE x.person_id = s.person_id AND x.day >= CAST(s.settle_time AS DATE)
    )
)
SELECT a.person_id, a.row_ids,
    a.paid_on AS since,
    a.amount,
    a.subject,
    a.paid_on,
    a.source,
    date_diff('month', a.paid_on, r.reference_date) AS months_since,
    a.paid_on + INTERVAL 3 YEAR AS limitation
FROM advances a
CROSS JOIN reference r
WHERE a.person_id IS NOT NULL AND a.paid_on + to_months($months) <= r.reference_date
QUALIFY row_number() OVER (PARTITION BY a.person_id, a.subject ORDER BY a.paid_on) = 1

-- [[examples]]
-- what = "a settlement with the advance flag"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=@ advance_flag=true fund_amount=500
-- '''
-- raises = ["2023-12-31", "2023-12-30"]
-- silent = ["2024-01-01", "2024-01-15"]
--
-- [[examples]]
-- what = "urged since"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2023-01-10 advance_flag=true fund_amount=500
-- W22 party=1 accident_no=a party_no=1 accident_time=2022-12-10T12:00
-- case_events finding_key=7 rule=T01 event=@ day=2023-06-01 record_key=1025 row_ids=[1]
-- '''
-- raises = ["issued"]
-- silent = ["urged", "recovering", "recovered", "no_third_party"]
--
-- [[examples]]
-- what = "a case of its own"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2022-12-10T12:00
-- case_events finding_key=7 rule=T01 event=advance_paid day=2023-02-01 record_key=1015 row_ids=[1]
-- case_events finding_key=@ rule=T01 event=urged day=2023-06-01 record_key=1015 row_ids=[1]
-- '''
-- raises = ["8"]
-- silent = ["7"]
