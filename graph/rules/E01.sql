-- id = "E01"
-- title = "制度内重复参保"
-- title_en = "Enrolled twice in one scheme"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 前言; 济医保发〔2023〕13号 §三 去重"
-- feeds = ["W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["insutype", "spells", "psn_nos", "places", "overlap_days", "keep"]
-- fires = "A person has two normal spells of one scheme that overlap by more than grace_days days; spells that touch do not, and one spell sent twice is one."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 365
-- unit = "days"
--
-- # One finding per person and scheme. Spells that touch (one ends on the day the next begins) do not overlap, and
-- # one spell sent twice is one spell. `keep` follows 医保发〔2020〕33号.

WITH spells AS (
    SELECT e.person_id, e.insutype, e.psn_no, e.insuplc_admdvs, e.psn_type, e.row_id, e.valid_from,
        e.valid_to,
        least(coalesce(e.valid_to, r.reference_date + 1), r.reference_date + 1) AS end_day
    FROM enrolments e
    CROSS JOIN reference r
    WHERE e.person_id IS NOT NULL AND e.insutype IS NOT NULL AND e.status = 'normal'
    QUALIFY row_number() OVER (
        PARTITION BY e.person_id, e.insutype, e.psn_no, e.insuplc_admdvs, e.valid_from ORDER BY e.row_id
    ) = 1
),
clashes AS (
    SELECT a.row_id AS row_a, b.row_id AS row_b,
        greatest(a.valid_from, b.valid_from) AS begins,
        least(a.end_day, b.end_day) AS ends
    FROM spells a
    JOIN spells b ON b.person_id = a.person_id AND b.insutype = a.insutype AND a.row_id < b.row_id
    WHERE least(a.end_day, b.end_day) - greatest(a.valid_from, b.valid_from) > $grace_days
),
involved AS (
    SELECT row_a AS row_id, begins, ends FROM clashes
    UNION ALL
    SELECT row_b, begins, ends FROM clashes
),
overlapping AS (
    SELECT row_id, min(begins) AS begins, max(ends) AS ends, max(ends - begins) AS overlap_days
    FROM involved
    GROUP BY row_id
)
SELECT s.person_id,
    list(s.row_id ORDER BY s.valid_from, s.row_id) AS row_ids,
    min(o.begins) AS since,
    CASE WHEN max(o.ends) <= max(r.reference_date) THEN max(o.ends) END AS until,
    s.insutype AS subject,
    s.insutype,
    count(*) AS spells,
    list(DISTINCT s.psn_no ORDER BY s.psn_no) AS psn_nos,
    list(DISTINCT s.insuplc_admdvs ORDER BY s.insuplc_admdvs) AS places,
    max(o.overlap_days) AS overlap_days,
    CASE WHEN s.insutype = '310' THEN 'place of work'
        WHEN bool_or(s.psn_type = 'student') THEN 'school'
        ELSE 'habitual residence' END AS keep
FROM spells s
JOIN overlapping o ON o.row_id = s.row_id
CROSS JOIN reference r
GROUP BY s.person_id, s.insutype

-- [[examples]]
-- what = "two normal spells of one scheme"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=310 status=normal psn_type=working start_date=2020-01-01 end_date=2024-03-10
-- W29 insured=1 psn_no=b insutype=310 status=normal psn_type=working start_date=@
-- '''
-- raises = ["2024-03-09"]
-- silent = ["2024-03-10", "2024-03-11"]
--
-- [[examples]]
-- what = "two schemes, or one of them paused"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W29 insured=1 psn_no=b insutype=310 status=@ psn_type=working start_date=2020-01-01
-- '''
-- raises = ["normal"]
-- silent = ["paused", "ended"]
