-- id = "L16"
-- title = "计生手册与生育待遇不符"
-- title_en = "Maternity benefit without birth or registration"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(一) 计划生育服务手册"
-- feeds = ["W02", "W03", "W28", "J05"]
-- needs = ["W02|W03", "W28|J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB", "HEALTH"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["reason", "med_type", "begin_day", "age", "sex", "facility_name"]
-- fires = "A maternity treatment of a man, or of a woman younger than min_age or older than max_age at its beginning; or a stay for a birth (not a loss) that began more than grace_days days before the reference date, whose patient is the mother of no birth certified from 30 days before its beginning to grace_days days after its end, and is named in no registration of the 400 days before its beginning."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 60
-- min = 0
-- max = 365
-- unit = "days"
--
-- [parameters.min_age]
-- type = "integer"
-- default = 13
-- min = 8
-- max = 20
-- unit = "years"
--
-- [parameters.max_age]
-- type = "integer"
-- default = 58
-- min = 45
-- max = 70
-- unit = "years"

WITH maternity AS (
    SELECT t.*, p.sex, date_diff('year', p.birth_date, t.begin_day)
            - CASE WHEN strftime(t.begin_day, '%m%d') < strftime(p.birth_date, '%m%d') THEN 1 ELSE 0 END AS age
    FROM treatments t
    LEFT JOIN persons p ON p.person_id = t.person_id
    WHERE t.med_type IN ('maternity_outpatient', 'maternity_inpatient')
),
judged AS (
    SELECT m.*,
        CASE WHEN m.sex = 1 THEN 'man'
            WHEN m.age < $min_age OR m.age > $max_age THEN 'age'
            WHEN m.med_type = 'maternity_inpatient' AND coalesce(m.maternity_type, 'birth') = 'birth'
                AND r.reference_date - m.begin_day > $grace_days
                AND NOT EXISTS (
                    SELECT 1 FROM birth_certificates b
                    WHERE b.mother_person_id = m.person_id
                        AND b.birth_time BETWEEN m.begin_day - 30
                            AND coalesce(m.end_day, m.begin_day) + $grace_days + 1
                )
                AND NOT EXISTS (
                    SELECT 1 FROM birth_registrations w
                    WHERE w.wife_person_id = m.person_id AND w.registration_date BETWEEN m.begin_day - 400 AND m.begin_day
                ) THEN 'no birth, no registration' END AS reason
    FROM maternity m
    CROSS JOIN reference r
)
SELECT person_id, row_ids,
    begin_day AS since,
    end_day AS until,
    fund_amount AS amount,
    visit AS subject,
    reason, med_type, begin_day, age, sex, facility_name
FROM judged
WHERE reason IS NOT NULL

-- [[examples]]
-- what = "no birth known"
-- rows = '''
-- persons person_id=1 sex=2 birth_date=1995-05-05
-- W28 patient=1 mdtrt_id=m1 service_begin=@ med_type=maternity_inpatient service_end=2024-04-30
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01", "2024-05-02"]
--
-- [[examples]]
-- what = "a birth near the stay"
-- rows = '''
-- persons person_id=1 sex=2 birth_date=1995-05-05
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01 med_type=maternity_inpatient service_end=2024-03-05
-- W02 child=2 mother=1 birth_time=@
-- '''
-- raises = ["2024-01-30", "2024-05-07"]
-- silent = ["2024-01-31", "2024-03-02", "2024-05-04"]
--
-- [[examples]]
-- what = "a registration before the stay"
-- rows = '''
-- persons person_id=1 sex=2 birth_date=1995-05-05
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01 med_type=maternity_inpatient service_end=2024-03-05
-- W03 wife=1 handbook_no=h registration_date=@
-- '''
-- raises = ["2023-01-25"]
-- silent = ["2023-01-26", "2024-03-01"]
--
-- [[examples]]
-- what = "a man"
-- rows = '''
-- persons person_id=1 sex=@ birth_date=1995-05-05
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 med_type=maternity_outpatient
-- '''
-- raises = ["1"]
-- silent = ["2", "null"]
--
-- [[examples]]
-- what = "age"
-- rows = '''
-- persons person_id=1 sex=2 birth_date=@
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 med_type=maternity_outpatient
-- '''
-- raises = ["2011-03-02", "1965-03-01"]
-- silent = ["2011-03-01", "1965-03-02"]
--
-- [[examples]]
-- what = "a loss"
-- rows = '''
-- persons person_id=1 sex=2 birth_date=1995-05-05
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 med_type=maternity_inpatient maternity_type=loss
-- '''
-- silent = true
