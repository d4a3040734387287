-- id = "FA05"
-- title = "专户、机构、结算三方对账"
-- title_en = "Fund account, facility and settlements do not agree"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W24", "W26", "J05"]
-- needs = ["W26", "J05|W24"]
-- severity = "B"
-- direction = "recover"
-- return_to = ["FINANCE", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["month", "settled", "claimed", "received", "paid_out", "differs"]
-- fires = "Of a facility and a month up to the reference month for which it reports its accounts, the fund amounts settled (reversals taken off, by month of settlement) differ from what it says it claimed; or what the fund account paid out to it for that month differs from what it says it received; by more than tolerance_yuan and more than tolerance_share of the larger. A side without rows for the facility and month is not compared."
--
-- [parameters.tolerance_yuan]
-- type = "number"
-- default = 100
-- min = 0
-- max = 1000000
-- unit = "yuan"
--
-- [parameters.tolerance_share]
-- type = "number"
-- default = 0.01
-- min = 0
-- max = 1
-- unit = "share"

WITH reported AS (
    SELECT facility_organisation_id AS organisation_id, account_month AS month,
        sum(amount) FILTER (item = 'claimed') AS claimed,
        sum(amount) FILTER (item = 'received') AS received,
        list_sort(list(row_id)) AS row_ids
    FROM facility_fund_accounts
    CROSS JOIN reference
    WHERE facility_organisation_id IS NOT NULL AND account_month <= reference_date
    GROUP BY ALL
),
settled_sums AS (
    SELECT s.facility_organisation_id AS organisation_id, CAST(date_trunc('month', s.settle_time) AS DATE) AS month,
        sum(s.fund_amount) AS settled
    FROM settlements s
    WHERE s.facility_organisation_id IN (SELECT organisation_id FROM reported)
    GROUP BY ALL
),
paid AS (
    SELECT payee_organisation_id AS organisation_id,
        CAST(date_trunc('month', coalesce(account_month, posting_date)) AS DATE) AS month,
        sum(CASE direction WHEN 'expense' THEN amount ELSE -amount END) AS paid_out,
        list_sort(list(row_id)) AS row_ids
    FROM fund_account_entries
    WHERE payee_organisation_id IS NOT NULL
    GROUP BY ALL
),
compared AS (
    SELECT r.organisation_id, r.month, r.claimed, r.received, s.settled, p.paid_out,
        r.row_ids || coalesce(p.row_ids, []) AS row_ids,
        abs(s.settled - r.claimed) AS claim_gap, abs(p.paid_out - r.received) AS payment_gap
    FROM reported r
    LEFT JOIN settled_sums s ON s.organisation_id = r.organisation_id AND s.month = r.month
    LEFT JOIN paid p ON p.organisation_id = r.organisation_id AND p.month = r.month
),
judged AS (
    SELECT *, list_filter([
        CASE WHEN claim_gap > $tolerance_yuan AND claim_gap > $tolerance_share * greatest(settled, claimed)
            THEN 'settled and claimed' END,
        CASE WHEN payment_gap > $tolerance_yuan AND payment_gap > $tolerance_share * greatest(paid_out, received)
            THEN 'paid out and received' END
    ], lambda gap: gap IS NOT NULL) AS differs
    FROM compared
)
SELECT organisation_id,
    row_ids[1:100] AS row_ids,
    month AS since,
    last_day(month) AS until,
    greatest(CASE WHEN list_contains(differs, 'settled and claimed') THEN claim_gap ELSE 0 END,
        CASE WHEN list_contains(differs, 'paid out and received') THEN payment_gap ELSE 0 END) AS amount,
    CAST(month AS VARCHAR) AS subject,
    month, settled, claimed, received, paid_out, differs
FROM judged
WHERE len(differs) > 0

-- [[examples]]
-- what = "claimed more than was settled"
-- rows = '''
-- W26 facility=9 account_month=2024-03-01 insutype=310 item=claimed amount=@
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-31 facility=9 fund_amount=10000
-- '''
-- raises = ["10101.02", "9899.99", "20000"]
-- silent = ["10000", "10100", "9900"]
--
-- [[examples]]
-- what = "a reversal is taken off"
-- rows = '''
-- W26 facility=9 account_month=2024-03-01 insutype=310 item=claimed amount=10000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-15 facility=9 fund_amount=10000
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-03-16 facility=9 fund_amount=5000
-- J05 patient=1 setl_id=c psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=@ reverses=b facility=9 fund_amount=-5000
-- '''
-- raises = ["2024-04-01"]
-- silent = ["2024-03-31"]
--
-- [[examples]]
-- what = "paid out and received"
-- rows = '''
-- W26 facility=9 account_month=2024-03-01 insutype=310 item=received amount=@
-- W24 payee=9 voucher_no=v line_no=1 posting_date=2024-04-20 account_month=2024-03-01 direction=expense amount=10000
-- '''
-- raises = ["9000"]
-- silent = ["10000", "9950"]
--
-- [[examples]]
-- what = "the month reported must be over"
-- rows = '''
-- W26 facility=9 account_month=@ insutype=310 item=claimed amount=90000
-- J05 patient=1 setl_id=s1 psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-06-15 facility=9 fund_amount=10000
-- J05 patient=1 setl_id=b psn_no=p1 service_begin=2024-03-01 service_end=2024-03-01 settle_time=2024-07-15 facility=9 fund_amount=10000
-- '''
-- raises = ["2024-06-01"]
-- silent = ["2024-07-01"]
