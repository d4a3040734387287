-- id = "P08"
-- title = "困难对象是企业法人/股东/经营者"
-- title_en = "Receives subsistence allowance and runs a business"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(一)(三)"
-- feeds = ["W16", "W08", "W09"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL", "RURAL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["roles", "enterprise_name", "enterprise_type", "capital_10k_yuan", "established", "approved", "note"]
-- fires = "A person stands in an aid list (not only in the disability lists) and is representative or shareholder of a business that lives at the reference date."
--
-- # One finding per person and business. A role in a business is a reason to look, not in itself a reason to refuse.

WITH roles AS (
    SELECT representative_person_id AS person_id, 'representative' AS role, * FROM enterprises
    UNION ALL
    SELECT shareholder_person_id, 'shareholder', * FROM enterprises
),
living AS (
    SELECT e.*
    FROM roles e
    CROSS JOIN reference r
    WHERE coalesce(e.status, 'active') = 'active' AND e.valid_from <= r.reference_date AND NOT EXISTS (
        SELECT 1
        FROM enterprise_cancellations c
        WHERE c.organisation_id = e.organisation_id AND c.cancel_date <= r.reference_date
    )
)
SELECT a.person_id,
    list(DISTINCT a.row_id ORDER BY a.row_id) || list(DISTINCT e.row_id ORDER BY e.row_id) AS row_ids,
    greatest(min(a.valid_from), min(e.valid_from)) AS since,
    coalesce(e.credit_code, e.registration_no, CAST(e.organisation_id AS VARCHAR)) AS subject,
    list(DISTINCT e.role ORDER BY e.role) AS roles,
    min(e.enterprise_name) AS enterprise_name,
    min(e.enterprise_type) AS enterprise_type,
    max(e.capital) AS capital_10k_yuan,
    min(e.establishment_date) AS established,
    min(a.approval_month) AS approved,
    'not disqualifying in itself' AS note
FROM subsistence_allowances a
JOIN living e ON e.person_id = a.person_id
CROSS JOIN reference r
WHERE a.valid_from <= r.reference_date AND (a.valid_to IS NULL OR a.valid_to >= r.reference_date)
GROUP BY a.person_id, coalesce(e.credit_code, e.registration_no, CAST(e.organisation_id AS VARCHAR))
