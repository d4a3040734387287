-- Pairs of persons whom some kept pair of records connects, with the highest match probability: whom a person who
-- was *not* found somewhere may be after all.
WITH both_sides AS (
    SELECT l.entity_id AS a, r.entity_id AS b, p.match_probability
    FROM pairs p
    JOIN members l ON l.record_key = p.record_key_l
    JOIN members r ON r.record_key = p.record_key_r
    WHERE l.entity_id <> r.entity_id
),
directed AS (
    SELECT a AS person_id, b AS other_person_id, match_probability FROM both_sides
    UNION ALL
    SELECT b, a, match_probability FROM both_sides
)
SELECT person_id, other_person_id, max(match_probability) AS match_probability
FROM directed
GROUP BY person_id, other_person_id
