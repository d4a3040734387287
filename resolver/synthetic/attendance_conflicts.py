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
    period = periods_of_cases(wanted, lives.timeline.months, rng)
    for k in period.tolist():
        who = _attend(lives, lives.take(grown, _PERSONS, rng), _days(lives, k), rng)
        lives.conflict("FA07", who, "strangers treated together on the same days", k)
    for index in range(wanted):
        persons, weeks = ((_FEW_PERSONS, _WEEKS), (_PERSONS, _FEW_WEEKS))[index % 2]
        who = _attend(lives, lives.take(grown, persons, rng), _days(lives, 0)[:weeks], rng)
        why = ("four of one street", "together on five days")[index % 2]
        lives.innocent("FA07", who, why)


def _days(lives: Lives, period: int) -> Ints:
    """The same weekday of eight weeks, the last three of them in a later month, or all of them in the history."""
    timeline = lives.timeline
    first = timeline.end(period - 1) + 3 if period else timeline.end(0) - 10 - 7 * (_LATE - 1)
    return first + 7 * (np.arange(_WEEKS) - (_WEEKS - _LATE))


def _attend(lives: Lives, who: Ints, days: Ints, rng: np.random.Generator) -> list[int]:
    """Let persons be seen at one hospital on these days, at different hours, and see nobody else."""
    hospital = int(rng.choice(lives.organisations.of_kind(HOSPITAL)))
    lives.visits[who] = False
    for day in days.tolist():
        for place, person in enumerate(who.tolist()):
            begin = day * DAY + (9 * 60 + 40 * place) * 60
            lives.plan(
                "visits", patient=person, begin=begin, kind=OUTPATIENT, diagnosis=COLD, facility=hospital
            )
    return [int(person) for person in who]
