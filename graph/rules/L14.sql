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
-- version = 2
-- silences = ["E01", "E05"]
-- joins_rows = false
-- evidence = ["mother", "names", "psn_nos", "birth_date", "births", "open_spells"]
-- fires = "Of one mother (by her number in the rows; an unnamed newborn's own number is hers) and one birth date, more normal spells are open at the reference date than children were born that day by the birth certificates (one where there is no certificate), under different insurance numbers, and at least one of them is unnamed (某某之子, 之女). Birth within age_days days of the reference date."
--
-- [parameters.age_days]
-- type = "integer"
-- default = 1100
-- min = 30
-- max = 2200
-- unit = "days"

WITH open_spells AS (
    SELECT e.person_id, e.row_id, e.psn_no, e.name, e.birth_date,
        regexp_matches(coalesce(e.name, ''), '之.?[子女婴]$') AS unnamed,
        upper(trim(coalesce(e.mother_id_number,
            CASE WHEN regexp_matches(coalesce(e.name, ''), '之.?[子女婴]$') THEN e.id_number END))) AS mother
    FROM enrolments e
    CROSS JOIN reference r
    WHERE e.person_id IS NOT NULL AND e.status = 'normal' AND e.birth_date > r.reference_date - $age_days
        AND e.valid_from <= r.reference_date AND (e.valid_to IS NULL OR e.valid_to >= r.reference_date)
    QUALIFY row_number() OVER (PARTITION BY e.psn_no ORDER BY e.row_id) = 1
),
births AS (
    SELECT upper(trim(mother_id_number)) AS mother, CAST(birth_time AS DATE) AS birth_date,
        count(DISTINCT certificate_no) AS births
    FROM birth_certificates
    GROUP BY ALL
)
SELECT arg_min(s.person_id, (NOT s.unnamed, s.row_id)) AS person_id,
    min(s.person_id) FILTER (s.person_id <> o.first_person) AS other_person_id,
    list(s.row_id ORDER BY s.unnamed DESC, s.row_id) AS row_ids,
    max(s.birth_date) AS since,
    s.mother || '|' || CAST(s.birth_date AS VARCHAR) AS subject,
    s.mother,
    list(s.name ORDER BY s.unnamed DESC, s.row_id) AS names,
    list(s.psn_no ORDER BY s.unnamed DESC, s.row_id) AS psn_nos,
    s.birth_date,
    max(coalesce(b.births, 1)) AS births,
    count(*) AS open_spells
FROM open_spells s
JOIN (
    SELECT mother, birth_date, arg_min(person_id, (NOT unnamed, row_id)) AS first_person
    FROM open_spells
    WHERE mother IS NOT NULL
    GROUP BY mother, birth_date
    HAVING bool_or(unnamed) AND count(*) > 1
) o ON o.mother = s.mother AND o.birth_date = s.birth_date
LEFT JOIN births b ON b.mother = s.mother AND b.birth_date = s.birth_date
GROUP BY s.mother, s.birth_date
HAVING count(*) > max(coalesce(b.births, 1))

-- [[examples]]
-- what = "the same child unnamed and named"
-- rows = '''
-- W29 insured=1 psn_no=a insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王芳之子 id_number=M birth_date=2024-01-05
-- W29 insured=2 psn_no=b insutype=390 status=normal psn_type=resident start_date=2020-01-01 name=王小明 mother_id_number=M birth_date=@
-- '''
-- raises = ["2024-01-05"]
-- silent = ["2024-01-06", "2024-01-04"]
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
