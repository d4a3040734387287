-- id = "P12"
-- title = "特困人员有法定义务人"
-- title_en = "A destitute person has somebody who must support them"
-- basis = "推导; 社会救助暂行办法 14"
-- feeds = ["W04", "W07", "W02", "W17", "W11", "W12"]
-- needs = ["W17", "W04|W07|W02"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = false
-- version = 1
-- evidence = ["kinship", "kin_person_id", "since_when", "able_by", "path"]
-- fires = "A person who stands in the list of destitute persons at the reference date has a living spouse, or a living child of 18 to 59 years, who is able: pension contributions in at least min_months months of the year before the reference date. Off by default."
--
-- [parameters.min_months]
-- type = "integer"
-- default = 3
-- min = 1
-- max = 12
-- unit = "months"

WITH kin AS (
    SELECT a.person_id, a.row_ids, a.since, k.kin_person_id, 'spouse' AS kinship, k.basis, k.probability, k.valid_from
    FROM aid_now a
    JOIN kinship k ON k.person_id = a.person_id AND k.relation = 'spouse'
    CROSS JOIN reference r
    WHERE a.category = 'destitute' AND (k.valid_to IS NULL OR k.valid_to >= r.reference_date)
    UNION ALL
    SELECT a.person_id, a.row_ids, a.since, k.person_id, 'child', k.basis, k.probability, k.valid_from
    FROM aid_now a
    JOIN kinship k ON k.kin_person_id = a.person_id AND k.relation = 'parent'
    JOIN persons p ON p.person_id = k.person_id
    CROSS JOIN reference r
    WHERE a.category = 'destitute' AND p.birth_date <= r.reference_date - INTERVAL 18 YEAR
        AND p.birth_date > r.reference_date - INTERVAL 60 YEAR
),
able AS (
    SELECT person_id, min(row_id) AS row_id, count(DISTINCT month) AS months
    FROM pension_months
    WHERE person_id IN (SELECT kin_person_id FROM kin)
    GROUP BY person_id
    HAVING count(DISTINCT month) >= $min_months
)
SELECT k.person_id,
    k.kin_person_id AS other_person_id,
    max(k.row_ids) || [min(a.row_id)] AS row_ids,
    min(k.since) AS since,
    k.kinship || '|' || CAST(k.kin_person_id AS VARCHAR) AS subject,
    max(k.probability) AS link_probability,
    k.kinship,
    k.kin_person_id,
    min(k.valid_from) AS since_when,
    'contributions in ' || CAST(max(a.months) AS VARCHAR) || ' months' AS able_by,
    list(DISTINCT k.basis ORDER BY k.basis) AS path
FROM kin k
JOIN able a ON a.person_id = k.kin_person_id
WHERE k.kin_person_id NOT IN (SELECT person_id FROM deaths)
GROUP BY k.person_id, k.kin_person_id, k.kinship

-- [[examples]]
-- what = "an adult child who works"
-- rows = '''
-- W17 recipient=1 approval_month=2023-01-01
-- kinship person_id=2 kin_person_id=1 relation=parent basis=W02 probability=1
-- persons person_id=2 birth_date=@
-- W11 insured=2 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["2006-06-30", "1964-07-01"]
-- silent = ["2006-07-01", "1964-06-30"]
-- parameters = { min_months = 1 }
--
-- [[examples]]
-- what = "a spouse"
-- rows = '''
-- W17 recipient=1 approval_month=2023-01-01
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 probability=1 valid_to=@
-- W11 insured=2 owed_period=2024-05-01 base=5000
-- '''
-- raises = ["2024-06-30", "null"]
-- silent = ["2024-06-29"]
-- parameters = { min_months = 1 }
--
-- [[examples]]
-- what = "not able"
-- rows = '''
-- W17 recipient=1 approval_month=2023-01-01
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 probability=1
-- '''
-- silent = true
