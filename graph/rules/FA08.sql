-- id = "FA08"
-- title = "超量/多店购药"
-- title_en = "Too many days' supply, from several pharmacies"
-- basis = "推导; 医疗保障基金使用监督管理条例实施细则 超出合理数量"
-- feeds = ["J05", "W28", "W28L"]
-- needs = ["J05|W28", "W28L"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["item_code", "item_name", "month", "days_supply", "facilities", "lines"]
-- fires = "In one calendar month a person bought or was given, outside hospital stays, one drug at two or more facilities with more than max_days days of supply in all, lines that were reversed not counted; a line belongs to its visit, else to its settlement. One finding per person, drug and month."
--
-- [parameters.max_days]
-- type = "integer"
-- default = 90
-- min = 10
-- max = 400
-- unit = "days of supply"

WITH taken_back AS (
    SELECT mdtrt_id, reverses FROM fee_lines WHERE reverses IS NOT NULL
),
supplied AS (
    SELECT l.*
    FROM fee_lines l
    ANTI JOIN taken_back x ON x.mdtrt_id = l.mdtrt_id AND x.reverses = l.line_no
    WHERE l.days_supply > 0 AND coalesce(l.item_kind, 'drug') = 'drug' AND l.reverses IS NULL
),
served AS (
    SELECT l.row_id, l.mdtrt_id AS visit
    FROM supplied l
    SEMI JOIN treatments t ON t.visit = l.mdtrt_id
    UNION ALL
    SELECT l.row_id, 'setl:' || coalesce(l.setl_id, l.mdtrt_id) -- what a pharmacy sells is no visit
    FROM supplied l
    ANTI JOIN treatments t ON t.visit = l.mdtrt_id
),
bought AS (
    SELECT t.person_id, t.row_ids, upper(trim(l.med_list_codg)) AS code, l.item_name, l.days_supply, l.amount,
        CAST(date_trunc('month', l.fee_time) AS DATE) AS month,
        coalesce(CAST(l.facility_organisation_id AS VARCHAR), l.facility_code) AS facility
    FROM supplied l
    JOIN served s ON s.row_id = l.row_id
    JOIN treatments t ON t.visit = s.visit
    WHERE t.med_type NOT IN ('inpatient', 'maternity_inpatient')
        AND (l.facility_organisation_id IS NULL OR t.facility_organisation_id IS NULL
            OR l.facility_organisation_id = t.facility_organisation_id)
)
SELECT person_id,
    list_sort(list_distinct(flatten(list(row_ids))))[1:100] AS row_ids,
    month AS since,
    last_day(month) AS until,
    sum(amount) AS amount,
    code || '|' || CAST(month AS VARCHAR) AS subject,
    code AS item_code,
    min(item_name) AS item_name,
    month,
    sum(days_supply) AS days_supply,
    count(DISTINCT facility) AS facilities,
    count(*) AS lines
FROM bought
GROUP BY person_id, code, month
HAVING sum(days_supply) > $max_days AND count(DISTINCT facility) > 1

-- [[examples]]
-- what = "ninety days are reasonable"
-- rows = '''
-- W28 patient=1 mdtrt_id=a service_begin=2024-03-01T09:00 med_type=pharmacy facility=8
-- W28 patient=1 mdtrt_id=b service_begin=2024-03-20T09:00 med_type=pharmacy facility=9
-- W28L facility=8 mdtrt_id=a line_no=1 fee_time=2024-03-01T09:00 med_list_codg=X days_supply=60 amount=100
-- W28L facility=9 mdtrt_id=b line_no=1 fee_time=2024-03-20T09:00 med_list_codg=X days_supply=@ amount=100
-- '''
-- raises = ["31", "60"]
-- silent = ["30", "7"]
--
-- [[examples]]
-- what = "one shop only, another drug, another month"
-- rows = '''
-- W28 patient=1 mdtrt_id=a service_begin=2024-03-01T09:00 med_type=pharmacy facility=8
-- W28 patient=1 mdtrt_id=b service_begin=2024-03-20T09:00 med_type=pharmacy facility=9
-- W28L facility=8 mdtrt_id=a line_no=1 fee_time=2024-03-01T09:00 med_list_codg=X days_supply=100 amount=100
-- W28L facility=9 mdtrt_id=b line_no=1 fee_time=2024-03-20T09:00 med_list_codg=@ days_supply=60 amount=100
-- '''
-- raises = ["X"]
-- silent = ["Y"]
--
-- [[examples]]
-- what = "bought, and so without a visit"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 med_type=pharmacy facility=8
-- J05 patient=1 setl_id=s2 psn_no=p1 service_begin=2024-03-20 service_end=2024-03-20 settle_time=2024-03-20 med_type=pharmacy facility=9
-- W28L facility=8 mdtrt_id=s1 setl_id=@ line_no=1 fee_time=2024-03-01T09:00 med_list_codg=X days_supply=60 amount=100
-- W28L facility=9 mdtrt_id=k2 setl_id=s2 line_no=1 fee_time=2024-03-20T09:00 med_list_codg=X days_supply=60 amount=100
-- '''
-- raises = ["s1", "null"]
-- silent = ["s9"]
--
-- [[examples]]
-- what = "on leaving hospital"
-- rows = '''
-- W28 patient=1 mdtrt_id=a service_begin=2024-03-01T09:00 med_type=@ facility=8
-- W28 patient=1 mdtrt_id=b service_begin=2024-03-20T09:00 med_type=pharmacy facility=9
-- W28L facility=8 mdtrt_id=a line_no=1 fee_time=2024-03-01T09:00 med_list_codg=X days_supply=60 amount=100
-- W28L facility=9 mdtrt_id=b line_no=1 fee_time=2024-03-20T09:00 med_list_codg=X days_supply=60 amount=100
-- '''
-- raises = ["outpatient", "chronic"]
-- silent = ["inpatient"]
