-- id = "T06"
-- title = "事故当事人身份不确定"
-- title_en = "A party of an accident without certain identity"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(四)"
-- feeds = ["W22", "W28", "J05"]
-- needs = ["W22"]
-- severity = "D"
-- direction = "quality"
-- return_to = ["POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- joins_rows = false
-- about_feeds = true
-- evidence = ["accident_no", "party_no", "name", "plate_no", "accident_time", "candidates"]
-- fires = "A party of an accident, not said to be unhurt, has neither an identity number that can be read nor a birth date. Candidates are persons of the same name with a trauma treatment that began from the day of the accident up to window_days days after it; they are shown and never linked by that."
--
-- [parameters.window_days]
-- type = "integer"
-- default = 3
-- min = 0
-- max = 30
-- unit = "days"

WITH nameless AS (
    SELECT p.*
    FROM accident_parties p
    LEFT JOIN records r ON r.record_key = p.record_key
    WHERE p.injury IS DISTINCT FROM 'none' AND p.birth_date IS NULL
        AND coalesce(r.id_status, 'missing') NOT IN ('valid', 'legacy')
),
candidates AS (
    SELECT n.row_id, list(DISTINCT t.person_id ORDER BY t.person_id)[1:20] AS persons
    FROM nameless n
    JOIN persons g ON g.name = n.name
    JOIN treatments t ON t.person_id = g.person_id AND t.trauma
        AND t.begin_day - CAST(n.accident_time AS DATE) BETWEEN 0 AND $window_days
    GROUP BY n.row_id
)
SELECT n.person_id,
    [n.row_id] AS row_ids,
    CAST(n.accident_time AS DATE) AS since,
    concat_ws('|', n.accident_no, n.party_no) AS subject,
    n.accident_no, n.party_no, n.name, n.plate_no, n.accident_time,
    c.persons AS candidates
FROM nameless n
LEFT JOIN candidates c ON c.row_id = n.row_id
QUALIFY row_number() OVER (PARTITION BY n.accident_no, n.party_no ORDER BY n.row_id DESC) = 1

-- [[examples]]
-- what = "name and plate only"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=@ name=王芳 plate_no=鲁K1
-- '''
-- raises = ["minor", "serious", "null"]
-- silent = ["none"]
--
-- [[examples]]
-- what = "a number, or a birth date"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor record.id_status=valid
-- W22 party=2 accident_no=a party_no=2 accident_time=2024-03-10T12:00 injury=minor birth_date=1990-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a number that cannot be right"
-- rows = '''
-- W22 party=1 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor record.id_status=@
-- '''
-- raises = ["checksum", "format", "missing"]
-- silent = ["legacy"]
--
-- [[examples]]
-- what = "nobody is known at all"
-- rows = '''
-- W22 accident_no=a party_no=1 accident_time=2024-03-10T12:00 injury=minor
-- '''
-- raises = true
