"""Covered or paid twice: E02 (both schemes), E03 (one service settled twice), E04 (one bill in two settlements)."""

import numpy as np

from resolver.synthetic.insurance_facts import PAUSED
from resolver.synthetic.lives import RESIDENT, Lives
from resolver.synthetic.medical_facts import INPATIENT, OUTPATIENT
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, Bools

_BILLS_COME = 9  # a settlement newer than that may still wait for its bill (FA04)


def both_schemes(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E02: insured through work, and as a resident from some day of each period, or from before."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & lives.works
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_in_period(lives, period, 900, 3, rng)
    for index, (person, k, start) in enumerate(zip(who.tolist(), period.tolist(), day.tolist(), strict=True)):
        never_left = k == 0 and index % 2 == 1
        began = int(lives.enrol_start[person]) - 500 if never_left else start
        lives.plan("W29", person=person, scheme=RESIDENT, start=began)
        lives.conflict("E02", [person], "insured in both schemes at once", k)
    in_order = lives.take(suitable, wanted // 3 + 2, rng)
    for index, person in enumerate(in_order.tolist()):
        began = int(lives.enrol_start[person])
        row = {"person": person, "scheme": RESIDENT, "start": began - 600}
        if index % 2:
            lives.plan("W29", **row, end=began)
            lives.innocent("E02", [person], "left the residents' scheme on the day the job began")
        else:
            lives.plan("W29", **row, end=began + int(rng.integers(2, 25)), closing=PAUSED)
            lives.innocent("E02", [person], "the resident spell was paused")


def paid_twice(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E03 and E04: half of the services that are settled again show the bill of the first settlement."""
    wanted = planted(lives.people.count)
    who = lives.take(pools.insured, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_in_period(lives, period, 250, 12 + _BILLS_COME, rng)
    for index, (person, k, begin) in enumerate(zip(who.tolist(), period.tolist(), day.tolist(), strict=True)):
        one_bill = index % 2 == 0
        _visit(lives, person, begin, index, again=int(rng.integers(2, 8)), bill=person if one_bill else -1)
        lives.conflict("E03", [person], "one service settled twice", k)
        if one_bill:
            lives.conflict("E04", [person], "one service settled twice on one bill", k)
            lives.conflict("FA04", [person], "the second settlement has no bill of its own", k)
    _one_bill(lives, pools.insured, wanted - wanted // 2, rng)
    _settled_again(lives, pools.insured, wanted // 3 + 2, rng)


def _one_bill(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    """E04: the bill of one visit is handed in for another one, of the same person or of somebody else."""
    count = wanted // 2
    who = lives.take(suitable, wanted + count, rng)
    first, second = who[: len(who) - count], who[len(who) - count :]
    period = periods_of_cases(len(first), lives.timeline.months, rng)
    day = days_in_period(lives, period, 250, 12 + _BILLS_COME, rng)
    for index, (person, k, begin) in enumerate(
        zip(first.tolist(), period.tolist(), day.tolist(), strict=True)
    ):
        other = int(second[index]) if index < len(second) else person
        _visit(lives, person, begin, 1, bill=person)
        _visit(lives, other, begin + 4, 1, bill=person)
        pair = [person] if other == person else [person, other]
        lives.conflict("E04", pair, "one bill handed in for two visits", k)
        lives.conflict("FA04", [other], "settled on the bill of another visit", k)


def _settled_again(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted, rng)
    days = days_in_period(lives, np.zeros(len(who), np.int64), 250, 20, rng)
    for index, (person, begin) in enumerate(zip(who.tolist(), days.tolist(), strict=True)):
        if index % 2:
            _visit(lives, person, begin, index, again=5, taken_back=1)
            why = "the first settlement was taken back"
        else:
            _visit(lives, person, begin, 1)
            _visit(lives, person, begin, 1, hours=4)
            why = "two visits on one day"
        for rule in ("E03", "E04"):
            lives.innocent(rule, [person], why)


def _visit(lives: Lives, person: int, day: int, index: int, *, hours: int = 0, **settled: int) -> None:
    kind = INPATIENT if index % 4 == 0 else OUTPATIENT
    begin = day * DAY + (9 + hours) * 3600 + index % 50 * 60
    end = begin + (3 * DAY if kind == INPATIENT else 1500)
    lives.visits[person] = False
    lives.plan("visits", patient=person, begin=begin, end=end, kind=kind, diagnosis=4, **settled)
