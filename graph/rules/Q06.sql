-- id = "Q06"
-- title = "未按时报送"
-- title_en = "Nothing delivered for the month"
-- basis = "威医保发〔2020〕60号 §二末, §三(三)"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "C"
-- direction = "quality"
-- return_to = ["PROVIDER", "HUB"]
-- due = "10th"
-- enabled = true
-- version = 1
-- about_feeds = true
-- joins_rows = false
-- evidence = ["feed", "last_period", "months_missing", "due_on"]
-- fires = "For the reference month no delivery of a feed is there, not even that nothing changed, although one was there for at least one of the look_back_months months before. Requests, yearly figures and optional feeds (W22, W32, J11, J12, X01-X06) are not owed monthly."
--
-- [parameters.look_back_months]
-- type = "integer"
-- default = 3
-- min = 1
-- max = 12
-- unit = "months"

WITH seen AS (
    SELECT d.feed, d.department, max(d.period) AS last_period
    FROM deliveries d
    CROSS JOIN reference r
    WHERE d.period <= r.period AND d.feed IN (SELECT feed FROM departments WHERE monthly)
    GROUP BY d.feed, d.department
)
SELECT NULL::BIGINT AS person_id,
    []::BIGINT[] AS row_ids,
    r.period AS since,
    s.feed || '|' || CAST(r.period AS VARCHAR) AS subject,
    [s.department] AS departments,
    s.feed,
    s.last_period,
    date_diff('month', s.last_period, r.period) AS months_missing,
    CAST(r.period + INTERVAL 1 MONTH AS DATE) + 9 AS due_on
FROM seen s
CROSS JOIN reference r
WHERE s.last_period < r.period AND date_diff('month', s.last_period, r.period) <= $look_back_months

-- [[examples]]
-- what = "the last month delivered"
-- rows = '''
-- deliveries feed=W16 department=CIVIL period=@ n_rows=5 extent=full
-- '''
-- raises = ["2024-05-01", "2024-03-01"]
-- silent = ["2024-06-01", "2024-02-01"]
--
-- [[examples]]
-- what = "nothing changed, and it was said"
-- rows = '''
-- deliveries feed=W16 department=CIVIL period=2024-05-01 n_rows=5 extent=full
-- deliveries feed=W16 department=CIVIL period=2024-06-01 n_rows=0 zero=true extent=delta
-- '''
-- silent = true
--
-- [[examples]]
-- what = "not owed monthly"
-- rows = '''
-- deliveries feed=@ department=POLICE period=2024-05-01 n_rows=5 extent=delta
-- '''
-- raises = ["W07"]
-- silent = ["W22", "X02", "J12"]
