"""What all storylines share: how many cases, in which month they show, and who is suitable for them."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from resolver.synthetic.hardship import on_any_list
from resolver.synthetic.lives import Lives
from resolver.synthetic.timeline import NEVER, Bools, Ints


def cases_per_rule(persons: int) -> int:
    """Planted cases of each rule: 110 in a city of 20,000, 0.2 % in a large one, 0.55 % in a small one."""
    least = 112 if persons >= 20_000 else ceil(0.0055 * persons)
    return max(2, least, int(0.002 * persons))


def planted(persons: int) -> int:
    """Planted cases of each further rule: 112 from 45,000 persons on, in proportion in a smaller city, at least one.

    Rules are many and people few: in a small city those for whom `cases_per_rule` counts come first.
    """
    return max(1, min(112, persons // 400), persons // 1000)


def periods_of_cases(count: int, periods: int, rng: np.random.Generator) -> Ints:
    """The period in which each case first shows: half in the history, the rest over the later months."""
    later = rng.integers(1, max(periods, 2), count)
    return np.where((rng.random(count) < 0.5) | (periods < 2), 0, later).astype(np.int64)


@dataclass(frozen=True)
class Pools:
    """Who is suitable, beside being free.

    Attributes:
        plain: Living residents on no list, who run nothing, were there all along and do not move in the months told.
        insured: Plain, with cover that began three years ago and is open.
        age: Years on the reference date.
    """

    plain: Bools
    insured: Bools
    age: Ints


def make_pools(lives: Lives) -> Pools:
    """The pools of an orderly city, before storylines change it."""
    people, timeline = lives.people, lives.timeline
    foreign = people.ethnicity.to_numpy(zero_copy_only=False) == "外国人"
    plain = ~foreign & ~np.isin(people.issue_code, (810000, 820000, 830000))
    plain &= (people.death == NEVER) & (people.birth < timeline.start(0) - 400)
    plain &= ~lives.allowance & ~lives.disabled & ~on_any_list(lives) & (lives.left == NEVER)
    plain &= (people.moved == NEVER) | (people.moved <= timeline.start(0))
    for runners in (lives.organisations.representative, lives.organisations.shareholder):
        plain[runners[runners >= 0]] = False
    insured = plain & lives.enrolled & (lives.enrol_start < timeline.start(0) - 1000)
    return Pools(plain, insured, people.age(timeline.reference))


def settle_look_alikes(lives: Lives) -> None:
    """Take back look-alikes whom a later story made a case of the same rule: a relative who died, or found work.

    Under E06 one may share a number with somebody rightly and with somebody else wrongly.
    """
    cases = {(c.rule, p) for c in lives.conflicts if c.planted and c.rule != "E06" for p in c.persons}
    lives.conflicts[:] = [
        c for c in lives.conflicts if c.planted or cases.isdisjoint((c.rule, person) for person in c.persons)
    ]


def days_in_period(lives: Lives, periods: Ints, history: int, margin: int, rng: np.random.Generator) -> Ints:
    """A random day of each period, at least `margin` days before its end; of the last `history` days for period 0."""
    ends = lives.timeline.ends(periods)
    starts = np.where(periods == 0, ends - history, lives.timeline.ends(periods - 1) + 1)
    return starts + (rng.random(len(periods)) * (ends - margin - starts + 1)).astype(np.int64)


def days_overdue(lives: Lives, periods: Ints, grace: int, history: int, rng: np.random.Generator) -> Ints:
    """A random day that lies more than `grace` days before the end of each period for the first time.

    Those of period 0 lie at most `history` days further back.
    """
    last = lives.timeline.ends(periods) - grace - 1
    first = np.where(periods == 0, last - history, lives.timeline.ends(periods - 1) - grace)
    return first + (rng.random(len(periods)) * (last - first + 1)).astype(np.int64)
