"""Aid without cover (P01), aid and a business (P08), and those for whom it is in order."""

import numpy as np

from resolver.synthetic.economy import COMPANY, COOPERATIVE, SOLE_TRADER
from resolver.synthetic.enrolment_conflicts import insured_elsewhere
from resolver.synthetic.hardship import on_any_list
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import NEVER, Bools, Ints


def aid_without_cover(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P01: on a list today, in no normal spell of insurance."""
    wanted = cases_per_rule(lives.people.count)
    idle = pools.insured & ~lives.works
    who = lives.take(idle, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    poor = np.arange(len(who)) % 2 == 0
    lives.enrolled[who] = False
    _allow(lives, who[poor], period[poor], rng)
    _certify(lives, who[~poor], period[~poor], rng)
    for person, k in zip(who, period, strict=True):
        lives.conflict("P01", [person], "on an aid list without insurance", k)
    _covered_after_all(lives, pools, wanted, rng)


def _covered_after_all(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    idle = pools.insured & ~lives.works
    history = np.zeros(wanted, np.int64)
    left = lives.take(idle, wanted // 3 + 1, rng)
    _allow(lives, left, history[: len(left)], rng)
    lives.allowed_until[left] = lives.timeline.first - rng.integers(1, 3, len(left))
    lives.enrolled[left] = False
    for person in left:
        lives.innocent("P01", [person], "left the list, and is not insured")
        lives.conflict("E11", [person], "left the list, and is in no insurance")
    away = lives.take(idle, wanted // 4 + 1, rng)
    _allow(lives, away, history[: len(away)], rng)
    insured_elsewhere(lives, away, rng)
    for person in away:
        lives.innocent("P01", [person], "insured in another county")
    working = lives.take(pools.insured & lives.works, wanted // 4 + 1, rng)
    _certify(lives, working, history[: len(working)], rng)
    for person in working:
        lives.innocent("P01", [person], "holds a certificate and is insured through work")
    both = lives.take(idle, wanted // 5 + 1, rng)
    _allow(lives, both, history[: len(both)], rng)
    _certify(lives, both, history[: len(both)], rng)
    for person in both.tolist():
        lives.innocent("P01", [person], "on two lists, insured", trap=37)
    for person in both[:20].tolist():
        rows = [("W16", "recipient", person), ("W21", "holder", person), ("J06", "recipient", person)]
        lives.trap(37, "two_categories", "innocent", rows)


def aid_and_business(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P08: on subsistence allowance and running, or owning part of, a living enterprise."""
    wanted = cases_per_rule(lives.people.count)
    living = (lives.organisations.cancelled == NEVER) & (
        lives.organisations.established < lives.timeline.start(0)
    )
    runs, owns = _roles(lives, living)
    able = (
        lives.enrolled
        & (lives.enrol_start < lives.timeline.start(0) - 1000)
        & ~lives.works
        & ~lives.allowance
    )
    able &= (lives.people.death == NEVER) & ~lives.disabled & ~on_any_list(lives) & (lives.left == NEVER)
    owners = lives.take(able & owns, wanted // 5, rng)
    who = np.concatenate([lives.take(able & runs, wanted - len(owners), rng), owners])
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    _allow(lives, who, period, rng)
    for person, k in zip(who, period, strict=True):
        lives.conflict("P08", [person], "on aid and running a living enterprise", k)
    _businesses_in_order(lives, pools, able, wanted, rng)


def _businesses_in_order(
    lives: Lives, pools: Pools, able: Bools, wanted: int, rng: np.random.Generator
) -> None:
    organisations = lives.organisations
    runs, _ = _roles(lives, organisations.cancelled == NEVER)
    ran, _ = _roles(lives, organisations.cancelled < lives.timeline.start(0) - 40)
    history = np.zeros(wanted, np.int64)
    former = lives.take(able & ran & ~runs, wanted // 3 + 1, rng)
    _allow(lives, former, history[: len(former)], rng)
    for person in former:
        lives.innocent("P08", [person], "on aid, the enterprise is cancelled")
    holders = lives.take(able & runs, wanted // 3 + 1, rng)
    _certify(lives, holders, history[: len(holders)], rng)
    for person in holders:
        lives.innocent("P08", [person], "runs an enterprise and holds a disability certificate only")
    left = lives.take(able & runs, wanted // 4 + 1, rng)
    _allow(lives, left, history[: len(left)], rng)
    lives.allowed_until[left] = lives.timeline.first - rng.integers(1, 3, len(left))
    for person in left:
        lives.innocent("P08", [person], "runs an enterprise since leaving aid")
    spouse = np.maximum(lives.people.spouse, 0)
    partners = lives.take(pools.insured & (lives.people.spouse >= 0) & runs[spouse], wanted // 5 + 1, rng)
    _allow(lives, partners, history[: len(partners)], rng)
    for person in partners:
        lives.innocent("P08", [person], "on aid, the spouse runs an enterprise")


def _roles(lives: Lives, which: Bools) -> tuple[Bools, Bools]:
    """Who represents, and who owns a share of, one of the organisations; hospitals are in no business register."""
    organisations = lives.organisations
    chosen = which & np.isin(organisations.kind, (COMPANY, SOLE_TRADER, COOPERATIVE))
    runs, owns = np.zeros((2, lives.people.count), bool)
    for role, people in ((runs, organisations.representative), (owns, organisations.shareholder)):
        found = people[chosen]
        role[found[found >= 0]] = True
    return runs, owns


def _allow(lives: Lives, who: Ints, period: Ints, rng: np.random.Generator) -> None:
    first = lives.timeline.first
    lives.allowance[who] = True
    lives.allowed_from[who] = np.where(period == 0, first - rng.integers(4, 34, len(who)), first + period)
    lives.allowed_until[who] = 100_000


def _certify(lives: Lives, who: Ints, period: Ints, rng: np.random.Generator) -> None:
    lives.disabled[who] = True
    lives.disabled_from[who] = days_in_period(lives, period, 700, 2, rng)
    lives.disabled_until[who] = NEVER
