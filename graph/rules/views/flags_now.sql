-- Aid flags (J06) that stand in the settlement system at the reference date: one row per person and category.
SELECT person_id, category, list(row_id ORDER BY row_id) AS row_ids, min(begin_date) AS since,
    max(subsidy) AS subsidy
FROM aid_flags
CROSS JOIN reference
WHERE person_id IS NOT NULL AND begin_date <= reference_date
    AND (year IS NULL OR year = date_part('year', reference_date))
    AND least(coalesce(end_date, DATE '9999-12-31'), coalesce(cleared_date, DATE '9999-12-31')) >= reference_date
GROUP BY person_id, category
