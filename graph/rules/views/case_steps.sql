-- Case events in order, with the person that the finding's record belongs to now.
SELECT row_number() OVER (ORDER BY c.day, c.finding_key, c.event) AS n, c.*, m.entity_id AS person_id
FROM case_events c
LEFT JOIN members m ON m.record_key = c.record_key
