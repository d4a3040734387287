-- id = "E03"
-- title = "重复享受待遇"
-- title_en = "One service paid twice"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 前言; 医疗保障基金使用监督管理条例 17, 41"
-- feeds = ["J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["settlements", "facilities", "med_type", "service_begin", "total_amount", "regions", "schemes"]
-- fires = "Two standing settlements of one person with payments of the fund and different numbers are for the same service: the same kind, total and times of beginning and end, where that is a stay (beginning and end by the day) or the beginning gives the time of day. One finding per person and service."

WITH paid AS (
    SELECT person_id, row_id, setl_id, service_begin, service_end, med_type, total_amount, fund_amount,
        facility_name, facility_code, insutype, coalesce(settle_region, insuplc_admdvs) AS region,
        med_type IN ('inpatient', 'maternity_inpatient') AS stay,
        hash(person_id, med_type, total_amount, CASE WHEN stay THEN CAST(service_begin AS DATE) ELSE service_begin END,
            CASE WHEN stay THEN CAST(service_end AS DATE) END) AS alike
    FROM settled
    WHERE fund_amount > 0 AND total_amount > 0 AND service_begin IS NOT NULL
        AND (med_type IN ('inpatient', 'maternity_inpatient') OR CAST(service_begin AS TIME) <> TIME '00:00:00')
),
suspects AS (
    SELECT alike FROM paid GROUP BY alike HAVING count(*) > 1
)
SELECT person_id,
    list(row_id ORDER BY setl_id) AS row_ids,
    CAST(min(service_begin) AS DATE) AS since,
    CAST(max(coalesce(service_end, service_begin)) AS DATE) AS until,
    sum(fund_amount) - max(fund_amount) AS amount,
    concat_ws('|', med_type, CAST(total_amount AS VARCHAR),
        CAST(CASE WHEN stay THEN date_trunc('day', service_begin) ELSE service_begin END AS VARCHAR)) AS subject,
    list(setl_id ORDER BY setl_id) AS settlements,
    list(DISTINCT facility_name ORDER BY facility_name) AS facilities,
    med_type,
    min(service_begin) AS service_begin,
    total_amount,
    list(DISTINCT region ORDER BY region) AS regions,
    list(DISTINCT insutype ORDER BY insutype) AS schemes
FROM paid
SEMI JOIN suspects USING (alike)
GROUP BY person_id, med_type, total_amount, stay,
    CASE WHEN stay THEN date_trunc('day', service_begin) ELSE service_begin END,
    CASE WHEN stay THEN date_trunc('day', service_end) END
HAVING count(DISTINCT setl_id) > 1

-- [[examples]]
-- what = "one stay settled in two places"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01T09:00 service_end=2024-03-05 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=500
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=@ service_end=2024-03-05 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=400
-- '''
-- raises = ["2024-03-01", "2024-03-01T11:00"]
-- silent = ["2024-03-02", "2024-02-29"]
--
-- [[examples]]
-- what = "two visits of one price on a day without a clock"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 med_type=outpatient total_amount=20 fund_amount=10
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 med_type=outpatient total_amount=20 fund_amount=10
-- '''
-- silent = true
--
-- [[examples]]
-- what = "at one minute"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01T09:30 service_end=2024-03-01 settle_time=2024-03-02 med_type=outpatient total_amount=20 fund_amount=10
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01T@ service_end=2024-03-01 settle_time=2024-03-02 med_type=outpatient total_amount=20 fund_amount=10
-- '''
-- raises = ["09:30"]
-- silent = ["09:31", "09:29"]
--
-- [[examples]]
-- what = "the second one was reversed, or is the same one sent again"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=500
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=500
-- J05 patient=1 setl_id=c psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 reverses=@ med_type=inpatient total_amount=-900 fund_amount=-500
-- '''
-- raises = ["x"]
-- silent = ["b", "a"]
--
-- [[examples]]
-- what = "parts of a long stay"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-05 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=500
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-09 settle_time=2024-03-02 med_type=inpatient total_amount=900 fund_amount=500
-- '''
-- silent = true
