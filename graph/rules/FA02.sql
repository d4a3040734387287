-- id = "FA02"
-- title = "耗材结算量超进销存"
-- title_en = "More of a consumable charged than was in stock"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W27", "W28L", "W28"]
-- needs = ["W27", "W28L"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["FACILITY"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["item_code", "item_name", "from_time", "to_time", "opening", "came_in", "closing", "available", "charged", "excess", "unit"]
-- fires = "As FA01, for consumables (耗材)."
--
-- [parameters.tolerance]
-- type = "number"
-- default = 0.02
-- min = 0
-- max = 1
-- unit = "share"

SELECT organisation_id,
    list_filter([opening_row, closing_row], lambda row: row IS NOT NULL) || movement_rows || line_rows AS row_ids,
    CAST(from_time AS DATE) AS since,
    CAST(to_time AS DATE) AS until,
    amount * (charged - (opening + came_in - closing)) / charged AS amount,
    code || '|' || CAST(CAST(from_time AS DATE) AS VARCHAR) AS subject,
    code AS item_code, item_name, from_time, to_time, opening, came_in, closing,
    opening + came_in - closing AS available,
    charged,
    charged - (opening + came_in - closing) AS excess,
    unit
FROM stock_periods
WHERE item_kind = 'consumable' AND charged > 0
    AND charged > greatest(opening + came_in - closing, 0) * (1 + $tolerance)

-- [[examples]]
-- what = "more than there was"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=@ quantity=10
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=11 amount=100
-- '''
-- raises = ["consumable"]
-- silent = ["drug"]
--
-- [[examples]]
-- what = "another facility"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=consumable quantity=10
-- W28L facility=@ mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=40 amount=100
-- '''
-- raises = ["9"]
-- silent = ["8"]
