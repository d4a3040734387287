-- id = "Q11"
-- title = "户籍/人员状态/项目/金额缺失"
-- title_en = "Residence, status, item or amount missing"
-- basis = "威医保发〔2020〕60号 §三(二)"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "D"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- joins_rows = false
-- about_feeds = true
-- evidence = ["feed", "missing", "rows", "reason"]
-- fires = "A current row lacks an element that the policy requires of its feed (residence, employer, status, item or amount). Where every row of a delivery lacks it, there is one finding per feed, month and element; else one per natural key (a row without a key: one per row). Rows in quarantine for a missing value other than name and number: one finding per feed, month and column."

WITH sizes AS (
    SELECT row_id >> 24 AS delivery, feed, count(*) AS rows FROM row_keys GROUP BY ALL
),
lacking AS (
    SELECT feed, row_id, row_id >> 24 AS delivery, period, person_id, unnest(missing) AS element FROM row_elements
),
whole AS (
    SELECT l.feed, l.delivery, l.element, min(l.period) AS period, count(*) AS rows
    FROM lacking l
    JOIN sizes s ON s.delivery = l.delivery AND s.feed = l.feed
    GROUP BY l.feed, l.delivery, l.element
    HAVING count(*) >= max(s.rows) AND count(*) > 1
),
single AS (
    SELECT l.*
    FROM lacking l
    ANTI JOIN whole w ON w.feed = l.feed AND w.delivery = l.delivery AND w.element = l.element
),
keyed AS (
    SELECT s.feed, s.row_id, s.person_id, s.element, coalesce(k.natural_key, 'row ' || CAST(s.row_id AS VARCHAR)) AS key
    FROM single s
    LEFT JOIN row_keys k ON k.row_id = s.row_id AND k.feed = s.feed
)
SELECT min(k.person_id) AS person_id,
    list(DISTINCT k.row_id ORDER BY k.row_id) AS row_ids,
    k.feed || '|' || k.key AS subject,
    NULL::DATE AS since,
    [min(d.department)] AS departments,
    k.feed,
    list(DISTINCT k.element ORDER BY k.element) AS missing,
    count(DISTINCT k.row_id) AS rows,
    NULL::VARCHAR AS reason
FROM keyed k
JOIN departments d ON d.feed = k.feed
GROUP BY k.feed, k.key
UNION ALL
SELECT NULL, NULL, concat_ws('|', 'all', w.feed, w.period, w.element), w.period, [min(d.department)], w.feed, [w.element],
    sum(w.rows), 'in no row of the delivery'
FROM whole w
JOIN departments d ON d.feed = w.feed
GROUP BY w.feed, w.period, w.element
UNION ALL
SELECT NULL, NULL, concat_ws('|', 'quarantine', q.feed, q.period, q.column_name), q.period, [min(q.department)], q.feed,
    [q.column_name], count(*), min(q.reason)
FROM quarantine q
WHERE q.column_name IS NOT NULL AND NOT regexp_matches(q.column_name, '姓名|证件号|身份证|身份号')
    AND regexp_matches(q.reason, '缺|空|missing|empty')
GROUP BY q.feed, q.period, q.column_name

-- [[examples]]
-- what = "one of several rows"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A address=x category=urban amount=@
-- W16 recipient=2 certificate_no=d2 approval_month=2023-01-01 id_number=B address=x category=urban amount=500
-- '''
-- raises = ["null"]
-- silent = ["0", "500"]
--
-- [[examples]]
-- what = "the whole delivery"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A address=x category=urban
-- W16 recipient=2 certificate_no=d2 approval_month=2023-01-01 id_number=B address=x category=urban
-- '''
-- raises = true
--
-- [[examples]]
-- what = "a column that is not owed"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A address=x category=urban amount=5 phone=@
-- '''
-- silent = ["null"]
--
-- [[examples]]
-- what = "not taken in for that"
-- rows = '''
-- quarantine feed=W16 department=CIVIL period=2024-06-01 row_id=5 column_name=批准年月 reason=@
-- '''
-- raises = ["缺失"]
-- silent = ["不是日期"]
