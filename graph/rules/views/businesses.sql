-- Which organisations are one business. Rules that say "two employers" go by `business`, so that a business whose two
-- descriptions were not linked is not taken for two. A credit code makes an organisation a business of its own, whatever
-- others are called: branches in two counties bear one name, and report their staff each for itself. An organisation
-- without a code is the one business with a code that shares its name (without place and legal form); where several
-- share it, nobody can tell which: `business` is null, and `may_be` lists them. Those that no code claims are one if
-- they share a name.
WITH coded AS (
    SELECT m.entity_id AS organisation_id, min(m.entity_id) OVER (PARTITION BY min(r.credit_code)) AS business
    FROM organisation_records r
    JOIN organisation_members m ON m.record_key = r.record_key
    WHERE r.credit_code IS NOT NULL
    GROUP BY m.entity_id
),
described AS (
    SELECT DISTINCT m.entity_id AS organisation_id, r.core, c.business
    FROM organisation_records r
    JOIN organisation_members m ON m.record_key = r.record_key
    LEFT JOIN coded c ON c.organisation_id = m.entity_id
    WHERE r.core IS NOT NULL AND r.core <> ''
),
claimed AS (
    SELECT d.organisation_id, list(DISTINCT c.business ORDER BY c.business) AS claims
    FROM described d
    JOIN described c ON c.core = d.core AND c.business IS NOT NULL
    WHERE d.business IS NULL
    GROUP BY d.organisation_id
),
first_of_core AS (
    SELECT core, min(organisation_id) AS first_id FROM described WHERE business IS NULL GROUP BY core
),
named AS (
    SELECT d.organisation_id, min(f.first_id) AS first_id
    FROM described d
    JOIN first_of_core f ON f.core = d.core
    WHERE d.business IS NULL
    GROUP BY d.organisation_id
),
found AS (
    SELECT m.organisation_id,
        CASE WHEN c.business IS NOT NULL THEN [c.business]
            ELSE coalesce(l.claims, [coalesce(n.first_id, m.organisation_id)])
        END AS may_be
    FROM (SELECT DISTINCT entity_id AS organisation_id FROM organisation_members) m
    LEFT JOIN coded c ON c.organisation_id = m.organisation_id
    LEFT JOIN claimed l ON l.organisation_id = m.organisation_id
    LEFT JOIN named n ON n.organisation_id = m.organisation_id
)
SELECT organisation_id, CASE WHEN len(may_be) = 1 THEN may_be[1] END AS business, may_be
FROM found
