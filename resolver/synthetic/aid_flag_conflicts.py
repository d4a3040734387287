"""P02 to P07: flags of aid in the settlement system that are not what the owners' lists say, and those that are."""

import numpy as np

from resolver.synthetic.enlisting import (
    RURAL_LISTS,
    as_date,
    as_month,
    hold_certificate,
    idle,
    join_list,
    long_ago,
    severe_numbers,
    tell_from,
)
from resolver.synthetic.list_facts import CHANGES_BEFORE
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import Ints, first_day

_FLAG = ("J06", "recipient")


def _rural(index: int) -> str:
    return RURAL_LISTS[index % len(RURAL_LISTS)]


def _listed_long(
    lives: Lives, pools: Pools, category: str, count: int, rng: np.random.Generator
) -> list[int]:
    """Persons who have been on a list since before this year."""
    who = lives.take(idle(lives, pools), count, rng)
    join_list(lives, category, who, long_ago(lives, len(who), rng))
    return [int(person) for person in who]


def _clear(lives: Lives, person: int, category: str, period: int, rng: np.random.Generator) -> None:
    """Let the settlement system have no flag, or clear it in a later month."""
    if period == 0:
        lives.drop(*_FLAG, person, category=category)
        return
    day = as_date(int(days_in_period(lives, np.array([period]), 30, 2, rng)[0]))
    values = {"end_date": day, "cleared_date": day}
    tell_from(lives, (*_FLAG, person), period, values, category=category)


def missing_flags(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P02: on a list and without a flag, or with the flag of another list."""
    wanted = planted(lives.people.count)
    period = periods_of_cases(wanted, lives.timeline.months, rng)
    for index, k in enumerate(period.tolist()):
        category, other = _rural(index), _rural(index + 1)
        for person in _listed_long(lives, pools, category, 1, rng):
            if index % 3:
                _clear(lives, person, category, k, rng)
                why = "on a list, and no flag says so"
            else:
                tell_from(lives, (*_FLAG, person), k, {"category": other}, category=category)
                why = "flagged for a list that never held the person"
            lives.conflict("P02", [person], why, k)
    for index in range(max(1, wanted // 5)):
        for person in _listed_long(lives, pools, _rural(index), 1, rng):
            lives.innocent("P02", [person], "on a list and flagged")
    new = lives.take(idle(lives, pools), max(1, wanted // 5), rng)
    join_list(lives, "poverty_registered", new, lives.timeline.last)
    for person in new.tolist():
        lives.drop(*_FLAG, person)
        lives.innocent("P02", [person], "came on a list this month: the flag is due next month")


def best_benefits(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P03: on two lists, flagged for the one with the lower benefit only."""
    wanted = planted(lives.people.count)
    severe = severe_numbers(lives)
    who = lives.take(idle(lives, pools) & severe & (pools.age >= 6), wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    start = long_ago(lives, len(who), rng)
    join_list(lives, "relapsed", who, start)
    disabled = np.arange(len(who)) % 2 == 0
    hold_certificate(lives, who[disabled], first_day(start[disabled]) - 40)
    join_list(lives, "poverty_registered", who[~disabled], start[~disabled] - 3)
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        _clear(lives, person, "relapsed", k, rng)
        lives.conflict("P03", [person], "flagged for the lower of two benefits", k)
    _benefits_in_order(lives, pools, max(1, wanted // 5), rng)


def _benefits_in_order(lives: Lives, pools: Pools, each: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    for person in _listed_long(lives, pools, "poverty_registered", each, rng):
        join_list(lives, "immediate_help", np.array([person]), timeline.first - 8)
        lives.drop(*_FLAG, person, category="immediate_help")
        lives.innocent("P03", [person], "flagged for one of two lists of the same benefit")
    january = timeline.last // 12 * 12
    if january + 1 >= timeline.first - CHANGES_BEFORE:
        return  # whoever came on a list this year is told of in the monthly changes, and a flag is due
    for person in _listed_long(lives, pools, "poverty_registered", each, rng):
        join_list(lives, "relapsed", np.array([person]), january + 1)
        lives.drop(*_FLAG, person, category="relapsed")
        lives.innocent("P03", [person], "the better list holds the person since this year: not adjusted")


def periods_of_flags(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P04: the flag begins or ends in another month than the owner's list says."""
    wanted = planted(lives.people.count)
    timeline = lives.timeline
    january = timeline.last // 12 * 12
    period = periods_of_cases(wanted, timeline.months, rng)
    for index, k in enumerate(period.tolist()):
        category = _rural(index)
        if k:
            who = lives.take(idle(lives, pools), 1, rng)
            join_list(lives, category, who, timeline.first + k)
            for person in who.tolist():
                begin = as_month(timeline.first + k - 1 - index % 2)
                lives.amend(*_FLAG, person, {"begin_date": begin}, category=category)
        else:
            who = np.array(_listed_long(lives, pools, category, 1, rng), np.int64)
            for person in who.tolist():
                begin = as_month(int(rng.integers(january + 1, max(timeline.first, january + 1) + 1)))
                lives.amend(*_FLAG, person, {"begin_date": begin}, category=category)
        for person in who.tolist():
            lives.conflict("P04", [person], "the flag begins in another month than the list", k)
    _ended_flags(lives, pools, max(1, wanted // 4), rng)
    for person in _listed_long(lives, pools, "relapsed", max(1, wanted // 5), rng):
        day = as_date(int(first_day(np.array([january]))[0]) + int(rng.integers(1, 30)))
        lives.amend(*_FLAG, person, {"begin_date": day})
        lives.innocent("P04", [person], "the flag begins on another day of the same month")


def _ended_flags(lives: Lives, pools: Pools, count: int, rng: np.random.Generator) -> None:
    """Lists that ended before the first delivery, with a flag that ended a month too early, or too late (P05)."""
    timeline = lives.timeline
    january = timeline.last // 12 * 12
    if timeline.first < january + 5:
        return
    until = rng.integers(january + 3, timeline.first, count)
    for index, month in enumerate(until.tolist()):
        who = lives.take(idle(lives, pools), 1, rng)
        join_list(lives, _rural(index), who, long_ago(lives, len(who), rng), month)
        late = index % 2 == 1
        # The monthly changes tell of the exit a day after the last one on the list: in the next month.
        day = as_date(int(first_day(np.array([month + 2 * late]))[0]) - (1 if late else 40))
        for person in who.tolist():
            lives.amend(*_FLAG, person, {"end_date": day, "cleared_date": day})
            lives.conflict("P04", [person], "the flag ended in another month than the list", 0)
            if late:
                lives.conflict("P05", [person], "the flag ended two months after the list", 0)


def flags_after_exit(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P05: off the list, the flag still on. Ended certificates (D03) are cases too and come with that rule."""
    wanted = planted(lives.people.count)
    timeline = lives.timeline
    january = timeline.last // 12 * 12
    count = wanted - wanted // 2
    period = periods_of_cases(count, timeline.months, rng)
    before = rng.integers(max(january + 2, timeline.first - 6), max(timeline.first, january + 3), count)
    until = np.where(period == 0, np.minimum(before, timeline.first - 1), timeline.first + period - 1)
    for index, (month, k) in enumerate(zip(until.tolist(), period.tolist(), strict=True)):
        who = lives.take(idle(lives, pools), 1, rng)
        join_list(lives, _rural(index), who, long_ago(lives, len(who), rng), month)
        for person in who.tolist():
            lives.amend(*_FLAG, person, {"end_date": None, "cleared_date": None})
            lives.conflict("P05", [person], "left the list, and the flag is still on", k)
    each = max(1, wanted // 5)
    for month, flag_stays, why in (
        (timeline.last, True, "left the list this month: the flag may run on to its end"),
        (timeline.first - 2, False, "left the list, and the flag ended with it"),
    ):
        who = lives.take(idle(lives, pools), each, rng)
        join_list(lives, "relapsed", who, long_ago(lives, len(who), rng), month)
        for person in who.tolist():
            if flag_stays:
                lives.amend(*_FLAG, person, {"end_date": None, "cleared_date": None})
            lives.innocent("P05", [person], why)


def changed_subsidies(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P06: the premium is subsidised twice in one year, by different amounts."""
    wanted = planted(lives.people.count)
    timeline = lives.timeline
    period = periods_of_cases(wanted, timeline.months, rng)
    who = lives.take(idle(lives, pools), wanted, rng)
    month = _second_months(lives, period[: len(who)], rng)
    _on_two_lists(lives, who, month, rng)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=False)):
        subsidy = (400.0, 320.0, 100.0)[index % 3]
        lives.amend(*_FLAG, person, {"subsidy": subsidy}, category="relapsed")
        lives.conflict("P06", [person], "another subsidy from the month of the second list on", k)
    each = max(1, wanted // 5)
    for subsidy, why in (
        (0.0, "a second flag without a subsidy of its own"),
        (200.0, "the same subsidy for both lists"),
    ):
        who = lives.take(idle(lives, pools), each, rng)
        _on_two_lists(lives, who, _second_months(lives, np.zeros(len(who), np.int64), rng), rng)
        for person in who.tolist():
            lives.amend(*_FLAG, person, {"subsidy": subsidy}, category="relapsed")
            lives.innocent("P06", [person], why)


def _second_months(lives: Lives, period: Ints, rng: np.random.Generator) -> Ints:
    """A month of this year after January: of the period, or before the first delivery."""
    timeline = lives.timeline
    february = timeline.last // 12 * 12 + 1
    history = rng.integers(february, max(timeline.first, february) + 1, len(period))
    return np.maximum(np.where(period == 0, history, timeline.first + period), february)


def _on_two_lists(lives: Lives, who: Ints, month: Ints, rng: np.random.Generator) -> None:
    join_list(lives, "poverty_registered", who, long_ago(lives, len(who), rng))
    join_list(lives, "relapsed", who, month)


def late_entrants(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """P07: came on a list, and by the tenth of the next month no flag was set, or only later."""
    wanted = planted(lives.people.count)
    timeline = lives.timeline
    period = periods_of_cases(wanted, timeline.months, rng)
    for index, k in enumerate(period.tolist()):
        month = timeline.first + k - 1
        who = lives.take(idle(lives, pools), 1, rng)
        join_list(lives, _rural(index), who, month)
        for person in who.tolist():
            if index % 3:
                lives.drop(*_FLAG, person)
                why = "came on a list, and no flag was set"
            else:
                day = as_date(int(first_day(np.array([month + 1]))[0]) + 10 + index % 15)
                lives.amend(*_FLAG, person, {"set_date": day, "period": k})
                why = "came on a list, and the flag was set too late"
            lives.conflict("P07", [person], why, k)
    each = max(1, wanted // 5)
    who = lives.take(idle(lives, pools), each, rng)
    join_list(lives, "relapsed", who, timeline.first - 1)
    for person in who.tolist():
        day = as_date(int(first_day(np.array([timeline.first]))[0]) + 9)
        lives.amend(*_FLAG, person, {"set_date": day})
        lives.innocent("P07", [person], "the flag was set on the tenth of the next month")
    who = lives.take(idle(lives, pools), each, rng)
    join_list(lives, "relapsed", who, timeline.first - 1, timeline.first)
    for person in who.tolist():
        lives.innocent("P07", [person], "came on a list and left it a month later")
