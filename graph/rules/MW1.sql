-- id = "MW1"
-- title = "高额费用预警(困难)"
-- title_en = "High-cost warning, vulnerable"
-- basis = "济医保发〔2023〕13号 §四"
-- feeds = ["J05", "J01", "J04", "J12"]
-- needs = ["J05", "J01|J04"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["CIVIL", "RURAL"]
-- due = "mth"
-- enabled = true
-- version = 1
-- evidence = ["burden", "line", "share_of_income", "income", "income_year", "provisional", "formula", "year_basis", "settlements", "psn_nos", "places", "categories"]
-- fires = "A person in the near-subsistence or the monitoring list at the reference date bore, from 1 January up to it, over all insurance numbers and places, more than share of the province's per-capita disposable income of the year before (provisional: of the newest year known). Formula 1: all self-paid, total less basic and serious-illness reimbursement; formula 2: the same in scope. The year goes by the first day of the service, or by the settlement. Reversals subtract."
--
-- [parameters.share]
-- type = "number"
-- default = 0.5
-- min = 0.1
-- max = 3
-- unit = "of last year's income"
--
-- [parameters.formula]
-- type = "integer"
-- default = 1
-- min = 1
-- max = 2
-- unit = "version"
--
-- [parameters.year_basis]
-- type = "integer"
-- default = 1
-- min = 1
-- max = 2
-- unit = "1 = service, 2 = settlement"

WITH over AS (
    SELECT b.person_id, b.settlements,
        CASE WHEN $formula = 1 THEN b.all_self_paid ELSE b.in_scope_self_paid END AS burden
    FROM yearly_burdens b
    CROSS JOIN warning_lines w
    WHERE b.basis = $year_basis
        AND CASE WHEN $formula = 1 THEN b.all_self_paid ELSE b.in_scope_self_paid END > $share * w.income
        AND b.person_id IN (SELECT person_id FROM vulnerable_now)
),
shown AS (
    SELECT c.person_id, count(DISTINCT c.psn_no) AS psn_nos, list(DISTINCT c.place ORDER BY c.place) AS places,
        list(c.row_id ORDER BY c.all_self_paid DESC, c.row_id)[1:50] AS row_ids
    FROM yearly_costs c
    WHERE c.person_id IN (SELECT person_id FROM over)
        AND CASE WHEN $year_basis = 1 THEN c.by_service ELSE c.by_settlement END
    GROUP BY c.person_id
)
SELECT o.person_id,
    n.row_ids,
    v.row_ids AS any_of,
    r.period AS since,
    o.burden AS amount,
    CAST(date_part('year', r.reference_date) AS VARCHAR) AS subject,
    o.burden,
    round($share * w.income, 2) AS line,
    round(o.burden / w.income, 4) AS share_of_income,
    w.income, w.income_year, w.provisional,
    CASE WHEN $formula = 1 THEN 'burden-v1: all self-paid' ELSE 'burden-v2: in-scope self-paid' END AS formula,
    CASE WHEN $year_basis = 1 THEN 'service' ELSE 'settlement' END AS year_basis,
    o.settlements, n.psn_nos, n.places, v.categories
FROM over o
JOIN shown n ON n.person_id = o.person_id
JOIN vulnerable_now v ON v.person_id = o.person_id
CROSS JOIN warning_lines w
CROSS JOIN reference r

-- [[examples]]
-- what = "half of 39,890 yuan"
-- rows = '''
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=@ fund_amount=10000
-- '''
-- raises = ["29945.01", "50000"]
-- silent = ["29945", "20000", "9000"]
--
-- [[examples]]
-- what = "over all numbers and places, reversals off"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=a service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=15000 fund_amount=0
-- J05 patient=1 setl_id=s2 psn_no=b service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=15000 fund_amount=0
-- J05 patient=1 setl_id=s3 psn_no=b service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 reverses=@ total_amount=-15000 fund_amount=0
-- '''
-- raises = ["x"]
-- silent = ["s2", "s1"]
--
-- [[examples]]
-- what = "serious illness insurance counts as reimbursed, medical aid does not"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=40000 fund_amount=40000 pooled_amount=10000 serious_illness_amount=@ aid_amount=20000
-- '''
-- raises = ["10000"]
-- silent = ["10055"]
--
-- [[examples]]
-- what = "the year of the service"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-01-05 settle_time=2024-01-06 total_amount=40000
-- '''
-- raises = ["2024-01-01", "2024-06-30"]
-- silent = ["2023-12-31", "2024-07-01"]
--
-- [[examples]]
-- what = "the year of the settlement"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2023-12-31 service_end=2024-03-01 settle_time=@ total_amount=40000
-- '''
-- raises = ["2024-01-01"]
-- silent = ["2023-12-31"]
-- parameters = { year_basis = 2 }
--
-- [[examples]]
-- what = "in scope"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=40000 in_scope_self_amount=@
-- '''
-- raises = ["19945.01"]
-- silent = ["19945"]
-- parameters = { formula = 2 }
--
-- [[examples]]
-- what = "the year's own figure goes before"
-- rows = '''
-- J12 area=山东省 year=2023 income=@ published_date=2024-01-20
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=20000
-- '''
-- raises = ["39999"]
-- silent = ["40000"]
--
-- [[examples]]
-- what = "left the list"
-- rows = '''
-- J04 member=1 roster_no=r identified_date=2023-01-01 risk_removed_date=@
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=40000
-- '''
-- raises = ["2024-06-30"]
-- silent = ["2024-06-29"]
