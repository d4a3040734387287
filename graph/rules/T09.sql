-- id = "T09"
-- title = "外伤待核第三方"
-- title_en = "An injury whose cause is to be asked of the police"
-- basis = "推导; 威医保发〔2020〕60号 §二(四)"
-- feeds = ["W28", "J05", "W22", "X04"]
-- needs = ["W28|J05"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["declared_cause", "trauma", "diagnosis_code", "facility_name", "third_party_flag"]
-- fires = "A visit that began within look_back_days days up to the reference date bears the trauma flag or code and a declared cause, the fund paid more than min_amount for it (or nothing is known of the payment), and no accident (W22) or recognised work injury (X04) of that person is known in the answer_days days up to the end of its first day."
--
-- [parameters.look_back_days]
-- type = "integer"
-- default = 90
-- min = 10
-- max = 365
-- unit = "days"
--
-- [parameters.answer_days]
-- type = "integer"
-- default = 365
-- min = 30
-- max = 1095
-- unit = "days"
--
-- [parameters.min_amount]
-- type = "number"
-- default = 0
-- min = 0
-- max = 100000
-- unit = "yuan"

SELECT t.person_id, t.row_ids,
    t.begin_day AS since,
    t.end_day AS until,
    t.fund_amount AS amount,
    t.visit AS subject,
    t.declared_cause, t.trauma, t.diagnosis_code, t.facility_name, t.third_party_flag
FROM treatments t
CROSS JOIN reference r
WHERE t.trauma AND t.declared_cause IS NOT NULL AND coalesce(t.fund_amount > $min_amount, true)
    AND t.begin_day <= r.reference_date AND r.reference_date - t.begin_day <= $look_back_days
    AND NOT EXISTS (
        SELECT 1 FROM accident_parties p
        WHERE p.person_id = t.person_id AND t.begin_day - CAST(p.accident_time AS DATE) BETWEEN 0 AND $answer_days
    )
    AND NOT EXISTS (
        SELECT 1 FROM work_injuries w
        WHERE w.person_id = t.person_id AND w.decision = 'recognised'
            AND t.begin_day - w.accident_date BETWEEN 0 AND $answer_days
    )

-- [[examples]]
-- what = "a recent visit"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=@ trauma_flag=true declared_cause=摔伤
-- '''
-- raises = ["2024-04-01", "2024-06-30"]
-- silent = ["2024-03-31", "2024-07-01"]
--
-- [[examples]]
-- what = "what makes it an injury"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-06-01 diagnosis_code=@ declared_cause=摔伤
-- '''
-- raises = ["S52.5", "T14"]
-- silent = ["J18.9", "Z47"]
--
-- [[examples]]
-- what = "no cause declared"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-06-01 trauma_flag=true
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the police have answered"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-06-01 trauma_flag=true declared_cause=车祸
-- W22 party=1 accident_no=a party_no=1 accident_time=@
-- '''
-- raises = ["2024-06-02T09:00", "2023-06-01T09:00"]
-- silent = ["2024-06-01T08:00", "2023-06-03T09:00"]
