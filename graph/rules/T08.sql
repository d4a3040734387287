-- id = "T08"
-- title = "责任为己方/单方事故"
-- title_en = "Solely one's own fault, or no third party"
-- basis = "推导; 法释〔2026〕1号"
-- feeds = ["W22", "W28", "J05"]
-- needs = ["W22", "W28|J05"]
-- severity = "D"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "-"
-- enabled = true
-- version = 2
-- evidence = ["accident_no", "accident_date", "liability", "accident_type", "parties", "treatments", "note"]
-- fires = "A party hurt in an accident is solely at fault, or the accident is a single one or has no other party, and the person is treated within any_days days, or with a trauma code or flag within trauma_days days. It closes the question in the patient's favour."
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

WITH alone AS (
    SELECT p.*, (SELECT count(*) FROM accident_parties o WHERE o.accident_no = p.accident_no) AS parties
    FROM accident_parties p
    WHERE p.person_id IS NOT NULL AND p.injury IS DISTINCT FROM 'none' AND (
        p.liability = 'full' OR p.accident_type = 'single' OR NOT EXISTS (
            SELECT 1 FROM accident_parties o
            WHERE o.accident_no = p.accident_no AND o.party_no IS DISTINCT FROM p.party_no
        )
    )
)
SELECT a.person_id,
    list_sort(list_distinct(list(a.row_id))) AS row_ids,
    list_sort(list_distinct(flatten(list(t.row_ids)))) AS any_of,
    CAST(min(a.accident_time) AS DATE) AS since,
    max(coalesce(t.end_day, t.begin_day)) AS until,
    sum(t.fund_amount) AS amount,
    a.accident_no AS subject,
    a.accident_no,
    CAST(min(a.accident_time) AS DATE) AS accident_date,
    min(a.liability) AS liability,
    min(a.accident_type) AS accident_type,
    max(a.parties) AS parties,
    count(DISTINCT t.visit) AS treatments,
    'payable: no third party' AS note
FROM alone a
JOIN treatments t ON t.person_id = a.person_id
    AND t.begin_day - CAST(a.accident_time AS DATE) BETWEEN 0 AND $trauma_days
    AND (t.trauma OR t.begin_day - CAST(a.accident_time AS DATE) <= $any_days)
GROUP BY a.person_id, a.accident_no

-- [[examples]]
-- what = "solely at fault"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor liability=@
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 injury=none liability=none
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-11
-- '''
-- raises = ["full"]
-- silent = ["main", "equal", "none"]
--
-- [[examples]]
-- what = "alone, or a single accident"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor accident_type=@
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 injury=minor
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-11
-- '''
-- raises = ["single"]
-- silent = ["vehicles"]
--
-- [[examples]]
-- what = "the windows"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor
-- W28 patient=1 mdtrt_id=m1 service_begin=@
-- '''
-- raises = ["2024-03-13"]
-- silent = ["2024-03-14", "2024-03-09"]
--
-- [[examples]]
-- what = "later with a trauma code"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor
-- W28 patient=1 mdtrt_id=m1 service_begin=@ diagnosis_code=T14.0
-- '''
-- raises = ["2024-04-09"]
-- silent = ["2024-04-10"]
