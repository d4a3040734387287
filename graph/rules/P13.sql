-- id = "P13"
-- title = "孤儿与父母在世/已婚/成年冲突"
-- title_en = "Listed as an orphan, but a parent lives, or married, or of age"
-- basis = "威医保发〔2020〕60号 §二(一)(三), §二末"
-- feeds = ["W18", "W07", "W02", "W04", "W01", "W05"]
-- needs = ["W18", "W07|W02|W04"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = false
-- version = 1
-- evidence = ["conflict", "parent_person_id", "parent_link", "birth_date", "married_on"]
-- fires = "A child stands in the list of orphans at the reference date, and a parent (by birth certificate or register) has an open household entry and is recorded dead nowhere; or the child is registered as married; or is age_out_years old. One finding per child and conflict. Off by default."
--
-- [parameters.age_out_years]
-- type = "integer"
-- default = 18
-- min = 16
-- max = 25
-- unit = "years"

WITH listed AS (
    SELECT person_id, row_ids, since FROM aid_now WHERE category = 'orphan'
),
conflicts AS (
    SELECT l.person_id, k.kin_person_id AS other_person_id, l.row_ids || n.row_ids AS row_ids, l.since,
        'parent lives' AS conflict, k.probability, k.basis, NULL::DATE AS married_on
    FROM listed l
    JOIN kinship k ON k.person_id = l.person_id AND k.relation = 'parent'
    JOIN register_now n ON n.person_id = k.kin_person_id AND n.open
    WHERE k.kin_person_id NOT IN (SELECT person_id FROM deaths)
    UNION ALL
    SELECT l.person_id, NULL, l.row_ids, l.since, 'married', k.probability, k.basis, k.valid_from
    FROM listed l
    JOIN kinship k ON k.person_id = l.person_id AND k.relation = 'spouse'
    UNION ALL
    SELECT l.person_id, NULL, l.row_ids, l.since, 'of age', NULL, NULL, NULL
    FROM listed l
    JOIN persons p ON p.person_id = l.person_id
    CROSS JOIN reference r
    WHERE p.birth_date + to_years($age_out_years) <= r.reference_date
)
SELECT c.person_id,
    c.other_person_id,
    list_sort(list_distinct(flatten(list(c.row_ids)))) AS row_ids,
    min(c.since) AS since,
    c.conflict || '|' || coalesce(CAST(c.other_person_id AS VARCHAR), '') AS subject,
    max(c.probability) AS link_probability,
    c.conflict,
    c.other_person_id AS parent_person_id,
    max(c.basis) AS parent_link,
    max(p.birth_date) AS birth_date,
    max(c.married_on) AS married_on
FROM conflicts c
LEFT JOIN persons p ON p.person_id = c.person_id
GROUP BY c.person_id, c.other_person_id, c.conflict

-- [[examples]]
-- what = "a parent lives"
-- rows = '''
-- W18 child=1 approval_month=2023-01-01
-- kinship person_id=1 kin_person_id=2 relation=parent basis=W02 probability=1
-- W07 person=2 household_no=h2 move_in_date=2000-01-01 cancel_date=@
-- '''
-- raises = ["2024-07-01", "null"]
-- silent = ["2024-06-30"]
--
-- [[examples]]
-- what = "the parent is dead"
-- rows = '''
-- W18 child=1 approval_month=2023-01-01
-- kinship person_id=1 kin_person_id=2 relation=parent basis=W02 probability=1
-- W07 person=2 household_no=h2 move_in_date=2000-01-01
-- W01 deceased=2 certificate_no=c2 death_time=2024-03-10
-- '''
-- silent = true
--
-- [[examples]]
-- what = "of age"
-- rows = '''
-- W18 child=1 approval_month=2023-01-01
-- persons person_id=1 birth_date=@
-- '''
-- raises = ["2006-06-30"]
-- silent = ["2006-07-01"]
--
-- [[examples]]
-- what = "married"
-- rows = '''
-- W18 child=1 approval_month=2023-01-01
-- kinship person_id=1 kin_person_id=2 relation=@ basis=W04 probability=1
-- '''
-- raises = ["spouse"]
-- silent = ["sibling"]
