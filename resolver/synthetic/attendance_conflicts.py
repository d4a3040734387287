"""FA07 by groups: cards that are used together, week after week, by people who have nothing to do with one another."""

import numpy as np

from resolver.synthetic.economy import HOSPITAL
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import COLD, OUTPATIENT
from resolver.synthetic.storyline import Pools, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, Ints

_PERSONS, _WEEKS = 6, 8  # of a planted group; the rule wants five persons on six days
_FEW_PERSONS, _FEW_WEEKS = 4, 5
_LATE = 3  # so many of the weeks lie in the month in which a group first shows


def cards_together(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Six strangers who see the same hospital on the same eight days; four who do, and six who do on five days.

    One group for fourteen cases of another rule: none in a small city, where hospitals are too empty for chance to
    be ruled out.
    """
    wanted = planted(lives.people.count) // 14
    grown = pools.insured & (pools.age >= 20) & (pools.age < 75)
    hospitals = rng.permutation(lives.organisations.of_kind(HOSPITAL)).tolist()
    period = periods_of_cases(wanted, lives.timeline.months, rng)
    for number, k in enumerate(period.tolist()):
        who = lives.take(grown, _PERSONS, rng)
        _attend(lives, who, _days(lives, k), hospitals, number)
        lives.conflict("FA07", who.tolist(), "strangers treated together on the same days", k)
    for number in range(wanted, 2 * wanted):
        persons, weeks = ((_FEW_PERSONS, _WEEKS), (_PERSONS, _FEW_WEEKS))[number % 2]
        who = lives.take(grown, persons, rng)
        _attend(lives, who, _days(lives, 0)[:weeks], hospitals, number)
        lives.innocent("FA07", who.tolist(), ("four of one street", "together on five days")[number % 2])


def _days(lives: Lives, period: int) -> Ints:
    """The same weekday of eight weeks, the last three of them in a later month, or all of them in the history."""
    timeline = lives.timeline
    first = timeline.end(period - 1) + 3 if period else timeline.end(0) - 10 - 7 * (_LATE - 1)
    return first + 7 * (np.arange(_WEEKS) - (_WEEKS - _LATE))


def _attend(lives: Lives, who: Ints, days: Ints, hospitals: list[int], number: int) -> None:
    """Let persons be seen at one hospital on these days, at different hours, and see nobody else.

    No two groups share a hospital and a day: they would be one.
    """
    hospital, earlier = hospitals[number % len(hospitals)], number // len(hospitals) % 3
    lives.visits[who] = False
    for day in days.tolist():
        for place, person in enumerate(who.tolist()):
            begin = (day - earlier) * DAY + (9 * 60 + 40 * place) * 60
            lives.plan(
                "visits", patient=person, begin=begin, kind=OUTPATIENT, diagnosis=COLD, facility=hospital
            )
