-- id = "P14"
-- title = "事实无人抚养与父母状态变化"
-- title_en = "An unattended child's parents have changed"
-- basis = "威医保发〔2020〕60号 §二(一)(三)"
-- feeds = ["W19", "W01", "W05", "W04", "W07", "W11", "W02"]
-- needs = ["W19", "W01|W04|W07|W11"]
-- severity = "C"
-- direction = "protect"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["change", "parent_person_id", "parent_status", "changed_on", "parent_link"]
-- fires = "A child stands in the list of unattended children at the reference date, and of a parent (by birth certificate or register) a death is recorded that the row does not say (protect: the child may be an orphan); or a parent said to be missing or absent, or to be in prison, married or paid pension contributions for a month after the child was listed (recover: returned)."

WITH listed AS (
    SELECT c.person_id, c.row_id, c.valid_from AS since, k.kin_person_id AS parent_id, k.probability, k.basis,
        CASE WHEN p.sex = 1 THEN c.father_status WHEN p.sex = 2 THEN c.mother_status END AS parent_status
    FROM unattended_children c
    JOIN kinship k ON k.person_id = c.person_id AND k.relation = 'parent'
    LEFT JOIN persons p ON p.person_id = k.kin_person_id
    CROSS JOIN reference r
    WHERE c.valid_from <= r.reference_date AND (c.valid_to IS NULL OR c.valid_to >= r.reference_date)
        AND c.list_status IS DISTINCT FROM 'ended'
),
returned AS (
    SELECT person_id, month AS day, row_id FROM pension_months
    UNION ALL
    SELECT husband_person_id, registration_date, row_id FROM marriages WHERE registration_type = 'marriage'
    UNION ALL
    SELECT wife_person_id, registration_date, row_id FROM marriages WHERE registration_type = 'marriage'
),
changes AS (
    SELECT l.*, d.death_date AS changed_on, d.row_ids AS parent_rows, 'parent died' AS change
    FROM listed l
    JOIN first_deaths d ON d.person_id = l.parent_id
    WHERE l.parent_status IS DISTINCT FROM 'dead'
    UNION ALL
    SELECT l.*, min(b.day), list_sort(list(b.row_id)), 'parent returned'
    FROM listed l
    JOIN returned b ON b.person_id = l.parent_id AND b.day > l.since
    CROSS JOIN reference r
    WHERE l.parent_status IN ('missing', 'absent', 'prison') AND b.day <= r.reference_date
    GROUP BY ALL
)
SELECT person_id,
    parent_id AS other_person_id,
    list_sort(list_distinct(list(row_id) || flatten(list(parent_rows)))) AS row_ids,
    min(changed_on) AS since,
    change || '|' || coalesce(min(parent_status), '') AS subject,
    max(probability) AS link_probability,
    CASE WHEN change = 'parent died' THEN 'protect' ELSE 'recover' END AS direction,
    change,
    parent_id AS parent_person_id,
    min(parent_status) AS parent_status,
    min(changed_on) AS changed_on,
    max(basis) AS parent_link
FROM changes
GROUP BY person_id, parent_id, change

-- [[examples]]
-- what = "a parent died"
-- rows = '''
-- W19 child=1 approval_month=2023-01-01 father_status=@
-- kinship person_id=1 kin_person_id=2 relation=parent basis=W02 probability=1
-- persons person_id=2 sex=1
-- W01 deceased=2 certificate_no=c2 death_time=2024-03-10
-- '''
-- raises = ["missing", "prison", "null"]
-- silent = ["dead"]
--
-- [[examples]]
-- what = "a parent came back"
-- rows = '''
-- W19 child=1 approval_month=2024-04-01 mother_status=missing
-- kinship person_id=1 kin_person_id=2 relation=parent basis=W02 probability=1
-- persons person_id=2 sex=2
-- W11 insured=2 owed_period=@ base=5000
-- '''
-- raises = ["2024-05-01"]
-- silent = ["2024-04-01", "2024-03-01"]
--
-- [[examples]]
-- what = "a parent too ill to care may well work"
-- rows = '''
-- W19 child=1 approval_month=2023-01-01 mother_status=@
-- kinship person_id=1 kin_person_id=2 relation=parent basis=W02 probability=1
-- persons person_id=2 sex=2
-- W04 wife=2 husband=3 registration_type=marriage registration_date=2024-02-01
-- '''
-- raises = ["absent"]
-- silent = ["ill", "able"]
