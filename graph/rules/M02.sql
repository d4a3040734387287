-- id = "M02"
-- title = "婚姻登记重叠"
-- title_en = "Two marriages at once"
-- basis = "推导; 数据依据 威医保发〔2020〕60号 §二(一)"
-- feeds = ["W04"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["CIVIL"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["spouses", "since_dates", "overlap_days"]
-- fires = "Marriages of one person to two different persons, by registration (a reissued certificate says nothing of its beginning), overlap by more than grace_days days up to the reference date; a marriage ends by divorce, annulment or death. Identity first: the link probability of the rows counts."
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 0
-- min = 0
-- max = 365
-- unit = "days"

WITH married AS (
    SELECT k.person_id, k.kin_person_id, k.row_id, k.valid_from, k.probability,
        least(coalesce(k.valid_to, r.reference_date + 1), r.reference_date + 1) AS ends
    FROM kinship k
    CROSS JOIN reference r
    WHERE k.relation = 'spouse' AND k.basis = 'W04' AND k.valid_from IS NOT NULL
),
clashes AS (
    SELECT a.person_id, a.row_id AS row_a, b.row_id AS row_b, [a.kin_person_id, b.kin_person_id] AS spouses,
        [a.valid_from, b.valid_from] AS begins, least(a.probability, b.probability) AS probability,
        greatest(a.valid_from, b.valid_from) AS since,
        least(a.ends, b.ends) - greatest(a.valid_from, b.valid_from) AS days
    FROM married a
    JOIN married b ON b.person_id = a.person_id AND a.kin_person_id < b.kin_person_id
    WHERE least(a.ends, b.ends) - greatest(a.valid_from, b.valid_from) > $grace_days
)
SELECT person_id,
    list_sort(list_distinct(list(row_a) || list(row_b))) AS row_ids,
    min(since) AS since,
    '' AS subject,
    max(probability) AS link_probability,
    list_sort(list_distinct(flatten(list(spouses)))) AS spouses,
    list_sort(list_distinct(flatten(list(begins)))) AS since_dates,
    max(days) AS overlap_days
FROM clashes
GROUP BY person_id

-- [[examples]]
-- what = "the second begins before the first ends"
-- rows = '''
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 row_id=11 valid_from=2010-01-01 valid_to=2020-05-05 probability=1
-- kinship person_id=1 kin_person_id=3 relation=spouse basis=W04 row_id=12 valid_from=@ probability=1
-- '''
-- raises = ["2020-05-04", "2015-01-01"]
-- silent = ["2020-05-05", "2020-05-06"]
--
-- [[examples]]
-- what = "one spouse, registered twice"
-- rows = '''
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 row_id=11 valid_from=2010-01-01 probability=1
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 row_id=12 valid_from=2015-01-01 probability=1
-- '''
-- silent = true
--
-- [[examples]]
-- what = "a spouse whom only the register names"
-- rows = '''
-- kinship person_id=1 kin_person_id=2 relation=spouse basis=W04 row_id=11 valid_from=2010-01-01 probability=1
-- kinship person_id=1 kin_person_id=3 relation=spouse basis=@ row_id=12 valid_from=2015-01-01 probability=1
-- '''
-- raises = ["W04"]
-- silent = ["W07"]
