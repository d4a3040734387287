-- 上年全省居民人均可支配收入 by year: a row of feed J12 for the province (or the only area there is) goes before what
-- the jurisdiction gives. `provisional` until the final figure is known.
WITH published AS (
    SELECT year, income, coalesce(provisional, false) AS provisional, row_id
    FROM disposable_incomes
    CROSS JOIN reference
    WHERE (area LIKE '%省%' OR area LIKE '%山东%' OR (SELECT count(DISTINCT area) FROM disposable_incomes) = 1)
        AND published_date <= reference_date
    QUALIFY row_number() OVER (PARTITION BY year ORDER BY published_date DESC, row_id DESC) = 1
)
SELECT year, income, provisional, 'J12' AS source FROM published
UNION ALL
SELECT year, income, provisional, 'settings' FROM given_incomes WHERE year NOT IN (SELECT year FROM published)
