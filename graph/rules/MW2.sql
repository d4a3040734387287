-- id = "MW2"
-- title = "高额费用预警(普通)"
-- title_en = "High-cost warning, ordinary insured"
-- basis = "济医保发〔2023〕13号 §四"
-- feeds = ["J05", "J12", "J01", "J04"]
-- needs = ["J05"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["CIVIL", "RURAL"]
-- due = "mth"
-- enabled = true
-- version = 1
-- evidence = ["burden", "line", "share_of_income", "income", "income_year", "provisional", "formula", "year_basis", "settlements", "psn_nos", "places"]
-- fires = "As MW1, for persons who stand in neither of the two lists at the reference date, and with share 1.5."
--
-- [parameters.share]
-- type = "number"
-- default = 1.5
-- min = 0.5
-- max = 5
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
        AND b.person_id NOT IN (SELECT person_id FROM vulnerable_now)
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
    r.period AS since,
    o.burden AS amount,
    CAST(date_part('year', r.reference_date) AS VARCHAR) AS subject,
    o.burden,
    round($share * w.income, 2) AS line,
    round(o.burden / w.income, 4) AS share_of_income,
    w.income, w.income_year, w.provisional,
    CASE WHEN $formula = 1 THEN 'burden-v1: all self-paid' ELSE 'burden-v2: in-scope self-paid' END AS formula,
    CASE WHEN $year_basis = 1 THEN 'service' ELSE 'settlement' END AS year_basis,
    o.settlements, n.psn_nos, n.places
FROM over o
JOIN shown n ON n.person_id = o.person_id
CROSS JOIN warning_lines w
CROSS JOIN reference r

-- [[examples]]
-- what = "one and a half of 39,890 yuan"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=@ fund_amount=10000
-- '''
-- raises = ["69835.01"]
-- silent = ["69835", "50000"]
--
-- [[examples]]
-- what = "the vulnerable are MW1's"
-- rows = '''
-- J04 member=@ roster_no=r identified_date=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=90000
-- '''
-- raises = ["2"]
-- silent = ["1"]
--
-- [[examples]]
-- what = "other lists are ordinary here"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=90000
-- '''
-- raises = true
