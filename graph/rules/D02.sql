-- id = "D02"
-- title = "残疾证号内嵌身份证与本人不符"
-- title_en = "The number inside a disability certificate is not the holder's"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(三)"
-- feeds = ["W21", "W07"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["DPF"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["certificate_no", "number_inside", "numbers_of_holder"]
-- fires = "The first 18 characters of the number of a certificate that holds at the reference date are none of the valid numbers under which its holder stands in the household register; a certificate number of fewer than 19 characters or a holder without a valid number there is silent."

WITH numbers AS (
    SELECT h.person_id, list(DISTINCT r.id_number ORDER BY r.id_number) AS numbers,
        list_sort(list(h.row_id)) AS row_ids
    FROM household_register h
    JOIN records r ON r.record_key = h.record_key
    WHERE r.id_status IN ('valid', 'legacy') AND h.person_id IN (SELECT person_id FROM disability_certificates)
    GROUP BY h.person_id
)
SELECT c.person_id,
    list_sort(list_distinct(list(c.row_id) || max(n.row_ids))) AS row_ids,
    min(c.valid_from) AS since,
    upper(trim(c.certificate_no)) AS subject,
    upper(trim(c.certificate_no)) AS certificate_no,
    substr(upper(trim(c.certificate_no)), 1, 18) AS number_inside,
    max(n.numbers) AS numbers_of_holder
FROM disability_certificates c
JOIN numbers n ON n.person_id = c.person_id
CROSS JOIN reference r
WHERE length(trim(c.certificate_no)) > 18
    AND NOT list_contains(n.numbers, substr(upper(trim(c.certificate_no)), 1, 18))
    AND (c.valid_to IS NULL OR c.valid_to >= r.reference_date)
GROUP BY c.person_id, upper(trim(c.certificate_no))

-- [[examples]]
-- what = "the number inside"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 record.id_number=37100219800101001X record.id_status=valid
-- W21 holder=1 issue_date=2019-01-01 certificate_no=@
-- '''
-- raises = ["37100219800101002843"]
-- silent = ["37100219800101001X43", "37100219800101001x43"]
--
-- [[examples]]
-- what = "a number too short to hold one"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 record.id_number=37100219800101001X record.id_status=valid
-- W21 holder=1 issue_date=2019-01-01 certificate_no=12345
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the register's number is wrong itself"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 record.id_number=371002198001010019 record.id_status=@
-- W21 holder=1 issue_date=2019-01-01 certificate_no=37100219800101002843
-- '''
-- raises = ["valid"]
-- silent = ["checksum"]
