-- id = "FA04"
-- title = "票据与结算不符"
-- title_en = "Bill and settlement do not agree"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W23", "J05"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["FINANCE", "FACILITY"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["problem", "setl_id", "bill", "bill_amount", "total_amount", "bill_status", "facility_name"]
-- fires = "A standing settlement of a facility that issues electronic bills, settled from the day of that facility's first bill known and grace_days or more before the last bill known of any facility, has no bill (by settlement number, else by bill code and number); or only bills that were reversed or voided; or standing bills whose sum differs from its total by more than tolerance."
--
-- [parameters.tolerance]
-- type = "number"
-- default = 1
-- min = 0
-- max = 1000
-- unit = "yuan"
--
-- [parameters.grace_days]
-- type = "integer"
-- default = 7
-- min = 0
-- max = 90
-- unit = "days"

WITH bills AS (
    SELECT row_id, facility_organisation_id, issue_time, amount, setl_id,
        upper(trim(coalesce(bill_code, ''))) || '-' || upper(trim(bill_no)) AS bill,
        coalesce(bill_status, 'normal') = 'normal' AND reversed_time IS NULL AND original_bill_no IS NULL AS stands,
        bill_status
    FROM medical_bills
),
issuers AS (
    SELECT facility_organisation_id AS organisation_id, min(CAST(issue_time AS DATE)) AS first_day
    FROM bills
    WHERE facility_organisation_id IS NOT NULL
    GROUP BY 1
),
wanted AS (
    SELECT s.person_id, s.row_id, s.setl_id, s.total_amount, s.settle_time, s.facility_name,
        upper(trim(coalesce(s.bill_code, ''))) || '-' || upper(trim(s.bill_no)) AS bill
    FROM settled s
    JOIN issuers i ON i.organisation_id = s.facility_organisation_id
    WHERE CAST(s.settle_time AS DATE) >= i.first_day AND s.total_amount > 0
        AND CAST(s.settle_time AS DATE) + CAST($grace_days AS INTEGER) <= (SELECT CAST(max(issue_time) AS DATE) FROM bills)
),
found AS (
    SELECT w.setl_id, w.person_id, b.row_id, b.amount, b.stands, b.bill, b.bill_status
    FROM wanted w
    JOIN bills b ON b.setl_id = w.setl_id
    UNION
    SELECT w.setl_id, w.person_id, b.row_id, b.amount, b.stands, b.bill, b.bill_status
    FROM wanted w
    JOIN bills b ON b.bill = w.bill AND b.setl_id IS NULL
),
summed AS (
    SELECT setl_id, person_id, sum(amount) FILTER (stands) AS amount, bool_or(stands) AS stands, min(bill) AS bill,
        max(bill_status) AS bill_status, list_sort(list(row_id)) AS row_ids
    FROM found
    GROUP BY setl_id, person_id
),
judged AS (
    SELECT w.*, f.amount AS bill_amount, f.bill AS found_bill, f.bill_status,
        CASE WHEN f.setl_id IS NULL THEN 'no bill'
            WHEN NOT f.stands THEN 'reversed'
            WHEN abs(f.amount - w.total_amount) > $tolerance THEN 'amount' END AS problem
    FROM wanted w
    LEFT JOIN summed f ON f.setl_id = w.setl_id AND f.person_id = w.person_id
)
SELECT person_id,
    [row_id] AS row_ids,
    CAST(settle_time AS DATE) AS since,
    CASE WHEN problem = 'amount' THEN abs(bill_amount - total_amount) ELSE total_amount END AS amount,
    setl_id AS subject,
    problem, setl_id,
    coalesce(found_bill, bill) AS bill,
    bill_amount, total_amount, bill_status, facility_name
FROM judged
WHERE problem IS NOT NULL

-- [[examples]]
-- what = "another amount"
-- rows = '''
-- W23 payer=1 facility=9 bill_code=b bill_no=1 issue_time=2024-03-01 amount=@ setl_id=s1
-- W23 payer=2 facility=9 bill_code=b bill_no=9 issue_time=2024-06-30 amount=5 setl_id=z
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 total_amount=100
-- '''
-- raises = ["101.01", "98.99"]
-- silent = ["100", "101", "99"]
--
-- [[examples]]
-- what = "no bill"
-- rows = '''
-- W23 payer=2 facility=9 bill_code=b bill_no=8 issue_time=2024-01-01 amount=5 setl_id=y
-- W23 payer=2 facility=9 bill_code=b bill_no=9 issue_time=2024-06-30 amount=5 setl_id=z
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=@ facility=9 total_amount=100
-- '''
-- raises = ["2024-06-23", "2024-01-01"]
-- silent = ["2024-06-24", "2023-12-31"]
--
-- [[examples]]
-- what = "by its number"
-- rows = '''
-- W23 payer=1 facility=9 bill_code=b bill_no=1 issue_time=2024-03-01 amount=100
-- W23 payer=2 facility=9 bill_code=b bill_no=9 issue_time=2024-06-30 amount=5 setl_id=z
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 total_amount=100 bill_code=b bill_no=@
-- '''
-- raises = ["2"]
-- silent = ["1"]
--
-- [[examples]]
-- what = "reversed"
-- rows = '''
-- W23 payer=1 facility=9 bill_code=b bill_no=1 issue_time=2024-03-01 amount=100 setl_id=s1 bill_status=@
-- W23 payer=2 facility=9 bill_code=b bill_no=9 issue_time=2024-06-30 amount=5 setl_id=z
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=9 total_amount=100
-- '''
-- raises = ["reversed", "void"]
-- silent = ["normal"]
--
-- [[examples]]
-- what = "a facility that issues none, such as a pharmacy"
-- rows = '''
-- W23 payer=2 facility=9 bill_code=b bill_no=8 issue_time=2024-01-01 amount=5 setl_id=y
-- W23 payer=2 facility=9 bill_code=b bill_no=9 issue_time=2024-06-30 amount=5 setl_id=z
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-02 facility=8 total_amount=100
-- '''
-- silent = true
