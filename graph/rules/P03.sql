-- id = "P03"
-- title = "多重身份未就高"
-- title_en = "The best of several categories is not applied"
-- basis = "济医保发〔2023〕13号 §二 就高不就低"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "W20", "J01", "J02", "J03", "J04", "J06"]
-- needs = ["W14|W15|W16|W17|W18|W19|W20|J01|J02|J03|J04", "J06"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["best", "best_rank", "applied", "applied_rank", "held", "changed_this_year"]
-- fires = "At the reference date the best flag of a person, for a category held, ranks lower (in the jurisdiction's rank table) than the best category held since before the month that lies grace_months - 1 months before the reference month; silent where that category was only entered in the year of the reference date and the flag stood before (K15: the subsidy of the year is not adjusted)."
--
-- [parameters.grace_months]
-- type = "integer"
-- default = 1
-- min = 0
-- max = 12
-- unit = "months"

WITH held AS (
    SELECT a.person_id, a.category, a.row_ids, a.since, k.rank
    FROM aid_now a
    JOIN aid_ranks k USING (category)
    CROSS JOIN reference r
    WHERE date_diff('month', a.since, r.reference_date) >= $grace_months
),
best AS (
    SELECT * FROM held QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY rank, category) = 1
),
applied AS (
    SELECT f.person_id, f.category, f.row_ids, f.since, k.rank
    FROM flags_now f
    JOIN aid_ranks k USING (category)
    QUALIFY row_number() OVER (PARTITION BY f.person_id ORDER BY k.rank, f.category) = 1
),
all_held AS (
    SELECT person_id, list_sort(list(category)) AS categories FROM aid_now GROUP BY person_id
)
SELECT b.person_id,
    list_sort(list_distinct(b.row_ids || a.row_ids)) AS row_ids,
    greatest(b.since, a.since) AS since,
    '' AS subject,
    b.category AS best,
    b.rank AS best_rank,
    a.category AS applied,
    a.rank AS applied_rank,
    h.categories AS held,
    date_part('year', b.since) = date_part('year', r.reference_date) AS changed_this_year
FROM best b
JOIN applied a ON a.person_id = b.person_id
JOIN all_held h ON h.person_id = b.person_id AND list_contains(h.categories, a.category)
CROSS JOIN reference r
WHERE a.rank > b.rank
    AND NOT (date_part('year', b.since) = date_part('year', r.reference_date) AND a.since < b.since)

-- [[examples]]
-- what = "two categories, the lower one applied"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=@ begin_date=2024-01-01
-- '''
-- raises = ["monitored"]
-- silent = ["subsistence"]
--
-- [[examples]]
-- what = "equal rank"
-- rows = '''
-- J01 member=1 file_no=f approval_month=2023-01-01
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=monitored begin_date=2024-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the better category began this year, after the flag"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=@
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=monitored begin_date=2024-01-01
-- '''
-- raises = ["2023-12-01", "2024-01-01"]
-- silent = ["2024-02-01", "2024-05-01"]
--
-- [[examples]]
-- what = "both are flagged"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=monitored begin_date=2024-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a flag for a category not held is P02"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J06 recipient=1 psn_no=p1 year=2024 category=near_subsistence begin_date=2024-01-01
-- '''
-- silent = true
