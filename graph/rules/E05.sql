-- id = "E05"
-- title = "一人多医保编号"
-- title_en = "One person, several insurance numbers"
-- basis = "推导; 数据依据 济医保发〔2023〕13号 §三 信息唯一"
-- feeds = ["W29"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["psn_nos", "schemes", "places"]
-- fires = "The rows of one person in the enrolment feed bear more than one personal number (psn_no)."
--
-- # One finding per person. The evidence is one row for each personal number, so the link probability is that of
-- # the path between records with different numbers.

WITH several AS (
    SELECT person_id FROM enrolments WHERE person_id IS NOT NULL GROUP BY person_id HAVING min(psn_no) <> max(psn_no)
),
latest AS (
    SELECT person_id, psn_no, insutype, insuplc_admdvs, row_id, valid_from
    FROM enrolments
    SEMI JOIN several USING (person_id)
    WHERE psn_no IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY person_id, psn_no
        ORDER BY coalesce(status = 'normal', false) DESC, valid_from DESC NULLS LAST, row_id
    ) = 1
)
SELECT person_id,
    list(row_id ORDER BY psn_no) AS row_ids,
    max(valid_from) AS since,
    '' AS subject,
    list(psn_no ORDER BY psn_no) AS psn_nos,
    list(insutype ORDER BY psn_no) AS schemes,
    list(insuplc_admdvs ORDER BY psn_no) AS places
FROM latest
GROUP BY person_id
HAVING count(*) > 1

-- [[examples]]
-- what = "two insurance numbers of one person"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W29 insured=1 psn_no=@ insutype=310 status=normal psn_type=working start_date=2020-01-01
-- '''
-- raises = ["b"]
-- silent = ["a"]
