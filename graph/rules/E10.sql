-- id = "E10"
-- title = "无户籍匹配的参保人"
-- title_en = "Insured, but in no household register"
-- basis = "威医保发〔2020〕60号 §二(一)"
-- feeds = ["W29", "W07", "X02"]
-- needs = ["W29", "W07"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["insutype", "insuplc_admdvs", "nearest_person_id", "nearest_probability"]
-- fires = "A person has a normal spell at the reference date, no row in the household register (open or closed), no residence permit that holds that day, and is not by a certain match (a match probability of certain or more) somebody in the register. An unnamed newborn (某某之子, 之女) does not count: nobody is registered without a name. Without feed X02 every such person is raised."
--
-- [parameters.certain]
-- type = "number"
-- default = 0.95
-- min = 0.5
-- max = 1
-- unit = "probability"

WITH unknown AS (
    SELECT i.person_id, i.row_id
    FROM insured_now i
    JOIN enrolments e ON e.row_id = i.row_id
    CROSS JOIN reference r
    WHERE NOT regexp_matches(coalesce(e.name, ''), '之.?[子女婴]$')
        AND i.person_id NOT IN (SELECT person_id FROM register_now)
        AND i.person_id NOT IN (
            SELECT person_id FROM residence_permits
            WHERE person_id IS NOT NULL AND valid_from <= r.reference_date
                AND (valid_to IS NULL OR valid_to >= r.reference_date)
        )
),
nearest AS (
    SELECT person_id, arg_max(other_person_id, (match_probability, other_person_id)) AS other_person_id,
        max(match_probability) AS match_probability
    FROM crossings
    WHERE person_id IN (SELECT person_id FROM unknown)
        AND other_person_id IN (SELECT person_id FROM register_now)
    GROUP BY person_id
)
SELECT u.person_id,
    [u.row_id] AS row_ids,
    e.valid_from AS since,
    '' AS subject,
    1 - coalesce(n.match_probability, 0) AS link_probability,
    e.insutype,
    e.insuplc_admdvs,
    n.other_person_id AS nearest_person_id,
    n.match_probability AS nearest_probability
FROM unknown u
JOIN enrolments e ON e.row_id = u.row_id
LEFT JOIN nearest n ON n.person_id = u.person_id
WHERE coalesce(n.match_probability, 0) < $certain

-- [[examples]]
-- what = "in no register"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01 end_date=@
-- '''
-- raises = ["2024-06-30", "2024-07-01"]
-- silent = ["2024-06-29"]
--
-- [[examples]]
-- what = "registered, if only once"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=2024-01-01 cancel_reason=moved_out
-- '''
-- silent = true
--
-- [[examples]]
-- what = "not named yet"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=390 status=normal psn_type=resident start_date=2024-01-01 name=@
-- '''
-- raises = ["王小明", "王之芳"]
-- silent = ["王芳之子", "王芳之女"]
--
-- [[examples]]
-- what = "surely somebody in the register"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- W07 person=2 household_no=h1 move_in_date=2000-01-01
-- members record_key=901 entity_id=1
-- members record_key=902 entity_id=2
-- pairs record_key_l=901 record_key_r=902 match_probability=@
-- '''
-- raises = ["0.2", "0.94"]
-- silent = ["0.95", "0.999"]
--
-- [[examples]]
-- what = "a residence permit"
-- rows = '''
-- W29 insured=1 psn_no=p1 insutype=310 status=normal psn_type=working start_date=2020-01-01
-- X02 holder=1 permit_no=r start_date=2023-01-01 end_date=@
-- '''
-- raises = ["2024-06-29"]
-- silent = ["2024-06-30"]
