"""MW4, MW5: warnings that a department does not answer, anomalies that it does not correct.

These lie in what people record about findings, not in any file: the truth lists the steps (`truth/steps.parquet`),
and whoever measures the two rules records them (`guiyi findings play`).
"""

import numpy as np

from resolver.synthetic.lives import Lives
from resolver.synthetic.storyline import planted
from resolver.synthetic.timeline import first_day
from resolver.synthetic.world import Conflict, Step

_WARNINGS = ("MW1", "MW2")
_RETURNED = ("M01", "T05", "T03", "T08")
"""Rules whose planted cases of the history are returned; nobody they are about has a monthly change of aid (J07)."""


def steps_of_cases(lives: Lives) -> None:
    """Plant warnings without response and anomalies that stay as they are, among cases of the history."""
    wanted = planted(lives.people.count)
    on_lists = {row["person"] for row in lives.planned["J07"]}
    by_rule = {rule: [c for c in lives.conflicts if _is_case(c, rule)] for rule in (*_WARNINGS, *_RETURNED)}
    warned = [c for rule in _WARNINGS for c in by_rule[rule]]
    returned = [c for rule in _RETURNED for c in by_rule[rule] if c.persons[0] not in on_lists]
    once: dict[int, Conflict] = {}
    for case in returned:
        once.setdefault(case.persons[0], case)
    _tell(lives, warned[: wanted + wanted // 2], wanted, ("MW4", "issued", "replied"))
    _tell(lives, list(once.values())[: wanted + wanted // 2], wanted, ("MW5", "returned", "updated"))


def _is_case(conflict: Conflict, rule: str) -> bool:
    return conflict.rule == rule and conflict.planted and conflict.period == 0 and len(conflict.persons) == 1


def _tell(lives: Lives, cases: list[Conflict], wanted: int, words: tuple[str, str, str]) -> None:
    """Two of three without an answer; the others are answered in time, or the time is not over."""
    rule, first, answer = words
    wanted = min(wanted, max(len(cases) * 2 // 3, 1))
    for index, case in enumerate(cases):
        person = case.persons[0]
        department = ("CIVIL", "RURAL")[index % 2]
        month = lives.timeline.last - 1 - index % 2 * min(lives.timeline.months - 1, 1)
        if index >= wanted and index % 2:
            month = lives.timeline.last
        day = _day(month) + 3 + index % 20
        lives.steps.append(Step(case.rule, person, first, day, department))
        if index < wanted:
            over = max(month + 1 - lives.timeline.first, 0)
            lives.conflict(rule, [person], f"{first}, and nothing came by the end of the next month", over)
            if index % 3 == 0:
                lives.steps.append(Step(case.rule, person, "urged", day + 15, department))
        elif index % 2:
            lives.innocent(rule, [person], "the next month is not over")
        else:
            lives.steps.append(Step(case.rule, person, answer, day + 20, department))
            lives.innocent(rule, [person], f"{answer} in time")


def _day(month: int) -> int:
    return int(first_day(np.array([month]))[0])
