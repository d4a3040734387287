-- id = "L03"
-- title = "死亡/火化后就医购药"
-- title_en = "Treated after death or cremation"
-- basis = "威医保发〔2020〕60号 §二(一)(五); 医疗保障基金使用监督管理条例 17, 41"
-- feeds = ["W01", "W05", "W28", "J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["MSB", "FACILITY", "HEALTH", "CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["death_date", "death_sources", "days_after", "facility_code", "facility_name", "med_type", "credential"]
-- needs = ["W01|W05", "W28|J05"]
-- fires = "A visit or settlement begins after the day of death (certificate or cremation), or later on that day if both clocks are known."
--
-- # One finding per person and visit. What counts is when the service began, not when it was settled, and a stay
-- # that began before the death is lawful. On the day of the death itself the clock decides, if both sides have it.

SELECT t.person_id,
    t.row_ids,
    list(d.row_id ORDER BY d.feed, d.row_id) AS any_of,
    t.begin_day AS since,
    t.end_day AS until,
    CASE WHEN t.fund_amount IS NOT NULL OR t.account_amount IS NOT NULL
        THEN coalesce(t.fund_amount, 0) + coalesce(t.account_amount, 0) END AS amount,
    t.visit AS subject,
    min(d.death_date) AS death_date,
    list(DISTINCT d.feed ORDER BY d.feed) AS death_sources,
    t.begin_day - min(d.death_date) AS days_after,
    t.facility_code, t.facility_name, t.med_type, t.credential
FROM treatments t
JOIN deaths d ON d.person_id = t.person_id
WHERE d.feed IN ('W01', 'W05')
    AND (t.begin_day > d.death_date OR (t.begin_day = d.death_date AND t.begin_time > d.death_time))
GROUP BY t.person_id, t.row_ids, t.begin_day, t.end_day, t.fund_amount, t.account_amount, t.visit,
    t.facility_code, t.facility_name, t.med_type, t.credential

-- [[examples]]
-- what = "the day after the death, not the day of settlement"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W28 patient=1 mdtrt_id=m1 service_begin=@
-- '''
-- raises = ["2024-03-11"]
-- silent = ["2024-03-10", "2024-03-09"]
--
-- [[examples]]
-- what = "the clock on the day of the death"
-- rows = '''
-- W01 deceased=1 death_time=2024-03-10T08:00
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-10T@
-- '''
-- raises = ["08:01"]
-- silent = ["08:00", "07:59"]
--
-- [[examples]]
-- what = "settled later"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-05 service_end=2024-03-10 settle_time=@
-- '''
-- silent = ["2024-04-30"]
--
-- [[examples]]
-- what = "reversed"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-15 service_end=2024-03-01 settle_time=2024-03-02 fund_amount=100
-- J05 patient=1 setl_id=s2 psn_no=p1 service_begin=2024-03-15 service_end=2024-03-01 settle_time=2024-03-02 reverses=s1 fund_amount=-100
-- '''
-- silent = true
