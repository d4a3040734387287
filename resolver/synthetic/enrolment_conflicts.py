"""Insured twice or under two numbers (E01, E05), and the orderly moves that look like it."""

from typing import Any

import numpy as np

from resolver.synthetic.economy import hire
from resolver.synthetic.insurance_facts import ENDED, PAUSED
from resolver.synthetic.lives import EMPLOYEE, RESIDENT, WORKING, Lives
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import Ints, month_of


def insured_twice(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant E01 and E05: half of each carries both rules, because the second spell has a number of its own."""
    wanted = cases_per_rule(lives.people.count)
    both = wanted // 2
    who = lives.take(pools.insured, 2 * wanted - both, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    start = days_in_period(lives, period, 900, 3, rng)
    employers = hire(lives.organisations, who, rng)
    for index, (person, k, day) in enumerate(zip(who.tolist(), period.tolist(), start.tolist(), strict=True)):
        if index < wanted:
            row = _second_spell(lives, person, day, int(employers[index]), rng)
            if index < both:
                row["psn"] = _second_number(lives, person)
                lives.second_number[person] = True
                lives.conflict("E05", [person], "two insurance numbers, both in use", k)
            lives.plan("W29", **row)
            lives.conflict("E01", [person], "insured twice under one scheme at once", k)
        else:
            before = int(lives.enrol_start[person])
            lives.plan(
                "W29", person=person, psn=_second_number(lives, person), scheme=RESIDENT, start=before - 700,
                end=before - 40, region=_other_region(lives, person, rng), told=k,
            )  # fmt: skip
            lives.conflict("E05", [person], "two insurance numbers, one of them ended", k)
    _orderly_moves(lives, pools, wanted, rng)


def _second_spell(
    lives: Lives, person: int, day: int, employer: int, rng: np.random.Generator
) -> dict[str, Any]:
    row: dict[str, Any] = {"person": person, "scheme": int(lives.scheme[person]), "start": day}
    row["type"] = int(lives.person_type[person])
    row["region"] = _other_region(lives, person, rng)
    if row["type"] == WORKING:
        row["employer"] = employer
        row["paid_through"] = max(lives.timeline.first, int(month_of(np.array([day]))[0]))
    return row


def _second_number(lives: Lives, person: int) -> int:
    return lives.people.count + person


def _other_region(lives: Lives, person: int, rng: np.random.Generator) -> int:
    counties = [county.code for county in lives.places.city.counties]
    own = int(lives.places.region[lives.people.place[person]])
    others = [code for code in counties if code != own]
    return int(others[int(rng.integers(len(others)))])


def _orderly_moves(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(pools.insured, wanted + 6, rng)
    for index, person in enumerate(who.tolist()):
        story = (_touching, _transferred, _paused_beside, _long_ago)[index % 4]
        story(lives, person, rng)


def _touching(lives: Lives, person: int, rng: np.random.Generator) -> None:
    start = int(lives.enrol_start[person])
    _plan_earlier(lives, person, start - 400, start - 1, _other_region(lives, person, rng))
    for rule in ("E01", "E05"):
        lives.innocent(rule, [person], "one spell ends the day before the next begins")


def _transferred(lives: Lives, person: int, rng: np.random.Generator) -> None:
    start = int(lives.enrol_start[person])
    _plan_earlier(
        lives, person, start - 800, start - int(rng.integers(5, 60)), _other_region(lives, person, rng)
    )
    for rule in ("E01", "E05"):
        lives.innocent(rule, [person], "moved from another county under one number")


def _paused_beside(lives: Lives, person: int, rng: np.random.Generator) -> None:
    start = int(lives.enrol_start[person])
    other = RESIDENT if lives.scheme[person] == EMPLOYEE else EMPLOYEE
    lives.plan(
        "W29",
        person=person,
        scheme=other,
        start=start - 600,
        end=start + int(rng.integers(1, 20)),
        closing=PAUSED,
    )
    lives.innocent("E01", [person], "the other scheme's spell is paused")


def _long_ago(lives: Lives, person: int, rng: np.random.Generator) -> None:
    start = int(lives.enrol_start[person])
    end = start - int(rng.integers(100, 200))
    _plan_earlier(lives, person, end - 300, end, 0)
    lives.innocent("E01", [person], "insured again after a gap")
    lives.innocent("E05", [person], "insured again after a gap, under the same number")


def _plan_earlier(lives: Lives, person: int, start: int, end: int, region: int) -> None:
    row = {
        "person": person,
        "scheme": int(lives.scheme[person]),
        "start": start,
        "end": end,
        "closing": ENDED,
    }
    if row["scheme"] == EMPLOYEE:
        row["paid_through"] = int(month_of(np.array([end]))[0])
    lives.plan("W29", **row, region=region)


def insured_elsewhere(lives: Lives, who: Ints, rng: np.random.Generator) -> None:
    """Let persons be insured in another county only."""
    for person in who.tolist():
        lives.enrolled[person] = False
        lives.elsewhere[person] = True
        start, region = int(lives.enrol_start[person]), _other_region(lives, person, rng)
        lives.plan("W29", person=person, scheme=RESIDENT, start=start, region=region)
