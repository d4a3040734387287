-- id = "P06"
-- title = "年内变动错误调整"
-- title_en = "Subsidy changed within the year"
-- basis = "济医保发〔2023〕13号 §二 当年不调整"
-- feeds = ["J06"]
-- severity = "C"
-- direction = "protect"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 1
-- evidence = ["year", "categories", "subsidies", "changed_on"]
-- fires = "In one calendar year a person has premium subsidies of different amounts for different categories, both above 0, the later flag beginning after the first day of the earlier one's next month."

SELECT a.person_id,
    list_sort(list_distinct(list(a.row_id) || list(b.row_id))) AS row_ids,
    min(b.begin_date) AS since,
    max(b.subsidy - a.subsidy) AS amount,
    CAST(a.year AS VARCHAR) AS subject,
    a.year,
    list_sort(list_distinct(list(a.category) || list(b.category))) AS categories,
    list_sort(list_distinct(list(a.subsidy) || list(b.subsidy))) AS subsidies,
    min(b.begin_date) AS changed_on
FROM aid_flags a
JOIN aid_flags b ON b.person_id = a.person_id AND b.year = a.year AND b.category <> a.category
    AND date_trunc('month', b.begin_date) > date_trunc('month', a.begin_date)
CROSS JOIN reference r
WHERE a.subsidy > 0 AND b.subsidy > 0 AND a.subsidy <> b.subsidy AND b.begin_date <= r.reference_date
GROUP BY a.person_id, a.year

-- [[examples]]
-- what = "another amount later in the year"
-- rows = '''
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01 subsidy=380
-- J06 recipient=1 psn_no=p1 year=2024 category=destitute begin_date=2024-04-01 subsidy=@
-- '''
-- raises = ["400", "190"]
-- silent = ["380", "0", "null"]
--
-- [[examples]]
-- what = "when"
-- rows = '''
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-03-01 subsidy=190
-- J06 recipient=1 psn_no=p1 year=2024 category=destitute begin_date=@ subsidy=380
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-31", "2024-07-01"]
--
-- [[examples]]
-- what = "next year"
-- rows = '''
-- J06 recipient=1 psn_no=p1 year=2023 category=subsistence begin_date=2023-01-01 subsidy=190
-- J06 recipient=1 psn_no=p1 year=2024 category=destitute begin_date=2024-01-01 subsidy=380
-- '''
-- silent = true
