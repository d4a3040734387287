-- id = "E06"
-- title = "一号多人"
-- title_en = "One identity number, several persons"
-- basis = "威医保发〔2020〕60号 §三(二)"
-- feeds = ["W01", "W02", "W03", "W04", "W05", "W06", "W07", "W08", "W10", "W11", "W12", "W13", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "W22", "W23", "W25", "W28", "W29", "W32", "J01", "J02", "J03", "J04", "J05", "J06", "J07", "J10", "J11", "J13", "X01", "X02", "X03", "X04", "X05", "X06"]
-- severity = "A"
-- direction = "quality"
-- return_to = ["POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- joins_rows = false
-- one_per_subject = true
-- evidence = ["persons", "names", "birth_dates"]
-- needs = []
-- fires = "One valid number is borne by two persons whose names are unlike and whose birth dates differ; a newborn under a parent's number does not count, nor a row without birth date that names the holder's newborn."
--
-- [parameters.newborn_days]
-- type = "integer"
-- default = 366
-- min = 0
-- max = 1100
-- unit = "days"
--
-- [parameters.parent_age_years]
-- type = "integer"
-- default = 12
-- min = 8
-- max = 20
-- unit = "years"
--
-- # One finding per number. Only records whose own number it is count, not persons mentioned beside one. Two
-- # persons collide when no name of the one is like a name of the other and no birth date agrees. A missing name
-- # collides with nothing, a missing birth date only if the names have no character in common. A newborn entered
-- # under a parent's number is silent (that is Q02): one named 某某之子 or 某某之女, or born within `newborn_days` and
-- # at least `parent_age_years` after the birth date in the number; where no birth date is known (a bill), one with
-- # the name of a child of the holder born within `newborn_days`.
-- # The link probability is that the persons really are different: one minus the highest match probability between
-- # their records with the number.

WITH bearers AS (
    SELECT r.record_key, r.feed, r.role, r.id_number, r.name, r.pinyin, r.former_name, m.entity_id AS person_id,
        coalesce(r.birth_date, p.birth_date) AS birth_date,
        CAST(try_strptime(substr(r.id_number, 7, 8), '%Y%m%d') AS DATE) AS number_born
    FROM records r
    JOIN members m ON m.record_key = r.record_key
    LEFT JOIN persons p ON p.person_id = m.entity_id
    WHERE r.id_status IN ('valid', 'legacy') AND r.id_number IN (
        SELECT id_number FROM number_bearers GROUP BY id_number HAVING count(*) > 1
    )
),
newborns AS (
    SELECT DISTINCT b.id_number, c.name
    FROM bearers b
    JOIN kinship k ON k.kin_person_id = b.person_id AND k.relation = 'parent'
    JOIN persons c ON c.person_id = k.person_id
    CROSS JOIN reference r
    WHERE c.birth_date > r.reference_date - $newborn_days
),
current_rows AS (
    SELECT b.record_key, list(rr.row_id ORDER BY rr.row_id) AS row_ids
    FROM bearers b
    JOIN row_records rr ON rr.record_key = b.record_key
    WHERE NOT EXISTS (SELECT 1 FROM superseded s WHERE s.row_id = rr.row_id AND s.reason <> 'absent')
    GROUP BY b.record_key
),
adults AS (
    SELECT b.*, c.row_ids
    FROM bearers b
    JOIN current_rows c ON c.record_key = b.record_key
    CROSS JOIN reference r
    WHERE NOT regexp_matches(coalesce(b.name, ''), '之.?[子女婴]$')
        AND NOT coalesce(
            b.birth_date > r.reference_date - $newborn_days
                AND b.birth_date >= b.number_born + to_years($parent_age_years),
            false
        )
        AND (b.birth_date IS NOT NULL OR (b.id_number, b.name) NOT IN (
            SELECT (id_number, name) FROM newborns WHERE name IS NOT NULL
        ))
),
collisions AS (
    SELECT a.id_number, a.person_id AS person_a, b.person_id AS person_b
    FROM adults a
    JOIN adults b ON b.id_number = a.id_number AND a.person_id < b.person_id
    GROUP BY a.id_number, a.person_id, b.person_id
    HAVING bool_and(coalesce(NOT (
            contains(a.name, b.name) OR contains(b.name, a.name) OR coalesce(a.pinyin = b.pinyin, false)
            OR coalesce(a.former_name = b.name, false) OR coalesce(b.former_name = a.name, false)
        ), false))
        AND bool_and(coalesce(
            a.birth_date <> b.birth_date,
            NOT list_has_any(string_split(a.name, ''), string_split(b.name, '')),
            false
        ))
),
involved AS (
    SELECT id_number, person_a AS person_id FROM collisions
    UNION
    SELECT id_number, person_b FROM collisions
),
involved_records AS (
    SELECT a.*
    FROM adults a
    JOIN involved i ON i.id_number = a.id_number AND i.person_id = a.person_id
),
doubts AS (
    SELECT a.id_number, max(p.match_probability) AS doubt
    FROM pairs p
    JOIN involved_records a ON a.record_key = p.record_key_l
    JOIN involved_records b ON b.record_key = p.record_key_r AND b.id_number = a.id_number
    WHERE a.person_id <> b.person_id
    GROUP BY a.id_number
)
SELECT min(i.person_id) AS person_id,
    list_sort(list_distinct(list(i.person_id)))[2] AS other_person_id,
    flatten(list(i.row_ids ORDER BY i.person_id, i.record_key)) AS row_ids,
    i.id_number AS subject,
    1 - coalesce(max(d.doubt), 0) AS link_probability,
    count(DISTINCT i.person_id) AS persons,
    list(DISTINCT i.name ORDER BY i.name) AS names,
    list(DISTINCT i.birth_date ORDER BY i.birth_date) AS birth_dates
FROM involved_records i
LEFT JOIN doubts d ON d.id_number = i.id_number
GROUP BY i.id_number

-- [[examples]]
-- what = "one number, unlike names, other birth dates"
-- rows = '''
-- W16 recipient=1 record.id_number=N record.id_status=valid record.name=王芳 record.birth_date=1990-01-01
-- W16 recipient=2 record.id_number=N record.id_status=valid record.name=李强 record.birth_date=@
-- '''
-- raises = ["1980-01-01"]
-- silent = ["1990-01-01"]
--
-- [[examples]]
-- what = "a newborn under the mother's number"
-- rows = '''
-- W16 recipient=1 record.id_number=N record.id_status=valid record.name=王芳 record.birth_date=1990-01-01
-- W16 recipient=2 record.id_number=N record.id_status=valid record.name=@ record.birth_date=1980-01-01
-- '''
-- raises = ["李强"]
-- silent = ["王芳之子"]
--
-- [[examples]]
-- what = "a bill of the newborn under the mother's number"
-- rows = '''
-- W16 recipient=1 record.id_number=N record.id_status=valid record.name=王芳 record.birth_date=1990-01-01
-- W16 recipient=2 record.id_number=N record.id_status=valid record.name=@
-- persons person_id=3 name=李小明 birth_date=2024-05-01
-- kinship person_id=3 kin_person_id=1 relation=parent basis=W02 probability=1
-- '''
-- raises = ["李强"]
-- silent = ["李小明"]
