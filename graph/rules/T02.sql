-- id = "T02"
-- title = "事故存在而申报非第三方"
-- title_en = "A third party's accident declared as none"
-- basis = "威医保发〔2020〕60号 §二(四); 医疗保障基金使用监督管理条例实施细则"
-- feeds = ["W22", "W28", "J05"]
-- needs = ["W22", "W28|J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["FACILITY", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["accident_no", "accident_time", "days_after", "declared_cause", "third_party_flag", "visit", "facility_name", "diagnosis_code"]
-- fires = "A party whom another party's fault may have hurt is treated within trauma_days days of the accident (on the day itself not before it) with a trauma code (S, T, V-Y) or the trauma flag, and the facility declares no third party: the flag says so, or the cause reads as a fall or injury of one's own (自, 摔, 跌). One finding per accident and visit. any_days only sorts the window: strong within it, else medium."
--
-- [parameters.any_days]
-- type = "integer"
-- default = 3
-- min = 0
-- max = 14
-- unit = "days"
--
-- [parameters.trauma_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 90
-- unit = "days"

SELECT i.person_id,
    [min(i.row_id)] || t.row_ids AS row_ids,
    t.begin_day AS since,
    t.end_day AS until,
    t.fund_amount AS amount,
    i.accident_no || '|' || t.visit AS subject,
    i.accident_no,
    min(i.accident_time) AS accident_time,
    t.begin_day - CAST(min(i.accident_time) AS DATE) AS days_after,
    t.declared_cause || CASE WHEN t.begin_day - CAST(min(i.accident_time) AS DATE) <= $any_days THEN ' (strong)'
        ELSE ' (medium)' END AS declared_cause,
    t.third_party_flag,
    t.visit,
    t.facility_name,
    t.diagnosis_code
FROM injured_parties i
JOIN treatments t ON t.person_id = i.person_id
WHERE t.trauma AND t.begin_day - CAST(i.accident_time AS DATE) BETWEEN 0 AND $trauma_days
    AND (
        t.begin_day > CAST(i.accident_time AS DATE) OR t.begin_time IS NULL
        OR CAST(i.accident_time AS TIME) = TIME '00:00:00' OR t.begin_time >= i.accident_time
    )
    AND (t.third_party_flag = false OR (
        t.third_party_flag IS NULL AND regexp_matches(coalesce(t.declared_cause, ''), '自|摔|跌')
    ))
GROUP BY i.person_id, i.accident_no, t.row_ids, t.begin_day, t.end_day, t.fund_amount, t.visit, t.declared_cause,
    t.third_party_flag, t.facility_name, t.diagnosis_code

-- [[examples]]
-- what = "the flag denies it"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=@ diagnosis_code=S82.1 third_party_flag=false
-- '''
-- raises = ["2024-03-10T13:00", "2024-04-09T09:00"]
-- silent = ["2024-03-10T11:00", "2024-04-10T09:00"]
--
-- [[examples]]
-- what = "the cause"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-11 trauma_flag=true declared_cause=@
-- '''
-- raises = ["自行摔伤", "不慎跌倒"]
-- silent = ["交通事故", "null"]
--
-- [[examples]]
-- what = "declared, or no trauma"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-11 diagnosis_code=S82.1 third_party_flag=true
-- W28 patient=1 mdtrt_id=m2 service_begin=2024-03-11 diagnosis_code=J18.9 third_party_flag=false
-- '''
-- silent = true
--
-- [[examples]]
-- what = "sole own fault is T08"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=full
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=none
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-11 diagnosis_code=S82.1 third_party_flag=false
-- '''
-- silent = true
