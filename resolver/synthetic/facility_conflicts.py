"""Facilities that should not be paid: closed pharmacies (FA03), banned persons in office (FA10), many cards (FA07)."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import numbers
from resolver.synthetic.business_facts import SHAREHOLDER
from resolver.synthetic.economy import PHARMACY, SOLE_TRADER
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, NEVER, Ints, month_of

_BAN = 5 * 365
_AGENT_PERSONS, _MINUTE_PERSONS = 9, 6  # persons of a planted group
_FEWER = 3  # so many are still in order


def settles_when_closed(lives: Lives, rng: np.random.Generator) -> None:
    """FA03: branches of pharmacies that settle on after the licence was cancelled; others renewed it, or ended then."""
    stores = rng.permutation(lives.organisations.branches)
    wanted = min(planted(lives.people.count), 2 * len(stores) // 3)
    period = periods_of_cases(wanted, lives.timeline.months, rng)
    days = days_in_period(lives, period, 150, 20, rng)
    ends = lives.timeline.ends(np.arange(lives.timeline.months))
    for store, k, day in zip(stores[:wanted].tolist(), period.tolist(), days.tolist(), strict=True):
        lives.plan("W25", pharmacy=store, day=day)
        lives.plan("sells_on", pharmacy=store, day=day, until=int(ends[k]))
        lives.conflict("FA03", [], "settles after its licence ended", k, organisation=store)
    in_order = stores[wanted : wanted + wanted // 2 + 1]
    days = days_in_period(lives, np.zeros(len(in_order), np.int64), 150, 20, rng)
    for index, (store, day) in enumerate(zip(in_order.tolist(), days.tolist(), strict=True)):
        if index % 2 == 0:
            lives.plan("W25", pharmacy=store, day=day, renewed=1)
            lives.innocent("FA03", [], "got a new licence the day after", organisation=store)
        else:
            lives.plan("W25", pharmacy=store, day=day)
            lives.plan("closed_stores", pharmacy=store, day=day)
            lives.innocent("FA03", [], "sold nothing after its licence ended", organisation=store)


def banned_in_office(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """FA10: banned persons who run a pharmacy, or own part of one; and those who did so before, or elsewhere."""
    organisations, timeline = lives.organisations, lives.timeline
    wanted = planted(lives.people.count)
    ended = {row["pharmacy"] for row in lives.planned["W25"]}
    stores = np.array([o for o in organisations.of_kind(PHARMACY).tolist() if o not in ended], np.int64)
    period = periods_of_cases(wanted, timeline.months, rng)
    days = days_in_period(lives, period, 1200, 3, rng)
    heads = organisations.representative[stores]
    heads = heads[(heads >= 0) & ~lives.taken[heads]][: wanted // 2]
    lives.taken[heads] = True
    owners = lives.take(pools.insured & (pools.age >= 30) & (pools.age < 70), wanted - len(heads), rng)
    for index, person in enumerate([*heads.tolist(), *owners.tolist()]):
        store = int(stores[index % len(stores)])
        if index >= len(heads):
            _share(lives, store, person, index)
        else:
            store = int(np.flatnonzero(organisations.representative == person)[0])
        lives.plan("X05", person=person, facility=store, **{"from": days[index], "to": days[index] + _BAN})
        lives.conflict("FA10", [person], "banned, and in office in a pharmacy", period[index])
    _no_longer_banned(lives, pools, stores, wanted // 3 + 2, rng)


def _no_longer_banned(
    lives: Lives, pools: Pools, stores: Ints, wanted: int, rng: np.random.Generator
) -> None:
    start = lives.timeline.start(0)
    able = pools.insured & (pools.age >= 30) & (pools.age < 70)
    traders = lives.organisations.representative[lives.organisations.of_kind(SOLE_TRADER)]
    runs = np.zeros(lives.people.count, np.bool_)
    runs[traders[traders >= 0]] = True
    runs &= lives.enrolled & (lives.people.death == NEVER)
    others = lives.take(runs, wanted // 3 + 1, rng)
    for index, person in enumerate([*lives.take(able, wanted, rng).tolist(), *others.tolist()]):
        store, begin = int(stores[index % len(stores)]), start - 100 - index
        if index >= wanted:
            lives.innocent("FA10", [person], "runs a shop, no facility")
        elif index % 2:
            begin -= _BAN
            _share(lives, store, person, 300 + index)
            lives.innocent("FA10", [person], "the ban is over")
        else:
            _share(lives, store, person, 300 + index)
            lives.plan(
                "W10", enterprise=store, item=SHAREHOLDER, day=start - 60 - index % 40, old=person, new=-1
            )
            lives.written_number(("W10", "old_person", person), person, "old_person_id_number")
            lives.innocent("FA10", [person], "sold the share")
        lives.plan("X05", person=person, facility=store, **{"from": begin, "to": begin + _BAN})


def _share(lives: Lives, store: int, person: int, index: int) -> None:
    """A share in a pharmacy, on a day of its own so that no two changes are one."""
    day = lives.timeline.start(0) - 150 - index
    lives.plan("W10", enterprise=store, item=SHAREHOLDER, day=day, old=-1, new=person)


def many_cards(lives: Lives, settlements: pa.Table, rng: np.random.Generator) -> pa.Table:
    """FA07: purchases of many persons through one agent in a month, or at one desk in a minute.

    Purchases that are there anyway are given to one hand; fewer persons than the rule wants are a family.

    Returns:
        The settlements, some with an agent, or a time and a desk in common.
    """
    count = settlements.num_rows
    agent = np.full(count, -1, np.int64)
    settle = settlements["settle_time"].combine_chunks().cast(pa.int64()).to_numpy().copy()
    desk = np.arange(count)
    wanted = planted(lives.people.count)
    groups = _purchases_together(lives, settlements, settle)
    rng.shuffle(groups)
    families = wanted // 2 + 2
    for number, rows in enumerate(groups[: 2 * wanted + families]):
        in_order = number >= 2 * wanted
        size = (_AGENT_PERSONS, _MINUTE_PERSONS)[number % 2]
        chosen = rows[: size - _FEWER if in_order else size]
        if number % 2 == 0:
            agent[chosen] = number
        else:
            minute = int(settle[chosen].max()) // 60 * 60
            settle[chosen] = minute + np.arange(len(chosen)) * 7
            desk[chosen] = chosen[0]
        _tell(lives, settlements, chosen, in_order, number % 2 == 0)
    return _with_hands(settlements, agent, settle, desk)


def _tell(lives: Lives, settlements: pa.Table, rows: Ints, in_order: bool, by_agent: bool) -> None:
    at = pa.array(rows)
    persons = settlements["patient"].take(at).to_pylist()
    period = int(pc.max(settlements["period"].take(at)).as_py())
    if in_order:
        lives.innocent("FA07", persons, "fetched for a family" if by_agent else "a queue at one desk")
    else:
        why = "many cards, one agent" if by_agent else "many cards in one minute"
        lives.conflict("FA07", persons, why, period)


def _purchases_together(lives: Lives, settlements: pa.Table, settle: Ints) -> list[Ints]:
    """Rows of one pharmacy and month of as many different persons as a group needs; no row is in two of them."""
    sold = pc.equal(settlements["med_type"], "pharmacy").to_numpy()
    sold &= settlements["reverses"].is_null().to_numpy()
    back = pc.is_in(settlements["setl_id"], settlements["reverses"].combine_chunks().drop_null())
    rows = np.flatnonzero(sold & ~back.to_numpy(zero_copy_only=False))
    place = settlements["facility"].to_numpy()[rows] * 10_000 + month_of(settle[rows] // DAY)
    patient = settlements["patient"].to_numpy()[rows]
    planned = np.array([visit["patient"] for visit in lives.planned["visits"]], np.int64)
    free = ~np.isin(patient, planned)
    rows, place, patient = rows[free], place[free], patient[free]
    # One purchase of each person at a place and month.
    _, first = np.unique(place * np.int64(1 << 32) + patient, return_index=True)
    rows, place = rows[first], place[first]
    order = np.argsort(place, kind="stable")
    rows, place = rows[order], place[order]
    groups = []
    for together in np.split(rows, np.flatnonzero(np.diff(place)) + 1):
        whole = len(together) // _AGENT_PERSONS * _AGENT_PERSONS
        groups += list(together[:whole].reshape(-1, _AGENT_PERSONS))
    return groups


def _with_hands(settlements: pa.Table, agent: Ints, settle: Ints, desk: Ints) -> pa.Table:
    known = agent >= 0
    number = pc.if_else(
        pa.array(known),
        numbers.prefixed("1395310", np.maximum(agent, 0), 4),
        pa.scalar(None, pa.string()),
    )
    terminal = settlements["terminal_no"].combine_chunks()
    changed = {
        "settle_time": pa.array(settle).cast(pa.timestamp("s")),
        "terminal_no": terminal.take(pa.array(desk)),
    }
    for name, column in changed.items():
        settlements = settlements.set_column(settlements.schema.get_field_index(name), name, column)
    before_op = settlements.schema.get_field_index("op")
    return settlements.add_column(before_op, "agent_phone", number)
