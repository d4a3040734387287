-- Who stands in which aid list at the reference date: one row per person and category, with the rows that say so.
SELECT person_id, category, min(feed) AS feed, min(department) AS department,
    list(row_id ORDER BY row_id) AS row_ids, min(valid_from) AS since, max(monthly_amount) AS monthly_amount
FROM aid_lists
CROSS JOIN reference
WHERE valid_from <= reference_date AND (valid_to IS NULL OR valid_to >= reference_date)
GROUP BY person_id, category
