"""P09, P10, P11, P17: people on lists of aid who have means, or whose household has; `relatives` records the cases."""

import numpy as np

from resolver.synthetic.contribution_conflicts import steady_workers
from resolver.synthetic.enlisting import (
    RURAL_LISTS,
    hold_certificate,
    idle,
    join_list,
    long_ago,
    without_dependants,
)
from resolver.synthetic.insurance_facts import wages
from resolver.synthetic.lives import EMPLOYEE, Lives
from resolver.synthetic.storyline import Pools, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints


def means_of_the_listed(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P09 and P10: workers and employees' pensioners on a list for three months and more."""
    wanted = planted(lives.people.count)
    retired = pools.insured & lives.pensioner & (lives.scheme == EMPLOYEE) & (lives.pension_until == NO_MONTH)
    for rule, suitable, kind in (
        ("P09", steady_workers(lives, pools), "contributes"),
        ("P10", retired & ~lives.works, "draws a pension"),
    ):
        who = lives.take(suitable, wanted, rng)
        period = periods_of_cases(len(who), lives.timeline.months, rng)
        _enlist(lives, who, _starts(lives, period, rng))
        new = lives.take(suitable, max(1, wanted // 5), rng)
        _enlist(lives, new, np.full(len(new), lives.timeline.last - 1))
        for person in new.tolist():
            lives.innocent(rule, [person], f"on a list for two months, and {kind}")
        certified = lives.take(suitable, max(1, wanted // 5), rng)
        hold_certificate(lives, certified, lives.timeline.start(0) - rng.integers(300, 900, len(certified)))
        for person in certified.tolist():
            lives.innocent(rule, [person], f"holds a certificate of disability, and {kind}")
    poor = lives.take(idle(lives, pools) & lives.pensioner, max(1, wanted // 5), rng)
    _enlist(lives, poor, long_ago(lives, len(poor), rng))
    for person in poor.tolist():
        lives.innocent("P10", [person], "on a list, with a resident's pension of some 200 yuan")


def _starts(lives: Lives, period: Ints, rng: np.random.Generator) -> Ints:
    """Months in which lists begin, so that the third month of means while listed is that of the period."""
    return np.where(period == 0, long_ago(lives, len(period), rng), lives.timeline.first + period - 2)


def _enlist(lives: Lives, who: Ints, start: Ints) -> None:
    for index, category in enumerate(RURAL_LISTS):
        some = np.arange(len(who)) % len(RURAL_LISTS) == index
        join_list(lives, category, who[some], start[some])


def homes_of_the_listed(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P11 and P17: one of a household on a list of households, whose spouse earns well or is not listed."""
    wanted, people = planted(lives.people.count), lives.people
    spouse = np.maximum(people.spouse, 0)
    earns = steady_workers(lives, pools) & (wages(lives) > 6100) & ~lives.taken
    married = idle(lives, pools) & (people.spouse >= 0) & _together(lives)
    who = lives.take(married & earns[spouse], wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    start = np.where(period == 0, long_ago(lives, len(who), rng), lives.timeline.first + period)
    join_list(lives, "near_subsistence", who, start)
    lives.taken[people.spouse[who]] = True
    poor = steady_workers(lives, pools) & (wages(lives) < 5900) & ~lives.taken
    who = lives.take(married & poor[spouse], max(1, wanted // 5), rng)
    join_list(lives, "near_subsistence", who, long_ago(lives, len(who), rng))
    for person in who.tolist():
        lives.innocent("P11", [person, int(people.spouse[person])], "the spouse earns less than 6,000 yuan")
    single = lives.take(idle(lives, pools) & without_dependants(lives), max(1, wanted // 5), rng)
    join_list(lives, "near_subsistence", single, long_ago(lives, len(single), rng))
    for person in single.tolist():
        lives.innocent("P17", [person], "listed alone: no spouse, no minor children")
    _listed_together(lives, max(1, wanted // 4))


def _together(lives: Lives) -> Bools:
    people = lives.people
    spouse = np.maximum(people.spouse, 0)
    same: Bools = (people.household == people.household[spouse]) & (people.death[spouse] == NEVER)
    return same


def _listed_together(lives: Lives, count: int) -> None:
    people = lives.people
    both = lives.allowance & (lives.allowed_until == NO_MONTH) & (people.spouse >= 0) & ~lives.taken
    both &= both[np.maximum(people.spouse, 0)]
    for person in np.flatnonzero(both & (people.sex == 2))[:count].tolist():
        lives.innocent("P17", [person], "the whole household is on the list")
