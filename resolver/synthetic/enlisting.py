"""How storylines put persons on lists of aid, one by one, and let a feed say something else from a month on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from resolver.synthetic.hardship import SUBSISTENCE
from resolver.synthetic.lives import EMPLOYEE, Lives
from resolver.synthetic.storyline import Pools
from resolver.synthetic.timeline import EPOCH, NEVER, NO_MONTH, Bools, Ints, first_day

RURAL_LISTS = ("poverty_registered", "relapsed", "immediate_help")
"""Categories in which a single member of a household contradicts nobody."""


def idle(lives: Lives, pools: Pools) -> Bools:
    """Insured, without work, and without a pension high enough to speak against aid."""
    free: Bools = pools.insured & ~lives.works & (lives.scheme != EMPLOYEE) & (lives.enrol_end == NEVER)
    return free


def without_dependants(lives: Lives) -> Bools:
    """Grown-ups with neither spouse nor minor children: nobody's place on their household's list is missing."""
    people, reference = lives.people, lives.timeline.reference
    minor = people.birth > reference - 19 * 366
    parent = np.zeros(people.count, bool)
    for side in (people.mother, people.father):
        parent[side[minor & (side >= 0)]] = True
    return ~parent & (people.spouse < 0) & (people.age(reference) >= 20)


def severe_numbers(lives: Lives) -> Bools:
    """Whom the city gives a severe grade, should they hold a certificate of disability."""
    severe: Bools = np.arange(lives.people.count) % 5 < 2
    return severe


def join_list(
    lives: Lives, category: str, who: Ints, start: Ints | int, until: Ints | int = NO_MONTH
) -> None:
    """Put persons on a list from month `start` to month `until`, the first in which no longer."""
    if category == SUBSISTENCE:
        lives.allowance[who] = True
        lives.allowed_from[who], lives.allowed_until[who] = start, until
    else:
        listing = lives.lists[category]
        listing.member[who] = True
        listing.start[who], listing.until[who] = start, until


def hold_certificate(lives: Lives, who: Ints, day: Ints, until: Ints | int = NEVER) -> None:
    """Give persons a certificate of disability from one day to another."""
    lives.disabled[who] = True
    lives.disabled_from[who], lives.disabled_until[who] = day, until


def long_ago(lives: Lives, count: int, rng: np.random.Generator) -> Ints:
    """Months before the year of the first delivery and before this year, one to three years back."""
    january = lives.timeline.last // 12 * 12
    months: Ints = np.minimum(january, lives.timeline.first) - rng.integers(4, 36, count)
    return months


def as_date(day: int) -> date:
    """A day as a date."""
    return EPOCH + timedelta(days=int(day))


def as_month(month: int) -> date:
    """The first day of a month as a date."""
    return as_date(int(first_day(np.array([month]))[0]))


def tell_from(
    lives: Lives, about: tuple[str, str, int], period: int, values: Mapping[str, Any], **where: Any
) -> None:
    """Let a feed sent in full every month say other values about someone, from one delivery on.

    Args:
        lives: Everyone.
        about: Feed, role, person; the rows concerned are there since the first delivery, and still are.
        period: The delivery; in the first one all rows are told so.
        values: Column -> new value.
        where: Column -> value that a row must have to be concerned.
    """
    feed, role, who = about
    if period == 0:
        lives.amend(feed, role, who, values, **where)
        return
    lives.amend(feed, role, who, {"last_period": period - 1}, last_period=-1, **where)
    lives.repeat(feed, role, who, {**values, "period": period}, last_period=-1, **where)
