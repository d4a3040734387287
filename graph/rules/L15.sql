-- id = "L15"
-- title = "出生证明与户籍不符"
-- title_en = "Birth certificate and household register differ"
-- basis = "威医保发〔2020〕60号 §二(一), §二末"
-- feeds = ["W02", "W07"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["HEALTH", "POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["differs", "birth_dates", "sexes", "mothers"]
-- fires = "Of one child the certificate and an open household entry give birth dates more than max_days days apart, another sex, or another mother: the number of the mother in the register is borne by one person, who is not the mother of the certificate."
--
-- [parameters.max_days]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 31
-- unit = "days"

WITH bearers AS (
    SELECT r.id_number, min(m.entity_id) AS mother_id
    FROM records r
    JOIN members m ON m.record_key = r.record_key
    WHERE r.id_status IN ('valid', 'legacy') AND r.id_number IN (
        SELECT mother_id FROM records WHERE feed = 'W07' AND mother_id IS NOT NULL
    )
    GROUP BY r.id_number
    HAVING min(m.entity_id) = max(m.entity_id)
),
sides AS (
    SELECT b.person_id, b.row_id AS birth_row, h.row_id AS register_row,
        CAST(b.birth_time AS DATE) AS born, h.birth_date AS registered, b.sex AS sex_a, h.sex AS sex_b,
        b.mother_person_id AS mother_a, o.mother_id AS mother_b
    FROM birth_certificates b
    JOIN household_register h ON h.person_id = b.person_id AND h.valid_to IS NULL
    LEFT JOIN records rh ON rh.record_key = h.record_key
    LEFT JOIN bearers o ON o.id_number = rh.mother_id
),
compared AS (
    SELECT *, list_filter([
        CASE WHEN abs(born - registered) > $max_days THEN 'birth date' END,
        CASE WHEN sex_a <> sex_b THEN 'sex' END,
        CASE WHEN mother_a <> mother_b THEN 'mother' END
    ], lambda difference: difference IS NOT NULL) AS differs
    FROM sides
)
SELECT person_id,
    list_sort(list_distinct(list(birth_row) || list(register_row))) AS row_ids,
    min(born) AS since,
    '' AS subject,
    list_sort(list_distinct(flatten(list(differs)))) AS differs,
    list_sort(list_distinct(list(born) || list(registered))) AS birth_dates,
    list_sort(list_distinct(list(sex_a) || list(sex_b))) AS sexes,
    list_sort(list_distinct(list(mother_a) || list(mother_b))) AS mothers
FROM compared
WHERE len(differs) > 0
GROUP BY person_id

-- [[examples]]
-- what = "another day"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-05T23:50
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 birth_date=@
-- '''
-- raises = ["2024-01-06", "2024-01-04"]
-- silent = ["2024-01-05"]
--
-- [[examples]]
-- what = "another sex"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-05 sex=1
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 birth_date=2024-01-05 sex=@
-- '''
-- raises = ["2"]
-- silent = ["1", "null"]
--
-- [[examples]]
-- what = "another mother"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-05
-- W16 recipient=3 certificate_no=d3 approval_month=2023-01-01 record.id_number=N3 record.id_status=valid
-- W16 recipient=2 certificate_no=d2 approval_month=2023-01-01 record.id_number=N2 record.id_status=valid
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 birth_date=2024-01-05 record.mother_id=@
-- '''
-- raises = ["N3"]
-- silent = ["N2", "N4", "null"]
--
-- [[examples]]
-- what = "a closed entry"
-- rows = '''
-- W02 child=1 mother=2 birth_time=2024-01-05
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 birth_date=2024-01-07 cancel_date=2024-02-01 cancel_reason=duplicate
-- '''
-- silent = true
