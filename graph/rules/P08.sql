-- id = "P08"
-- title = "困难对象是企业法人/股东/经营者"
-- title_en = "Receives aid and runs a business"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(一)(三)"
-- feeds = ["W14", "W15", "W16", "W17", "W18", "W19", "J01", "J02", "J03", "J04", "W08", "W09", "W10"]
-- needs = ["W14|W15|W16|W17|W18|W19|J01|J02|J03|J04", "W08"]
-- severity = "C"
-- direction = "recover"
-- return_to = ["CIVIL", "RURAL"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["roles", "enterprise_name", "enterprise_type", "capital_10k_yuan", "established", "approved", "note"]
-- fires = "A person stands in an aid list (not only in the disability lists) and is representative or shareholder of a business that lives at the reference date."
--
-- # One finding per person and business; a role that a change (W10) ended is none. A role in a business is a reason to look, not in itself a reason to refuse.

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
    ) AND NOT EXISTS (
        SELECT 1
        FROM enterprise_changes x
        WHERE x.organisation_id = e.organisation_id AND x.old_person_person_id = e.person_id
            AND x.item = e.role AND x.change_date <= r.reference_date
            AND x.new_person_person_id IS DISTINCT FROM x.old_person_person_id
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
    min(a.valid_from) AS approved,
    'not disqualifying in itself' AS note
FROM aid_lists a
JOIN living e ON e.person_id = a.person_id
CROSS JOIN reference r
WHERE a.category NOT IN ('severe_disability', 'disability_certificate')
    AND a.valid_from <= r.reference_date AND (a.valid_to IS NULL OR a.valid_to >= r.reference_date)
GROUP BY a.person_id, coalesce(e.credit_code, e.registration_no, CAST(e.organisation_id AS VARCHAR))

-- [[examples]]
-- what = "the business must live"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W08 enterprise=8 representative=1 credit_code=c establishment_date=2020-01-01 status=@
-- '''
-- raises = ["active", "null"]
-- silent = ["cancelled", "revoked"]
--
-- [[examples]]
-- what = "cancelled by the reference date"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- W08 enterprise=8 shareholder=1 credit_code=c establishment_date=2020-01-01
-- W09 enterprise=8 cancel_date=@
-- '''
-- raises = ["2024-07-01"]
-- silent = ["2024-06-30", "2024-06-29"]
--
-- [[examples]]
-- what = "a disability list asks for nothing of the kind"
-- rows = '''
-- W20 holder=1 start_date=2020-01-01
-- W21 holder=1 issue_date=2020-01-01
-- W08 enterprise=8 representative=1 credit_code=c establishment_date=2020-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a role that was handed over"
-- rows = '''
-- W17 recipient=1 approval_month=2020-01-01
-- W08 enterprise=8 representative=1 credit_code=c establishment_date=2020-01-01
-- W10 enterprise=8 old_person=1 new_person=2 item=@ change_date=2023-01-01
-- '''
-- raises = ["shareholder"]
-- silent = ["representative"]
