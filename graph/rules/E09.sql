-- id = "E09"
-- title = "新设单位未办社保登记"
-- title_en = "New business with staff, not registered for medical insurance"
-- basis = "推导; 社会保险法 57"
-- feeds = ["W08", "W11", "W29", "W09"]
-- needs = ["W08", "W11", "W29"]
-- severity = "C"
-- direction = "protect"
-- return_to = ["MSB", "TAX"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["enterprise_name", "establishment_date", "staff", "first_month"]
-- fires = "A business that lives was established more than grace_days days before the reference date, pension contributions of its staff are there, and no enrolment names it, or a business of the same name, as the employer."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 30
-- min = 0
-- max = 365
-- unit = "days"

WITH new_ones AS (
    SELECT e.organisation_id, b.business, e.row_id, e.enterprise_name, e.establishment_date
    FROM enterprises e
    JOIN businesses b ON b.organisation_id = e.organisation_id
    CROSS JOIN reference r
    WHERE e.organisation_id IS NOT NULL AND coalesce(e.status, 'active') = 'active'
        AND r.reference_date - e.establishment_date > $grace_days
        AND e.organisation_id NOT IN (
            SELECT organisation_id FROM enterprise_cancellations WHERE organisation_id IS NOT NULL
        )
        AND b.business NOT IN (
            SELECT unnest(may_be) FROM businesses
            WHERE organisation_id IN (SELECT employer_organisation_id FROM enrolments)
        )
)
SELECT n.organisation_id,
    list(DISTINCT n.row_id ORDER BY n.row_id) AS row_ids,
    list(DISTINCT c.row_id ORDER BY c.row_id)[1:50] AS any_of,
    min(n.establishment_date) AS since,
    '' AS subject,
    min(n.enterprise_name) AS enterprise_name,
    min(n.establishment_date) AS establishment_date,
    count(DISTINCT c.person_id) AS staff,
    min(c.owed_period) AS first_month
FROM new_ones n
JOIN pension_contributions c ON c.employer_organisation_id = n.organisation_id AND c.person_id IS NOT NULL
GROUP BY n.organisation_id

-- [[examples]]
-- what = "staff with pension, none with medical insurance"
-- rows = '''
-- W08 enterprise=8 credit_code=c establishment_date=@ status=active
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["2024-05-30"]
-- silent = ["2024-05-31", "2024-06-01"]
--
-- [[examples]]
-- what = "it names itself in an enrolment"
-- rows = '''
-- W08 enterprise=8 credit_code=c establishment_date=2024-01-01
-- W11 insured=1 employer=8 owed_period=2024-05-01 base=5000
-- W29 insured=2 psn_no=p2 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8
-- '''
-- silent = true
--
-- [[examples]]
-- what = "no staff, or gone"
-- rows = '''
-- W08 enterprise=8 credit_code=c establishment_date=2024-01-01
-- W08 enterprise=9 credit_code=d establishment_date=2024-01-01
-- W11 insured=1 employer=9 owed_period=2024-05-01 base=5000
-- W09 enterprise=9 cancel_date=2024-06-01
-- '''
-- silent = true
