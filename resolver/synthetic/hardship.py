"""The lists of aid beside subsistence allowance and disability certificates: who stands on which, since when.

Lists are drawn household by household, each household on one list at most, among those of whom nobody works, runs a
business or has an employee's pension; everyone on a list is insured. Destitute persons live alone, without a spouse and
without children; the parents of orphans are dead.
"""

import numpy as np

from resolver.synthetic.lives import EMPLOYEE, Listing, Lives
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints, month_of

SUBSISTENCE, SEVERE = "subsistence", "severe_disability"
OF_HOUSEHOLDS = {
    "near_subsistence": 0.06, "poverty_registered": 0.08, "immediate_help": 0.015, "relapsed": 0.015,
    "monitored": 0.04,
}  # fmt: skip
"""Categories that whole households have, and their shares of the households that may."""
OF_PERSONS = ("destitute", "orphan", "unattended_child", "illness_poverty")
RANKS = {
    "destitute": 0, "orphan": 0, "unattended_child": 0, "subsistence": 1, "relapsed": 2, "near_subsistence": 3,
    "monitored": 3, "illness_poverty": 3, "severe_disability": 4, "poverty_registered": 5, "immediate_help": 5,
}  # fmt: skip
"""Category -> rank of its benefit, the best first; those of one rank are alike."""


def make_lists(lives: Lives, rng: np.random.Generator) -> None:
    """Put households and persons on lists, all in order."""
    for category in (*OF_HOUSEHOLDS, *OF_PERSONS):
        lives.lists[category] = empty_listing(lives.people.count)
    household = lives.people.household
    fit = _fit_households(lives)
    draw = rng.random(len(fit))
    edge = 0.0
    for category, share in OF_HOUSEHOLDS.items():
        chosen = fit & (draw >= edge) & (draw < edge + share)
        edge += share
        enlist(lives, category, np.flatnonzero(chosen[household]), *_months(lives, chosen, rng))
    free = fit & (draw >= edge)
    _destitute(lives, free, rng)
    _ill(lives, free & (draw > 0.6), rng)
    _children(lives, rng)


def empty_listing(count: int) -> Listing:
    """A list with nobody on it."""
    no_month = np.full(count, NO_MONTH, np.int64)
    return Listing(np.zeros(count, bool), no_month.copy(), no_month.copy())


def enlist(lives: Lives, category: str, who: Ints, start: Ints, until: Ints) -> None:
    """Put persons on a list.

    Args:
        lives: Everyone.
        category: The list.
        who: Persons.
        start: The first month, by household.
        until: The first month in which no longer, by household; `NO_MONTH` while on it.
    """
    people, listing = lives.people, lives.lists[category]
    household = people.household[who]
    first = np.maximum(start[household], month_of(people.birth[who]) + 1)
    last = np.minimum(
        until[household], np.where(people.death[who] < NEVER, month_of(people.death[who]), NO_MONTH)
    )
    there = first < last
    who = who[there]
    listing.member[who] = True
    listing.start[who], listing.until[who] = first[there], last[there]


def on_any_list(lives: Lives) -> Bools:
    """Who stands, or stood, on one of the lists made here."""
    found = np.zeros(lives.people.count, bool)
    for listing in lives.lists.values():
        found |= listing.member
    return found


def _fit_households(lives: Lives) -> Bools:
    people = lives.people
    count = int(people.household.max()) + 1
    unfit = lives.works | ((lives.scheme == EMPLOYEE) & lives.pensioner) | lives.allowance | ~_insured(lives)
    unfit |= lives.disabled & (np.arange(people.count) % 5 < 2)
    for runners in (lives.organisations.representative, lives.organisations.shareholder):
        unfit[runners[runners >= 0]] = True
    fit: Bools = np.bincount(people.household, unfit, count) == 0
    return fit


def _insured(lives: Lives) -> Bools:
    insured: Bools = lives.enrolled & (lives.enrol_start < lives.timeline.start(0)) & (lives.left == NEVER)
    return insured


def _months(lives: Lives, chosen: Bools, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """First month and first month no longer, by household: most were there before the first delivery."""
    timeline, count = lives.timeline, len(chosen)
    start = timeline.first - rng.integers(1, 60, count)
    new = rng.random(count) < 0.06 * (timeline.months - 1)
    start = np.where(new, timeline.first + 1 + rng.integers(0, max(timeline.months - 1, 1), count), start)
    until = timeline.first + rng.integers(-10, timeline.months + 4, count)
    leaves = (rng.random(count) < 0.08) & (until > start)
    return start, np.where(leaves, until, NO_MONTH)


def _destitute(lives: Lives, free: Bools, rng: np.random.Generator) -> None:
    people = lives.people
    size = np.bincount(people.household, minlength=len(free))
    parents = np.zeros(people.count, bool)
    for parent in (people.mother, people.father):
        parents[parent[parent >= 0]] = True
    alone = free[people.household] & (size[people.household] == 1) & (people.spouse < 0) & ~parents
    alone &= people.age(lives.timeline.reference) >= 60
    chosen = np.flatnonzero(alone & (rng.random(people.count) < 0.15))
    enlist(lives, "destitute", chosen, *_months(lives, free, rng))


def _ill(lives: Lives, free: Bools, rng: np.random.Generator) -> None:
    people = lives.people
    chosen = free[people.household] & ~on_any_list(lives) & (people.age(lives.timeline.reference) >= 30)
    chosen &= rng.random(people.count) < 0.05
    start, _ = _months(lives, free, rng)
    start = np.maximum(start, lives.timeline.first - 9)  # a determination holds for a year
    enlist(lives, "illness_poverty", np.flatnonzero(chosen), start, start + 12)


def _children(lives: Lives, rng: np.random.Generator) -> None:
    """Children of one known parent: some lose that parent and are orphans, others' parent cannot care for them."""
    people, timeline = lives.people, lives.timeline
    one = (people.mother >= 0) != (people.father >= 0)
    parent = np.maximum(people.mother, people.father)
    child = np.flatnonzero(one & (people.age(timeline.reference) < 16) & _insured(lives) & ~lives.allowance)
    child = child[(people.birth[child] < timeline.start(0) - 800) & (people.death[child] == NEVER)]
    known = parent[child]
    runs = np.zeros(people.count, bool)
    for runners in (lives.organisations.representative, lives.organisations.shareholder):
        runs[runners[runners >= 0]] = True
    fit = (people.death[known] == NEVER) & ~runs[known] & ~lives.allowance[known] & ~on_any_list(lives)[known]
    fit &= (
        ~lives.taken[known]
        & (people.spouse[known] < 0)
        & ~on_any_list(lives)[child]
        & (people.moved[known] == NEVER)
    )
    draw = rng.random(int(people.household.max()) + 1)[people.household[child]]
    months = _months(lives, np.ones(int(people.household.max()) + 1, bool), rng)
    orphans, unattended = child[fit & (draw < 0.25)], child[fit & (draw >= 0.25) & (draw < 0.6)]
    dead = np.unique(parent[orphans])
    lives.die(dead, timeline.start(0) - rng.integers(430, 700, len(dead)), rng)
    lives.taken[dead] = True
    start = np.maximum(months[0], timeline.first - 12)
    enlist(lives, "orphan", orphans, start, months[1])
    enlist(lives, "unattended_child", unattended, *months)
