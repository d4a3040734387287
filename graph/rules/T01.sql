-- id = "T01"
-- title = "交通事故后窗口内就医"
-- title_en = "Treated soon after a traffic accident"
-- basis = "威医保发〔2020〕60号 §二(四); 社会保险法 30(二)"
-- feeds = ["W22", "W28", "J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["POLICE", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["accident_no", "accident_date", "days_after", "window", "injury", "liability", "insurers", "treatments", "trauma", "third_party_declared", "declared_cause", "facility_name", "plate_no"]
-- needs = ["W22", "W28|J05"]
-- fires = "A party hurt in an accident, not solely at fault, with another party at fault, is treated within any_days days, or with a trauma code or flag within trauma_days."
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
--
-- # One finding per accident and injured person whom another party's fault may have hurt: a lead, not a proof.
-- # Any treatment within `any_days`, then up to `trauma_days` only with a trauma code (S, T, V-Y) or the trauma flag.
-- # Of the treatments one is enough, so the link probability is that of the best.

WITH treated AS (
    SELECT i.*, t.row_ids AS treatment_rows, t.visit, t.trauma, t.third_party_declared, t.declared_cause,
        t.facility_name, t.fund_amount, t.begin_day, t.end_day,
        t.begin_day - CAST(i.accident_time AS DATE) AS days_after
    FROM injured_parties i
    JOIN treatments t ON t.person_id = i.person_id
    WHERE t.begin_day - CAST(i.accident_time AS DATE) BETWEEN 0 AND $trauma_days
        AND (t.trauma OR t.begin_day - CAST(i.accident_time AS DATE) <= $any_days)
        AND (
            t.begin_day > CAST(i.accident_time AS DATE) OR t.begin_time IS NULL
            OR CAST(i.accident_time AS TIME) = TIME '00:00:00' OR t.begin_time >= i.accident_time
        )
),
once AS (
    SELECT * FROM treated
    QUALIFY row_number() OVER (PARTITION BY accident_no, person_id, visit ORDER BY row_id) = 1
),
insurers AS (
    SELECT i.accident_no, i.person_id, list(DISTINCT o.insurer ORDER BY o.insurer) AS insurers
    FROM injured_parties i
    JOIN accident_parties o ON o.accident_no = i.accident_no AND o.party_no <> i.party_no
    WHERE o.insurer IS NOT NULL AND o.person_id IS DISTINCT FROM i.person_id
    GROUP BY i.accident_no, i.person_id
)
SELECT t.person_id,
    list(DISTINCT t.row_id ORDER BY t.row_id) AS row_ids,
    flatten(list(t.treatment_rows ORDER BY t.begin_day, t.visit)) AS any_of,
    CAST(min(t.accident_time) AS DATE) AS since,
    max(coalesce(t.end_day, t.begin_day)) AS until,
    sum(t.fund_amount) AS amount,
    t.accident_no AS subject,
    t.accident_no,
    CAST(min(t.accident_time) AS DATE) AS accident_date,
    min(t.days_after) AS days_after,
    CASE WHEN min(t.days_after) <= $any_days THEN 'strong' ELSE 'medium' END AS "window",
    max(t.injury) AS injury,
    max(t.liability) AS liability,
    max(n.insurers) AS insurers,
    count(DISTINCT t.visit) AS treatments,
    bool_or(t.trauma) AS trauma,
    bool_or(t.third_party_declared) AS third_party_declared,
    min(t.declared_cause) AS declared_cause,
    min(t.facility_name) AS facility_name,
    min(t.plate_no) AS plate_no
FROM once t
LEFT JOIN insurers n ON n.accident_no = t.accident_no AND n.person_id = t.person_id
GROUP BY t.accident_no, t.person_id

-- [[examples]]
-- what = "any treatment at once"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=@
-- '''
-- raises = ["2024-03-10T13:00", "2024-03-13T09:00"]
-- silent = ["2024-03-10T11:00", "2024-03-14T09:00"]
--
-- [[examples]]
-- what = "later only with a trauma code"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=@ diagnosis_code=S82.1
-- '''
-- raises = ["2024-03-14T09:00", "2024-04-09T09:00"]
-- silent = ["2024-04-10T09:00"]
--
-- [[examples]]
-- what = "solely at fault"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=@
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 liability=none
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-10T13:00
-- '''
-- silent = ["full"]
