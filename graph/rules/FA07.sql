-- id = "FA07"
-- title = "聚集性刷卡"
-- title_en = "Many cards through one hand"
-- basis = "推导; 医疗保障基金使用监督管理条例"
-- feeds = ["J05", "W28"]
-- needs = ["J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["pattern", "agent", "facility_code", "month", "minute", "persons", "person_ids", "settlements"]
-- fires = "At one facility the cards of at least agent_persons different persons were used in one calendar month by one agent (number, else phone); or those of at least minute_persons different persons were settled in one minute at one terminal (else by one operator), the time of day being known; or there is a group of persons who are no kin and are treated at the same facility on the same days too often for chance (`attendance_groups`), at least group_persons of whom were there on at least group_days days together, chronic treatment and pregnancy left out. Pharmacies and outpatient services only. One finding per facility, pattern, agent and month, or minute, or group."
--
-- [parameters.agent_persons]
-- type = "integer"
-- default = 8
-- min = 3
-- max = 200
-- unit = "persons a month"
--
-- [parameters.minute_persons]
-- type = "integer"
-- default = 5
-- min = 3
-- max = 50
-- unit = "persons a minute"
--
-- [parameters.group_persons]
-- type = "integer"
-- default = 5
-- min = 3
-- max = 50
-- unit = "persons"
--
-- [parameters.group_days]
-- type = "integer"
-- default = 6
-- min = 3
-- max = 100
-- unit = "days"

WITH services AS (
    SELECT facility_organisation_id AS organisation_id, facility_code, person_id, row_id, settle_time, med_type,
        CAST(service_begin AS DATE) AS day, fund_amount, account_amount,
        coalesce(upper(trim(agent_id_number)), trim(agent_phone)) AS agent,
        coalesce(trim(terminal_no), trim(operator_no)) AS desk
    FROM settled
    WHERE facility_organisation_id IS NOT NULL
        AND coalesce(med_type, 'pharmacy') NOT IN ('inpatient', 'maternity_inpatient')
),
of_groups AS (
    SELECT g.group_id, s.*
    FROM attendance_groups g
    JOIN services s ON s.person_id = g.person_id
    WHERE coalesce(s.med_type, 'pharmacy') IN ('pharmacy', 'outpatient', 'emergency')
),
group_days AS (
    SELECT group_id, organisation_id, day
    FROM of_groups
    GROUP BY ALL
    HAVING count(DISTINCT person_id) >= $group_persons
),
group_members AS (
    SELECT group_id, organisation_id, person_id
    FROM of_groups JOIN group_days USING (group_id, organisation_id, day)
    GROUP BY ALL
    HAVING count(DISTINCT day) >= $group_days
),
clusters AS (
    SELECT 'agent' AS pattern, organisation_id, agent AS hand, date_trunc('month', settle_time) AS moment,
        min(facility_code) AS facility_code, count(DISTINCT person_id) AS persons,
        list(DISTINCT person_id ORDER BY person_id) AS person_ids, list_sort(list(row_id)) AS row_ids,
        sum(coalesce(fund_amount, 0) + coalesce(account_amount, 0)) AS amount
    FROM services
    WHERE agent IS NOT NULL AND agent <> ''
    GROUP BY organisation_id, agent, date_trunc('month', settle_time)
    HAVING count(DISTINCT person_id) >= $agent_persons
    UNION ALL
    SELECT 'minute', organisation_id, desk, date_trunc('minute', settle_time), min(facility_code),
        count(DISTINCT person_id), list(DISTINCT person_id ORDER BY person_id), list_sort(list(row_id)),
        sum(coalesce(fund_amount, 0) + coalesce(account_amount, 0))
    FROM services
    WHERE desk IS NOT NULL AND CAST(settle_time AS TIME) <> TIME '00:00:00'
    GROUP BY organisation_id, desk, date_trunc('minute', settle_time)
    HAVING count(DISTINCT person_id) >= $minute_persons
    UNION ALL
    -- Named by whom the group shows first: others that join it later leave the name as it is.
    SELECT 'group', organisation_id, CAST(arg_min(person_id, (day, person_id)) AS VARCHAR), min(day),
        min(facility_code), count(DISTINCT person_id), list(DISTINCT person_id ORDER BY person_id),
        list_sort(list(row_id)), sum(coalesce(fund_amount, 0) + coalesce(account_amount, 0))
    FROM of_groups
    JOIN group_days USING (group_id, organisation_id, day)
    JOIN group_members USING (group_id, organisation_id, person_id)
    GROUP BY group_id, organisation_id
    HAVING count(DISTINCT person_id) >= $group_persons
)
SELECT organisation_id,
    row_ids[1:100] AS row_ids,
    CAST(moment AS DATE) AS since,
    amount,
    pattern || '|' || hand || '|' || CAST(moment AS VARCHAR) AS subject,
    pattern,
    CASE WHEN pattern <> 'group' THEN hand END AS agent,
    facility_code,
    CAST(date_trunc('month', moment) AS DATE) AS month,
    CASE WHEN pattern = 'minute' THEN moment END AS minute,
    persons,
    person_ids[1:100] AS person_ids,
    len(row_ids) AS settlements
FROM clusters

-- [[examples]]
-- what = "one agent, many cards"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy agent_id_number=A
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-05 facility=9 med_type=pharmacy agent_id_number=A
-- J05 patient=3 setl_id=s3 psn_no=p3 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-31 facility=9 med_type=pharmacy agent_id_number=@
-- '''
-- raises = ["A", "a"]
-- silent = ["B"]
-- parameters = { agent_persons = 3 }
--
-- [[examples]]
-- what = "in one month"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy agent_phone=139
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-05 facility=9 med_type=pharmacy agent_phone=139
-- J05 patient=3 setl_id=s3 psn_no=p3 service_begin=2024-03-01 service_end=2024-03-01 settle_time=@ facility=9 med_type=pharmacy agent_phone=139
-- '''
-- raises = ["2024-03-31"]
-- silent = ["2024-04-01", "2024-02-29"]
-- parameters = { agent_persons = 3 }
--
-- [[examples]]
-- what = "one terminal, one minute"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02T09:30:05 facility=9 med_type=pharmacy terminal_no=t
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02T09:30:25 facility=9 med_type=pharmacy terminal_no=t
-- J05 patient=3 setl_id=s3 psn_no=p3 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02T@ facility=9 med_type=pharmacy terminal_no=t
-- '''
-- raises = ["09:30:59"]
-- silent = ["09:31:00", "09:29:59"]
-- parameters = { minute_persons = 3 }
--
-- [[examples]]
-- what = "one person three times"
-- rows = '''
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy agent_id_number=A
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-05 facility=9 med_type=pharmacy agent_id_number=A
-- J05 patient=1 setl_id=c psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-06 facility=9 med_type=pharmacy agent_id_number=A
-- '''
-- silent = true
-- parameters = { agent_persons = 3 }
--
-- [[examples]]
-- what = "strangers on the same days, at the clinic of their group"
-- rows = '''
-- attendance_groups group_id=1 person_id=1
-- attendance_groups group_id=1 person_id=2
-- attendance_groups group_id=1 person_id=3
-- J05 patient=1 setl_id=a1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=outpatient
-- J05 patient=2 setl_id=a2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=outpatient
-- J05 patient=3 setl_id=a3 psn_no=p3 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=outpatient
-- J05 patient=1 setl_id=b1 psn_no=p1 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=outpatient
-- J05 patient=2 setl_id=b2 psn_no=p2 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=outpatient
-- J05 patient=3 setl_id=b3 psn_no=p3 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=outpatient
-- J05 patient=1 setl_id=c1 psn_no=p1 service_begin=2024-03-15 service_end=2024-03-15 settle_time=2024-03-15 facility=9 med_type=outpatient
-- J05 patient=2 setl_id=c2 psn_no=p2 service_begin=2024-03-15 service_end=2024-03-15 settle_time=2024-03-15 facility=9 med_type=outpatient
-- J05 patient=3 setl_id=c3 psn_no=p3 service_begin=@ service_end=2024-03-16 settle_time=2024-03-16 facility=9 med_type=outpatient
-- '''
-- raises = ["2024-03-15"]
-- silent = ["2024-03-16"]
-- parameters = { group_persons = 3, group_days = 3 }
--
-- [[examples]]
-- what = "patients with a chronic illness, told to come on those days"
-- rows = '''
-- attendance_groups group_id=1 person_id=1
-- attendance_groups group_id=1 person_id=2
-- attendance_groups group_id=1 person_id=3
-- J05 patient=1 setl_id=a1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=@
-- J05 patient=2 setl_id=a2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=@
-- J05 patient=3 setl_id=a3 psn_no=p3 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-01 facility=9 med_type=@
-- J05 patient=1 setl_id=b1 psn_no=p1 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=@
-- J05 patient=2 setl_id=b2 psn_no=p2 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=@
-- J05 patient=3 setl_id=b3 psn_no=p3 service_begin=2024-03-08 service_end=2024-03-08 settle_time=2024-03-08 facility=9 med_type=@
-- J05 patient=1 setl_id=c1 psn_no=p1 service_begin=2024-03-15 service_end=2024-03-15 settle_time=2024-03-15 facility=9 med_type=@
-- J05 patient=2 setl_id=c2 psn_no=p2 service_begin=2024-03-15 service_end=2024-03-15 settle_time=2024-03-15 facility=9 med_type=@
-- J05 patient=3 setl_id=c3 psn_no=p3 service_begin=2024-03-15 service_end=2024-03-15 settle_time=2024-03-15 facility=9 med_type=@
-- '''
-- raises = ["pharmacy"]
-- silent = ["chronic", "maternity_outpatient", "inpatient"]
-- parameters = { group_persons = 3, group_days = 3 }
