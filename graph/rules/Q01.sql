-- id = "Q01"
-- title = "号码校验错误 / 格式错误"
-- title_en = "Identity number that cannot be right"
-- basis = "威医保发〔2020〕60号 §三(二)"
-- feeds = ["W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W25", "W28", "W29", "W32", "J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J13", "X01", "X02", "X03", "X04", "X05", "X06"]
-- severity = "D"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- joins_rows = false
-- evidence = ["feed", "role", "id_status", "rows"]
-- needs = []
-- fires = "A current row gives an identity number whose format or checksum is wrong, that a spreadsheet rounded, or that is a placeholder."
--
-- # One finding per record: where the source has a key of its own for the person, one per key and number, so that
-- # a new phone beside the same wrong number is not a new finding. A well-formed 15-digit number is legacy and a
-- # passport or permit is judged by its own scheme: neither is wrong. Each row speaks for itself.

SELECT m.entity_id AS person_id,
    list(rr.row_id ORDER BY rr.row_id) AS row_ids,
    concat_ws('|', r.feed, r.role, coalesce(r.source_key, CAST(r.record_key AS VARCHAR)), r.id_number) AS subject,
    any_value(r.feed) AS feed,
    any_value(r.role) AS role,
    min(r.id_status) AS id_status,
    count(*) AS rows
FROM records r
JOIN members m ON m.record_key = r.record_key
JOIN row_records rr ON rr.record_key = r.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
WHERE r.id_status IN ('checksum', 'format', 'rounded', 'placeholder')
GROUP BY m.entity_id, r.feed, r.role, coalesce(r.source_key, CAST(r.record_key AS VARCHAR)), r.id_number

-- [[examples]]
-- what = "the check of the number"
-- rows = '''
-- W16 recipient=1 record.id_number=X record.id_status=@
-- '''
-- raises = ["checksum", "format", "rounded", "placeholder"]
-- silent = ["valid", "legacy", "missing"]
