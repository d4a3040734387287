"""M01: registers that missed a wedding or a divorce; M02: marriages of one person to two at once."""

from typing import NamedTuple

import numpy as np

from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, periods_of_cases, planted
from resolver.synthetic.timeline import Bools, Ints

_MARRIAGE, _DIVORCE = 0, 1
_GRACE = 90


class _Couple(NamedTuple):
    husband: int
    wife: int


def register_behind(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant couples whose divorce, or wedding, the household register did not hear of within ninety days."""
    wanted = max(planted(lives.people.count) // 4, 1)
    period, days = _days_after_grace(lives, 2 * wanted, rng)
    parted = _couples(lives, pools.plain & (pools.age >= 45), wanted, rng)
    for couple, k, day in zip(parted, period.tolist(), days.tolist(), strict=False):
        lives.plan("W04", husband=couple.husband, wife=couple.wife, type=_DIVORCE, day=day)
        for person in couple:
            lives.conflict("M01", [person], "divorced, and married in the register", k)
    wed = _pairs(lives, pools, wanted + wanted // 2 + 1, rng)
    for couple, k, day in zip(wed[:wanted], period[wanted:].tolist(), days[wanted:].tolist(), strict=False):
        _wed(lives, couple, day)
        for person in couple:
            lives.amend("W07", "person", person, {"marital_status": "single"})
            lives.conflict("M01", [person], "married, and single in the register", k)
    reference = lives.timeline.reference
    for couple in wed[wanted:]:
        _wed(lives, couple, reference - int(rng.integers(5, 85)))
        for person in couple:
            lives.amend("W07", "person", person, {"marital_status": "single"})
            lives.innocent("M01", [person], "married less than ninety days ago")
    _married_again(lives, pools, max(wanted // 2, 1), rng)


def two_marriages(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant second marriages without a divorce, and, for look-alikes, with one."""
    wanted = planted(lives.people.count)
    timeline = lives.timeline
    # Of these the first wedding is known: nobody marries before 22 or after 32, and registrations go back 15 years.
    younger = np.minimum(pools.age, pools.age[np.maximum(lives.people.spouse, 0)])
    recently = pools.plain & (pools.age < 50) & (younger >= 33) & (younger < 37)
    couples = _couples(lives, recently, wanted + wanted // 2, rng)
    others = _singles(lives, pools, len(couples), 2, rng)
    period = periods_of_cases(len(couples), timeline.months, rng)
    for index, (couple, other, k) in enumerate(zip(couples, others, period.tolist(), strict=False)):
        start = timeline.end(0) - 400 if k == 0 else timeline.start(k)
        day = int(rng.integers(start, timeline.end(k)))
        if index < wanted:
            lives.plan("W04", husband=couple.husband, wife=other, type=_MARRIAGE, day=day)
            lives.conflict("M02", [couple.husband], "married to two women", k)
            continue
        day = timeline.end(0) - int(rng.integers(100, 400))
        lives.plan("W04", husband=couple.husband, wife=couple.wife, type=_DIVORCE, day=day)
        lives.plan("W04", husband=couple.husband, wife=other, type=_MARRIAGE, day=day + index % 2 * 30)
        lives.amend("W07", "person", couple.wife, {"marital_status": "divorced"})
        lives.innocent("M02", [couple.husband], "divorced before, or on the day of, the second wedding")


def _days_after_grace(lives: Lives, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Periods, and days of events whose ninety days are over within them."""
    period = periods_of_cases(count, lives.timeline.months, rng)
    ends = lives.timeline.ends(period)
    starts = np.where(period == 0, ends - 700, lives.timeline.ends(period - 1))
    return period, rng.integers(starts - _GRACE, ends - _GRACE)


def _couples(lives: Lives, fits: Bools, count: int, rng: np.random.Generator) -> list[_Couple]:
    people = lives.people
    spouse = np.maximum(people.spouse, 0)
    both = fits & (people.spouse >= 0) & fits[spouse] & ~lives.taken[spouse] & (people.sex == 1)
    husbands = lives.take(both, count, rng)
    lives.taken[people.spouse[husbands]] = True
    return [_Couple(man, int(people.spouse[man])) for man in husbands.tolist()]


def _singles(lives: Lives, pools: Pools, count: int, sex: int, rng: np.random.Generator) -> list[int]:
    people = lives.people
    single = pools.plain & (people.spouse < 0) & ~people.divorced & (people.sex == sex)
    chosen: list[int] = lives.take(single & (pools.age >= 24) & (pools.age < 60), count, rng).tolist()
    return chosen


def _pairs(lives: Lives, pools: Pools, count: int, rng: np.random.Generator) -> list[_Couple]:
    men, women = (_singles(lives, pools, count, sex, rng) for sex in (1, 2))
    return [_Couple(*pair) for pair in zip(men, women, strict=False)]


def _wed(lives: Lives, couple: _Couple, day: int) -> None:
    """A wedding that marriage registration tells of, and the register, unless it is amended."""
    spouse = lives.people.spouse
    spouse[couple.husband], spouse[couple.wife] = couple.wife, couple.husband
    lives.plan("weddings", husband=couple.husband, wife=couple.wife, day=day)


def _married_again(lives: Lives, pools: Pools, count: int, rng: np.random.Generator) -> None:
    """Look-alikes of M01: divorced, then married again; the register says married, rightly."""
    people = lives.people
    women = pools.plain & people.divorced & (people.spouse < 0) & (people.sex == 2)
    former = lives.take(women, count, rng).tolist()
    for couple, first_wife in zip(_pairs(lives, pools, count, rng), former, strict=False):
        day = lives.timeline.end(0) - int(rng.integers(100, 400))
        _wed(lives, couple, day)
        lives.plan("W04", husband=couple.husband, wife=first_wife, type=_DIVORCE, day=day - 200)
        lives.innocent("M01", [couple.husband], "divorced, then married again")
