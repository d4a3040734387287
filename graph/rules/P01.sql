-- id = "P01"
-- title = "救助对象未参保"
-- title_en = "Entitled to aid, but not insured"
-- basis = "济医保发〔2023〕13号 前言 应保尽保, §三 该纳入的纳入; 威医保发〔2020〕60号 §二(三)"
-- feeds = ["W16", "W21", "W29", "W01", "W05", "W07"]
-- severity = "A"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["lists", "listed_since", "last_insured", "enrolled_before"]
-- fires = "A person stands in an aid list at the reference date, is not dead or gone, and has no normal spell that day."
--
-- # One finding per person who stands in an aid list at the reference date and has no normal spell then. The dead
-- # and those whose only household registration ended otherwise (moved out, army, abroad) are left out.
-- # The doubt is in what was *not* found: the insured person may be the same one, not linked. So the link
-- # probability is at most one minus the highest match probability with a record of an insured person, except where
-- # both stand in the household register in their own right.

WITH listed AS (
    SELECT person_id, row_id, 'W16' AS feed, valid_from, valid_to FROM subsistence_allowances
    UNION ALL
    SELECT person_id, row_id, 'W21', valid_from, valid_to FROM disability_certificates
),
entitled AS (
    SELECT l.person_id, l.row_id, l.feed, l.valid_from
    FROM listed l
    CROSS JOIN reference r
    WHERE l.person_id IS NOT NULL AND l.valid_from <= r.reference_date
        AND (l.valid_to IS NULL OR l.valid_to >= r.reference_date)
),
insured AS (
    SELECT DISTINCT e.person_id
    FROM enrolments e
    CROSS JOIN reference r
    WHERE e.status = 'normal' AND e.valid_from <= r.reference_date
        AND (e.valid_to IS NULL OR e.valid_to >= r.reference_date)
),
gone AS (
    SELECT h.person_id
    FROM household_register h
    CROSS JOIN reference r
    GROUP BY h.person_id
    HAVING bool_and(h.valid_to IS NOT NULL AND h.valid_to <= r.reference_date)
),
uninsured AS (
    SELECT *
    FROM entitled
    ANTI JOIN insured USING (person_id)
    ANTI JOIN deaths USING (person_id)
    ANTI JOIN gone USING (person_id)
),
their_records AS (
    SELECT record_key, entity_id AS person_id
    FROM members
    WHERE entity_id IN (SELECT person_id FROM uninsured)
),
near AS (
    SELECT t.person_id, m.entity_id AS other_id, p.match_probability
    FROM pairs p
    JOIN their_records t ON t.record_key = p.record_key_l
    JOIN members m ON m.record_key = p.record_key_r
    UNION ALL
    SELECT t.person_id, m.entity_id, p.match_probability
    FROM pairs p
    JOIN their_records t ON t.record_key = p.record_key_r
    JOIN members m ON m.record_key = p.record_key_l
),
registered AS (
    SELECT DISTINCT person_id FROM household_register
),
doubts AS (
    SELECT n.person_id, max(n.match_probability) AS doubt
    FROM near n
    LEFT JOIN registered a ON a.person_id = n.person_id
    LEFT JOIN registered b ON b.person_id = n.other_id
    WHERE n.other_id IN (SELECT person_id FROM insured) AND (a.person_id IS NULL OR b.person_id IS NULL)
    GROUP BY n.person_id
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
