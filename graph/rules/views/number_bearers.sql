-- Whose records bear which valid number (legacy ones too): one row per number and person, with the first and the last
-- of the names that stand beside it.
SELECT r.id_number, m.entity_id AS person_id, min(r.name) AS first_name, max(r.name) AS last_name
FROM records r
JOIN members m ON m.record_key = r.record_key
WHERE r.id_status IN ('valid', 'legacy')
GROUP BY r.id_number, m.entity_id
