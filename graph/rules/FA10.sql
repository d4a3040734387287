-- id = "FA10"
-- title = "受禁人员任职定点机构"
-- title_en = "A banned person holds office in a designated facility"
-- basis = "推导; 医疗保障基金使用监督管理条例 43"
-- feeds = ["X05", "W08", "W10", "W25", "W09", "J05"]
-- needs = ["X05", "W08|W10|W25"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["decision_no", "ban_from", "ban_to", "roles", "organisation", "path"]
-- fires = "A ban (5 years, 条例43) holds at the reference date, was not lifted, and the banned person is representative or shareholder (by registration or the latest change of it) or responsible person of a pharmacy, of a business that lives and is a designated facility: it stands in the settlements, visits or the list of pharmacies. One finding per person and facility."

WITH banned AS (
    SELECT b.person_id, b.row_id, b.decision_no, b.ban_from, b.ban_to
    FROM bans b
    CROSS JOIN reference r
    WHERE b.person_id IS NOT NULL AND b.valid_from <= r.reference_date
        AND (b.valid_to IS NULL OR b.valid_to >= r.reference_date)
        AND (b.lifted_date IS NULL OR b.lifted_date > r.reference_date)
),
registered AS (
    SELECT representative_person_id AS person_id, organisation_id, row_id, 'representative' AS role, enterprise_name,
        'W08' AS path, status
    FROM enterprises
    UNION ALL
    SELECT shareholder_person_id, organisation_id, row_id, 'shareholder', enterprise_name, 'W08', status
    FROM enterprises
),
handed_over AS (
    SELECT c.organisation_id, c.old_person_person_id AS person_id, c.item AS role
    FROM enterprise_changes c
    CROSS JOIN reference r
    WHERE c.change_date <= r.reference_date AND c.old_person_person_id IS NOT NULL
        AND c.new_person_person_id IS DISTINCT FROM c.old_person_person_id
),
offices AS (
    SELECT g.person_id, g.organisation_id, g.row_id, g.role, g.enterprise_name, g.path
    FROM registered g
    ANTI JOIN handed_over h ON h.organisation_id = g.organisation_id AND h.person_id = g.person_id AND h.role = g.role
    WHERE coalesce(g.status, 'active') = 'active'
    UNION ALL
    SELECT c.new_person_person_id, c.organisation_id, c.row_id, c.item, c.enterprise_name, 'W10'
    FROM enterprise_changes c
    CROSS JOIN reference r
    WHERE c.item IN ('representative', 'shareholder') AND c.change_date <= r.reference_date
        AND NOT EXISTS (
            SELECT 1 FROM enterprise_changes later
            WHERE later.organisation_id = c.organisation_id AND later.item = c.item
                AND later.change_date > c.change_date AND later.change_date <= r.reference_date
                AND later.old_person_person_id = c.new_person_person_id
        )
    UNION ALL
    SELECT representative_person_id, organisation_id, row_id, 'responsible', pharmacy_name, 'W25'
    FROM pharmacies
    CROSS JOIN reference
    WHERE coalesce(status, 'active') = 'active' AND (valid_to IS NULL OR valid_to >= reference_date)
),
facilities AS (
    SELECT organisation_id FROM pharmacies
    UNION
    SELECT facility_organisation_id FROM settlements
    UNION
    SELECT facility_organisation_id FROM visits
)
SELECT b.person_id,
    list_sort(list_distinct(list(b.row_id))) || list_sort(list_distinct(list(o.row_id))) AS row_ids,
    min(b.ban_from) AS since,
    max(b.ban_to) AS until,
    CAST(o.organisation_id AS VARCHAR) AS subject,
    min(b.decision_no) AS decision_no,
    min(b.ban_from) AS ban_from,
    max(b.ban_to) AS ban_to,
    list(DISTINCT o.role ORDER BY o.role) AS roles,
    min(o.enterprise_name) AS organisation,
    list(DISTINCT o.path ORDER BY o.path) AS path
FROM banned b
JOIN offices o ON o.person_id = b.person_id
WHERE o.organisation_id IN (SELECT organisation_id FROM facilities WHERE organisation_id IS NOT NULL)
    AND o.organisation_id NOT IN (SELECT organisation_id FROM enterprise_cancellations WHERE organisation_id IS NOT NULL)
GROUP BY b.person_id, o.organisation_id

-- [[examples]]
-- what = "the ban holds"
-- rows = '''
-- X05 banned=1 decision_no=d ban_from=2022-01-01 ban_to=@
-- W25 pharmacy=9 representative=1 licence_no=l licence_from=2019-01-01
-- '''
-- raises = ["2024-06-30", "2027-01-01", "null"]
-- silent = ["2024-06-29"]
--
-- [[examples]]
-- what = "lifted"
-- rows = '''
-- X05 banned=1 decision_no=d ban_from=2022-01-01 lifted_date=@
-- W25 pharmacy=9 representative=1 licence_no=l licence_from=2019-01-01
-- '''
-- raises = ["2024-07-01"]
-- silent = ["2024-06-30"]
--
-- [[examples]]
-- what = "a business that is no facility"
-- rows = '''
-- X05 banned=1 decision_no=d ban_from=2022-01-01
-- W08 enterprise=@ representative=1 credit_code=c establishment_date=2019-01-01
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9
-- '''
-- raises = ["9"]
-- silent = ["8"]
--
-- [[examples]]
-- what = "handed over, or taken over"
-- rows = '''
-- X05 banned=1 decision_no=d ban_from=2022-01-01
-- W08 enterprise=9 representative=1 credit_code=c establishment_date=2019-01-01
-- W10 enterprise=9 item=representative old_person=1 new_person=2 change_date=@
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9
-- '''
-- raises = ["2024-07-01"]
-- silent = ["2024-06-30"]
--
-- [[examples]]
-- what = "taken over"
-- rows = '''
-- X05 banned=@ decision_no=d ban_from=2022-01-01
-- W10 enterprise=9 item=representative old_person=1 new_person=2 change_date=2023-01-01
-- J05 patient=2 setl_id=s2 psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9
-- '''
-- raises = ["2"]
-- silent = ["1"]
