-- id = "P11"
-- title = "共同生活家庭成员有收入/企业"
-- title_en = "A household member has income or a business"
-- basis = "推导; 社会救助暂行办法 9"
-- feeds = ["W07", "W04", "W08", "W11", "W13", "W16", "J01"]
-- needs = ["W07", "W16|J01", "W08|W11|W13"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = false
-- version = 1
-- evidence = ["category", "relation", "household_id", "member_income", "member_business", "who_counts"]
-- fires = "A member of the registered household of a person in a subsistence or near-subsistence list, other than that person and in no such list, has a pension base above base in at least min_months months of the year before the reference date, an active housing fund account with such a base, or is representative of a living business. Off by default."
--
-- [parameters.base]
-- type = "number"
-- default = 6000
-- min = 500
-- max = 50000
-- unit = "yuan a month"
--
-- [parameters.min_months]
-- type = "integer"
-- default = 3
-- min = 1
-- max = 12
-- unit = "months"

WITH listed AS (
    SELECT person_id, category, row_ids, since FROM aid_now WHERE category IN ('subsistence', 'near_subsistence')
),
housed AS (
    SELECT DISTINCT l.person_id, l.category, l.row_ids, l.since, m.person_id AS member_id, m.relation, m.household_id
    FROM listed l
    JOIN households h ON h.person_id = l.person_id AND h.kind = 'registered' AND NOT coalesce(h.flagged, false)
        AND h.valid_to IS NULL
    JOIN households m ON m.household_id = h.household_id AND m.person_id <> l.person_id AND m.valid_to IS NULL
    WHERE m.person_id NOT IN (SELECT person_id FROM listed)
),
means AS (
    SELECT person_id, min(row_id) AS row_id, max(base) AS income, NULL::VARCHAR AS business
    FROM pension_months
    WHERE base > $base AND person_id IN (SELECT member_id FROM housed)
    GROUP BY person_id
    HAVING count(DISTINCT month) >= $min_months
    UNION ALL
    SELECT person_id, min(row_id), max(base), NULL
    FROM housing_fund_accounts
    CROSS JOIN reference
    WHERE base > $base AND coalesce(status, 'active') = 'active' AND person_id IN (SELECT member_id FROM housed)
        AND coalesce(valid_to, reference_date) >= date_trunc('month', reference_date)
    GROUP BY person_id
    UNION ALL
    SELECT representative_person_id, min(row_id), NULL, min(enterprise_name)
    FROM enterprises
    WHERE representative_person_id IN (SELECT member_id FROM housed) AND coalesce(status, 'active') = 'active'
        AND organisation_id NOT IN (
            SELECT organisation_id FROM enterprise_cancellations WHERE organisation_id IS NOT NULL
        )
    GROUP BY representative_person_id
)
SELECT h.person_id,
    h.member_id AS other_person_id,
    list_sort(list_distinct(max(h.row_ids) || list(m.row_id))) AS row_ids,
    min(h.since) AS since,
    h.category || '|' || CAST(h.household_id AS VARCHAR) || '|' || CAST(min(h.member_id) AS VARCHAR) AS subject,
    h.category,
    min(h.relation) AS relation,
    h.household_id,
    max(m.income) AS member_income,
    max(m.business) AS member_business,
    'members of one registered household' AS who_counts
FROM housed h
JOIN means m ON m.person_id = h.member_id
GROUP BY h.person_id, h.category, h.household_id, h.member_id

-- [[examples]]
-- what = "a member with a business"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=5 kind=registered person_id=2 relation=配偶
-- W08 enterprise=8 representative=2 credit_code=c establishment_date=2020-01-01 status=@
-- '''
-- raises = ["active"]
-- silent = ["cancelled"]
--
-- [[examples]]
-- what = "a base in three months"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=5 kind=registered person_id=2
-- W11 insured=2 owed_period=2024-04-01 base=@
-- W11 insured=2 owed_period=2024-05-01 base=@
-- W11 insured=2 owed_period=2024-06-01 base=@
-- '''
-- raises = ["6000.01"]
-- silent = ["6000"]
--
-- [[examples]]
-- what = "another household, or listed too"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W16 recipient=3 certificate_no=d3 approval_month=2023-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=6 kind=registered person_id=2
-- households household_id=5 kind=registered person_id=3
-- W13 depositor=2 year=2023 start_month=2023-07-01 base=9000
-- W13 depositor=3 year=2023 start_month=2023-07-01 base=9000
-- '''
-- silent = true
