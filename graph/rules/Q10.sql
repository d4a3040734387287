-- id = "Q10"
-- title = "姓名含 PUA/问号/方框"
-- title_en = "A name with characters that were not written"
-- basis = "威医保发〔2020〕60号 §三(二)"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "D"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- joins_rows = false
-- evidence = ["feed", "role", "name", "rows"]
-- fires = "The name in a current row holds a character of the private use area, a question mark, a box, a circle, an asterisk or the replacement character. One finding per source record."

SELECT m.entity_id AS person_id,
    list(rr.row_id ORDER BY rr.row_id) AS row_ids,
    concat_ws('|', r.feed, r.role, coalesce(r.source_key, CAST(r.record_key AS VARCHAR)), r.name) AS subject,
    r.feed,
    any_value(r.role) AS role,
    r.name,
    count(*) AS rows
FROM records r
JOIN members m ON m.record_key = r.record_key
JOIN row_records rr ON rr.record_key = r.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
WHERE regexp_matches(r.name, '[\x{E000}-\x{F8FF}?？□▢■◻☐▯〓○◯*�]')
GROUP BY m.entity_id, r.feed, r.role, coalesce(r.source_key, CAST(r.record_key AS VARCHAR)), r.name

-- [[examples]]
-- what = "what stands in the name"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.name=@
-- '''
-- raises = ["王?", "王□", "王", "王*芳"]
-- silent = ["王芳", "阿依古丽·买买提", "MARY"]
