-- Everyone whom the household register knows: whether an entry is open at the reference date, and how it ended.
SELECT person_id,
    bool_or(valid_to IS NULL OR valid_to > reference_date) AS open,
    bool_or(cancel_reason = 'death') AS dead,
    max(valid_to) AS ended,
    list(row_id ORDER BY row_id) AS row_ids
FROM household_register
CROSS JOIN reference
WHERE person_id IS NOT NULL
GROUP BY person_id
