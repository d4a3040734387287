-- id = "Q03"
-- title = "同号异名"
-- title_en = "One number, names spelt differently"
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
-- one_per_subject = true
-- evidence = ["usual_name", "other_names", "feeds", "records"]
-- fires = "Current records of one person bear one valid number and different names, none of them a former name of the person, a name of an unnamed newborn, or a name with characters that could not be written (Q10). The usual name is the one of most records (ties: the smaller). One finding per number; its rows are those with another name."

WITH former AS (
    SELECT m.entity_id AS person_id, r.former_name AS name
    FROM records r
    JOIN members m ON m.record_key = r.record_key
    WHERE r.former_name IS NOT NULL
),
suspects AS MATERIALIZED (
    SELECT r.record_key, r.feed, r.id_number, r.name, x.person_id
    FROM number_bearers x
    JOIN members m ON m.entity_id = x.person_id
    JOIN records r ON r.record_key = m.record_key AND r.id_number = x.id_number
    WHERE x.first_name <> x.last_name AND r.id_status IN ('valid', 'legacy') AND r.name IS NOT NULL
),
named AS (
    SELECT s.record_key, s.feed, s.id_number, s.name, s.person_id
    FROM suspects s
    WHERE NOT regexp_matches(s.name, '[\x{E000}-\x{F8FF}?？□▢■◻☐▯〓○◯*�]|之.?[子女婴]$')
        AND EXISTS (
            SELECT 1 FROM row_records rr
            ANTI JOIN superseded gone ON gone.row_id = rr.row_id AND gone.reason <> 'absent'
            WHERE rr.record_key = s.record_key
        )
),
several AS (
    SELECT id_number, person_id FROM named GROUP BY id_number, person_id HAVING min(name) <> max(name)
),
counted AS (
    SELECT n.id_number, n.person_id, n.name, count(*) AS records
    FROM named n
    JOIN several USING (id_number, person_id)
    GROUP BY ALL
),
usual AS (
    SELECT * FROM counted
    QUALIFY row_number() OVER (PARTITION BY id_number, person_id ORDER BY records DESC, name) = 1
)
SELECT n.person_id,
    list_sort(list_distinct(list(rr.row_id))) AS row_ids,
    n.id_number AS subject,
    min(u.name) AS usual_name,
    list(DISTINCT n.name ORDER BY n.name) AS other_names,
    list(DISTINCT n.feed ORDER BY n.feed) AS feeds,
    count(DISTINCT n.record_key) AS records
FROM named n
JOIN usual u ON u.id_number = n.id_number AND u.person_id = n.person_id AND u.name <> n.name
JOIN row_records rr ON rr.record_key = n.record_key
ANTI JOIN superseded s ON s.row_id = rr.row_id AND s.reason <> 'absent'
ANTI JOIN former f ON f.person_id = n.person_id AND f.name IN (n.name, u.name)
GROUP BY n.person_id, n.id_number
QUALIFY row_number() OVER (PARTITION BY n.id_number ORDER BY n.person_id) = 1

-- [[examples]]
-- what = "another spelling"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=N record.id_status=valid record.name=王芳
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01 record.id_number=N record.id_status=valid record.name=@
-- '''
-- raises = ["王方", "王放"]
-- silent = ["王芳", "王□", "王芳之子"]
--
-- [[examples]]
-- what = "another number"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=N record.id_status=valid record.name=王芳
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2020-01-01 record.id_number=@ record.id_status=valid record.name=王方
-- '''
-- raises = ["N"]
-- silent = ["M"]
--
-- [[examples]]
-- what = "a former name"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 record.id_number=N record.id_status=valid record.name=王芳
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 record.id_number=N record.id_status=valid record.name=王方 record.former_name=@
-- '''
-- raises = ["王圆"]
-- silent = ["王芳"]
