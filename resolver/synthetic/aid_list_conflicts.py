"""P12 to P16: persons whom a list of aid should not hold, or two lists at once, or one list and not its copy."""

import numpy as np

from resolver.synthetic.enlisting import RURAL_LISTS, as_month, idle, join_list, long_ago
from resolver.synthetic.hardship import on_any_list
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints, month_of

_COPIES = ("J13", "X06")


def supported_destitute(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P12: listed as destitute, with a child or a spouse at work. Recorded by `relatives.recorded_supporters`."""
    wanted, people = planted(lives.people.count), lives.people
    old = idle(lives, pools) & (pools.age >= 60)
    able = _has_working_child(lives) | _has_working_spouse(lives)
    who = lives.take(old & able, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    join_list(lives, "destitute", who, _starts(lives, period, rng))
    alone = old & ~able & (people.spouse < 0)
    who = lives.take(alone, max(1, wanted // 3), rng)
    join_list(lives, "destitute", who, long_ago(lives, len(who), rng))
    for person in who.tolist():
        lives.innocent("P12", [person], "destitute, and nobody of the family earns anything")


def _has_working_child(lives: Lives) -> Bools:
    people = lives.people
    found = np.zeros(people.count, bool)
    earns = lives.works & (lives.works_from < lives.timeline.first - 2) & (lives.works_until == NO_MONTH)
    earns &= (people.death == NEVER) & ~lives.taken & (people.age(lives.timeline.reference) < 58)
    for parent in (people.mother, people.father):
        found[parent[earns & (parent >= 0)]] = True
    return found


def _has_working_spouse(lives: Lives) -> Bools:
    spouse = np.maximum(lives.people.spouse, 0)
    earns = lives.works & (lives.works_from < lives.timeline.first - 2) & (lives.works_until == NO_MONTH)
    found: Bools = (lives.people.spouse >= 0) & (earns & (lives.people.death == NEVER))[spouse]
    return found


def _starts(lives: Lives, period: Ints, rng: np.random.Generator) -> Ints:
    """Months in which lists begin: long ago for the history, else of the period."""
    return np.where(period == 0, long_ago(lives, len(period), rng), lives.timeline.first + period)


def orphans_with_parents(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P13, and P15 for half: orphans whose parents live, some of them listed as unattended as well.

    Recorded by `relatives.recorded_orphans` and `recorded_exclusions`.
    """
    wanted, people = planted(lives.people.count), lives.people
    child = pools.insured & (pools.age >= 4) & (pools.age < 17) & _with_living_parent(lives)
    grown = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 18) & (pools.age < 24)
    of_age = lives.take(grown & (people.spouse < 0), max(1, wanted // 8), rng)
    who = np.concatenate([of_age, lives.take(child, wanted - len(of_age), rng)])
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    start = np.maximum(_starts(lives, period, rng), month_of(people.birth[who]) + 3)
    join_list(lives, "orphan", who, start)
    both = np.arange(len(who)) % 2 == 1
    join_list(lives, "unattended_child", who[both], start[both] - 1)  # nobody comes on two lists in one month
    states = {"father": 3, "mother": 4}
    for person in who[both].tolist():
        lives.plan("parent_states", child=person, **states)
    truly = np.flatnonzero(lives.lists["orphan"].member & ~lives.taken)[: max(1, wanted // 3)]
    for person in truly.tolist():
        lives.innocent("P13", [person], "an orphan whose known parent is dead")


def _with_living_parent(lives: Lives) -> Bools:
    people = lives.people
    found = np.zeros(people.count, bool)
    for parent in (people.mother, people.father):
        there = np.maximum(parent, 0)
        found |= (
            (parent >= 0)
            & (people.death[there] == NEVER)
            & (lives.left[there] == NEVER)
            & ~lives.taken[there]
        )
    return found


def changed_parents(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P14: an unattended child's parent died, and the list does not say so, or came back and works.

    Recorded by `relatives.recorded_parents`.
    """
    wanted, people = planted(lives.people.count), lives.people
    child = pools.insured & (pools.age >= 4) & (pools.age < 16)
    father = np.maximum(people.father, 0)
    ready = child & (people.father >= 0) & (people.mother >= 0) & pools.plain[father] & ~lives.taken[father]
    ready &= pools.insured[father] & ~lives.taken[np.maximum(people.mother, 0)]
    _bereaved(lives, ready, wanted - wanted // 2, rng)
    back = ready & lives.works[father] & (lives.works_from[father] == 0) & ~lives.taken[father]
    who = _one_each(lives, lives.take(back, wanted // 2, rng))
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    # Contributions of the month after the listing are the first that say the parent is back.
    start = np.where(period == 0, long_ago(lives, len(who), rng), lives.timeline.first + period - 1)
    join_list(lives, "unattended_child", who, start)
    for index, person in enumerate(who.tolist()):
        lives.plan("parent_states", child=person, father=(1, 2)[index % 2], mother=3)
    who = lives.take(ready & ~lives.taken[father], max(1, wanted // 3), rng)
    join_list(lives, "unattended_child", who, long_ago(lives, len(who), rng))
    for person in who.tolist():
        lives.plan("parent_states", child=person, father=4, mother=3)
        lives.innocent("P14", [person], "the parents are ill and disabled, and work as they can")


def _bereaved(lives: Lives, ready: Bools, wanted: int, rng: np.random.Generator) -> None:
    people = lives.people
    who = _one_each(lives, lives.take(ready, wanted, rng))
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    join_list(lives, "unattended_child", who, long_ago(lives, len(who), rng))
    fathers = people.father[who]
    lives.die(fathers, days_in_period(lives, period, 200, 9, rng), rng)
    for person in who.tolist():
        lives.plan("parent_states", child=person, father=4, mother=3)


def _one_each(lives: Lives, who: Ints) -> Ints:
    """One child of each father; the fathers are reserved too."""
    fathers = lives.people.father[who]
    _, first = np.unique(fathers, return_index=True)
    chosen: Ints = who[np.sort(first)]
    lives.taken[lives.people.father[chosen]] = True
    return chosen


def excluded_lists(lives: Lives, rng: np.random.Generator) -> None:
    """P15: in the subsistence and in the near-subsistence list at once. Recorded by `recorded_exclusions`."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    listed = lives.allowance & (lives.allowed_from < timeline.first - 3) & (lives.allowed_until == NO_MONTH)
    listed &= ~on_any_list(lives) & ~lives.disabled & (lives.people.death == NEVER)
    who = lives.take(listed, wanted - wanted // 2, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    join_list(
        lives, "near_subsistence", who, np.where(period == 0, timeline.first - 5, timeline.first + period)
    )
    who = lives.take(listed, max(1, wanted // 3), rng)
    join_list(lives, "near_subsistence", who, lives.allowed_from[who] - 20, lives.allowed_from[who])
    for person in who.tolist():
        lives.innocent("P15", [person], "went from the near-subsistence to the subsistence list")


def differing_copies(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P16: the monthly changes say that somebody came or left, and another system's list does not."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    period = periods_of_cases(wanted, timeline.months, rng)
    for index, k in enumerate(period.tolist()):
        category, month = RURAL_LISTS[index % len(RURAL_LISTS)], timeline.first + k - 1
        who = lives.take(idle(lives, pools), 1, rng)
        feed = _COPIES[index // 3 % 2]
        stays = index % 3 == 0
        start = long_ago(lives, len(who), rng) if stays else np.full(len(who), month)
        join_list(lives, category, who, start, month if stays else NO_MONTH)
        for person in who.tolist():
            if stays:
                values = {"end_date": None, "list_status": "active"}
                lives.amend(feed, "recipient", person, values, aid_category=category)
                why = "left a list, and another system's copy holds the person still"
            else:
                lives.drop(feed, "recipient", person, aid_category=category)
                why = "came on a list, and another system's copy lacks the person"
            lives.conflict("P16", [person], why, k)
    _copies_in_order(lives, pools, max(1, wanted // 5), rng)


def _copies_in_order(lives: Lives, pools: Pools, each: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    new = lives.take(idle(lives, pools), each, rng)
    join_list(lives, "relapsed", new, timeline.last)
    for person in new.tolist():
        lives.drop("J13", "recipient", person)
        lives.innocent("P16", [person], "came on a list this month: the copy follows")
    early = lives.take(idle(lives, pools), each, rng)
    join_list(lives, "relapsed", early, timeline.first - 2)
    for person in early.tolist():
        lives.amend("X06", "recipient", person, {"begin_date": as_month(timeline.first - 1)})
        lives.innocent("P16", [person], "another system's copy has it since a month later")
