-- id = "P02"
-- title = "救助对象无资助标识或标错"
-- title_en = "Entitled to aid, but not flagged or flagged wrongly"
-- basis = "济医保发〔2023〕13号 §二 准确标识"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "W20", "J01", "J02", "J03", "J04", "J06", "J07", "W29"]
-- needs = ["W14|W15|W16|W17|W18|W19|W20|J01|J02|J03|J04", "J06"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["problem", "held", "flagged", "listed_since"]
-- fires = "At the reference date a person stands in a list of a ranked category, is insured, and has no aid flag at all although every such list has held the person since before the month that lies grace_months - 1 months before the reference month (missing); or has a flag of a ranked category in whose list the person never stood, by the lists and the monthly changes, while holding another (wrong). A lower flag for a category held is P03, a flag after an exit P05."
--
-- [parameters.grace_months]
-- type = "integer"
-- default = 1
-- min = 0
-- max = 12
-- unit = "months"

WITH ranked AS (
    SELECT a.person_id, a.category, a.row_ids, a.since
    FROM aid_now a
    JOIN aid_ranks USING (category)
),
held AS (
    SELECT person_id, flatten(list(row_ids)) AS row_ids, list_sort(list(category)) AS categories, min(since) AS since
    FROM ranked
    GROUP BY person_id
),
flagged AS (
    SELECT person_id, flatten(list(row_ids)) AS row_ids, list_sort(list(category)) AS categories, min(since) AS since
    FROM flags_now
    GROUP BY person_id
),
ever AS (
    SELECT person_id, category FROM aid_lists
    UNION
    SELECT person_id, unnest([category_before, category_after]) FROM aid_changes WHERE person_id IS NOT NULL
),
wrong AS (
    SELECT f.person_id, flatten(list(f.row_ids)) AS row_ids, list_sort(list(f.category)) AS categories,
        min(f.since) AS since
    FROM flags_now f
    JOIN aid_ranks USING (category)
    ANTI JOIN ever e ON e.person_id = f.person_id AND e.category = f.category
    GROUP BY f.person_id
)
SELECT h.person_id,
    list_sort(h.row_ids) AS row_ids,
    h.since,
    'missing' AS subject,
    'missing' AS problem,
    h.categories AS held,
    []::VARCHAR[] AS flagged,
    h.since AS listed_since
FROM held h
JOIN insured_now i ON i.person_id = h.person_id
CROSS JOIN reference r
WHERE h.person_id NOT IN (SELECT person_id FROM flagged)
    AND date_diff('month', h.since, r.reference_date) >= $grace_months
UNION ALL
SELECT w.person_id,
    list_sort(w.row_ids || h.row_ids),
    w.since,
    'wrong',
    'wrong',
    h.categories,
    w.categories,
    h.since
FROM wrong w
JOIN held h ON h.person_id = w.person_id

-- [[examples]]
-- what = "no flag"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=@
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- raises = ["2024-05-01", "2023-01-01"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "any flag of a category held"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=@ begin_date=2024-01-01
-- '''
-- raises = ["destitute"]
-- silent = ["subsistence"]
--
-- [[examples]]
-- what = "the flag has run out, or was cleared"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01 end_date=@
-- '''
-- raises = ["2024-06-29"]
-- silent = ["2024-06-30", "2024-12-31"]
--
-- [[examples]]
-- what = "not insured is P01"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a certificate holder needs no flag"
-- rows = '''
-- W21 holder=1 issue_date=2020-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a category held before, or by the monthly changes"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=destitute begin_date=2024-01-01
-- J07 recipient=1 unit=u change_month=2024-02-01 change_type=change category_before=@ category_after=subsistence
-- '''
-- raises = ["near_subsistence"]
-- silent = ["destitute"]
