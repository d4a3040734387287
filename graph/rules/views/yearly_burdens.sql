-- What a person bore from the beginning of the reference date's year up to it, over all insurance numbers and places:
-- one row per person and basis of the year (1 = by the first day of the service, 2 = by the settlement). Settlements
-- that were reversed, and their reversals, are left out.
-- `all_self_paid` is formula 1 (all that neither basic insurance nor serious-illness insurance paid: total less
-- pooled and serious-illness payments, or less the fund's where those are not given); `in_scope_self_paid` is formula
-- 2 (the same within the policy's scope: as given, else in-scope amount less those payments, else formula 1).
WITH costs AS (
    SELECT s.person_id, s.row_id, s.psn_no, coalesce(s.settle_region, s.insuplc_admdvs) AS place, s.total_amount,
        CAST(s.service_begin AS DATE) AS service_day, CAST(s.settle_time AS DATE) AS settle_day,
        CASE WHEN s.pooled_amount IS NULL AND s.serious_illness_amount IS NULL THEN coalesce(s.fund_amount, 0)
            ELSE coalesce(s.pooled_amount, 0) + coalesce(s.serious_illness_amount, 0) END AS reimbursed,
        s.in_scope_amount, s.in_scope_self_amount
    FROM settled s
    CROSS JOIN reference r
    WHERE s.service_begin >= date_trunc('year', r.reference_date) - INTERVAL 1 YEAR
),
by_basis AS (
    SELECT 1 AS basis, service_day AS day, * FROM costs
    UNION ALL
    SELECT 2, settle_day, * FROM costs
)
SELECT b.person_id, b.basis,
    sum(b.total_amount - b.reimbursed) AS all_self_paid,
    sum(coalesce(b.in_scope_self_amount, b.in_scope_amount - b.reimbursed, b.total_amount - b.reimbursed))
        AS in_scope_self_paid,
    sum(b.total_amount) AS total_amount,
    sum(b.reimbursed) AS reimbursed,
    count(*) AS settlements,
    count(DISTINCT b.psn_no) AS psn_nos,
    list(DISTINCT b.place ORDER BY b.place)[1:10] AS places,
    list(b.row_id ORDER BY b.total_amount - b.reimbursed DESC, b.row_id)[1:50] AS row_ids,
    max(b.day) AS last_day
FROM by_basis b
CROSS JOIN reference r
WHERE b.day BETWEEN date_trunc('year', r.reference_date) AND r.reference_date
GROUP BY b.person_id, b.basis
