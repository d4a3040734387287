-- id = "Q08"
-- title = "批内重复"
-- title_en = "One key twice in a delivery"
-- basis = "济医保发〔2023〕13号 §三 剔重"
-- feeds = ["J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J12", "J13", "W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W09", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W24", "W25", "W26", "W27", "W28", "W28L", "W29", "W32", "X01", "X02", "X03", "X04", "X05", "X06"]
-- needs = []
-- severity = "D"
-- direction = "quality"
-- return_to = ["PROVIDER"]
-- due = "m10"
-- enabled = true
-- version = 3
-- joins_rows = false
-- about_feeds = true
-- one_per_subject = true
-- evidence = ["feed", "natural_key", "times"]
-- fires = "Two or more current rows of one delivery bear the same natural key of their feed; rows that correct or take back (操作) do not count. One finding per feed and key."

WITH suspects AS (
    SELECT row_id >> 24 AS delivery, hash(feed, natural_key) AS hashed
    FROM row_keys
    GROUP BY ALL
    HAVING count(*) > 1
),
repeated AS (
    SELECT k.feed, k.natural_key, k.row_id, k.person_id, k.row_id >> 24 AS delivery
    FROM row_keys k
    JOIN suspects s ON s.delivery = k.row_id >> 24 AND s.hashed = hash(k.feed, k.natural_key)
),
sure AS (
    SELECT feed, natural_key, delivery, list(row_id ORDER BY row_id) AS row_ids, arg_min(person_id, row_id) AS person_id
    FROM repeated
    GROUP BY feed, natural_key, delivery
    HAVING count(*) > 1
)
SELECT min(s.person_id) AS person_id,
    list_sort(flatten(list(s.row_ids))) AS row_ids,
    s.feed || '|' || s.natural_key AS subject,
    [min(d.department)] AS departments,
    s.feed,
    s.natural_key,
    max(len(s.row_ids)) AS times
FROM sure s
JOIN departments d ON d.feed = s.feed
GROUP BY s.feed, s.natural_key

-- [[examples]]
-- what = "one key in two rows"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=@
-- '''
-- raises = ["A", "a"]
-- silent = ["B"]
--
-- [[examples]]
-- what = "without the key, by the other one"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 name=王芳 birth_date=1980-01-01
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 name=王芳 birth_date=@
-- '''
-- raises = ["1980-01-01"]
-- silent = ["1980-01-02", "null"]
--
-- [[examples]]
-- what = "a number that only says there is none"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=@ name=王芳 birth_date=1980-01-01
-- W16 recipient=2 certificate_no=d1 approval_month=2023-01-01 id_number=@ name=李娜 birth_date=1990-01-01
-- '''
-- raises = ["371002198001010016"]
-- silent = ["不详", "无", "null"]
--
-- [[examples]]
-- what = "a correction"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 id_number=A op=@
-- '''
-- raises = ["add"]
-- silent = ["correct", "exit", "revoke"]
--
-- [[examples]]
-- what = "off two lists in one month"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-05-01 change_type=exit id_number=A category_before=subsistence
-- J07 recipient=1 unit=u change_month=2024-05-01 change_type=exit id_number=A category_before=@
-- '''
-- raises = ["subsistence"]
-- silent = ["destitute"]
--
-- [[examples]]
-- what = "two namesakes leave"
-- rows = '''
-- J07 recipient=1 unit=u change_month=2024-05-01 change_type=exit name=王芳 birth_date=1980-01-01 id_number=A category_before=subsistence
-- J07 recipient=2 unit=u change_month=2024-05-01 change_type=exit name=王芳 birth_date=1980-01-01 id_number=@ category_before=subsistence
-- '''
-- raises = ["A"]
-- silent = ["B"]
