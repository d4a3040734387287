-- id = "D03"
-- title = "残疾身份终止仍享受"
-- title_en = "The disability certificate has ended, the flag is on"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(三)"
-- feeds = ["W21", "W20", "J06"]
-- needs = ["W21", "J06"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["DPF", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["certificate_end", "flag_begin", "months_after", "subsidy"]
-- fires = "All certificates of a person have ended by the reference date, and the flag for a severe disability is on at a reference date in a later month than the last end; not where the list of the severely disabled still holds the person."

WITH ended AS (
    SELECT person_id, max(valid_to) AS ended, list_sort(list(row_id)) AS row_ids
    FROM disability_certificates
    CROSS JOIN reference
    WHERE person_id IS NOT NULL
    GROUP BY person_id
    HAVING bool_and(valid_to IS NOT NULL AND valid_to <= reference_date)
)
SELECT e.person_id,
    list_sort(list_distinct(e.row_ids || f.row_ids)) AS row_ids,
    e.ended AS since,
    '' AS subject,
    e.ended AS certificate_end,
    f.since AS flag_begin,
    date_diff('month', e.ended, r.reference_date) AS months_after,
    f.subsidy
FROM ended e
JOIN flags_now f ON f.person_id = e.person_id AND f.category = 'severe_disability'
CROSS JOIN reference r
WHERE date_trunc('month', r.reference_date) > date_trunc('month', e.ended)
    AND e.person_id NOT IN (SELECT person_id FROM aid_now WHERE category = 'severe_disability')

-- [[examples]]
-- what = "the certificate ended"
-- rows = '''
-- W21 holder=1 certificate_no=c issue_date=2014-01-01 end_date=@
-- J06 recipient=1 psn_no=p1 year=2024 category=severe_disability begin_date=2024-01-01
-- '''
-- raises = ["2024-05-31"]
-- silent = ["2024-06-01", "2024-07-01"]
--
-- [[examples]]
-- what = "another certificate holds"
-- rows = '''
-- W21 holder=1 certificate_no=c issue_date=2014-01-01 end_date=2024-01-31
-- W21 holder=1 certificate_no=d issue_date=2024-02-01
-- J06 recipient=1 psn_no=p1 year=2024 category=severe_disability begin_date=2024-01-01
-- '''
-- silent = true
--
-- [[examples]]
-- what = "another category"
-- rows = '''
-- W21 holder=1 certificate_no=c issue_date=2014-01-01 end_date=2024-01-31
-- J06 recipient=1 psn_no=p1 year=2024 category=subsistence begin_date=2024-01-01
-- '''
-- silent = true
