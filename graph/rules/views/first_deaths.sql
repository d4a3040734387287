-- The earliest day on which anyone records a person dead, with all rows that record it.
SELECT person_id, min(death_date) AS death_date, list(row_id ORDER BY row_id) AS row_ids,
    list(DISTINCT feed ORDER BY feed) AS feeds
FROM deaths
GROUP BY person_id
