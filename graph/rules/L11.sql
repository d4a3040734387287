-- id = "L11"
-- title = "死亡日期各源矛盾"
-- title_en = "Sources contradict each other on a death"
-- basis = "威医保发〔2020〕60号 §二末 多方数据不一致"
-- feeds = ["W01", "W05", "W06", "W07"]
-- needs = ["W01", "W05|W06|W07"]
-- severity = "C"
-- direction = "quality"
-- return_to = ["HEALTH", "CIVIL", "HRSS", "POLICE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["dates", "first_date", "last_date", "difference_days", "cremated_before"]
-- fires = "Two dates of death (certificate, crematory's, pension roll's) differ by more than max_days days; or a cremation, or a cancellation of the household entry for death, lies before the day of the certificate (a cancellation by more than max_days days). The day of a cremation or cancellation as such is no date of death."
--
-- [parameters.max_days]
-- type = "integer"
-- default = 3
-- min = 0
-- max = 60
-- unit = "days"

WITH stated AS (
    SELECT person_id, row_id, 'W01' AS feed, death_date AS day FROM deaths WHERE feed = 'W01'
    UNION ALL
    SELECT person_id, row_id, 'W05', death_date FROM cremations WHERE death_date IS NOT NULL
    UNION ALL
    SELECT person_id, row_id, 'W06', death_date FROM pension_exits WHERE reason = 'death' AND death_date IS NOT NULL
),
later_acts AS (
    SELECT person_id, row_id, 'W05 cremated' AS feed, CAST(cremation_time AS DATE) AS day, 0 AS slack FROM cremations
    UNION ALL
    SELECT person_id, row_id, 'W07 cancelled', cancel_date, $max_days
    FROM household_register
    WHERE cancel_reason = 'death'
),
too_early AS (
    SELECT l.person_id, l.row_id, l.feed, l.day, s.row_id AS stated_row, s.day AS stated_day
    FROM later_acts l
    JOIN stated s ON s.person_id = l.person_id AND s.feed = 'W01'
    WHERE s.day - l.day > l.slack
),
apart AS (
    SELECT person_id
    FROM stated
    WHERE person_id IS NOT NULL
    GROUP BY person_id
    HAVING max(day) - min(day) > $max_days
),
told AS (
    SELECT s.person_id, s.row_id, s.feed, s.day FROM stated s JOIN apart USING (person_id)
    UNION
    SELECT person_id, row_id, feed, day FROM too_early
    UNION
    SELECT person_id, stated_row, 'W01', stated_day FROM too_early
)
SELECT person_id,
    list(DISTINCT row_id ORDER BY row_id) AS row_ids,
    min(day) AS since,
    max(day) AS until,
    '' AS subject,
    list(DISTINCT feed || ' ' || CAST(day AS VARCHAR) ORDER BY feed || ' ' || CAST(day AS VARCHAR)) AS dates,
    min(day) AS first_date,
    max(day) AS last_date,
    max(day) - min(day) AS difference_days,
    bool_or(feed = 'W05 cremated') AS cremated_before
FROM told
GROUP BY person_id

-- [[examples]]
-- what = "certificate and crematory"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W05 deceased=1 death_date=@ cremation_time=2024-03-20
-- '''
-- raises = ["2024-03-14", "2024-03-06"]
-- silent = ["2024-03-13", "2024-03-12", "2024-03-07"]
--
-- [[examples]]
-- what = "pension roll"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W06 insured=1 reason=death exit_month=2024-03-01 death_date=@
-- '''
-- raises = ["2024-03-14"]
-- silent = ["2024-03-13"]
--
-- [[examples]]
-- what = "cremated before the death"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W05 deceased=1 cremation_time=@
-- '''
-- raises = ["2024-03-09"]
-- silent = ["2024-03-10", "2024-03-11", "2024-04-30"]
--
-- [[examples]]
-- what = "cancelled before the death; a late cancellation is no contradiction"
-- rows = '''
-- W01 deceased=1 certificate_no=c1 death_time=2024-03-10
-- W07 person=1 household_no=h1 move_in_date=2000-01-01 cancel_date=@ cancel_reason=death
-- '''
-- raises = ["2024-03-06"]
-- silent = ["2024-03-07", "2024-03-10", "2024-05-30"]
