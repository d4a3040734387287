-- id = "T03"
-- title = "第三方已赔且医保已付"
-- title_en = "Paid by the third party and by the fund"
-- basis = "推导; 社会保险法 30; 医疗保障基金使用监督管理条例实施细则 (经催告后仍不返还)"
-- feeds = ["X03", "J05", "W28"]
-- needs = ["X03", "J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["MSB"]
-- due = "10wd"
-- enabled = true
-- version = 2
-- evidence = ["document_no", "payer_name", "paid_date", "third_party_paid", "fund_paid", "treatments", "next_step"]
-- fires = "A third party's payment to a person (judgment, mediation, insurance) is dated up to the reference date, and trauma treatments that began from the day of the accident on up to window_days days later (without a date of the accident: up to window_days days before the payment), and not after the payment's day, were paid by the fund. One finding per document and person."
--
-- [parameters.window_days]
-- type = "integer"
-- default = 365
-- min = 30
-- max = 1095
-- unit = "days"

WITH payments AS (
    SELECT p.person_id, p.row_id, p.document_no, p.payer_name, p.paid_date,
        coalesce(p.medical_amount, p.amount) AS third_party_paid,
        coalesce(p.accident_date, p.paid_date - CAST($window_days AS INTEGER)) AS first_day,
        least(p.paid_date, coalesce(p.accident_date, p.paid_date) + CAST($window_days AS INTEGER)) AS last_day
    FROM third_party_payments p
    CROSS JOIN reference r
    WHERE p.person_id IS NOT NULL AND p.paid_date <= r.reference_date
)
SELECT p.person_id,
    list_sort(list_distinct(list(p.row_id))) || list_sort(list_distinct(flatten(list(t.row_ids)))) AS row_ids,
    min(t.begin_day) AS since,
    max(p.paid_date) AS until,
    least(sum(t.fund_amount), max(p.third_party_paid)) AS amount,
    coalesce(p.document_no, '') AS subject,
    p.document_no,
    min(p.payer_name) AS payer_name,
    max(p.paid_date) AS paid_date,
    max(p.third_party_paid) AS third_party_paid,
    sum(t.fund_amount) AS fund_paid,
    count(DISTINCT t.visit) AS treatments,
    '催告 before anything else' AS next_step
FROM payments p
JOIN treatments t ON t.person_id = p.person_id AND t.begin_day BETWEEN p.first_day AND p.last_day
WHERE t.trauma AND t.fund_amount > 0
GROUP BY p.person_id, p.document_no

-- [[examples]]
-- what = "treated from the accident on"
-- rows = '''
-- X03 injured=1 document_no=d accident_date=2024-01-10 paid_date=2024-05-01 amount=9000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=500
-- '''
-- raises = ["2024-01-10", "2024-05-01"]
-- silent = ["2024-01-09", "2024-05-02"]
--
-- [[examples]]
-- what = "without a date of the accident"
-- rows = '''
-- X03 injured=1 document_no=d paid_date=2024-05-01 amount=9000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=@ service_end=2024-03-01 settle_time=2024-03-02 diagnosis_code=S06.0 fund_amount=500
-- '''
-- raises = ["2023-05-02"]
-- silent = ["2023-05-01"]
--
-- [[examples]]
-- what = "nothing paid by the fund, or no trauma"
-- rows = '''
-- X03 injured=1 document_no=d accident_date=2024-01-10 paid_date=2024-05-01 amount=9000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-02-01 service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=0
-- J05 patient=1 setl_id=s2 psn_no=p1 service_begin=2024-02-01 service_end=2024-03-01 settle_time=2024-03-02 diagnosis_code=J18 fund_amount=500
-- '''
-- silent = true
--
-- [[examples]]
-- what = "reversed already"
-- rows = '''
-- X03 injured=1 document_no=d accident_date=2024-01-10 paid_date=2024-05-01 amount=9000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-02-01 service_end=2024-03-01 settle_time=2024-03-02 trauma_flag=true fund_amount=500
-- J05 patient=1 setl_id=s2 psn_no=p1 service_begin=2024-02-01 service_end=2024-03-01 settle_time=2024-03-02 reverses=s1 trauma_flag=true fund_amount=-500
-- '''
-- silent = true
