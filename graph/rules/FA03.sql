-- id = "FA03"
-- title = "药店注销/许可失效仍结算"
-- title_en = "A pharmacy settles after its licence ended"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W25", "W09", "J05"]
-- needs = ["J05", "W25|W09"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["REGISTRY", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["ended_on", "ended_by", "settlements", "first_day", "last_day", "fund_amount"]
-- fires = "Services that began more than grace_days days after the end of a pharmacy (by link: its last licence expired or was cancelled, whichever is earlier for that licence, or the business was cancelled or revoked) were settled and stand. One finding per pharmacy."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 90
-- unit = "days"

WITH licences AS (
    SELECT organisation_id, row_id, 'licence' AS ended_by,
        least(coalesce(cancel_date, DATE '9999-12-31'), coalesce(licence_to, DATE '9999-12-31')) AS ended_on
    FROM pharmacies
    WHERE organisation_id IS NOT NULL
    -- A licence is told of again when it is given up, perhaps without the code that makes the row's key.
    QUALIFY row_number() OVER (
        PARTITION BY organisation_id, coalesce(licence_no, CAST(row_id AS VARCHAR)), licence_from
        ORDER BY period DESC, row_id DESC
    ) = 1
),
ends AS (
    SELECT organisation_id, max(ended_on) AS ended_on, 'licence' AS ended_by, list_sort(list(row_id)) AS row_ids
    FROM licences
    GROUP BY organisation_id
    HAVING max(ended_on) < DATE '9999-12-31'
    UNION ALL
    SELECT organisation_id, min(cancel_date), 'registration', list_sort(list(row_id))
    FROM enterprise_cancellations
    WHERE organisation_id IS NOT NULL
    GROUP BY organisation_id
),
ended AS (
    SELECT organisation_id, min(ended_on) AS ended_on, arg_min(ended_by, ended_on) AS ended_by,
        list_sort(flatten(list(row_ids))) AS row_ids
    FROM ends
    GROUP BY organisation_id
)
SELECT e.organisation_id,
    max(e.row_ids) AS row_ids,
    list(s.row_id ORDER BY s.row_id)[1:100] AS any_of,
    min(e.ended_on) AS since,
    CAST(max(s.service_begin) AS DATE) AS until,
    sum(coalesce(s.fund_amount, 0) + coalesce(s.account_amount, 0)) AS amount,
    '' AS subject,
    min(e.ended_on) AS ended_on,
    min(e.ended_by) AS ended_by,
    count(*) AS settlements,
    CAST(min(s.service_begin) AS DATE) AS first_day,
    CAST(max(s.service_begin) AS DATE) AS last_day,
    sum(s.fund_amount) AS fund_amount
FROM ended e
JOIN settled s ON s.facility_organisation_id = e.organisation_id
WHERE CAST(s.service_begin AS DATE) - e.ended_on > $grace_days
GROUP BY e.organisation_id

-- [[examples]]
-- what = "after the licence"
-- rows = '''
-- W25 pharmacy=9 licence_no=l licence_from=2019-01-01 licence_to=2024-03-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy fund_amount=10
-- '''
-- raises = ["2024-03-02", "2024-05-01"]
-- silent = ["2024-03-01", "2024-02-01"]
--
-- [[examples]]
-- what = "told of again when it was given up"
-- rows = '''
-- W25 pharmacy=9 licence_no=l licence_from=2019-01-01 licence_to=2029-03-01 credit_code=C period=2024-01-01
-- W25 pharmacy=9 licence_no=l licence_from=2019-01-01 licence_to=2029-03-01 cancel_date=@ period=2024-05-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-05-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy fund_amount=10
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01"]
--
-- [[examples]]
-- what = "renewed"
-- rows = '''
-- W25 pharmacy=9 licence_no=l licence_from=2019-01-01 licence_to=2024-03-01
-- W25 pharmacy=9 licence_no=k licence_from=2024-03-02 licence_to=@
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-05-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy fund_amount=10
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01", "null"]
--
-- [[examples]]
-- what = "the business was cancelled"
-- rows = '''
-- W09 enterprise=9 cancel_date=@
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-05-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 med_type=pharmacy fund_amount=10
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01"]
--
-- [[examples]]
-- what = "reversed"
-- rows = '''
-- W09 enterprise=9 cancel_date=2024-04-01
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-05-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 fund_amount=10
-- J05 patient=1 setl_id=x psn_no=p1 service_begin=2024-05-01 service_end=2024-03-01 settle_time=2024-03-02 reverses=s1 facility=9 fund_amount=-10
-- '''
-- silent = true
