"""What departments did, or did not do, about findings: replies overdue (Q09), and those that came or are not yet due.

A case is about somebody of whom another rule finds something already in the history. It is entered where findings are
kept (`graph.rehearsal`): the departments' files say nothing of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from resolver.parameters.working_days import deadline, is_working_day
from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import planted
from resolver.synthetic.timeline import EPOCH
from resolver.synthetic.world import CaseStep, Conflict

_ASKED = ("L01", "E01", "P01", "L05")
"""Rules of which somebody is asked about: of one person each, found by every month's run."""
_ASKING = "MSB"
_REPLY_DAYS = 10


@dataclass(frozen=True)
class _Case:
    """What came of a case issued on a day: the day by which a reply is owed if one is named, and the reply."""

    issued: date
    due: date | None = None
    replied: date | None = None


def overdue_replies(lives: Lives, rng: np.random.Generator) -> list[CaseStep]:
    """Q09: cases without a reply after ten working days, or after the day that the case names."""
    reference = EPOCH + timedelta(days=lives.timeline.reference)
    about = [
        c for c in lives.conflicts if c.planted and c.rule in _ASKED and not c.period and len(c.persons) == 1
    ]
    order = rng.permutation(len(about))
    wanted = min(planted(lives.people.count), len(about) // 2 + 1)
    steps: list[CaseStep] = []
    for number, at in enumerate(order[: wanted + wanted // 2 + 1].tolist()):
        overdue = number < wanted
        kinds = _OVERDUE if overdue else _IN_TIME
        why, tell = kinds[number % len(kinds)]
        case = tell(reference, int(rng.integers(20)))
        steps += _steps(number, about[at], case)
        lives.conflicts.append(Conflict("Q09", overdue, about[at].persons, why=why))
    return steps


def _steps(number: int, about: Conflict, case: _Case) -> list[CaseStep]:
    first = CaseStep(number, about.rule, about.persons, "issued", case.issued, _ASKING, case.due)
    if case.replied is None:
        return [first]
    return [first, CaseStep(number, about.rule, about.persons, "replied", case.replied, _ASKING)]


def _long_ago(reference: date, more: int) -> _Case:
    return _Case(_last_start(reference) - timedelta(days=more))


def _named_day_passed(reference: date, more: int) -> _Case:
    issued = reference - timedelta(days=25 + more)
    return _Case(issued, due=reference - timedelta(days=1 + more % 5))


def _on_the_last_day(reference: date, _more: int) -> _Case:
    """The first day from which ten working days do not end before the reference date."""
    return _Case(_last_start(reference) + timedelta(days=1))


def _named_day_to_come(reference: date, more: int) -> _Case:
    return _Case(reference - timedelta(days=40 + more), due=reference + timedelta(days=more % 3))


def _answered(reference: date, more: int) -> _Case:
    issued = reference - timedelta(days=40 + more)
    return _Case(issued, replied=issued + timedelta(days=1 + more))


def _last_start(reference: date) -> date:
    """The last day from which ten working days end before the reference date."""
    day = reference
    while deadline(day, _REPLY_DAYS).day >= reference or not is_working_day(day):
        day -= timedelta(days=1)
    while deadline(day + timedelta(days=1), _REPLY_DAYS).day < reference:
        day += timedelta(days=1)
    return day


_Telling = Callable[[date, int], _Case]
_OVERDUE: tuple[tuple[str, _Telling], ...] = (
    ("no reply in ten working days", _long_ago),
    ("no reply by the day named", _named_day_passed),
)
_IN_TIME: tuple[tuple[str, _Telling], ...] = (
    ("the tenth working day is not over", _on_the_last_day),
    ("the day named is to come", _named_day_to_come),
    ("a reply, if a late one", _answered),
)
