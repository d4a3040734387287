-- What a person bore from the beginning of the reference date's year up to it, over all insurance numbers and places,
-- by both formulas of `yearly_costs`: one row per person and basis of the year (1 = by the first day of the service,
-- 2 = by the settlement).
WITH by_basis AS (
    SELECT 1 AS basis, service_day AS day, * FROM yearly_costs
    UNION ALL
    SELECT 2, settle_day, * FROM yearly_costs
)
SELECT b.person_id, b.basis,
    sum(b.all_self_paid) AS all_self_paid,
    sum(b.in_scope_self_paid) AS in_scope_self_paid,
    count(*) AS settlements
FROM by_basis b
CROSS JOIN reference r
WHERE b.day BETWEEN date_trunc('year', r.reference_date) AND r.reference_date
GROUP BY b.person_id, b.basis
