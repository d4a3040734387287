-- id = "E02"
-- title = "跨制度重复参保"
-- title_en = "Enrolled in both schemes at once"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 前言; 济医保发〔2023〕13号 §三 去重; 医保发〔2020〕33号"
-- feeds = ["W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["overlap_days", "psn_nos", "places", "employee_since", "keep"]
-- fires = "A person has a normal employee spell and a normal resident spell that overlap by more than grace_days days up to the reference date; spells that touch do not. One finding per person."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 365
-- unit = "days"
--
-- [parameters.keep_after_months]
-- type = "integer"
-- default = 12
-- min = 1
-- max = 60
-- unit = "months"

WITH spells AS (
    SELECT e.person_id, e.insutype, e.psn_no, e.insuplc_admdvs, e.row_id, e.valid_from,
        least(coalesce(e.valid_to, r.reference_date + 1), r.reference_date + 1) AS end_day
    FROM enrolments e
    CROSS JOIN reference r
    WHERE e.person_id IS NOT NULL AND e.status = 'normal' AND e.insutype IN ('310', '390')
),
clashes AS (
    SELECT a.person_id, a.row_id AS employee_row, b.row_id AS resident_row, a.valid_from AS employee_since,
        greatest(a.valid_from, b.valid_from) AS begins, least(a.end_day, b.end_day) AS ends,
        [a.psn_no, b.psn_no] AS psn_nos, [a.insuplc_admdvs, b.insuplc_admdvs] AS places
    FROM spells a
    JOIN spells b ON b.person_id = a.person_id AND b.insutype = '390'
    WHERE a.insutype = '310' AND least(a.end_day, b.end_day) - greatest(a.valid_from, b.valid_from) > $grace_days
)
SELECT c.person_id,
    list_sort(list_distinct(list(c.employee_row) || list(c.resident_row))) AS row_ids,
    min(c.begins) AS since,
    CASE WHEN max(c.ends) <= max(r.reference_date) THEN max(c.ends) END AS until,
    '' AS subject,
    max(c.ends - c.begins) AS overlap_days,
    list_sort(list_distinct(flatten(list(c.psn_nos)))) AS psn_nos,
    list_sort(list_distinct(flatten(list(c.places)))) AS places,
    min(c.employee_since) AS employee_since,
    CASE WHEN date_diff('month', min(c.employee_since), max(c.ends)) >= $keep_after_months THEN 'employee'
        ELSE 'to be chosen' END AS keep
FROM clashes c
CROSS JOIN reference r
GROUP BY c.person_id

-- [[examples]]
-- what = "an employee spell and a resident one"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=310 status=normal psn_type=working start_date=2020-01-01 end_date=2024-03-10
-- W29 insured=1 psn_no=b insutype=390 status=normal psn_type=resident start_date=@
-- '''
-- raises = ["2024-03-09", "2024-01-01"]
-- silent = ["2024-03-10", "2024-03-11"]
--
-- [[examples]]
-- what = "one of them paused"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W29 insured=1 psn_no=b insutype=390 status=@ psn_type=resident start_date=2020-01-01
-- '''
-- raises = ["normal"]
-- silent = ["paused", "ended"]
--
-- [[examples]]
-- what = "one scheme twice is E01"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- W29 insured=1 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "grace"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 end_date=2024-03-10
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=@
-- '''
-- raises = ["2024-02-07"]
-- silent = ["2024-02-08"]
-- parameters = { grace_days = 31 }
