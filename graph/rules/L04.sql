-- id = "L04"
-- title = "住院死亡后继续计费"
-- title_en = "Charged after death in the same stay"
-- basis = "推导; 德州市 2026 年通告列举"
-- feeds = ["W01", "W28", "W28L"]
-- needs = ["W28", "W28L"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["FACILITY"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["death_time", "discharge_mode", "lines", "first_line", "last_line", "items", "facility_code"]
-- fires = "A fee line of an inpatient stay lies more than grace_hours hours after the time of death (of the certificate, else the facility's own; a death known by the day only counts from the end of that day) in the same stay. Lines for the care of the body (尸体, 遗体), and lines that were reversed, do not count."
--
-- [parameters.grace_hours]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 72
-- unit = "hours"

WITH stays AS (
    SELECT v.person_id, v.row_id, v.mdtrt_id, v.facility_organisation_id AS organisation_id, v.facility_code,
        v.discharge_mode, v.service_begin, d.row_id AS death_row,
        coalesce(d.death_time, CAST(d.death_date + 1 AS TIMESTAMP),
            CASE WHEN CAST(v.die_date AS TIME) = TIME '00:00:00' THEN v.die_date + INTERVAL 1 DAY
                ELSE v.die_date END) AS death_time
    FROM visits v
    LEFT JOIN deaths d ON d.person_id = v.person_id AND d.feed = 'W01'
    WHERE v.person_id IS NOT NULL AND v.med_type IN ('inpatient', 'maternity_inpatient')
        AND (d.row_id IS NOT NULL OR v.die_date IS NOT NULL)
),
lines AS (
    SELECT *
    FROM fee_lines
    WHERE mdtrt_id IN (SELECT mdtrt_id FROM stays) AND reverses IS NULL AND coalesce(amount, 0) >= 0
        AND NOT regexp_matches(coalesce(item_name, ''), '尸体|遗体')
        AND (mdtrt_id, line_no) NOT IN (
            SELECT mdtrt_id, reverses FROM fee_lines WHERE reverses IS NOT NULL AND mdtrt_id IS NOT NULL
        )
)
SELECT s.person_id, s.organisation_id,
    [min(s.row_id)] || list(DISTINCT l.row_id ORDER BY l.row_id)[1:100] AS row_ids,
    list(DISTINCT s.death_row ORDER BY s.death_row) FILTER (s.death_row IS NOT NULL) AS any_of,
    CAST(min(s.death_time) AS DATE) AS since,
    CAST(max(l.fee_time) AS DATE) AS until,
    sum(l.amount) AS amount,
    s.mdtrt_id AS subject,
    min(s.death_time) AS death_time,
    min(s.discharge_mode) AS discharge_mode,
    count(DISTINCT l.line_no) AS lines,
    min(l.fee_time) AS first_line,
    max(l.fee_time) AS last_line,
    list(DISTINCT l.item_name ORDER BY l.item_name)[1:20] AS items,
    min(s.facility_code) AS facility_code
FROM stays s
JOIN lines l ON l.mdtrt_id = s.mdtrt_id AND l.facility_organisation_id IS NOT DISTINCT FROM s.organisation_id
WHERE l.fee_time >= s.service_begin AND s.death_time >= s.service_begin
    AND date_diff('minute', s.death_time, l.fee_time) > 60 * $grace_hours
GROUP BY s.person_id, s.organisation_id, s.mdtrt_id

-- [[examples]]
-- what = "a line after the hour of the certificate"
-- rows = '''
-- W01 deceased=1 death_time=2024-03-10T08:00
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-08T09:00 med_type=inpatient facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=@ amount=50 facility=9
-- '''
-- raises = ["2024-03-10T08:01", "2024-03-12T10:00"]
-- silent = ["2024-03-10T07:59", "2024-03-10T08:00"]
--
-- [[examples]]
-- what = "a death known by the day"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-08T09:00 med_type=inpatient facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=@ amount=50 facility=9
-- '''
-- raises = ["2024-03-11T00:01"]
-- silent = ["2024-03-10T23:00"]
--
-- [[examples]]
-- what = "the facility's own record of the death"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-08T09:00 med_type=inpatient die_date=2024-03-10T08:00 discharge_mode=death facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=2024-03-10T11:00 amount=50 facility=9
-- '''
-- raises = true
--
-- [[examples]]
-- what = "care of the body, and a line that was reversed"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-08T09:00 med_type=inpatient facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=2024-03-12T11:00 amount=50 item_name=尸体料理 facility=9
-- W28L mdtrt_id=m1 line_no=2 fee_time=2024-03-12T11:00 amount=50 facility=9
-- W28L mdtrt_id=m1 line_no=3 fee_time=2024-03-12T12:00 amount=-50 reverses=2 facility=9
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a stay that began after the death is L03"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-04-08T09:00 med_type=inpatient facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=2024-04-09T11:00 amount=50 facility=9
-- '''
-- silent = true
--
-- [[examples]]
-- what = "grace"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-08T09:00 med_type=inpatient facility=9
-- W28L mdtrt_id=m1 line_no=1 fee_time=2024-03-11T@ amount=50 facility=9
-- '''
-- raises = ["02:01"]
-- silent = ["02:00", "01:59"]
-- parameters = { grace_hours = 2 }
