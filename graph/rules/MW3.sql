-- id = "MW3"
-- title = "省级与本地预警差异"
-- title_en = "The province's warnings differ from ours"
-- basis = "济医保发〔2023〕13号 §四"
-- feeds = ["J10", "J05", "J01", "J04", "J12"]
-- needs = ["J10", "J05"]
-- severity = "C"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "mth"
-- enabled = true
-- version = 1
-- evidence = ["only_in", "burden", "line", "provincial_burden", "provincial_line", "population"]
-- fires = "The province's list holds rows for the reference month, and a person is on it but not over the local line (as MW1 and MW2 draw it, by the same formula), or is over the local line and not on it."
--
-- [parameters.share_vulnerable]
-- type = "number"
-- default = 0.5
-- min = 0.1
-- max = 3
-- unit = "of last year's income"
--
-- [parameters.share_ordinary]
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

WITH burdens AS (
    SELECT b.person_id,
        CASE WHEN $formula = 1 THEN b.all_self_paid ELSE b.in_scope_self_paid END AS burden,
        w.income * CASE WHEN v.person_id IS NULL THEN $share_ordinary ELSE $share_vulnerable END AS line
    FROM yearly_burdens b
    LEFT JOIN vulnerable_now v ON v.person_id = b.person_id
    CROSS JOIN warning_lines w
    WHERE b.basis = $year_basis
),
here AS (
    SELECT * FROM burdens WHERE burden > line
),
shown AS (
    SELECT c.person_id, count(DISTINCT c.psn_no) AS psn_nos, list(DISTINCT c.place ORDER BY c.place) AS places,
        list(c.row_id ORDER BY c.all_self_paid DESC, c.row_id)[1:50] AS row_ids
    FROM yearly_costs c
    WHERE c.person_id IN (SELECT person_id FROM here)
        AND CASE WHEN $year_basis = 1 THEN c.by_service ELSE c.by_settlement END
    GROUP BY c.person_id
)
SELECT p.person_id,
    [p.row_id] AS row_ids,
    r.period AS since,
    p.burden AS amount,
    CAST(r.period AS VARCHAR) AS subject,
    'province' AS only_in,
    b.burden,
    round(b.line, 2) AS line,
    p.burden AS provincial_burden,
    p.line AS provincial_line,
    p.population
FROM provincial_now p
LEFT JOIN burdens b ON b.person_id = p.person_id
CROSS JOIN reference r
WHERE p.person_id NOT IN (SELECT person_id FROM here)
UNION ALL
SELECT h.person_id, n.row_ids, r.period, h.burden, CAST(r.period AS VARCHAR), 'here', h.burden, round(h.line, 2), NULL,
    NULL, NULL
FROM here h
JOIN shown n ON n.person_id = h.person_id
CROSS JOIN reference r
WHERE h.person_id NOT IN (SELECT person_id FROM provincial_now) AND EXISTS (SELECT 1 FROM provincial_now)

-- [[examples]]
-- what = "on the province's list only"
-- rows = '''
-- J10 warned=1 warning_month=@ burden=70000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=1000
-- '''
-- raises = ["2024-06-01"]
-- silent = ["2024-05-01"]
--
-- [[examples]]
-- what = "on both"
-- rows = '''
-- J10 warned=1 warning_month=2024-06-01 burden=70000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=@
-- '''
-- raises = ["59835"]
-- silent = ["59835.01"]
--
-- [[examples]]
-- what = "here only"
-- rows = '''
-- J10 warned=2 warning_month=2024-06-01 burden=70000
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=70000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=@
-- '''
-- raises = ["59835.01"]
-- silent = ["59835"]
--
-- [[examples]]
-- what = "no list for the month"
-- rows = '''
-- J10 warned=2 warning_month=2024-05-01 burden=70000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 total_amount=70000
-- '''
-- silent = true
