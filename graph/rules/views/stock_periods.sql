-- Stock-take periods of one item at one facility: what was there, came in and went back, in the units in which the
-- item is charged, and what was charged to insured persons meanwhile. A period runs from one stock-take to the next,
-- or from the last one to the reference date (then nothing is taken to be left).
WITH movements AS (
    SELECT facility_organisation_id AS organisation_id, upper(trim(med_list_codg)) AS code, row_id, movement_type,
        movement_time, item_kind, item_name, unit,
        abs(quantity) * CASE WHEN movement_type = 'adjustment' THEN sign(quantity) ELSE 1 END AS quantity,
        coalesce(nullif(conversion, 0), 1) AS conversion
    FROM stock_movements m
    WHERE facility_organisation_id IS NOT NULL AND reverses IS NULL AND NOT EXISTS (
        SELECT 1 FROM stock_movements x
        WHERE x.reverses = m.movement_no AND x.facility_code = m.facility_code
    )
),
takes AS (
    SELECT organisation_id, code, row_id, movement_time AS from_time, quantity AS opening,
        lead(movement_time) OVER w AS to_time,
        lead(quantity) OVER w AS closing,
        lead(row_id) OVER w AS closing_row
    FROM movements
    WHERE movement_type = 'stocktake'
    WINDOW w AS (PARTITION BY organisation_id, code ORDER BY movement_time, row_id)
),
lines AS (
    SELECT facility_organisation_id AS organisation_id, upper(trim(med_list_codg)) AS code, fee_time, quantity, unit,
        amount, row_id, item_kind
    FROM fee_lines
    WHERE facility_organisation_id IS NOT NULL AND quantity IS NOT NULL
),
charged AS (
    SELECT t.organisation_id, t.code, t.from_time, sum(l.quantity) AS charged, sum(l.amount) AS amount,
        max(l.unit) AS unit, max(l.item_kind) AS item_kind, list(l.row_id ORDER BY l.row_id)[1:50] AS line_rows
    FROM takes t
    JOIN lines l ON l.organisation_id = t.organisation_id AND l.code = t.code AND l.fee_time > t.from_time
        AND (t.to_time IS NULL OR l.fee_time <= t.to_time)
    GROUP BY ALL
),
moved AS (
    SELECT t.organisation_id, t.code, t.from_time,
        sum(CASE m.movement_type WHEN 'purchase' THEN m.quantity WHEN 'purchase_return' THEN -m.quantity
            WHEN 'adjustment' THEN m.quantity ELSE 0 END
            * CASE WHEN c.unit IS NULL OR m.unit IS NULL OR m.unit = c.unit THEN 1 ELSE m.conversion END) AS came_in,
        list(m.row_id ORDER BY m.row_id)[1:50] AS movement_rows
    FROM takes t
    JOIN charged c USING (organisation_id, code, from_time)
    JOIN movements m ON m.organisation_id = t.organisation_id AND m.code = t.code AND m.movement_time > t.from_time
        AND (t.to_time IS NULL OR m.movement_time <= t.to_time)
        AND m.movement_type IN ('purchase', 'purchase_return', 'adjustment')
    GROUP BY ALL
)
SELECT t.organisation_id, t.code, t.row_id AS opening_row, t.closing_row, t.from_time, t.to_time,
    o.item_name, coalesce(o.item_kind, c.item_kind) AS item_kind,
    t.opening * CASE WHEN c.unit IS NULL OR o.unit IS NULL OR o.unit = c.unit THEN 1 ELSE o.conversion END AS opening,
    coalesce(t.closing, 0)
        * CASE WHEN c.unit IS NULL OR o.unit IS NULL OR o.unit = c.unit THEN 1 ELSE o.conversion END AS closing,
    coalesce(m.came_in, 0) AS came_in,
    c.charged, c.amount, c.unit, c.line_rows, coalesce(m.movement_rows, []) AS movement_rows
FROM takes t
JOIN charged c USING (organisation_id, code, from_time)
JOIN movements o ON o.row_id = t.row_id
LEFT JOIN moved m USING (organisation_id, code, from_time)
