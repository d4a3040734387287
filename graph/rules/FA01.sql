-- id = "FA01"
-- title = "药品结算量超进销存"
-- title_en = "More of a drug charged than was in stock"
-- basis = "威医保发〔2020〕60号 §二(五)"
-- feeds = ["W27", "W28L", "J05"]
-- needs = ["W27", "W28L"]
-- severity = "A"
-- direction = "recover"
-- return_to = ["FACILITY", "MSB"]
-- due = "10wd"
-- enabled = true
-- version = 1
-- evidence = ["item_code", "item_name", "from_time", "to_time", "opening", "came_in", "closing", "available", "charged", "excess", "unit"]
-- fires = "Between two stock-takes of a drug at a facility (or from the last one to the reference date, with nothing taken to be left) more of it was charged to insured persons, net of what was taken back, than opening stock plus purchases and adjustments less purchase returns and closing stock, by more than tolerance of that; quantities in the unit charged, by the conversion the facility states. One finding per facility, drug and period."
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
WHERE item_kind = 'drug' AND charged > 0 AND charged > greatest(opening + came_in - closing, 0) * (1 + $tolerance)

-- [[examples]]
-- what = "more than there was"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=drug quantity=100
-- W27 facility=9 facility_code=H movement_no=2 movement_type=purchase movement_time=2024-02-01 med_list_codg=X item_kind=drug quantity=50
-- W27 facility=9 facility_code=H movement_no=3 movement_type=stocktake movement_time=2024-04-01 med_list_codg=X item_kind=drug quantity=50
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01T09:00 med_list_codg=X quantity=@ amount=100
-- '''
-- raises = ["102.01", "150"]
-- silent = ["102", "100", "50"]
--
-- [[examples]]
-- what = "when it was charged"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=drug quantity=10
-- W27 facility=9 facility_code=H movement_no=3 movement_type=stocktake movement_time=2024-04-01 med_list_codg=X item_kind=drug quantity=0
-- W27 facility=9 facility_code=H movement_no=4 movement_type=purchase movement_time=2024-04-02 med_list_codg=X item_kind=drug quantity=100
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=@ med_list_codg=X quantity=20 amount=100
-- '''
-- raises = ["2024-03-31T23:00", "2024-02-01"]
-- silent = ["2024-04-01T08:00", "2023-12-31"]
--
-- [[examples]]
-- what = "boxes in stock, tablets charged"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=drug quantity=10 unit=盒 conversion=24
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=@ unit=片 amount=100
-- '''
-- raises = ["245"]
-- silent = ["244", "240"]
--
-- [[examples]]
-- what = "returns, and what was charged back"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=drug quantity=100
-- W27 facility=9 facility_code=H movement_no=2 movement_type=purchase_return movement_time=2024-02-01 med_list_codg=X item_kind=drug quantity=50
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=80 amount=100
-- W28L facility=9 mdtrt_id=m line_no=2 fee_time=2024-03-02 med_list_codg=X quantity=@ amount=-100
-- '''
-- raises = ["-20"]
-- silent = ["-30", "-29"]
--
-- [[examples]]
-- what = "a movement that was reversed"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=drug quantity=10
-- W27 facility=9 facility_code=H movement_no=2 movement_type=purchase movement_time=2024-02-01 med_list_codg=X item_kind=drug quantity=50
-- W27 facility=9 facility_code=H movement_no=3 movement_type=purchase movement_time=2024-02-02 med_list_codg=X item_kind=drug quantity=-50 reverses=@
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=40 amount=100
-- '''
-- raises = ["2"]
-- silent = ["9"]
--
-- [[examples]]
-- what = "consumables are FA02"
-- rows = '''
-- W27 facility=9 facility_code=H movement_no=1 movement_type=stocktake movement_time=2024-01-01 med_list_codg=X item_kind=consumable quantity=10
-- W28L facility=9 mdtrt_id=m line_no=1 fee_time=2024-03-01 med_list_codg=X quantity=40 amount=100
-- '''
-- silent = true
