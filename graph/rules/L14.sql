-- id = "L14"
-- title = "新生儿重复参保"
-- title_en = "Newborn enrolled twice, unnamed and named"
-- basis = "推导; 济医保发〔2023〕13号 §三 去重"
-- feeds = ["W02", "W29"]
-- needs = ["W29"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["MSB"]
-- due = "m10"
-- enabled = true
-- version = 3
-- silences = ["E01", "E05"]
-- joins_rows = false
-- evidence = ["mother", "names", "psn_nos", "birth_date", "births", "open_spells"]
-- fires = "Of one mother (by her number in the rows; an unnamed newborn's own number is hers) and one birth, more normal spells are open at the reference date than children were born by the birth certificates (one where there is no certificate), under different insurance numbers, and at least one of them is unnamed (某某之子, 之女). Birth dates no more than same_birth_days days apart are of one birth: no mother bears two children so soon after each other, but one of two dates is often a slip. An unnamed newborn without a birth date counts from the first day of cover. Birth within age_days days of the reference date."
--
-- [parameters.age_days]
-- type = "integer"
-- default = 1100
-- min = 30
-- max = 2200
-- unit = "days"
--
-- [parameters.same_birth_days]
-- type = "integer"
-- default = 150
-- min = 0
-- max = 200
-- unit = "days"

WITH said AS (
    SELECT e.person_id, e.row_id, e.psn_no, e.name, e.id_number, e.mother_id_number, e.birth_date, e.valid_from,
        regexp_matches(coalesce(e.name, ''), '之.?[子女婴]$') AS unnamed
    FROM enrolments e
    CROSS JOIN reference r
    WHERE e.person_id IS NOT NULL AND e.status = 'normal'
        AND e.valid_from <= r.reference_date AND (e.valid_to IS NULL OR e.valid_to >= r.reference_date)
    QUALIFY row_number() OVER (PARTITION BY e.psn_no ORDER BY e.row_id) = 1
),
open_spells AS (
    SELECT * FROM (
        SELECT person_id, row_id, psn_no, name, birth_date, unnamed,
            upper(trim(coalesce(mother_id_number, CASE WHEN unnamed THEN id_number END))) AS mother,
            -- Who has no name yet is insured from birth.
            coalesce(birth_date, CASE WHEN unnamed THEN valid_from END) AS born
        FROM said
    )
    CROSS JOIN reference r
    WHERE mother IS NOT NULL AND born > r.reference_date - $age_days
),
spaced AS (
    SELECT *, born - lag(born) OVER (PARTITION BY mother ORDER BY born, row_id) > $same_birth_days AS apart
    FROM open_spells
),
spells AS (
    SELECT *, count(*) FILTER (apart) OVER (PARTITION BY mother ORDER BY born, row_id) AS birth
    FROM spaced
),
groups AS (
    SELECT mother, birth, arg_min(person_id, (NOT unnamed, row_id)) AS first_person,
        min(born) AS first_day, max(born) AS last_day
    FROM spells
    GROUP BY mother, birth
    HAVING bool_or(unnamed) AND count(*) > 1
),
births AS (
    SELECT g.mother, g.birth, count(DISTINCT c.certificate_no) AS births
    FROM groups g
    JOIN birth_certificates c ON upper(trim(c.mother_id_number)) = g.mother
        AND CAST(c.birth_time AS DATE) BETWEEN g.first_day - $same_birth_days AND g.last_day + $same_birth_days
    GROUP BY ALL
)
SELECT arg_min(s.person_id, (NOT s.unnamed, s.row_id)) AS person_id,
    min(s.person_id) FILTER (s.person_id <> g.first_person) AS other_person_id,
    list(s.row_id ORDER BY s.unnamed DESC, s.row_id) AS row_ids,
    max(s.born) AS since,
    s.mother || '|' || CAST(arg_min(s.born, (s.unnamed, s.row_id)) AS VARCHAR) AS subject,
    s.mother,
    list(s.name ORDER BY s.unnamed DESC, s.row_id) AS names,
    list(s.psn_no ORDER BY s.unnamed DESC, s.row_id) AS psn_nos,
    arg_min(s.born, (s.unnamed, s.row_id)) AS birth_date,
    max(coalesce(b.births, 1)) AS births,
    count(*) AS open_spells
FROM spells s
JOIN groups g ON g.mother = s.mother AND g.birth = s.birth
LEFT JOIN births b ON b.mother = s.mother AND b.birth = s.birth
GROUP BY s.mother, s.birth
HAVING count(*) > max(coalesce(b.births, 1))

-- [[examples]]
-- what = "the same child unnamed and named"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王芳之子 id_number=M birth_date=2024-01-05
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小明 mother_id_number=M birth_date=@
-- '''
-- raises = ["2024-01-05", "2024-01-06", "2024-06-03", "2023-08-08"]
-- silent = ["2024-06-04", "2023-08-07"]
--
-- [[examples]]
-- what = "no birth date yet: insured from birth"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2024-01-09 name=王芳之子 id_number=M
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2024-02-01 name=王小明 mother_id_number=M birth_date=@
-- '''
-- raises = ["2024-01-05"]
-- silent = ["2023-01-05"]
--
-- [[examples]]
-- what = "a brother is born a year later, unnamed"
-- rows = '''
-- W02 child=1 mother=9 certificate_no=k1 birth_time=2023-01-05 mother_id_number=M
-- W02 child=2 mother=9 certificate_no=k2 birth_time=2024-01-05 mother_id_number=M
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2023-02-01 name=王大明 mother_id_number=M birth_date=2023-01-05
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2024-01-09 name=王芳之子 id_number=M birth_date=@
-- W29 insured=3 psn_no=c insutype=390 status=normal psn_type=resident start_date=2024-02-01 name=王小明 mother_id_number=M birth_date=2024-01-05
-- '''
-- raises = ["2024-01-05", "2024-01-08"]
-- silent = ["2025-01-05"]
--
-- [[examples]]
-- what = "one person, two insurance numbers"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王芳之女 id_number=M birth_date=2024-01-05
-- W29 insured=1 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小红 mother_id_number=M birth_date=2024-01-05
-- '''
-- raises = true
--
-- [[examples]]
-- what = "twins, one not yet named"
-- rows = '''
-- W02 child=1 mother=9 certificate_no=k1 birth_time=2024-01-05 mother_id_number=M
-- W02 child=2 mother=9 certificate_no=k2 birth_time=2024-01-05 mother_id_number=M
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王芳之子 id_number=M birth_date=2024-01-05
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小明 mother_id_number=M birth_date=2024-01-05
-- '''
-- silent = true
--
-- [[examples]]
-- what = "the unnamed spell was ended"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=ended psn_type=resident start_date=2020-01-01 name=王芳之子 id_number=M birth_date=2024-01-05 end_date=2024-03-01
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小明 mother_id_number=M birth_date=2024-01-05
-- '''
-- silent = true
--
-- [[examples]]
-- what = "both named are siblings"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王大明 mother_id_number=M birth_date=2024-01-05
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小明 mother_id_number=M birth_date=2024-01-05
-- '''
-- silent = true
