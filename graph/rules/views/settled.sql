-- Settlements (J05) that stand: neither reversed nor a reversal, each once. Only what rules read.
WITH reversed AS (
    SELECT setl_id FROM settlements WHERE reverses IS NOT NULL
    UNION
    SELECT reverses FROM settlements WHERE reverses IS NOT NULL
),
repeated AS (
    SELECT person_id, setl_id, min(row_id) AS first_row
    FROM settlements
    GROUP BY person_id, setl_id
    HAVING count(*) > 1
)
SELECT s.person_id, s.row_id, s.setl_id, s.mdtrt_id, s.psn_no, s.insutype, s.insuplc_admdvs, s.settle_region,
    s.facility_code, s.facility_name, s.facility_organisation_id, s.med_type, s.service_begin, s.service_end,
    s.settle_time, s.total_amount, s.fund_amount, s.account_amount, s.pooled_amount, s.serious_illness_amount,
    s.in_scope_amount, s.in_scope_self_amount, s.advance_flag, s.diagnosis_code, s.trauma_flag, s.third_party_flag,
    s.credential, s.bill_code, s.bill_no, s.agent_id_number, s.agent_phone, s.operator_no, s.terminal_no
FROM settlements s
ANTI JOIN reversed x ON x.setl_id = s.setl_id
LEFT JOIN repeated t ON t.person_id = s.person_id AND t.setl_id = s.setl_id
WHERE s.person_id IS NOT NULL AND (t.first_row IS NULL OR t.first_row = s.row_id)
