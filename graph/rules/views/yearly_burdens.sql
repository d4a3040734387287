-- What a person bore from the beginning of the reference date's year up to it, over all insurance numbers and places,
-- by both formulas of `yearly_costs`: one row per person and basis of the year (1 = by the first day of the service,
-- 2 = by the settlement).
WITH by_basis AS (
    SELECT 1 AS basis, * FROM yearly_costs WHERE by_service
    UNION ALL
    SELECT 2, * FROM yearly_costs WHERE by_settlement
)
SELECT person_id, basis,
    sum(all_self_paid) AS all_self_paid,
    sum(in_scope_self_paid) AS in_scope_self_paid,
    count(*) AS settlements
FROM by_basis
GROUP BY person_id, basis
