-- The income that warnings of the reference date's year go by: last year's, or (then provisional) the newest before.
SELECT i.year AS income_year, i.income, i.source,
    i.provisional OR i.year < date_part('year', r.reference_date) - 1 AS provisional
FROM incomes i
CROSS JOIN reference r
WHERE i.year < date_part('year', r.reference_date)
QUALIFY row_number() OVER (ORDER BY i.year DESC) = 1
