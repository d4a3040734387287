-- id = "FA06"
-- title = "同时在两处住院 / 住院期间他处门诊购药"
-- title_en = "In two hospitals at once, or served elsewhere during a stay"
-- basis = "推导; 医疗保障基金使用监督管理条例"
-- feeds = ["W28", "J05"]
-- needs = ["W28|J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["FACILITY"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["stay_begin", "stay_end", "facility", "elsewhere", "kinds", "days"]
-- fires = "Of one person, two inpatient stays at different facilities overlap by more than overlap_days days (the day of a move or transfer belongs to both); or an outpatient, emergency, chronic or pharmacy service at another facility began on a day after the first and before the last day of a stay. One finding per stay that began first."
--
-- [parameters.overlap_days]
-- type = "integer"
-- default = 1
-- min = 0
-- max = 7
-- unit = "days"

WITH stays AS (
    SELECT person_id, visit, begin_day, end_day, row_ids, facility_organisation_id, facility_code, facility_name
    FROM treatments
    WHERE med_type IN ('inpatient', 'maternity_inpatient') AND end_day IS NOT NULL
        AND coalesce(CAST(facility_organisation_id AS VARCHAR), facility_code) IS NOT NULL
),
clashes AS (
    SELECT a.person_id, a.visit, a.begin_day, a.end_day, a.row_ids, a.facility_name,
        b.row_ids AS other_rows, b.facility_name AS other_facility, 'inpatient' AS kind, b.begin_day AS since,
        least(a.end_day, b.end_day) - b.begin_day AS days
    FROM stays a
    JOIN stays b ON b.person_id = a.person_id AND (a.begin_day, a.visit) < (b.begin_day, b.visit)
        AND b.begin_day < a.end_day
    WHERE coalesce(CAST(a.facility_organisation_id AS VARCHAR), a.facility_code)
            <> coalesce(CAST(b.facility_organisation_id AS VARCHAR), b.facility_code)
        AND least(a.end_day, b.end_day) - b.begin_day > $overlap_days
    UNION ALL
    SELECT a.person_id, a.visit, a.begin_day, a.end_day, a.row_ids, a.facility_name,
        t.row_ids, t.facility_name, t.med_type, t.begin_day, 1
    FROM stays a
    JOIN treatments t ON t.person_id = a.person_id AND t.begin_day > a.begin_day AND t.begin_day < a.end_day
    WHERE t.med_type NOT IN ('inpatient', 'maternity_inpatient')
        AND coalesce(CAST(a.facility_organisation_id AS VARCHAR), a.facility_code)
            <> coalesce(CAST(t.facility_organisation_id AS VARCHAR), t.facility_code)
)
SELECT person_id,
    max(row_ids) || list_sort(list_distinct(flatten(list(other_rows)))) AS row_ids,
    min(since) AS since,
    max(end_day) AS until,
    visit AS subject,
    min(begin_day) AS stay_begin,
    max(end_day) AS stay_end,
    min(facility_name) AS facility,
    list(DISTINCT other_facility ORDER BY other_facility) AS elsewhere,
    list(DISTINCT kind ORDER BY kind) AS kinds,
    max(days) AS days
FROM clashes
GROUP BY person_id, visit

-- [[examples]]
-- what = "two stays"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01 med_type=inpatient facility=8 service_end=2024-03-10
-- W28 patient=1 mdtrt_id=m2 service_begin=@ med_type=inpatient facility=9 service_end=2024-03-20
-- '''
-- raises = ["2024-03-08", "2024-03-05"]
-- silent = ["2024-03-09", "2024-03-10", "2024-03-11"]
--
-- [[examples]]
-- what = "one facility"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01 med_type=inpatient facility=8 service_end=2024-03-10
-- W28 patient=1 mdtrt_id=m2 service_begin=2024-03-05 med_type=inpatient facility=@ service_end=2024-03-20
-- '''
-- raises = ["9"]
-- silent = ["8"]
--
-- [[examples]]
-- what = "a pharmacy during the stay"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01 med_type=inpatient facility=8 service_end=2024-03-10
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-03-01 settle_time=2024-03-02 med_type=pharmacy facility=9
-- '''
-- raises = ["2024-03-02", "2024-03-09"]
-- silent = ["2024-03-01", "2024-03-10"]
