-- id = "Q02"
-- title = "号码与生日/性别不符"
-- title_en = "Number and birth date or sex differ"
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
-- evidence = ["feed", "role", "differs", "number_birth_date", "birth_date", "sex", "mother_number", "rows"]
-- fires = "A current row gives a valid 18- or 15-digit resident number and beside it, for the same person, a birth date that is not the one in the number, or a sex that is not the one in it. A newborn under the mother's number is among them, with the number named as hers. One finding per source record and number."

WITH wrong AS (
    SELECT r.record_key, r.feed, r.role, r.source_key, r.id_number, r.name, r.birth_date, r.sex,
        CAST(try_strptime(substr(r.id_number, 7, 8), '%Y%m%d') AS DATE) AS number_birth_date,
        CASE WHEN CAST(substr(r.id_number, 17, 1) AS INTEGER) % 2 = 1 THEN 1 ELSE 2 END AS number_sex
    FROM records r
    WHERE r.id_status IN ('valid', 'legacy') AND r.id_type = 'resident' AND length(r.id_number) = 18
        AND (r.birth_date IS NOT NULL OR r.sex IS NOT NULL)
        AND (
            r.birth_date <> CAST(try_strptime(substr(r.id_number, 7, 8), '%Y%m%d') AS DATE)
            OR r.sex <> CASE WHEN CAST(substr(r.id_number, 17, 1) AS INTEGER) % 2 = 1 THEN 1 ELSE 2 END
        )
)
SELECT m.entity_id AS person_id,
    list(rr.row_id ORDER BY rr.row_id) AS row_ids,
    concat_ws('|', w.feed, w.role, coalesce(w.source_key, CAST(w.record_key AS VARCHAR)), w.id_number) AS subject,
    any_value(w.feed) AS feed,
    any_value(w.role) AS role,
    list_filter([CASE WHEN bool_or(w.birth_date <> w.number_birth_date) THEN 'birth date' END,
        CASE WHEN bool_or(w.sex <> w.number_sex) THEN 'sex' END], lambda side: side IS NOT NULL) AS differs,
    min(w.number_birth_date) AS number_birth_date,
    min(w.birth_date) AS birth_date,
    min(w.sex) AS sex,
    bool_or(regexp_matches(coalesce(w.name, ''), '之.?[子女婴]$')) AS mother_number,
    count(*) AS rows
FROM wrong w
JOIN members m ON m.record_key = w.record_key
JOIN row_records rr ON rr.record_key = w.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
GROUP BY m.entity_id, w.feed, w.role, coalesce(w.source_key, CAST(w.record_key AS VARCHAR)), w.id_number

-- [[examples]]
-- what = "another birth date"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=371002198001010016 record.id_status=valid record.id_type=resident record.birth_date=@
-- '''
-- raises = ["1980-01-02", "1979-12-31"]
-- silent = ["1980-01-01", "null"]
--
-- [[examples]]
-- what = "another sex"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=371002198001010016 record.id_status=valid record.id_type=resident record.sex=@
-- '''
-- raises = ["2"]
-- silent = ["1", "null"]
--
-- [[examples]]
-- what = "a number that is wrong itself is Q01"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=371002198001010010 record.id_status=checksum record.id_type=resident record.birth_date=1990-01-01
-- '''
-- silent = true
