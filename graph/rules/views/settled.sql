-- Settlements (J05) that stand: neither reversed nor a reversal, each once.
WITH reversed AS (
    SELECT setl_id FROM settlements WHERE reverses IS NOT NULL
    UNION
    SELECT reverses FROM settlements WHERE reverses IS NOT NULL
)
SELECT *
FROM settlements
WHERE person_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM reversed WHERE reversed.setl_id = settlements.setl_id)
QUALIFY row_number() OVER (PARTITION BY person_id, setl_id ORDER BY row_id) = 1
