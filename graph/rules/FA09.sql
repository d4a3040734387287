-- id = "FA09"
-- title = "诊疗与性别/年龄矛盾"
-- title_en = "A diagnosis impossible at that sex or age"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(五)"
-- feeds = ["W28", "J05", "W07"]
-- needs = ["W28|J05", "W07"]
-- severity = "B"
-- direction = "quality"
-- return_to = ["FACILITY"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["conflict", "diagnosis_code", "sex", "birth_date", "age", "facility_name", "note"]
-- fires = "A treatment bears a diagnosis of pregnancy or birth (O) or of female organs (C51-C58, N70-N98) although the household register says male, of male organs (C60-C63, N40-N51) although it says female, of pregnancy at less than young or more than old years, or of the newborn (P) at child_years years or more. Identity first: the finding goes by the link between visit and register."
--
-- [parameters.child_years]
-- type = "integer"
-- default = 2
-- min = 1
-- max = 10
-- unit = "years"
--
-- [parameters.young]
-- type = "integer"
-- default = 10
-- min = 5
-- max = 14
-- unit = "years"
--
-- [parameters.old]
-- type = "integer"
-- default = 65
-- min = 55
-- max = 80
-- unit = "years"

WITH registered AS (
    SELECT person_id, min(row_id) AS row_id, min(sex) AS sex, min(birth_date) AS birth_date
    FROM household_register
    WHERE person_id IN (SELECT person_id FROM treatments WHERE diagnosis_code IS NOT NULL)
    GROUP BY person_id
    HAVING count(DISTINCT sex) <= 1
),
compared AS (
    SELECT t.*, h.row_id AS register_row, h.sex, h.birth_date, upper(left(t.diagnosis_code, 3)) AS block,
        date_diff('year', h.birth_date, t.begin_day)
            - CASE WHEN strftime(t.begin_day, '%m%d') < strftime(h.birth_date, '%m%d') THEN 1 ELSE 0 END AS age
    FROM treatments t
    JOIN registered h ON h.person_id = t.person_id
    WHERE regexp_matches(upper(t.diagnosis_code), '^(O|P|C5[1-8]|C6[0-3]|N[4-9])')
),
judged AS (
    SELECT *,
        CASE WHEN sex = 1 AND (block LIKE 'O%' OR block BETWEEN 'C51' AND 'C58' OR block BETWEEN 'N70' AND 'N98')
                THEN 'sex'
            WHEN sex = 2 AND (block BETWEEN 'C60' AND 'C63' OR block BETWEEN 'N40' AND 'N51') THEN 'sex'
            WHEN block LIKE 'O%' AND (age < $young OR age > $old) THEN 'age'
            WHEN block LIKE 'P%' AND age >= $child_years THEN 'age' END AS conflict
    FROM compared
)
SELECT person_id,
    row_ids || [register_row] AS row_ids,
    begin_day AS since,
    end_day AS until,
    fund_amount AS amount,
    visit AS subject,
    conflict, diagnosis_code, sex, birth_date, age, facility_name,
    'identity error first' AS note
FROM judged
WHERE conflict IS NOT NULL

-- [[examples]]
-- what = "a man with a woman's diagnosis"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 sex=1 birth_date=1980-01-01
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 diagnosis_code=@
-- '''
-- raises = ["O80", "C53.9", "n85"]
-- silent = ["N40", "J18", "S82"]
--
-- [[examples]]
-- what = "a woman with a man's"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 sex=2 birth_date=1980-01-01
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 diagnosis_code=@
-- '''
-- raises = ["C61", "N40.0"]
-- silent = ["O80", "N64"]
--
-- [[examples]]
-- what = "the newborn's"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 sex=1 birth_date=@
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 diagnosis_code=P07
-- '''
-- raises = ["2022-03-01", "1980-01-01"]
-- silent = ["2022-03-02", "2024-02-28"]
--
-- [[examples]]
-- what = "pregnant at an age"
-- rows = '''
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 sex=2 birth_date=@
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 diagnosis_code=O20
-- '''
-- raises = ["2014-03-02", "1958-03-01"]
-- silent = ["2014-03-01", "1958-03-02"]
