-- id = "E04"
-- title = "同一票据重复报销"
-- title_en = "One bill reimbursed twice"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W23", "J05"]
-- needs = ["J05"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["MSB", "FINANCE"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["bill", "settlements", "regions", "persons", "total_amount", "bill_status"]
-- fires = "One electronic bill (code and number) stands in two or more standing settlements with different numbers and payments of the fund, be it of one person or of several. One finding per bill."

WITH billed AS (
    SELECT upper(trim(coalesce(bill_code, ''))) || '-' || upper(trim(bill_no)) AS bill, *
    FROM settled
    WHERE bill_no IS NOT NULL AND fund_amount > 0
),
twice AS (
    SELECT bill FROM billed GROUP BY bill HAVING count(DISTINCT setl_id) > 1
),
bills AS (
    SELECT bill, list(b.row_id ORDER BY b.row_id) AS bill_rows, min(b.bill_status) AS bill_status
    FROM twice t
    JOIN medical_bills b ON upper(trim(coalesce(b.bill_code, ''))) || '-' || upper(trim(b.bill_no)) = t.bill
    GROUP BY bill
)
SELECT min(s.person_id) AS person_id,
    CASE WHEN min(s.person_id) <> max(s.person_id) THEN max(s.person_id) END AS other_person_id,
    list(s.row_id ORDER BY s.person_id, s.setl_id) AS row_ids,
    CAST(min(s.service_begin) AS DATE) AS since,
    CAST(max(s.settle_time) AS DATE) AS until,
    sum(s.fund_amount) - max(s.fund_amount) AS amount,
    s.bill AS subject,
    s.bill,
    list(s.setl_id ORDER BY s.setl_id) AS settlements,
    list(DISTINCT coalesce(s.settle_region, s.insuplc_admdvs) ORDER BY coalesce(s.settle_region, s.insuplc_admdvs))
        AS regions,
    count(DISTINCT s.person_id) AS persons,
    max(s.total_amount) AS total_amount,
    max(b.bill_status) AS bill_status
FROM billed s
JOIN twice USING (bill)
LEFT JOIN bills b ON b.bill = s.bill
GROUP BY s.bill

-- [[examples]]
-- what = "one bill in two settlements"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=@ fund_amount=50
-- '''
-- raises = ["0001"]
-- silent = ["0002", "0000"]
--
-- [[examples]]
-- what = "of two persons"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- J05 patient=2 setl_id=b psn_no=p2 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- '''
-- raises = true
--
-- [[examples]]
-- what = "the first was reversed"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- J05 patient=1 setl_id=r psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 reverses=a bill_code=370101 bill_no=0001 fund_amount=-50
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- '''
-- silent = true
--
-- [[examples]]
-- what = "nothing paid by the fund"
-- rows = '''
-- J05 patient=1 setl_id=a psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=50
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 bill_code=370101 bill_no=0001 fund_amount=0
-- '''
-- silent = true
