-- id = "E07"
-- title = "企业注销/吊销仍缴费"
-- title_en = "Contributions from a business that was cancelled"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W09", "W11", "W29"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["REGISTRY", "MSB", "TAX"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["cancel_date", "cancel_type", "last_month", "insured_persons", "pension_rows", "enrolment_rows"]
-- needs = ["W09", "W11|W29"]
-- fires = "A contribution month of an organisation (pension month owed, or medical paid-through) lies after the month of its cancellation or revocation."
--
-- # One finding per organisation. The month of the cancellation itself may be paid; what counts is the month owed
-- # (pension) and the month up to which contributions are paid (medical).

WITH paid AS (
    SELECT employer_organisation_id AS organisation_id, row_id, person_id, owed_period AS month, 'W11' AS feed
    FROM pension_contributions
    UNION ALL
    SELECT employer_organisation_id, row_id, person_id, paid_through, 'W29'
    FROM enrolments
)
SELECT c.organisation_id,
    list(DISTINCT c.row_id ORDER BY c.row_id) AS row_ids,
    list(DISTINCT p.row_id ORDER BY p.row_id) AS any_of,
    min(c.cancel_date) AS since,
    max(p.month) AS until,
    '' AS subject,
    min(c.cancel_date) AS cancel_date,
    list(DISTINCT c.cancel_type ORDER BY c.cancel_type) AS cancel_type,
    max(p.month) AS last_month,
    count(DISTINCT p.person_id) AS insured_persons,
    count(DISTINCT p.row_id) FILTER (p.feed = 'W11') AS pension_rows,
    count(DISTINCT p.row_id) FILTER (p.feed = 'W29') AS enrolment_rows
FROM enterprise_cancellations c
JOIN paid p ON p.organisation_id = c.organisation_id
CROSS JOIN reference r
WHERE date_trunc('month', p.month) > date_trunc('month', c.cancel_date) AND c.cancel_date <= r.reference_date
GROUP BY c.organisation_id

-- [[examples]]
-- what = "the month of the cancellation may be paid"
-- rows = '''
-- W09 enterprise=8 cancel_date=2024-03-10
-- W11 insured=1 employer=8 owed_period=@
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-01", "2024-02-01"]
--
-- [[examples]]
-- what = "medical contributions"
-- rows = '''
-- W09 enterprise=8 cancel_date=2024-03-10
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8 paid_through=@
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-01"]
