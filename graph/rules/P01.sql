-- id = "P01"
-- title = "救助对象未参保"
-- title_en = "Entitled to aid, but not insured"
-- basis = "济医保发〔2023〕13号 前言 应保尽保, §三 该纳入的纳入; 威医保发〔2020〕60号 §二(三)"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "J01", "J02", "J03", "J04", "W29", "W01", "W05", "W07"]
-- needs = ["W14|W15|W16|W17|W18|W19|W20|W21|J01|J02|J03|J04", "W29"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 2
-- silences = ["E11"]
-- evidence = ["lists", "listed_since", "last_insured", "enrolled_before"]
-- fires = "A person stands in an aid list at the reference date, is not dead or gone, and has no normal spell that day."
--
-- # One finding per person who stands in an aid list at the reference date and has no normal spell then. The dead
-- # and those whose only household registration ended otherwise (moved out, army, abroad) are left out.
-- # The doubt is in what was *not* found: the insured person may be the same one, not linked. So the link
-- # probability is at most one minus the highest match probability with a record of an insured person, except where
-- # both stand in the household register in their own right.

WITH entitled AS (
    SELECT l.person_id, l.row_id, l.feed, l.valid_from
    FROM aid_lists l
    CROSS JOIN reference r
    WHERE l.valid_from <= r.reference_date AND (l.valid_to IS NULL OR l.valid_to >= r.reference_date)
),
uninsured AS (
    SELECT *
    FROM entitled
    ANTI JOIN insured_now USING (person_id)
    ANTI JOIN deaths USING (person_id)
    ANTI JOIN (SELECT person_id FROM register_now WHERE NOT open) USING (person_id)
),
doubts AS (
    SELECT c.person_id, max(c.match_probability) AS doubt
    FROM crossings c
    LEFT JOIN register_now a ON a.person_id = c.person_id
    LEFT JOIN register_now b ON b.person_id = c.other_person_id
    WHERE c.person_id IN (SELECT person_id FROM uninsured)
        AND c.other_person_id IN (SELECT person_id FROM insured_now)
        AND (a.person_id IS NULL OR b.person_id IS NULL)
    GROUP BY c.person_id
),
spells AS (
    SELECT person_id, max(valid_to) AS last_insured FROM enrolments GROUP BY person_id
)
SELECT u.person_id,
    list(u.row_id ORDER BY u.feed, u.row_id) AS row_ids,
    greatest(min(u.valid_from), max(s.last_insured)) AS since,
    '' AS subject,
    1 - coalesce(max(d.doubt), 0) AS link_probability,
    list(DISTINCT u.feed ORDER BY u.feed) AS lists,
    min(u.valid_from) AS listed_since,
    max(s.last_insured) AS last_insured,
    bool_or(s.person_id IS NOT NULL) AS enrolled_before
FROM uninsured u
LEFT JOIN doubts d ON d.person_id = u.person_id
LEFT JOIN spells s ON s.person_id = u.person_id
GROUP BY u.person_id

-- [[examples]]
-- what = "in a list, and the spell"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01 end_date=@
-- '''
-- raises = ["2024-06-29"]
-- silent = ["2024-06-30", "2024-07-01"]
--
-- [[examples]]
-- what = "another list"
-- rows = '''
-- W14 member=1 identified_date=@
-- '''
-- raises = ["2024-06-30", "2020-01-01"]
-- silent = ["2024-07-01"]
--
-- [[examples]]
-- what = "dead"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- '''
-- silent = true
--
-- [[examples]]
-- what = "moved away"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-06-@ cancel_reason=moved_out
-- '''
-- silent = ["30", "29"]
