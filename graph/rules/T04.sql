-- id = "T04"
-- title = "后续治疗链"
-- title_en = "Follow-up treatment of an accident's injury"
-- basis = "推导; 社会保险法 30"
-- feeds = ["W22", "W28", "J05"]
-- needs = ["W22", "W28|J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["accident_no", "accident_date", "first_visit", "first_diagnosis", "followups", "last_day", "diagnoses"]
-- fires = "A party whom another party's fault may have hurt had a first trauma treatment within first_days days of the accident, and another treatment began after these and up to chain_days days after the accident, with the same first three characters of the diagnosis code, or a code of follow-up care (Z47, Z48, Z50, Z54). One finding per accident and person."
--
-- [parameters.first_days]
-- type = "integer"
-- default = 30
-- min = 3
-- max = 90
-- unit = "days"
--
-- [parameters.chain_days]
-- type = "integer"
-- default = 365
-- min = 60
-- max = 1095
-- unit = "days"

WITH firsts AS (
    SELECT i.person_id, i.accident_no, i.row_id, CAST(i.accident_time AS DATE) AS accident_date,
        arg_min(t.visit, (t.begin_day, t.visit)) AS first_visit,
        arg_min(t.row_ids, (t.begin_day, t.visit)) AS first_rows,
        list(DISTINCT upper(left(t.diagnosis_code, 3))) FILTER (t.diagnosis_code IS NOT NULL) AS injuries
    FROM injured_parties i
    JOIN treatments t ON t.person_id = i.person_id AND t.trauma
        AND t.begin_day - CAST(i.accident_time AS DATE) BETWEEN 0 AND $first_days
    GROUP BY ALL
),
followups AS (
    SELECT f.*, t.visit, t.row_ids, t.begin_day, t.end_day, t.fund_amount, upper(t.diagnosis_code) AS diagnosis
    FROM firsts f
    JOIN treatments t ON t.person_id = f.person_id
        AND t.begin_day - f.accident_date BETWEEN $first_days + 1 AND $chain_days
    WHERE upper(left(t.diagnosis_code, 3)) IN ('Z47', 'Z48', 'Z50', 'Z54')
        OR list_contains(f.injuries, upper(left(t.diagnosis_code, 3)))
)
SELECT person_id,
    list_sort(list_distinct(list(row_id))) || list_sort(list_distinct(flatten(list(first_rows)))) AS row_ids,
    list_sort(list_distinct(flatten(list(row_ids)))) AS any_of,
    min(begin_day) AS since,
    max(coalesce(end_day, begin_day)) AS until,
    sum(fund_amount) AS amount,
    accident_no AS subject,
    accident_no,
    min(accident_date) AS accident_date,
    min(first_visit) AS first_visit,
    list_sort(list_distinct(flatten(list(injuries)))) AS first_diagnosis,
    count(DISTINCT visit) AS followups,
    max(begin_day) AS last_day,
    list(DISTINCT diagnosis ORDER BY diagnosis) AS diagnoses
FROM followups
GROUP BY person_id, accident_no

-- [[examples]]
-- what = "the fixation is removed"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2023-05-10T12:00 injury=serious liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2023-05-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=2023-05-10T14:00 diagnosis_code=S82.1
-- W28 patient=1 mdtrt_id=m2 service_begin=@ diagnosis_code=Z47.0
-- '''
-- raises = ["2023-06-10", "2024-05-09"]
-- silent = ["2023-06-09", "2024-05-10"]
--
-- [[examples]]
-- what = "the same injury, or another one"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2023-05-10T12:00 injury=serious liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2023-05-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=2023-05-10T14:00 diagnosis_code=S82.1
-- W28 patient=1 mdtrt_id=m2 service_begin=2023-08-10 diagnosis_code=@
-- '''
-- raises = ["S82.9", "s82"]
-- silent = ["S83.1", "J18.9"]
--
-- [[examples]]
-- what = "no first treatment"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2023-05-10T12:00 injury=serious liability=none
-- W22 party=2 accident_no=a party_no=2 accident_time=2023-05-10T12:00 liability=full
-- W28 patient=1 mdtrt_id=m1 service_begin=2023-08-10 diagnosis_code=Z47.0
-- '''
-- silent = true
