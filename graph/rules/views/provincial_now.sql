-- Whom the province's list (J10) of the reference month warns of, once each.
SELECT person_id, min(row_id) AS row_id, max(burden) AS burden, max(line) AS line, min(population) AS population
FROM provincial_warnings
CROSS JOIN reference
WHERE person_id IS NOT NULL AND warning_month = date_trunc('month', reference_date)
GROUP BY person_id
