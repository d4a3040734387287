-- Who stood in which aid list, and when: one row per row of W14-W21 and J01-J04. `category` is the word of the aid
-- flags (J06); a plain disability certificate (W21) is the category `disability_certificate`, which no flag is owed
-- for. A row that says it has ended, but not when, says nothing and is left out.
WITH lists AS (
    SELECT person_id, row_id, 'W14' AS feed, 'poverty_registered' AS category, 'RURAL' AS department, valid_from,
        valid_to, list_status, NULL::DECIMAL(16, 2) AS monthly_amount
    FROM poverty_registrations
    UNION ALL
    SELECT person_id, row_id, 'W15', 'immediate_help', 'RURAL', valid_from, valid_to, list_status, NULL
    FROM immediate_help
    UNION ALL
    SELECT person_id, row_id, 'W16', 'subsistence', 'CIVIL', valid_from, valid_to, NULL, amount
    FROM subsistence_allowances
    UNION ALL
    SELECT person_id, row_id, 'W17', 'destitute', 'CIVIL', valid_from, valid_to, list_status, amount
    FROM destitute_persons
    UNION ALL
    SELECT person_id, row_id, 'W18', 'orphan', 'CIVIL', valid_from, valid_to, list_status, amount FROM orphans
    UNION ALL
    SELECT person_id, row_id, 'W19', 'unattended_child', 'CIVIL', valid_from, valid_to, list_status, amount
    FROM unattended_children
    UNION ALL
    SELECT person_id, row_id, 'W20', 'severe_disability', 'DPF', valid_from, valid_to, list_status, nursing_subsidy
    FROM severe_disabilities
    UNION ALL
    SELECT person_id, row_id, 'W21', 'disability_certificate', 'DPF', valid_from, valid_to, NULL, NULL
    FROM disability_certificates
    UNION ALL
    SELECT person_id, row_id, 'J01', 'near_subsistence', 'CIVIL', valid_from, valid_to, list_status, NULL
    FROM near_subsistence_families
    UNION ALL
    SELECT person_id, row_id, 'J02', 'illness_poverty', 'CIVIL', valid_from, valid_to, list_status, NULL
    FROM illness_poverty_patients
    UNION ALL
    SELECT person_id, row_id, 'J03', 'relapsed', 'RURAL', valid_from, valid_to, list_status, NULL
    FROM relapsed_poverty
    UNION ALL
    SELECT person_id, row_id, 'J04', 'monitored', 'RURAL', valid_from, valid_to, list_status, NULL
    FROM monitored_households
)
SELECT * EXCLUDE (list_status)
FROM lists
WHERE person_id IS NOT NULL AND (valid_to IS NOT NULL OR list_status IS DISTINCT FROM 'ended')
