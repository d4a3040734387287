-- Who has employee cover (310) from which employer: normal spells with their last day, one row per row.
SELECT person_id, row_id, b.business, psn_type, contribution_base, account_credit, valid_from,
    coalesce(valid_to, DATE '9999-12-31') AS valid_to, paid_through
FROM enrolments e
LEFT JOIN businesses b ON b.organisation_id = e.employer_organisation_id
WHERE person_id IS NOT NULL AND insutype = '310' AND valid_from IS NOT NULL
    AND (status = 'normal' OR valid_to IS NOT NULL)
