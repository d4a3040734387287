"""MW1-MW3: burdens of a year beyond the warning line, just below it, and lists of the province that differ.

Whoever passes the line without being planted is noted from the finished settlements (`note_burdens`): by the rule's
own words each of them is to be warned of.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from resolver.synthetic.fund_facts import INCOMES, LINES, VULNERABLE
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import INPATIENT
from resolver.synthetic.storyline import Pools, planted
from resolver.synthetic.timeline import DAY, NEVER, Bools, first_day

_CANCER = 11
_SHARES = {True: 0.428, False: 0.35}
"""What a stay leaves to pay of its fee: on a list (medical aid counts as one's own), and otherwise."""


def high_burdens(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant two stays in the year that together pass the line, and such as stay below it."""
    wanted = planted(lives.people.count)
    listed = _listed(lives)
    suitable = {True: listed, False: pools.insured & (pools.age >= 30) & ~listed}
    for vulnerable, rule in ((True, "MW1"), (False, "MW2")):
        who = _take(lives, suitable[vulnerable], wanted, rng)
        for person, day in zip(who, _days(lives, len(who), rng), strict=True):
            _stays(lives, person, day, line_of(vulnerable) * float(rng.uniform(1.15, 1.5)), vulnerable)
            lives.conflict(rule, [person], "two stays of one year", _period(lives, day))
            _province_forgets(lives, person, rule)
        near = _take(lives, suitable[vulnerable], wanted // 2, rng)
        for index, (person, day) in enumerate(zip(near, _days(lives, len(near), rng), strict=True)):
            _stays(lives, person, day, line_of(vulnerable) * 0.97, vulnerable)
            lives.innocent(rule, [person], "just below the line")
            if index % 2 == 0:
                _province_adds(lives, person, line_of(vulnerable))
    for person, day in zip(*_between_the_lines(lives, suitable[False], wanted // 4, rng), strict=True):
        _stays(lives, person, day, line_of(True) * 1.4, False)
        for rule in ("MW1", "MW2"):
            lives.innocent(rule, [person], "beyond the lower line, and on no list")


def line_of(vulnerable: bool) -> float:
    """The line of the newest year in yuan."""
    return LINES[vulnerable] * INCOMES[-1][1]


def note_burdens(lives: Lives, facts: Mapping[str, pa.Table]) -> None:
    """Record everyone whose burden of the newest year passes the line, from the month in which it does."""
    timeline = lives.timeline
    table = facts["J05"]
    settle = table["settle_time"].combine_chunks().cast(pa.int64()).to_numpy() // DAY
    begin = table["service_begin"].combine_chunks().cast(pa.int64()).to_numpy() // DAY
    amount = table["total_amount"].to_numpy() - table["pooled_amount"].to_numpy()
    amount -= table["serious_illness_amount"].to_numpy()
    patient = table["patient"].to_numpy()
    _, first = np.unique(
        table["setl_id"].combine_chunks().dictionary_encode().indices.to_numpy(), return_index=True
    )
    once = np.zeros(len(patient), bool)
    once[first] = True  # a settlement told twice counts once
    counted = once & (patient >= 0) & (begin >= _year_start(lives))
    vulnerable = _on_list(lives)
    line = np.where(vulnerable, line_of(True), line_of(False))
    known = {(c.rule, c.persons[0]) for c in lives.conflicts if c.planted and c.persons}
    for period in range(timeline.months):
        now = counted & (settle <= timeline.end(period))
        burden = np.bincount(patient[now], amount[now], lives.people.count)
        for person in np.flatnonzero(burden > line + 0.004).tolist():
            rule = "MW1" if vulnerable[person] else "MW2"
            if (rule, person) not in known:
                known.add((rule, person))
                lives.conflict(rule, [person], "ordinary care of one year", period)


def _listed(lives: Lives) -> Bools:
    """Insured, and on one of the lists of the lower line all along."""
    timeline, people = lives.timeline, lives.people
    found = np.zeros(people.count, bool)
    for category in VULNERABLE:
        listing = lives.lists[category]
        found |= listing.member & (listing.start < timeline.first) & (listing.until > timeline.last + 1)
    started = lives.enrolled & (lives.enrol_start < timeline.start(0) - 1000) & (lives.enrol_end == NEVER)
    listed: Bools = found & started & (people.death == NEVER) & (people.age(timeline.reference) >= 30)
    return listed


def _on_list(lives: Lives) -> Bools:
    """Who stands in one of these lists at the reference date."""
    found = np.zeros(lives.people.count, bool)
    for category in VULNERABLE:
        listing = lives.lists[category]
        found |= (
            listing.member & (listing.start <= lives.timeline.last) & (listing.until > lives.timeline.last)
        )
    return found


def _take(lives: Lives, suitable: Bools, count: int, rng: np.random.Generator) -> list[int]:
    who = lives.take(suitable, count, rng)
    lives.visits[who] = False
    chosen: list[int] = who.tolist()
    return chosen


def _between_the_lines(
    lives: Lives, suitable: Bools, count: int, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    who = _take(lives, suitable, count, rng)
    return who, _days(lives, len(who), rng)


def _year_start(lives: Lives) -> int:
    return int(first_day(np.array([lives.timeline.last // 12 * 12]))[0])


def _days(lives: Lives, count: int, rng: np.random.Generator) -> list[int]:
    """The day on which the second stay is settled: half in the history where that has weeks of this year."""
    timeline = lives.timeline
    earliest = max(_year_start(lives) + 25, timeline.end(0) - 200)
    history = rng.integers(earliest, max(timeline.end(0) - 2, earliest + 1), count)
    start = max(earliest, timeline.end(0) + 1) if timeline.months > 1 else earliest
    later = rng.integers(start, max(timeline.reference - 2, start + 1), count)
    early = (rng.random(count) < 0.5) & (earliest < timeline.end(0) - 2)
    days: list[int] = np.where(early, history, later).tolist()
    return days


def _period(lives: Lives, day: int) -> int:
    return int(lives.timeline.period_of(np.array([day]))[0])


def _stays(lives: Lives, person: int, day: int, burden: float, vulnerable: bool) -> None:
    """Two stays of one year that leave so much to pay, the second one settled on a day."""
    fee = int(burden / _SHARES[vulnerable] / 2)
    for end in (day - 12, day):
        second = end * DAY + 36_000
        lives.plan(
            "visits",
            patient=person,
            begin=second - 8 * DAY,
            end=second,
            kind=INPATIENT,
            diagnosis=_CANCER,
            total=fee,
        )


def _province_forgets(lives: Lives, person: int, rule: str) -> None:
    """Every third one is not on the province's newest list (MW3)."""
    if person % 3 == 0:
        lives.plan("J10 dropped", person=person)
        lives.conflict("MW3", [person], f"{rule}, and not on the province's list", lives.timeline.months - 1)
    else:
        lives.innocent("MW3", [person], "on both lists")


def _province_adds(lives: Lives, person: int, line: float) -> None:
    lives.plan("J10", person=person, burden=round(line * 1.05))
    lives.conflict("MW3", [person], "on the province's list only", lives.timeline.months - 1)
