"""Services that cannot all be right: two stays at once (FA06), too many medicines (FA08), impossible illness (FA09)."""

import numpy as np

from resolver.synthetic.economy import HOSPITAL, PHARMACY
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import (
    BREECH,
    DRUGSTORE,
    ENDOMETRIOSIS,
    INPATIENT,
    OUTPATIENT,
    PREGNANCY,
    PREMATURE,
    PROSTATE,
    PROSTATE_CANCER,
)
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, NEVER, Bools, Ints, first_day

_HOUR = 3600
_MONTH_OF_SUPPLY = 30  # days that one purchase of a planted person lasts


def served_twice(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """FA06: stays in two hospitals that overlap, and services elsewhere in the middle of a stay."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & (pools.age >= 12)
    who = lives.take(suitable, wanted, rng)
    lives.visits[who] = False
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    days = days_in_period(lives, period, 320, 14, rng)
    for index, (person, k, day) in enumerate(zip(who.tolist(), period.tolist(), days.tolist(), strict=True)):
        first, second = _two(lives, HOSPITAL, rng)
        _stay(lives, person, day, 8, first)
        if index % 3 == 0:
            _stay(lives, person, day + 2 + index % 4, 7, second)
        elif index % 3 == 1:
            _call(lives, person, day + 1 + index % 7, DRUGSTORE, _two(lives, PHARMACY, rng)[0])
        else:
            _call(lives, person, day + 1 + index % 7, OUTPATIENT, second)
        lives.conflict("FA06", [person], "served in two places at once", k)
    _one_after_the_other(lives, suitable, wanted, rng)


def _one_after_the_other(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted // 2 + 2, rng)
    lives.visits[who] = False
    days = days_in_period(lives, np.zeros(len(who), np.int64), 300, 60, rng)
    for index, (person, day) in enumerate(zip(who.tolist(), days.tolist(), strict=True)):
        first, second = _two(lives, HOSPITAL, rng)
        _stay(lives, person, day, 8, first)
        case = index % 4
        if case == 0:
            _stay(lives, person, day + 8, 5, second)
            why = "moved to another hospital on the day of leaving"
        elif case == 1:
            _stay(lives, person, day + 7, 6, second)
            why = "the two stays share one night"
        elif case == 2:
            _call(lives, person, day + 8, DRUGSTORE, _two(lives, PHARMACY, rng)[0])
            why = "bought medicines on the day of leaving"
        else:
            _call(lives, person, day + 3, OUTPATIENT, first)
            why = "seen by the outpatients' doctor of the same hospital"
        lives.innocent("FA06", [person], why)


def oversupplied(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """FA08: one medicine for a hundred and twenty days within a month, from several pharmacies."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & (pools.age >= 30)
    period = periods_of_cases(wanted, lives.timeline.months, rng)
    for person, k in zip(lives.take(suitable, wanted, rng).tolist(), period.tolist(), strict=False):
        first, second = _two(lives, PHARMACY, rng)
        _buy(lives, person, [(k, first), (k, second), (k, first), (k, second)], rng)
        lives.conflict("FA08", [person], "four months' medicines in one month", k)
    for index, person in enumerate(lives.take(suitable, wanted // 2 + 2, rng).tolist()):
        first, second = _two(lives, PHARMACY, rng)
        case = index % (3 if lives.timeline.months > 1 else 2)
        if case == 0:
            _buy(lives, person, [(0, first), (0, second), (0, first)], rng)
            why = "ninety days' medicines in one month"
        elif case == 1:
            _buy(lives, person, [(0, first)] * 4, rng)
            why = "all from one pharmacy"
        else:
            _buy(lives, person, [(0, first), (0, second), (1, first), (1, second)], rng)
            why = "over two months"
        lives.innocent("FA08", [person], why)


def _buy(lives: Lives, person: int, purchases: list[tuple[int, int]], rng: np.random.Generator) -> None:
    """Purchases of one medicine: the month of delivery and the pharmacy of each."""
    lives.visits[person] = False
    lives.plan("supplies", person=person, item=person % 12, days=_MONTH_OF_SUPPLY)
    for number, (k, store) in enumerate(purchases):
        day = int(first_day(np.array([lives.timeline.first + k]))[0]) + 1 + 6 * number + int(rng.integers(5))
        _call(lives, person, day, DRUGSTORE, store)


def impossible_illness(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """FA09: illnesses of the other sex, pregnancies of the old, newborns' illnesses of those who are none."""
    wanted = planted(lives.people.count)
    sex, age = lives.people.sex, pools.age
    kinds = (
        (pools.insured & (sex == 1) & (age >= 15), (PREGNANCY, ENDOMETRIOSIS), "a woman's illness of a man"),
        (pools.insured & (sex == 2) & (age >= 15), (PROSTATE, PROSTATE_CANCER), "a man's illness of a woman"),
        (pools.insured & (sex == 2) & (age >= 68), (PREGNANCY, BREECH), "pregnant when old"),
        (pools.insured & (age >= 5) & (age < 60), (PREMATURE,), "a newborn's illness of someone older"),
    )
    for number, (suitable, diagnoses, why) in enumerate(kinds):
        who = lives.take(suitable, wanted // 4 + int(number < wanted % 4), rng)
        _diagnose(lives, who, diagnoses, why, True, rng)
    in_order = (
        (pools.insured & (sex == 2) & (age >= 20) & (age < 40), (PREGNANCY,), "an expecting woman"),
        (pools.insured & (sex == 2) & (age >= 25) & (age < 60), (ENDOMETRIOSIS,), "a woman's illness"),
        (pools.insured & (sex == 1) & (age >= 50), (PROSTATE, PROSTATE_CANCER), "a man's illness"),
        (_infants(lives), (PREMATURE,), "a child of less than two years"),
    )
    for suitable, diagnoses, why in in_order:
        _diagnose(lives, lives.take(suitable, wanted // 8 + 1, rng), diagnoses, why, False, rng)


def _diagnose(
    lives: Lives, who: Ints, diagnoses: tuple[int, ...], why: str, wrong: bool, rng: np.random.Generator
) -> None:
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    days = days_in_period(lives, period, 200, 8, rng)
    for index, (person, k, day) in enumerate(zip(who.tolist(), period.tolist(), days.tolist(), strict=True)):
        begin = day * DAY + (8 + index % 9) * _HOUR
        diagnosis = diagnoses[index % len(diagnoses)]
        hospital = _two(lives, HOSPITAL, rng)[0]
        lives.plan("visits", patient=person, begin=begin, diagnosis=diagnosis, facility=hospital)
        if wrong:
            lives.conflict("FA09", [person], why, k)
        else:
            lives.innocent("FA09", [person], why)


def _infants(lives: Lives) -> Bools:
    """Children who are seen before their second birthday whenever they are seen: born 230 to 500 days ago."""
    people, timeline = lives.people, lives.timeline
    infant = (people.birth > timeline.reference - 500) & (people.birth < timeline.end(0) - 230)
    found: Bools = infant & lives.enrolled & (people.death == NEVER) & (lives.enrol_end == NEVER)
    return found


def _two(lives: Lives, kind: int, rng: np.random.Generator) -> tuple[int, int]:
    """Two different facilities of a kind that go on."""
    closed = [row["pharmacy"] for row in lives.planned["closed_stores"]]
    first, second = rng.choice(np.setdiff1d(lives.organisations.of_kind(kind), closed), 2, replace=False)
    return int(first), int(second)


def _stay(lives: Lives, person: int, day: int, nights: int, hospital: int) -> None:
    begin = day * DAY + 9 * _HOUR
    end = (day + nights) * DAY + 15 * _HOUR
    lives.plan("visits", patient=person, begin=begin, end=end, kind=INPATIENT, diagnosis=3, facility=hospital)


def _call(lives: Lives, person: int, day: int, kind: int, facility: int) -> None:
    begin = day * DAY + 16 * _HOUR + person % 40 * 60  # many in one minute would be FA07
    lives.plan(
        "visits", patient=person, begin=begin, end=begin + 1200, kind=kind, facility=facility, diagnosis=3,
        visited=int(kind != DRUGSTORE),
    )  # fmt: skip
