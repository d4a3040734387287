-- id = "D01"
-- title = "重度名单与证件等级不符"
-- title_en = "In the list of the severely disabled with a lower grade"
-- basis = "威医保发〔2020〕60号 §二(三), §二末"
-- feeds = ["W20", "W21"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["DPF"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["list_grade", "certificate_grade", "disability_type", "certificate_no"]
-- fires = "A person stands in the list of the severely disabled at the reference date, and the best certificate that holds that day is of grade 3 or 4; grade 3 of an intellectual or mental disability (智力, 精神) counts as severe."

WITH certificates AS (
    SELECT c.person_id, c.row_id, c.grade, c.disability_type, c.certificate_no,
        CASE WHEN c.grade = '3' AND regexp_matches(coalesce(c.disability_type, ''), '智力|精神') THEN '2'
            ELSE c.grade END AS counts_as
    FROM disability_certificates c
    CROSS JOIN reference r
    WHERE c.person_id IS NOT NULL AND c.grade IS NOT NULL AND c.valid_from <= r.reference_date
        AND (c.valid_to IS NULL OR c.valid_to >= r.reference_date)
)
SELECT s.person_id,
    list_sort(list_distinct(list(s.row_id) || list(c.row_id))) AS row_ids,
    max(greatest(s.valid_from, r.period)) AS since,
    '' AS subject,
    min(s.grade) AS list_grade,
    min(c.grade) AS certificate_grade,
    min(c.disability_type) AS disability_type,
    min(c.certificate_no) AS certificate_no
FROM severe_disabilities s
JOIN certificates c ON c.person_id = s.person_id
CROSS JOIN reference r
WHERE s.valid_from <= r.reference_date AND (s.valid_to IS NULL OR s.valid_to >= r.reference_date)
    AND s.list_status IS DISTINCT FROM 'ended'
GROUP BY s.person_id
HAVING min(c.counts_as) >= '3'

-- [[examples]]
-- what = "the grade of the certificate"
-- rows = '''
-- W20 holder=1 start_date=2020-01-01 grade=2
-- W21 holder=1 certificate_no=c issue_date=2019-01-01 grade=@
-- '''
-- raises = ["3", "4"]
-- silent = ["1", "2", "null"]
--
-- [[examples]]
-- what = "grade three of the mind"
-- rows = '''
-- W20 holder=1 start_date=2020-01-01
-- W21 holder=1 certificate_no=c issue_date=2019-01-01 grade=3 disability_type=@
-- '''
-- raises = ["视力"]
-- silent = ["智力", "精神残疾"]
--
-- [[examples]]
-- what = "it has left the list, or the certificate was cancelled"
-- rows = '''
-- W20 holder=1 start_date=2020-01-01 end_date=@
-- W21 holder=1 certificate_no=c issue_date=2019-01-01 grade=4
-- '''
-- raises = ["2024-06-30"]
-- silent = ["2024-06-29"]
