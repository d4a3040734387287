-- id = "Q04"
-- title = "必备要素缺失"
-- title_en = "Name or number missing"
-- basis = "济医保发〔2023〕13号 §一 必备要素"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "D"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "m10"
-- enabled = true
-- version = 2
-- joins_rows = false
-- about_feeds = true
-- evidence = ["feed", "missing", "rows", "reason"]
-- fires = "A current row lacks the name or the identity number of the person it is first of all about, where the feed has a column for it (one finding per source record); or rows of a delivery up to the reference month lie in quarantine because of the name or number (one finding per feed, month and column)."

WITH lacking AS (
    SELECT r.record_key, r.feed, r.source_key, r.role,
        list_filter([CASE WHEN o.has_name AND r.name IS NULL THEN 'name' END,
            CASE WHEN o.has_number AND r.id_status = 'missing' THEN 'number' END], lambda side: side IS NOT NULL) AS missing
    FROM records r
    JOIN roles o ON o.feed = r.feed AND o.role = r.role AND o.main
    WHERE (o.has_name AND r.name IS NULL) OR (o.has_number AND r.id_status = 'missing')
)
SELECT m.entity_id AS person_id,
    list(rr.row_id ORDER BY rr.row_id) AS row_ids,
    concat_ws('|', l.feed, l.role, coalesce(l.source_key, CAST(l.record_key AS VARCHAR))) AS subject,
    NULL::DATE AS since,
    NULL::VARCHAR[] AS departments,
    l.feed,
    max(l.missing) AS missing,
    count(*) AS rows,
    NULL::VARCHAR AS reason
FROM lacking l
JOIN members m ON m.record_key = l.record_key
JOIN row_records rr ON rr.record_key = l.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
GROUP BY m.entity_id, l.feed, l.role, coalesce(l.source_key, CAST(l.record_key AS VARCHAR))
UNION ALL
SELECT NULL, NULL, concat_ws('|', 'quarantine', q.feed, q.period, q.column_name), q.period, [min(q.department)], q.feed,
    [q.column_name], count(*), min(q.reason)
FROM quarantine q
WHERE regexp_matches(coalesce(q.column_name, ''), '姓名|证件号|身份证|身份号')
GROUP BY q.feed, q.period, q.column_name

-- [[examples]]
-- what = "without a number"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.name=王芳 record.id_status=@
-- '''
-- raises = ["missing"]
-- silent = ["valid", "checksum"]
--
-- [[examples]]
-- what = "without a name"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.name=@ record.id_status=valid
-- '''
-- raises = ["null"]
-- silent = ["王芳"]
--
-- [[examples]]
-- what = "a newborn has no number yet"
-- rows = '''
-- W02 child=1 record.name=王芳之子 record.id_status=missing
-- '''
-- silent = true
--
-- [[examples]]
-- what = "not taken in for that"
-- rows = '''
-- quarantine feed=W16 department=CIVIL period=2024-06-01 row_id=5 column_name=@ reason=缺失
-- '''
-- raises = ["身份证号码", "姓名"]
-- silent = ["批准年月"]
