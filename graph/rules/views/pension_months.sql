-- Months owed of the pension contributions of the year that ends with the reference date: one row per person,
-- employer and month.
SELECT person_id, b.business, owed_period AS month, min(row_id) AS row_id, max(base) AS base
FROM pension_contributions p
CROSS JOIN reference
LEFT JOIN businesses b ON b.organisation_id = p.employer_organisation_id
WHERE person_id IS NOT NULL AND owed_period > reference_date - INTERVAL 1 YEAR AND owed_period <= reference_date
GROUP BY ALL
