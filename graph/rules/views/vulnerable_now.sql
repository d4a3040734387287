-- Whom the lower warning line is for: 低保边缘 (J01) and 防止返贫监测 (J04) at the reference date.
SELECT person_id, list_sort(list(category)) AS categories, flatten(list(row_ids)) AS row_ids
FROM aid_now
WHERE category IN ('near_subsistence', 'monitored')
GROUP BY person_id
