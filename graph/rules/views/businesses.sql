-- Organisations that may be one business: those that share a name without place and legal form. Rules that say "two
-- employers" go by `business`, so that a business whose two descriptions were not linked is not taken for two.
WITH cores AS (
    SELECT DISTINCT m.entity_id AS organisation_id, r.core
    FROM organisation_records r
    JOIN organisation_members m ON m.record_key = r.record_key
    WHERE r.core IS NOT NULL AND r.core <> ''
),
first_of_core AS (
    SELECT core, min(organisation_id) AS first_id FROM cores GROUP BY core
),
named AS (
    SELECT c.organisation_id, min(f.first_id) AS business
    FROM cores c
    JOIN first_of_core f ON f.core = c.core
    GROUP BY c.organisation_id
)
SELECT m.entity_id AS organisation_id, coalesce(min(n.business), m.entity_id) AS business
FROM organisation_members m
LEFT JOIN named n ON n.organisation_id = m.entity_id
GROUP BY m.entity_id
