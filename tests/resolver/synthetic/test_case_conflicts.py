"""Cases whose reply is overdue by a slow count of working days, and those whose is not."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.parameters.working_days import is_working_day
from resolver.synthetic.build import build_world
from resolver.synthetic.case_conflicts import _last_start
from resolver.synthetic.warning_cases import _FIRST_CASE
from resolver.synthetic.world import World


def working_days_between(issued: date, reference: date) -> int:
    """Working days after the day of issue and before the reference date."""
    days = (reference - issued).days
    return sum(is_working_day(issued + timedelta(days=n)) for n in range(1, days))


@given(st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_the_last_day_of_issue_is_the_last_from_which_ten_working_days_are_over(reference: date) -> None:
    start = _last_start(reference)
    assert working_days_between(start, reference) >= 10
    assert working_days_between(start + timedelta(days=1), reference) < 10


@cache
def world() -> World:
    return build_world(6000, 3, 3, "weihai")


def test_cases_are_overdue_or_not_as_the_truth_says() -> None:
    made = world()
    steps = defaultdict(list)
    warned = {step.persons for step in made.casework if step.case >= _FIRST_CASE}  # another story's
    for step in made.casework:
        if step.case < _FIRST_CASE:
            steps[step.rule, step.persons].append(step)
    conflicts = [c for c in made.conflicts if c.rule == "Q09" and c.persons not in warned]
    assert len(steps) == len({c.persons for c in conflicts}) == len(conflicts)
    overdue = {}
    for (_, persons), told in steps.items():
        issued, due = told[0].day, told[0].due
        late = due < made.reference_date if due else working_days_between(issued, made.reference_date) >= 10
        overdue[persons] = late and len(told) == 1
    assert overdue == {c.persons: c.planted for c in conflicts}
    assert sum(overdue.values()) == 15
    assert sum(not late for late in overdue.values()) >= 5


@pytest.mark.parametrize("persons", [300, 2000])
def test_cases_are_about_what_another_rule_finds_from_the_first_month_on(persons: int) -> None:
    made = build_world(persons, 3, 2, "weihai")
    known = {(c.rule, c.persons) for c in made.conflicts if c.planted and not c.period}
    assert made.casework
    assert {(step.rule, step.persons) for step in made.casework} <= known
