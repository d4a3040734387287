"""MW4, MW5: warnings that a department does not answer, anomalies that it does not correct.

Like all cases they are entered where findings are kept; no file tells of them. Who does not answer for a whole month
has not answered in ten working days, either (Q09).
"""

from datetime import date, timedelta

import numpy as np

from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import planted
from resolver.synthetic.timeline import EPOCH, first_day
from resolver.synthetic.world import CaseStep, Conflict

_WARNINGS = ("MW1", "MW2")
_RETURNED = ("M01", "T05", "T03", "T08")
"""Rules whose planted cases of the history are returned; nobody they are about has a monthly change of aid (J07)."""
_FIRST_CASE = 100_000  # other cases are numbered from 0


def unanswered_warnings(lives: Lives) -> list[CaseStep]:
    """Warnings without response, anomalies that stay as they are, and such as were answered or are not yet due."""
    wanted = planted(lives.people.count)
    before = max(lives.timeline.months - 2, 0)  # warned of by the month before the newest
    warned = [c for rule in _WARNINGS for c in _cases_of(lives, rule, before)]
    returned: dict[int, Conflict] = {}
    for rule in _RETURNED:
        for case in _cases_of(lives, rule, 0):
            returned.setdefault(case.persons[0], case)
    first = _told(lives, warned[: wanted + wanted // 2], wanted, ("MW4", "issued", "replied"))
    second = _told(
        lives, list(returned.values())[: wanted + wanted // 2], wanted, ("MW5", "returned", "updated")
    )
    return first + second


def _cases_of(lives: Lives, rule: str, period: int) -> list[Conflict]:
    """Planted cases of a rule about one person that show by a period."""
    found = (c for c in lives.conflicts if c.rule == rule and c.planted and c.period <= period)
    return [c for c in found if len(c.persons) == 1]


def _told(lives: Lives, cases: list[Conflict], wanted: int, words: tuple[str, str, str]) -> list[CaseStep]:
    """Two of three without an answer; the others are answered in time, or the time is not over."""
    rule, first, answer = words
    wanted = min(wanted, max(len(cases) * 2 // 3, 1))
    reference = EPOCH + timedelta(days=lives.timeline.reference)
    steps: list[CaseStep] = []
    for index, case in enumerate(cases):
        number = _FIRST_CASE * (1 + (rule == "MW5")) + index
        department = ("CIVIL", "RURAL")[index % 2]
        early = index % 2 == 1 and case.period == 0 and lives.timeline.months > 1
        month = lives.timeline.last - 1 - int(early)
        day = _day(month) + timedelta(days=3 + index % 20)
        if index >= wanted and index % 2:
            day = reference - timedelta(days=index % 5)
            lives.innocent(rule, case.persons, "the next month is not over")
        elif index >= wanted:
            steps.append(_step(number, case, answer, day + timedelta(days=20), department))
            lives.innocent(rule, case.persons, f"{answer} in time")
        else:
            over = max(month + 1 - lives.timeline.first, 0)
            lives.conflict(
                rule, case.persons, f"{first}, and nothing came by the end of the next month", over
            )
            lives.conflict("Q09", case.persons, f"{first}, and nothing came in a month", over)
            if index % 3 == 0:
                steps.append(_step(number, case, "urged", day + timedelta(days=15), department))
        steps.append(_step(number, case, first, day, department))
    return steps


def _step(number: int, case: Conflict, event: str, day: date, department: str) -> CaseStep:
    return CaseStep(number, case.rule, case.persons, event, day, department)


def _day(month: int) -> date:
    return EPOCH + timedelta(days=int(first_day(np.array([month]))[0]))
