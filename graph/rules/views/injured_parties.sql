-- Parties hurt in an accident (W22) whom another party's fault may have hurt: not said to be unhurt, not solely at
-- fault, and somebody else in the accident is not free of fault.
SELECT p.*
FROM accident_parties p
WHERE p.person_id IS NOT NULL AND p.injury IS DISTINCT FROM 'none' AND p.liability IS DISTINCT FROM 'full'
    AND EXISTS (
        SELECT 1
        FROM accident_parties other
        WHERE other.accident_no = p.accident_no AND other.party_no <> p.party_no
            AND other.person_id IS DISTINCT FROM p.person_id AND other.liability IS DISTINCT FROM 'none'
    )
