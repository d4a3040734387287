-- Who has a normal spell at the reference date, and in which schemes.
SELECT person_id, bool_or(insutype = '310') AS employee, bool_or(insutype = '390') AS resident,
    min(row_id) AS row_id
FROM enrolments
CROSS JOIN reference
WHERE person_id IS NOT NULL AND status = 'normal' AND valid_from <= reference_date
    AND (valid_to IS NULL OR valid_to >= reference_date)
GROUP BY person_id
