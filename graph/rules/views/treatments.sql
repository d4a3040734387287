-- What a person received at a facility: one row per person and visit, from the facility's report (W28) and the
-- settlements of the visit (J05) together. A settlement that was reversed, and its reversal, cancel out. A
-- settlement that came twice counts once. A visit without a number is known by its settlement's.
-- `trauma` is the flag, or a code of an injury (ICD-10 S, T) or of its external cause (V-Y).
-- `begin_time` is null where no source gives the time of day of the first day.
WITH services AS (
    SELECT person_id, row_id, 'W28' AS feed, mdtrt_id AS visit, service_begin, service_end, facility_code,
        facility_name, facility_organisation_id, med_type, diagnosis_code, trauma_flag, third_party_flag,
        declared_cause, credential, maternity_type,
        NULL::DECIMAL(16, 2) AS fund_amount, NULL::DECIMAL(16, 2) AS account_amount
    FROM visits
    WHERE person_id IS NOT NULL AND service_begin IS NOT NULL
    UNION ALL
    SELECT person_id, row_id, 'J05', coalesce(mdtrt_id, 'setl:' || setl_id), service_begin, service_end,
        facility_code, facility_name, facility_organisation_id, med_type, diagnosis_code, trauma_flag,
        third_party_flag, NULL, credential, NULL, fund_amount, account_amount
    FROM settled
    WHERE service_begin IS NOT NULL
),
grouped AS (
    SELECT person_id, visit,
        min(CAST(service_begin AS DATE)) AS begin_day,
        min(service_begin) FILTER (CAST(service_begin AS TIME) <> TIME '00:00:00') AS first_time,
        CAST(max(service_end) AS DATE) AS end_day,
        coalesce(list_sort(list(row_id) FILTER (feed = 'W28')), [])
            || coalesce(list_sort(list(row_id) FILTER (feed = 'J05')), []) AS row_ids,
        min(facility_code) AS facility_code,
        min(facility_name) AS facility_name,
        min(facility_organisation_id) AS facility_organisation_id,
        min(med_type) AS med_type,
        min(maternity_type) AS maternity_type,
        min(diagnosis_code) AS diagnosis_code,
        coalesce(bool_or(trauma_flag), false)
            OR coalesce(bool_or(upper(left(diagnosis_code, 1)) IN ('S', 'T', 'V', 'W', 'X', 'Y')), false) AS trauma,
        bool_or(third_party_flag) AS third_party_flag,
        coalesce(bool_or(third_party_flag), false) AS third_party_declared,
        min(declared_cause) AS declared_cause,
        min(credential) AS credential,
        sum(fund_amount) AS fund_amount,
        sum(account_amount) AS account_amount
    FROM services
    GROUP BY person_id, visit
)
SELECT * EXCLUDE (first_time), CASE WHEN CAST(first_time AS DATE) = begin_day THEN first_time END AS begin_time
FROM grouped
