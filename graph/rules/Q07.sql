-- id = "Q07"
-- title = "数量异常"
-- title_en = "Unusual volume"
-- basis = "推导; 威医保发〔2020〕60号 §二末"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "C"
-- direction = "quality"
-- return_to = ["PROVIDER", "HUB"]
-- due = "10th"
-- enabled = true
-- version = 2
-- about_feeds = true
-- joins_rows = false
-- evidence = ["feed", "extent", "rows", "usual", "ratio", "months"]
-- fires = "The rows delivered for the reference month in one extent differ from the usual number (the mean of the up to six months before with that extent; of full lists those that were complete only, of changes without the feed's first month, which brings the history): of a full list by more than full_band of it, of changes by more than delta_factor times up or down; and by more than min_rows rows."
--
-- [parameters.full_band]
-- type = "number"
-- default = 0.1
-- min = 0.01
-- max = 1
-- unit = "share"
--
-- [parameters.delta_factor]
-- type = "number"
-- default = 4
-- min = 1.5
-- max = 50
-- unit = "times"
--
-- [parameters.min_rows]
-- type = "integer"
-- default = 50
-- min = 0
-- max = 1000000
-- unit = "rows"

WITH monthly AS (
    SELECT d.feed, d.department, d.extent, d.period, sum(d.n_rows) AS rows,
        bool_or(coalesce(d.complete, true)) AS complete
    FROM deliveries d
    CROSS JOIN reference r
    WHERE d.period <= r.period
    GROUP BY ALL
),
firsts AS (
    SELECT feed, min(period) AS first_period FROM monthly GROUP BY feed
),
usual AS (
    SELECT m.feed, m.extent, avg(m.rows) AS usual, count(*) AS months
    FROM monthly m
    JOIN firsts f USING (feed)
    CROSS JOIN reference r
    WHERE m.period < r.period AND date_diff('month', m.period, r.period) <= 6
        AND CASE WHEN m.extent = 'full' THEN m.complete ELSE m.period > f.first_period END
    GROUP BY ALL
)
SELECT NULL::BIGINT AS person_id,
    []::BIGINT[] AS row_ids,
    r.period AS since,
    concat_ws('|', m.feed, m.extent, r.period) AS subject,
    [m.department] AS departments,
    m.feed, m.extent, m.rows,
    round(u.usual, 1) AS usual,
    round(m.rows / u.usual, 3) AS ratio,
    u.months
FROM monthly m
JOIN usual u ON u.feed = m.feed AND u.extent = m.extent
JOIN reference r ON m.period = r.period
WHERE u.usual > 0 AND abs(m.rows - u.usual) > $min_rows AND (
    (m.extent = 'full' AND abs(m.rows - u.usual) > $full_band * u.usual)
    OR (m.extent <> 'full' AND (m.rows > u.usual * $delta_factor OR m.rows * $delta_factor < u.usual))
)

-- [[examples]]
-- what = "a full list"
-- rows = '''
-- deliveries feed=W16 department=CIVIL period=2024-05-01 n_rows=1000 extent=full
-- deliveries feed=W16 department=CIVIL period=2024-06-01 n_rows=@ extent=full
-- '''
-- raises = ["1101", "899", "0"]
-- silent = ["1100", "900", "1000"]
--
-- [[examples]]
-- what = "changes, without the first month"
-- rows = '''
-- deliveries feed=W01 department=HEALTH period=2024-04-01 n_rows=90000 extent=delta
-- deliveries feed=W01 department=HEALTH period=2024-05-01 n_rows=100 extent=delta
-- deliveries feed=W01 department=HEALTH period=2024-06-01 n_rows=@ extent=delta
-- '''
-- raises = ["401", "24"]
-- silent = ["400", "25", "100"]
--
-- [[examples]]
-- what = "after half a list the whole one is usual again"
-- rows = '''
-- deliveries feed=W16 department=CIVIL period=2024-04-01 n_rows=1000 extent=full complete=true
-- deliveries feed=W16 department=CIVIL period=2024-05-01 n_rows=500 extent=full complete=false
-- deliveries feed=W16 department=CIVIL period=2024-06-01 n_rows=@ extent=full complete=true
-- '''
-- raises = ["750"]
-- silent = ["1000"]
--
-- [[examples]]
-- what = "few rows"
-- rows = '''
-- deliveries feed=W16 department=CIVIL period=2024-05-01 n_rows=60 extent=full
-- deliveries feed=W16 department=CIVIL period=2024-06-01 n_rows=10 extent=full
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the first month brings the history"
-- rows = '''
-- deliveries feed=W01 department=HEALTH period=2024-05-01 n_rows=90000 extent=delta
-- deliveries feed=W01 department=HEALTH period=2024-06-01 n_rows=100 extent=delta
-- '''
-- silent = true
