-- id = "E08"
-- title = "企业变更未同步"
-- title_en = "A business's change of name not taken over"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W10", "W29"]
-- severity = "D"
-- direction = "quality"
-- return_to = ["REGISTRY", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["change_date", "name_before", "name_after", "insured_persons"]
-- fires = "A business changed its name more than grace_days days before the reference date, and normal spells of the same business (by link) still bear the name before the change. One finding per business and change."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 60
-- min = 0
-- max = 365
-- unit = "days"

WITH renamed AS (
    SELECT c.organisation_id, c.row_id, c.change_date, c.before AS name_before, c.after AS name_after,
        regexp_replace(translate(upper(c.before), '（）', '()'), '\s', '', 'g') AS plain_before,
        regexp_replace(translate(upper(c.after), '（）', '()'), '\s', '', 'g') AS plain_after
    FROM enterprise_changes c
    CROSS JOIN reference r
    WHERE c.item = 'name' AND c.organisation_id IS NOT NULL AND r.reference_date - c.change_date > $grace_days
),
spells AS (
    SELECT employer_organisation_id AS organisation_id, row_id, person_id,
        regexp_replace(translate(upper(employer_name), '（）', '()'), '\s', '', 'g') AS plain
    FROM enrolments
    WHERE employer_organisation_id IN (SELECT organisation_id FROM renamed) AND status = 'normal' AND valid_to IS NULL
)
SELECT c.organisation_id,
    list(DISTINCT c.row_id ORDER BY c.row_id) AS row_ids,
    list(DISTINCT s.row_id ORDER BY s.row_id)[1:50] AS any_of,
    min(c.change_date) AS since,
    c.plain_before AS subject,
    min(c.change_date) AS change_date,
    min(c.name_before) AS name_before,
    min(c.name_after) AS name_after,
    count(DISTINCT s.person_id) AS insured_persons
FROM renamed c
JOIN spells s ON s.organisation_id = c.organisation_id AND s.plain = c.plain_before
WHERE c.plain_before <> c.plain_after
GROUP BY c.organisation_id, c.plain_before

-- [[examples]]
-- what = "enrolment still under the old name"
-- rows = '''
-- W10 enterprise=8 item=name change_date=@ before=甲公司 after=乙公司
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8 employer_name=甲公司
-- '''
-- raises = ["2024-04-30"]
-- silent = ["2024-05-01", "2024-05-02"]
--
-- [[examples]]
-- what = "the new name, or one written in another way"
-- rows = '''
-- W10 enterprise=8 item=name change_date=2024-01-01 before=甲（威海）公司 after=乙公司
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8 employer_name=@
-- '''
-- raises = ["\"甲(威海)公司\""]
-- silent = ["乙公司"]
--
-- [[examples]]
-- what = "another item, another business"
-- rows = '''
-- W10 enterprise=8 item=address change_date=2024-01-01 before=甲公司 after=乙公司
-- W10 enterprise=9 item=name change_date=2024-01-01 before=甲公司 after=乙公司
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 employer=8 employer_name=甲公司
-- '''
-- silent = true
