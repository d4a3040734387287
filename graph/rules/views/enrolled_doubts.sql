-- For those without any spell: the highest match probability with a record of somebody who has one.
SELECT c.person_id, max(c.match_probability) AS doubt
FROM crossings c
WHERE c.person_id NOT IN (SELECT person_id FROM enrolments WHERE person_id IS NOT NULL)
    AND c.other_person_id IN (SELECT person_id FROM enrolments WHERE person_id IS NOT NULL)
GROUP BY c.person_id
