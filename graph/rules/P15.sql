-- id = "P15"
-- title = "互斥身份并存"
-- title_en = "Categories that exclude each other"
-- basis = "推导; 数据依据 济医保发〔2023〕13号 §三 剔重"
-- feeds = ["W16", "J01", "W18", "W19"]
-- needs = ["W16|W18", "J01|W19"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["CIVIL"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["categories"]
-- fires = "At the reference date a person stands both in the subsistence and in the near-subsistence list, or a child both in the list of orphans and in that of unattended children."

SELECT a.person_id,
    list_sort(a.row_ids || b.row_ids) AS row_ids,
    greatest(a.since, b.since) AS since,
    a.category || '|' || b.category AS subject,
    [a.category, b.category] AS categories
FROM aid_now a
JOIN aid_now b ON b.person_id = a.person_id
    AND (a.category, b.category) IN (('subsistence', 'near_subsistence'), ('orphan', 'unattended_child'))

-- [[examples]]
-- what = "both open"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J01 member=1 file_no=f approval_month=@
-- '''
-- raises = ["2024-06-30", "2020-01-01"]
-- silent = ["2024-07-01"]
--
-- [[examples]]
-- what = "one after the other"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01 stop_month=2024-06-01
-- J01 member=1 file_no=f approval_month=2024-06-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "two lists for one child"
-- rows = '''
-- W18 child=1 file_no=f approval_month=2023-01-01
-- W19 child=1 file_no=g approval_month=2023-01-01 stop_month=@
-- '''
-- raises = ["2024-07-01", "null"]
-- silent = ["2024-06-01"]
--
-- [[examples]]
-- what = "categories that may go together"
-- rows = '''
-- W16 recipient=1 certificate_no=d1 approval_month=2023-01-01
-- J04 member=1 roster_no=r identified_date=2023-01-01
-- '''
-- silent = true
