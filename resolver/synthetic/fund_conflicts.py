"""Goods and money that do not agree: FA01 and FA02 (stock), FA04 (bills), FA05 (accounts), and what does agree.

The facts are there already and agree with each other; one side of them is amended here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.fund_facts import STOCKTAKE, stock_month
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import planted
from resolver.synthetic.timeline import DAY, first_day

Facts = Mapping[str, pa.Table]
_LEAST_CHARGED = 5  # of an item in a month, so that a share of it is a whole number


@dataclass(frozen=True)
class _Period:
    """An item at a facility from one stock-take to the next.

    Attributes:
        month: Index of the month that the period covers.
        charged: How much of the item insured persons were charged for.
    """

    facility: int
    item: str
    month: int
    charged: float


def more_than_in_stock(lives: Lives, facts: Facts, rng: np.random.Generator) -> None:
    """FA01 and FA02: stock-takes that leave less than was charged; and stock that was enough."""
    for rule, kind in (("FA01", "drug"), ("FA02", "consumable")):
        periods = _periods(lives, facts["W28L"], kind, rng)
        wanted = max(1, min(planted(lives.people.count), 2 * len(periods) // 3))
        stock = _Stock(lives, facts["W27"])
        for period in periods[:wanted]:
            told = stock.leave(period, float(np.floor(0.8 * period.charged)))
            _about_stock(lives, rule, period, stock, ("more charged than there was", True, told))
        for index, period in enumerate(periods[wanted : wanted + wanted // 2 + 3]):
            why = _enough(stock, period, index % 4)
            _about_stock(lives, rule, period, stock, (why, False, period.month))


def _enough(stock: "_Stock", period: _Period, case: int) -> str:
    if case == 0:
        stock.leave(period, period.charged)
        return "exactly as much as there was"
    if case == 1:
        stock.leave(period, float(np.round(period.charged / 1.015, 2)))
        return "more by less than a fiftieth"
    if case == 2:
        stock.in_cartons(period)
        return "stock counted in cartons of ten"
    stock.adjust(period)
    return "found at a count instead of bought"


def _about_stock(
    lives: Lives, rule: str, period: _Period, stock: "_Stock", told: tuple[str, bool, int]
) -> None:
    why, is_planted, month = told
    movement = stock.opening(period)
    lives.plan(
        "row_conflicts", rule=rule, planted=is_planted, why=why, period=month, organisation=period.facility,
        feed="W27", role="facility", where={"movement_no": movement},
    )  # fmt: skip


def _periods(lives: Lives, lines: pa.Table, kind: str, rng: np.random.Generator) -> list[_Period]:
    """One month of every item at every facility where enough of it was charged, in random order."""
    lines = lines.filter(pc.equal(lines["item_kind"], kind))
    # What was charged before the first stock-take is in no period.
    first = int(first_day(np.array([lives.timeline.first]))[0]) * DAY + STOCKTAKE
    lines = lines.filter(pc.greater(lines["fee_time"], pa.scalar(first).cast(pa.timestamp("s"))))
    fee = lines["fee_time"].combine_chunks().cast(pa.int64()).to_numpy()
    table = pa.table(
        {
            "facility": lines["facility"],
            "item": lines["med_list_codg"],
            "month": pa.array(stock_month(fee, lives.timeline) - lives.timeline.first),
            "charged": lines["quantity"],
        }
    )
    sums = table.group_by(["facility", "item", "month"]).aggregate([("charged", "sum")])
    sums = sums.filter(pc.greater_equal(sums["charged_sum"], _LEAST_CHARGED))
    order = rng.permutation(sums.num_rows)
    chosen: dict[tuple[int, str], _Period] = {}
    for row in sums.take(pa.array(order)).to_pylist():
        key = (row["facility"], row["item"])
        chosen.setdefault(key, _Period(*key, row["month"], float(row["charged_sum"])))
    return list(chosen.values())


class _Stock:
    """W27, to be amended period by period."""

    def __init__(self, lives: Lives, movements: pa.Table) -> None:
        self._lives = lives
        self._rows: dict[tuple[int, str], list[dict[str, Any]]] = {}
        names = ["facility", "med_list_codg", "movement_type", "period", "movement_no", "quantity"]
        for row in movements.select(names).to_pylist():
            self._rows.setdefault((row["facility"], row["med_list_codg"]), []).append(row)

    def opening(self, period: _Period) -> str:
        """Number of the stock-take with which a period begins."""
        return str(self._one(period, "stocktake")["movement_no"])

    def leave(self, period: _Period, available: float) -> int:
        """Let so much have been there in all; returns the month in which that is told."""
        opening, bought = self._one(period, "stocktake"), self._one(period, "purchase")
        had = opening["quantity"] + bought["quantity"]
        if period.month + 1 < self._lives.timeline.months:
            closing = self._one(period, "stocktake", 1)
            self._amend(period, closing, quantity=had - available)
            return period.month + 1
        # The last period is open: nothing is taken to be left at its end.
        self._amend(period, opening, quantity=0.0)
        self._amend(period, bought, quantity=available)
        return period.month

    def in_cartons(self, period: _Period) -> None:
        """Count all of an item in cartons of ten."""
        for row in self._rows[period.facility, period.item]:
            self._amend(period, row, quantity=row["quantity"] / 10, unit="箱", conversion=10.0)

    def adjust(self, period: _Period) -> None:
        """Let the period's purchase have come in as an adjustment."""
        self._amend(period, self._one(period, "purchase"), movement_type="adjustment")

    def _one(self, period: _Period, kind: str, later: int = 0) -> dict[str, Any]:
        return next(
            row
            for row in self._rows[period.facility, period.item]
            if row["movement_type"] == kind and row["period"] == period.month + later
        )

    def _amend(self, period: _Period, row: dict[str, Any], **values: Any) -> None:
        self._lives.amend("W27", "facility", period.facility, values, movement_no=row["movement_no"])


def unlike_bills(lives: Lives, facts: Facts, rng: np.random.Generator) -> None:
    """FA04: settlements without a bill, with one taken back, or of another amount."""
    bills = facts["W23"]
    wanted = planted(lives.people.count)
    rows = _settled_long_ago(lives, bills, rng).to_pylist()
    for index, row in enumerate(rows[:wanted]):
        payer, setl = row["payer"], {"setl_id": row["setl_id"]}
        case = index % 4
        if case == 0:
            lives.drop("W23", "payer", payer, **setl)
        elif case == 3:
            lives.amend("W23", "payer", payer, {"amount": round(row["amount"] + 20 + index, 2)}, **setl)
        else:
            lives.amend("W23", "payer", payer, {"bill_status": ("reversed", "void")[case - 1]}, **setl)
        why = ("no bill", "its bill was taken back", "its bill was voided", "a bill of another amount")[case]
        lives.conflict("FA04", [payer], why, row["period"])
    for index, row in enumerate(rows[wanted : wanted + wanted // 2 + 2]):
        payer, setl, amount = row["payer"], {"setl_id": row["setl_id"]}, row["amount"]
        if index % 2:
            lives.amend("W23", "payer", payer, {"amount": round(amount + 0.9, 2)}, **setl)
            lives.innocent("FA04", [payer], "a bill of another amount by less than a yuan")
        else:
            half = round(amount / 2, 2)
            lives.amend("W23", "payer", payer, {"amount": half}, **setl)
            rest = {"amount": round(amount - half, 2), "bill_no": f"{row['bill_no']}2"}
            lives.repeat("W23", "payer", payer, rest, **setl)
            lives.innocent("FA04", [payer], "two bills that add up")


def _settled_long_ago(lives: Lives, bills: pa.Table, rng: np.random.Generator) -> pa.Table:
    """One ordinary bill each of persons outside all storylines, a fortnight or more before its month ends."""
    issued = bills["issue_time"].combine_chunks().cast(pa.int64()).to_numpy() // DAY
    ends = lives.timeline.ends(bills["period"].to_numpy().astype(np.int64))
    payer = bills["payer"].to_numpy()
    fit = (issued <= ends - 14) & (issued > lives.timeline.end(0) - 300) & ~lives.taken[payer]
    fit &= (
        pc.equal(bills["bill_status"], "normal").to_numpy() & bills["original_bill_no"].is_null().to_numpy()
    )
    fit &= bills["amount"].to_numpy() > 0
    rows = rng.permutation(np.flatnonzero(fit))
    _, first = np.unique(payer[rows], return_index=True)
    chosen = rows[np.sort(first)][: 2 * planted(lives.people.count) + 4]
    lives.taken[payer[chosen]] = True
    return bills.take(pa.array(chosen))


def unlike_accounts(lives: Lives, facts: Facts, rng: np.random.Generator) -> None:
    """FA05: facilities that claim more than was settled, or got less than was paid out to them."""
    accounts = facts["W26"]
    totals = _monthly_totals(accounts)
    # In the newest month the treasury may say nothing (Q06), and then there is nothing to compare with.
    newest = lives.timeline.periods[-1] if lives.timeline.months > 1 else None
    keys = [key for key in totals if key[1] != newest]
    order = [keys[n] for n in rng.permutation(len(keys)).tolist()]
    wanted = max(1, min(planted(lives.people.count), len(order) // 2))
    for index, key in enumerate(order[:wanted]):
        item, sign = (("claimed", 1.0), ("received", -1.0))[index % 2]
        more = sign * (500.0 + index + 0.1 * totals[key])
        why = "claimed more than was settled" if index % 2 == 0 else "got less than was paid out"
        _move(lives, accounts, (*key, item), more, (why, True))
    for index, key in enumerate(order[wanted : wanted + wanted // 2 + 1]):
        more = 90.0 if index % 2 else 0.005 * totals[key]
        why = "apart by less than a hundred yuan" if index % 2 else "apart by less than a hundredth"
        _move(lives, accounts, (*key, "claimed"), more, (why, False))


def _monthly_totals(accounts: pa.Table) -> dict[tuple[int, Any], float]:
    """What each facility claimed in each month, by both schemes."""
    claimed = accounts.filter(pc.equal(accounts["item"], "claimed"))
    sums = claimed.group_by(["facility", "account_month"]).aggregate([("amount", "sum")])
    return {(row["facility"], row["account_month"]): row["amount_sum"] for row in sums.to_pylist()}


def _move(
    lives: Lives, accounts: pa.Table, key: tuple[int, Any, str], more: float, told: tuple[str, bool]
) -> None:
    facility, month, item = key
    mine = pc.and_(pc.equal(accounts["facility"], facility), pc.equal(accounts["account_month"], month))
    row = accounts.filter(pc.and_(mine, pc.equal(accounts["item"], item))).slice(0, 1).to_pylist()[0]
    where = {"account_month": month, "item": item, "insutype": row["insutype"]}
    lives.amend("W26", "facility", facility, {"amount": round(row["amount"] + more, 2)}, **where)
    why, is_planted = told
    lives.plan(
        "row_conflicts", rule="FA05", planted=is_planted, why=why, period=row["period"], organisation=facility,
        feed="W26", role="facility", where=where,
    )  # fmt: skip
