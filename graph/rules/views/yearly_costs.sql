-- What each standing settlement of this year or the last left to the person. `all_self_paid` is formula 1 (all that
-- neither basic insurance nor serious-illness insurance paid: total less pooled and serious-illness payments, or less
-- the fund's where those are not given); `in_scope_self_paid` is formula 2 (the same within the policy's scope: as
-- given, else in-scope amount less those payments, else formula 1). Whether it counts for the reference date's year up to
-- that day, by either basis of the year: `by_service` = by the first day of the service, `by_settlement`.
WITH costs AS (
    SELECT s.person_id, s.row_id, s.psn_no, coalesce(s.settle_region, s.insuplc_admdvs) AS place, s.total_amount,
        CAST(s.service_begin AS DATE) BETWEEN date_trunc('year', r.reference_date) AND r.reference_date AS by_service,
        CAST(s.settle_time AS DATE) BETWEEN date_trunc('year', r.reference_date) AND r.reference_date AS by_settlement,
        CASE WHEN s.pooled_amount IS NULL AND s.serious_illness_amount IS NULL THEN coalesce(s.fund_amount, 0)
            ELSE coalesce(s.pooled_amount, 0) + coalesce(s.serious_illness_amount, 0) END AS reimbursed,
        s.in_scope_amount, s.in_scope_self_amount
    FROM settled s
    CROSS JOIN reference r
    WHERE s.service_begin >= date_trunc('year', r.reference_date) - INTERVAL 1 YEAR
)
SELECT person_id, row_id, psn_no, place, total_amount, reimbursed, by_service, by_settlement,
    total_amount - reimbursed AS all_self_paid,
    coalesce(in_scope_self_amount, in_scope_amount - reimbursed, total_amount - reimbursed) AS in_scope_self_paid
FROM costs
