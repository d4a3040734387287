-- id = "P17"
-- title = "同户成员名单不全"
-- title_en = "A member of a listed household is missing from the list"
-- basis = "推导; 数据依据 济医保发〔2023〕13号 §三"
-- feeds = ["W16", "J01", "W07", "W04", "W02"]
-- needs = ["W16|J01", "W07"]
-- severity = "C"
-- direction = "protect"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["category", "kinship", "listed_person_id", "household_id"]
-- fires = "A spouse, or a child under 18, of a person in the subsistence or near-subsistence list at the reference date is registered in the same household (open, not flagged as used by strangers), is recorded dead nowhere, and stands in neither of the two lists."

WITH listed AS (
    SELECT person_id, min(category) AS category, flatten(list(row_ids)) AS row_ids, min(since) AS since
    FROM aid_now
    WHERE category IN ('subsistence', 'near_subsistence')
    GROUP BY person_id
),
kin AS (
    SELECT l.person_id AS listed_id, l.category, l.row_ids, l.since, k.kin_person_id AS member_id, 'spouse' AS kinship,
        k.probability
    FROM listed l
    JOIN kinship k ON k.person_id = l.person_id AND k.relation = 'spouse'
    CROSS JOIN reference r
    WHERE k.valid_to IS NULL OR k.valid_to >= r.reference_date
    UNION ALL
    SELECT l.person_id, l.category, l.row_ids, l.since, k.person_id, 'child', k.probability
    FROM listed l
    JOIN kinship k ON k.kin_person_id = l.person_id AND k.relation = 'parent'
    JOIN persons p ON p.person_id = k.person_id
    CROSS JOIN reference r
    WHERE p.birth_date > r.reference_date - INTERVAL 18 YEAR
),
missing AS (
    SELECT k.*, h.household_id
    FROM kin k
    JOIN households h ON h.person_id = k.listed_id AND h.kind = 'registered' AND h.valid_to IS NULL
        AND NOT coalesce(h.flagged, false)
    JOIN households m ON m.household_id = h.household_id AND m.person_id = k.member_id AND m.valid_to IS NULL
    WHERE k.member_id NOT IN (SELECT person_id FROM listed)
        AND k.member_id NOT IN (SELECT person_id FROM deaths)
)
SELECT m.member_id AS person_id,
    min(m.listed_id) AS other_person_id,
    list_sort(list_distinct(max(n.row_ids) || arg_min(m.row_ids, m.listed_id))) AS row_ids,
    min(m.since) AS since,
    min(m.category) AS subject,
    max(m.probability) AS link_probability,
    min(m.category) AS category,
    min(m.kinship) AS kinship,
    min(m.listed_id) AS listed_person_id,
    min(m.household_id) AS household_id
FROM missing m
JOIN register_now n ON n.person_id = m.member_id
GROUP BY m.member_id

-- [[examples]]
-- what = "a child of the household is missing"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01
-- W07 person=2 household_no=h1 move_in_date=2000-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=5 kind=registered person_id=2
-- kinship person_id=2 kin_person_id=1 relation=parent basis=W02 probability=1
-- persons person_id=2 birth_date=@
-- '''
-- raises = ["2006-07-01", "2015-01-01"]
-- silent = ["2006-06-30"]
--
-- [[examples]]
-- what = "a spouse"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W07 person=2 household_no=h1 move_in_date=2000-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=@ kind=registered person_id=2
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 probability=1
-- '''
-- raises = ["5"]
-- silent = ["6"]
--
-- [[examples]]
-- what = "listed too"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W16 recipient=2 certificate_no=d2 approval_month=2023-01-01
-- W07 person=2 household_no=h1 move_in_date=2000-01-01
-- households household_id=5 kind=registered person_id=1
-- households household_id=5 kind=registered person_id=2
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 probability=1
-- '''
-- silent = true
