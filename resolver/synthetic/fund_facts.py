"""Money and goods: W23 (bills), W24 and W26 (the fund), W28L (fee lines), W27 (stock), J10 (the province's warnings).

All of them are drawn from the settlements, so that in an orderly city bills, accounts and stock agree with them.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import columns as c
from resolver.synthetic import numbers
from resolver.synthetic.list_facts import listing_of
from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import DAY, Bools, Floats, Ints, Timeline, first_day, month_of

DRUG, CONSUMABLE, SERVICE = range(3)
_LIST_KINDS = ("drug", "consumable", "service")
ITEMS = (
    ("XA02BCA001", "奥美拉唑肠溶胶囊", DRUG, 18.5, "盒"), ("XC08CAA002", "硝苯地平控释片", DRUG, 32.0, "盒"),
    ("XA10BAE003", "二甲双胍缓释片", DRUG, 24.8, "盒"), ("XC10AAA004", "阿托伐他汀钙片", DRUG, 41.2, "盒"),
    ("XJ01CAA005", "阿莫西林胶囊", DRUG, 15.6, "盒"), ("XN02BEA006", "对乙酰氨基酚片", DRUG, 9.8, "盒"),
    ("XR05CBA007", "氨溴索口服液", DRUG, 27.3, "瓶"), ("XB01ACA008", "阿司匹林肠溶片", DRUG, 13.9, "盒"),
    ("ZA01AAL009", "连花清瘟胶囊", DRUG, 22.6, "盒"), ("ZA12HAF010", "复方丹参滴丸", DRUG, 29.9, "瓶"),
    ("XC09AAK011", "依那普利片", DRUG, 19.4, "盒"), ("XJ01DDT012", "头孢曲松注射剂", DRUG, 36.0, "支"),
    ("C14050113", "骨科接骨板", CONSUMABLE, 860.0, "套"), ("C02030214", "一次性输液器", CONSUMABLE, 4.5, "支"),
    ("C08090115", "医用敷料", CONSUMABLE, 12.0, "包"), ("C06010316", "导尿包", CONSUMABLE, 38.0, "包"),
    ("C02010517", "一次性注射器", CONSUMABLE, 1.2, "支"), ("C02020118", "静脉留置针", CONSUMABLE, 16.0, "支"),
    ("C08020219", "弹力绷带", CONSUMABLE, 8.0, "卷"), ("C15010320", "血糖试纸", CONSUMABLE, 3.2, "片"),
    ("110200001", "普通门诊诊察费", SERVICE, 25.0, "次"), ("110900001", "住院床位费", SERVICE, 60.0, "日"),
    ("120400006", "静脉输液", SERVICE, 15.0, "次"), ("250101015", "血细胞分析", SERVICE, 22.0, "次"),
)  # fmt: skip
"""Code, name, kind, price in yuan and unit of everything sold."""
_DRUGS, _CONSUMABLES, _SERVICES = (0, 12), (12, 20), (20, 24)
_SHARES = np.array([[0.5, 0.5, 0.0, 0.0], [0.5, 0.4, 0.1, 0.0], [1.0, 0.0, 0.0, 0.0], [0.4, 0.25, 0.2, 0.15]])
_VISIT, _TREATMENT, _SALE, _STAY = range(4)
_LINES = np.array([2, 3, 1, 4])
"""What is charged (a treatment is a visit that uses up consumables), and the parts of the fee of its lines."""
INCOMES = ((2022, 37_560.0), (2023, 39_890.0), (2024, 42_077.0), (2025, 44_200.0))
"""The province's disposable income per head in yuan; the last one is the city's own invention."""
LINES = {True: 0.5, False: 1.5}
"""Share of last year's income above which a year's burden is a warning: for the vulnerable, for all others."""
STOCKTAKE = 6 * 3600  # second of the first day of a month
VULNERABLE = ("near_subsistence", "monitored")
WARNING_DEFAULTS = {"person": -1, "burden": 0}
"""A warning that the province alone gives, in the newest month: for whom, and the burden it says."""


def bills(lives: Lives, settlements: pa.Table) -> pa.Table:
    """W23: a bill for every settlement that has one; a settlement taken back has a red one, and reverses the first.

    A bill that several settlements show is the first one's.
    """
    has_bill = settlements["bill_no"].is_valid().to_numpy() & first_of_each(settlements["bill_no"])
    rows = settlements.filter(pa.array(has_bill)).combine_chunks()
    count = rows.num_rows
    setl = rows["setl_id"].combine_chunks()
    original = pc.index_in(rows["reverses"].combine_chunks(), setl)  # null where nothing is reversed
    red = original.is_valid().to_numpy(zero_copy_only=False)
    back = np.zeros(count, bool)
    back[original.drop_null().to_numpy()] = True
    settle = rows["settle_time"].combine_chunks().cast(pa.int64()).to_numpy()
    number, code = rows["bill_no"].combine_chunks(), rows["bill_code"].combine_chunks()
    stays = pc.is_in(rows["med_type"], pa.array(["inpatient", "maternity_inpatient"])).to_numpy()
    columns: dict[str, Any] = {
        "payer": rows["patient"].to_numpy(),
        "facility": rows["facility"].to_numpy(),
        "bill_code": code,
        "bill_no": number,
        "check_code": numbers.padded(settle * 7 % 10**6, 6),
        "psn_no": rows["psn_no"].combine_chunks(),
        "facility_code": rows["facility_code"].combine_chunks(),
        "issue_time": c.moments(settle + 60),
        "bill_type": c.words(stays.astype(np.int64), ("outpatient", "inpatient")),
        "amount": rows["total_amount"].combine_chunks(),
        "fund_amount": rows["fund_amount"].combine_chunks(),
        "self_amount": rows["self_amount"].combine_chunks(),
        "setl_id": setl,
        "mdtrt_id": rows["mdtrt_id"].combine_chunks(),
        "bill_status": c.words(back.astype(np.int64), ("normal", "reversed")),
        "reversed_time": c.moments(np.where(back, settle + 660, np.int64(10**12))),
        "original_bill_code": pc.if_else(pa.array(red), code.take(original), pa.scalar(None, pa.string())),
        "original_bill_no": pc.if_else(pa.array(red), number.take(original), pa.scalar(None, pa.string())),
        "op": c.constant("add", count),
    }
    return c.assemble("W23", rows["period"].to_numpy().astype(np.int64), columns, lives.timeline)


def first_of_each(keys: pa.ChunkedArray) -> Bools:
    """Which rows are the first with their key; rows without one all are."""
    codes = keys.combine_chunks().dictionary_encode().indices
    place = pc.fill_null(codes, -1).to_numpy()
    _, first = np.unique(place, return_index=True)
    found: Bools = place < 0
    found[first] = True
    return found


def monthly_claims(settlements: pa.Table) -> dict[str, Any]:
    """What the fund owes each facility for each month and scheme, and for how many settlements."""
    settle = settlements["settle_time"].combine_chunks().cast(pa.int64()).to_numpy()
    table = pa.table(
        {
            "facility": settlements["facility"],
            "month": pa.array(month_of(settle // DAY)),
            "insutype": settlements["insutype"],
            "amount": settlements["fund_amount"],
        }
    )
    sums = table.group_by(["facility", "month", "insutype"]).aggregate(
        [("amount", "sum"), ("amount", "count")]
    )
    sums = sums.sort_by([("month", "ascending"), ("facility", "ascending"), ("insutype", "ascending")])
    return {
        "facility": sums["facility"].to_numpy(),
        "month": sums["month"].to_numpy(),
        "insutype": sums["insutype"].combine_chunks(),
        "amount": np.round(sums["amount_sum"].to_numpy(), 2),
        "count": sums["amount_count"].to_numpy(),
    }


def facility_accounts(lives: Lives, claims: dict[str, Any]) -> pa.Table:
    """W26: what each facility claimed and got, by month and scheme."""
    row = np.repeat(np.arange(len(claims["month"])), 2)
    received = np.arange(len(row)) % 2
    facility, month = claims["facility"][row], claims["month"][row]
    columns = {
        "facility": facility,
        "facility_code": c.taken(lives.organisations.facility_code, facility),
        "account_month": c.months(month),
        "insutype": claims["insutype"].take(pa.array(row)),
        "item": c.words(received, ("claimed", "received")),
        "n_settlements": pa.array(claims["count"][row]),
        "amount": c.yuan(claims["amount"][row]),
        "op": c.constant("add", len(row)),
    }
    return c.assemble("W26", lives.timeline.period_of_month(month), columns, lives.timeline)


def fund_account(lives: Lives, claims: dict[str, Any]) -> pa.Table:
    """W24: the same payments as the treasury posts them, and the premiums that come in."""
    months = np.unique(claims["month"])
    out = len(claims["month"])
    month = np.concatenate([claims["month"], np.repeat(months, 2)])
    spending = np.repeat([True, False], [out, 2 * len(months)])
    income = (
        np.where(np.arange(2 * len(months)) % 2 == 0, 1.1, 0.9) * claims["amount"].sum() / max(len(months), 1)
    )
    order = np.argsort(month, kind="stable")
    line = np.zeros(len(month), np.int64)
    line[order] = np.arange(len(month)) - np.searchsorted(month[order], month[order]) + 1
    schemes = pa.array(["310", "390"] * len(months), pa.string())
    facility = np.concatenate([claims["facility"], np.full(2 * len(months), -1)])
    columns = {
        "payee": facility,
        "voucher_no": pc.binary_join_element_wise(
            pa.scalar("记"),
            pc.cast(pa.array(month // 12 + 1970), pa.string()),
            numbers.padded(month % 12 + 1, 2),
            "-",
        ),
        "line_no": pc.cast(pa.array(line), pa.string()),
        "posting_date": c.dates(first_day(month + 1) - 1),
        "account_month": c.months(month),
        "insutype": pa.concat_arrays([claims["insutype"].cast(pa.string()), schemes]),
        "direction": c.words(spending.astype(np.int64), ("income", "expense")),
        "subject": c.words(spending.astype(np.int64), ("基本医疗保险费收入", "基本医疗保险待遇支出")),
        "facility_code": c.taken(lives.organisations.facility_code, facility),
        "amount": c.yuan(np.concatenate([claims["amount"], np.round(income, 2)])),
        "summary": c.words(spending.astype(np.int64), ("收保险费", "拨付医药机构费用")),
        "op": c.constant("add", len(month)),
    }
    return c.assemble("W24", lives.timeline.period_of_month(month), columns, lives.timeline)


def fee_lines(lives: Lives, settlements: pa.Table, rng: np.random.Generator) -> pa.Table:
    """W28L: what the settlements of the delivered months consist of; the lines add up to the fee."""
    settle = settlements["settle_time"].combine_chunks().cast(pa.int64()).to_numpy()
    fresh = (month_of(settle // DAY) >= lives.timeline.first) & settlements["reverses"].is_null().to_numpy()
    fresh &= first_of_each(settlements["mdtrt_id"])  # a visit settled again was charged once
    rows = settlements.filter(pa.array(fresh)).combine_chunks()
    kind = rows["med_type"].combine_chunks()
    store = pc.equal(kind, "pharmacy").to_numpy(zero_copy_only=False)
    stays = pc.is_in(kind, pa.array(["inpatient", "maternity_inpatient"])).to_numpy(zero_copy_only=False)
    treated = rng.random(rows.num_rows) < 0.35
    charge = np.where(store, _SALE, np.where(stays, _STAY, np.where(treated, _TREATMENT, _VISIT)))
    row, ordinal = _spread(_LINES[charge])
    item = _items(charge[row], ordinal, rng)
    item, days = _planned_supplies(lives, rows["patient"].to_numpy()[row], store[row], item)
    share = _SHARES[charge[row], ordinal]
    amount = _shares(rows["total_amount"].to_numpy()[row] * share, row, rows["total_amount"].to_numpy())
    price = np.array([entry[3] for entry in ITEMS])[item]
    quantity = np.maximum(np.round(amount / price), 1)
    begin = rows["service_begin"].combine_chunks().cast(pa.int64()).to_numpy()[row]
    end = rows["service_end"].combine_chunks().cast(pa.int64()).to_numpy()[row]
    visit = rows["mdtrt_id"].combine_chunks()
    visit = pc.coalesce(visit, rows["setl_id"].combine_chunks())  # a pharmacy has no visits: its sale is one
    drug = item < _DRUGS[1]
    at = pa.array(row)
    columns = {
        "facility": rows["facility"].to_numpy()[row],
        "mdtrt_id": visit.take(at),
        "line_no": pc.cast(pa.array(ordinal + 1), pa.string()),
        "setl_id": rows["setl_id"].combine_chunks().take(at),
        "facility_code": rows["facility_code"].combine_chunks().take(at),
        "fee_time": c.moments(begin + ((end - begin) * (ordinal + 1) // 6)),
        "med_list_codg": c.words(item, [entry[0] for entry in ITEMS]),
        "item_name": c.words(item, [entry[1] for entry in ITEMS]),
        "item_kind": c.words(np.array([entry[2] for entry in ITEMS])[item], _LIST_KINDS),
        "quantity": pa.array(quantity),
        "unit": c.words(item, [entry[4] for entry in ITEMS]),
        "unit_price": c.yuan(amount / quantity),
        "amount": c.yuan(amount),
        "days_supply": pa.array(
            np.where(days > 0, days, np.minimum(quantity * 5, 30)).astype(np.int64), mask=~drug
        ),
        "op": c.constant("add", len(row)),
    }
    return c.assemble("W28L", rows["period"].to_numpy()[row].astype(np.int64), columns, lives.timeline)


def _planned_supplies(lives: Lives, patient: Ints, store: Bools, item: Ints) -> tuple[Ints, Ints]:
    """Items, the planned medicine for those of whom it is planned; and the days it lasts, 0 for all others."""
    count = lives.people.count
    items, days = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    for plan in lives.planned["supplies"]:
        items[plan["person"]], days[plan["person"]] = plan["item"], plan["days"]
    bought = store & (items[patient] >= 0)
    return np.where(bought, items[patient], item), np.where(bought, days[patient], 0)


def _spread(counts: Ints) -> tuple[Ints, Ints]:
    """Row and ordinal within the row for so many lines of each."""
    row = np.repeat(np.arange(len(counts)), counts)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def _items(charge: Ints, ordinal: Ints, rng: np.random.Generator) -> Ints:
    """Pharmacies sell drugs; all else begins with a service, goes on with drugs, and may end with consumables."""
    count = len(ordinal)
    drug = rng.integers(*_DRUGS, count)
    other = rng.integers(*_CONSUMABLES, count)
    service = rng.integers(*_SERVICES, count)
    used_up = (ordinal == 3) | ((charge == _TREATMENT) & (ordinal == 2))
    by_place = np.where(ordinal == 0, service, np.where(used_up, other, drug))
    return np.where(charge == _SALE, drug, by_place).astype(np.int64)


def _shares(amount: Floats, row: Ints, total: Floats) -> Floats:
    """Amounts in whole fen that add up to each row's total: the first line takes what rounding leaves."""
    amount = np.round(amount, 2)
    rest = np.round(total - np.bincount(row, amount, len(total)), 2)
    first = np.r_[True, np.diff(row) != 0] if len(row) else np.zeros(0, bool)
    amount[first] = np.round(amount[first] + rest, 2)
    return amount


def stock_month(second: Ints, timeline: Timeline) -> Ints:
    """The month in whose stock something charged is: until the stock-take of the first morning the one before."""
    found: Ints = np.clip(month_of((second - STOCKTAKE - 1) // DAY), timeline.first, timeline.last)
    return found


def stock_movements(lives: Lives, lines: pa.Table, rng: np.random.Generator) -> pa.Table:
    """W27: a stock-take at the beginning of each month, purchases, and sales of everything the fee lines name.

    Of each drug and consumable more is sold than the insured are charged for: others pay themselves.
    """
    timeline = lives.timeline
    kept = lines.filter(pc.not_equal(lines["item_kind"], "service"))
    fee = kept["fee_time"].combine_chunks().cast(pa.int64()).to_numpy()
    month = stock_month(fee, timeline)
    table = pa.table(
        {
            "facility": kept["facility"],
            "item": kept["med_list_codg"],
            "month": month,
            "sold": kept["quantity"],
        }
    )
    sums = table.group_by(["facility", "item", "month"]).aggregate([("sold", "sum")])
    codes = [entry[0] for entry in ITEMS]
    place = pc.index_in(sums["item"], pa.array(codes)).to_numpy().astype(np.int64)
    pair = sums["facility"].to_numpy() * len(ITEMS) + place
    pairs, inverse = np.unique(pair, return_inverse=True)
    sold = np.zeros((len(pairs), timeline.months))
    sold[inverse, sums["month"].to_numpy() - timeline.first] = sums["sold_sum"].to_numpy()
    sales = np.ceil(sold * (1.05 + 0.3 * rng.random(sold.shape)))
    bought = np.ceil(sales / 10) * 10 + 10.0
    opening = 20.0 + np.round(rng.random(len(pairs)) * 40)
    held = (
        opening[:, None] + np.cumsum(bought - sales, axis=1) - (bought - sales)
    )  # at the beginning of each month
    grid = np.arange(len(pairs) * timeline.months)
    who, k = grid // timeline.months, grid % timeline.months
    kinds = np.repeat(np.array([0, 1, 2]), len(grid))
    who, k = np.tile(who, 3), np.tile(k, 3)
    quantity = np.concatenate([held[who[: len(grid)], k[: len(grid)]], bought.ravel(), sales.ravel()])
    starts = np.array([timeline.start(period) for period in range(timeline.months)], np.int64)
    day = starts[k] + np.array([0, 4, 25])[kinds]
    item = pairs[who] % len(ITEMS)
    facility = pairs[who] // len(ITEMS)
    keep = (quantity > 0) | (kinds == 0)
    columns: dict[str, Any] = {
        "facility": facility,
        "facility_code": c.taken(lives.organisations.facility_code, facility),
        "movement_no": numbers.prefixed("JXC", k * 10**8 + kinds * 10**7 + who, 10),
        "movement_type": c.words(kinds, ("stocktake", "purchase", "sale")),
        "movement_time": c.moments(day * DAY + np.array([STOCKTAKE, 36_000, 79_200])[kinds]),
        "med_list_codg": c.words(item, codes),
        "item_name": c.words(item, [entry[1] for entry in ITEMS]),
        "item_kind": c.words(np.array([entry[2] for entry in ITEMS])[item], _LIST_KINDS),
        "lot_no": numbers.prefixed("2026", item * 13 % 97, 3),
        "batch_no": numbers.prefixed("B", who, 8),
        "quantity": pa.array(quantity),
        "unit": c.words(item, [entry[4] for entry in ITEMS]),
        "conversion": pa.nulls(len(kinds), pa.float64()),
        "unit_price": c.yuan(np.array([entry[3] for entry in ITEMS])[item] * np.where(kinds == 1, 0.85, 1.0)),
        "op": c.constant("add", len(kinds)),
    }
    columns = {
        name: column[keep] if isinstance(column, np.ndarray) else column.filter(pa.array(keep))
        for name, column in columns.items()
    }
    return c.assemble("W27", k[keep], columns, timeline)


def provincial_warnings(lives: Lives, settlements: pa.Table) -> pa.Table:
    """J10: whose burden of this year has passed the line, month by month.

    The burden is what basic and serious-illness insurance left to pay, by the year of service, settlements of all
    months up to the warning's.
    """
    timeline = lives.timeline
    settle = settlements["settle_time"].combine_chunks().cast(pa.int64()).to_numpy()
    served = settlements["service_begin"].combine_chunks().cast(pa.int64()).to_numpy()
    patient, total = settlements["patient"].to_numpy(), settlements["total_amount"].to_numpy()
    insured = settlements["pooled_amount"].to_numpy() + settlements["serious_illness_amount"].to_numpy()
    amount = total - insured
    month, service_month = month_of(settle // DAY), month_of(served // DAY)
    incomes = dict(INCOMES)
    forgotten = np.array([row["person"] for row in lives.planned["J10 dropped"]], np.int64)
    added = c.planned_columns(lives.planned["J10"], WARNING_DEFAULTS)
    parts = []
    for period in range(timeline.months):
        this = timeline.first + period
        vulnerable = _vulnerable(lives, this)
        year = this // 12 * 12
        now = (service_month >= year) & (month <= this) & (patient >= 0)
        burden = np.bincount(patient[now], amount[now], lives.people.count)
        spent = np.bincount(patient[now], total[now], lives.people.count)
        line = np.where(vulnerable, LINES[True], LINES[False]) * incomes.get(
            1970 + year // 12 - 1, INCOMES[-1][1]
        )
        if period == timeline.months - 1:  # the newest list is not like ours (MW3)
            burden[forgotten] = 0.0
            burden[added["person"]] = spent[added["person"]] = added["burden"]
        who = np.flatnonzero(burden > line)
        parts.append((who, np.full(len(who), period), burden[who], spent[who], line[who], vulnerable[who]))
    person, told, burdens, totals, lines, lower = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    columns = {
        "warned": person,
        "warning_month": c.months(timeline.first + told),
        "insuplc_admdvs": numbers.padded(lives.places.zone[lives.people.place[person]], 6),
        "population": c.words(lower.astype(np.int64), ("ordinary", "vulnerable")),
        "total_amount": c.yuan(totals),
        "burden": c.yuan(burdens),
        "line": c.yuan(lines),
        "op": c.constant("add", len(person)),
    }
    return c.assemble("J10", told.astype(np.int64), columns, timeline)


def _vulnerable(lives: Lives, month: int) -> Bools:
    """Who stands in one of the lists of the lower line in a month."""
    found = np.zeros(lives.people.count, bool)
    for category in VULNERABLE:
        listing = listing_of(lives, category)
        found |= listing.member & (listing.start <= month) & (listing.until > month)
    return found


def disposable_incomes(lives: Lives) -> pa.Table:
    """J12: the province's figures as they were published."""
    years = np.array([year for year, _ in INCOMES])
    published = first_day((years - 1970 + 1) * 12) + 17
    columns = {
        "area": c.constant("山东省", len(years)),
        "year": pa.array(years),
        "income": c.yuan(np.array([income for _, income in INCOMES])),
        "published_date": c.dates(published),
        "provisional": pa.array(np.zeros(len(years), bool)),
        "op": c.constant("add", len(years)),
    }
    return c.assemble("J12", lives.timeline.period_of(published), columns, lives.timeline)
