-- Who is recorded dead, by whom and since when: one row per row of a death certificate (W01), cremation (W05) or
-- cancelled household registration (W07). `death_time` is null where the source gives the day only. A cremation
-- without a date of death counts from the cremation, a cancelled registration from its cancellation: both are
-- later than the death, so rules err on the quiet side. Placeholders and dates to come are no deaths.
WITH claims AS (
    SELECT person_id, row_id, 'W01' AS feed, CAST(death_time AS DATE) AS death_date,
        CASE WHEN CAST(death_time AS TIME) <> TIME '00:00:00' THEN death_time END AS death_time
    FROM death_certificates
    UNION ALL
    SELECT person_id, row_id, 'W05', coalesce(death_date, CAST(cremation_time AS DATE)), NULL
    FROM cremations
    UNION ALL
    SELECT person_id, row_id, 'W07', cancel_date, NULL
    FROM household_register
    WHERE cancel_reason = 'death'
)
SELECT claims.*
FROM claims, reference
WHERE person_id IS NOT NULL
    AND death_date BETWEEN DATE '1949-10-01' AND reference_date
