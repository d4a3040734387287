-- id = "Q05"
-- title = "地址未到村(社区)/单位"
-- title_en = "Address not down to the village or the employer"
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
-- evidence = ["feed", "region", "town", "address", "rows"]
-- fires = "A current row of a feed that owes the residence gives an address that names neither a village or community (村, 社区, 居委会) nor, where the feed has a column for it, an employer; one finding per source record of the person the row is first of all about. A missing address is Q11."

WITH vague AS (
    SELECT r.record_key, r.feed, r.role, r.source_key, r.region, r.town, r.address
    FROM records r
    JOIN roles o ON o.feed = r.feed AND o.role = r.role AND o.main AND o.has_address
    WHERE r.village IS NULL AND r.employer IS NULL
        AND coalesce(r.town, r.address, CASE WHEN r.source_key IS NULL THEN r.region END) IS NOT NULL
        AND r.feed IN (SELECT feed FROM residence_feeds)
)
SELECT m.entity_id AS person_id,
    list(rr.row_id ORDER BY rr.row_id) AS row_ids,
    concat_ws('|', v.feed, v.role, coalesce(v.source_key, CAST(v.record_key AS VARCHAR))) AS subject,
    v.feed,
    min(v.region) AS region,
    min(v.town) AS town,
    min(v.address) AS address,
    count(*) AS rows
FROM vague v
JOIN members m ON m.record_key = v.record_key
JOIN row_records rr ON rr.record_key = v.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
GROUP BY m.entity_id, v.feed, v.role, coalesce(v.source_key, CAST(v.record_key AS VARCHAR))

-- [[examples]]
-- what = "down to the town only"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.region=371002 record.town=竹岛街道 record.village=@
-- '''
-- raises = ["null"]
-- silent = ["新威社区"]
--
-- [[examples]]
-- what = "an employer will do"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01 record.town=竹岛街道 record.employer=@
-- '''
-- raises = ["null"]
-- silent = ["甲公司"]
--
-- [[examples]]
-- what = "a feed that owes no residence"
-- rows = '''
-- W28 patient=1 mdtrt_id=m1 service_begin=2024-03-01T09:00 record.town=竹岛街道
-- '''
-- silent = true
--
-- [[examples]]
-- what = "no address at all is Q11"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.name=王芳
-- '''
-- silent = true
