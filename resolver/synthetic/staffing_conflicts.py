"""C03, C04, C05: staff whom an employer reports to one authority only, and people whom two employers report."""

import re
from collections import Counter
from collections.abc import Sequence
from math import ceil

import numpy as np

from resolver.synthetic.contribution_conflicts import steady_workers
from resolver.synthetic.employment_facts import fund_employers
from resolver.synthetic.enlisting import as_month
from resolver.synthetic.lives import EMPLOYEE, FLEXIBLE, ORDINARY, RESIDENT, WORKING, Lives
from resolver.synthetic.storyline import Pools, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints

MISSING = 6
"""Of each employer that reports too few: more than must be tolerated, and two for chance."""
_LARGEST = 30
_MATTERS = 50  # of so many staff six are more than a tenth, though a few others come and go
_AROUND = re.compile(r"^..[市县区]?|(有限公司|农民专业合作社)$")


def headcounts(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """C03 and C04: employers who leave six of their staff out of one report.

    Whoever is left out of the medical insurance is a case of C04, with a resident's cover or none.
    """
    wanted = planted(lives.people.count)
    staff = _staff(lives, steady_workers(lives, pools))
    ready = [o for o, people in staff.items() if len(people) >= MISSING]
    employers = rng.permutation(np.array(ready, np.int64))
    uninsured, rest = np.split(employers, [ceil(wanted / MISSING)])
    period = periods_of_cases(len(uninsured), lives.timeline.months, rng)
    for index, (employer, k) in enumerate(zip(uninsured.tolist(), period.tolist(), strict=True)):
        people = _chosen(lives, staff[employer], MISSING, rng)
        _leave_uninsured(lives, people, k, index % 3 == 0)
        # Their first contribution comes a month before the second, which makes them cases of their own.
        _note_employer(lives, employer, "six of the staff are not insured", max(k - 1, 0))
    pays = fund_employers(lives)
    half = max(1, min(wanted * 3 // 8, len(rest) * 3 // 7))
    _leave_unpensioned(lives, staff, rest[:half], rng)
    in_fund = rest[half:][pays[rest[half:]]][:half]
    _leave_unfunded(lives, staff, in_fund, rng)
    others = rest[half:][~np.isin(rest[half:], in_fund)]
    third, fifth = max(1, wanted // 3), max(1, wanted // 5)
    _headcounts_in_order(lives, staff, others[:third], rng)
    # One of each employer, so that no headcount changes by more than must be tolerated.
    beginners, own = np.split(others[third : third + 2 * fifth], [fifth])
    _begins_to_work(lives, [_chosen(lives, staff[o], 1, rng)[0] for o in beginners.tolist()])
    _pays_alone(lives, [_chosen(lives, staff[o], 1, rng)[0] for o in own.tolist()])


def _staff(lives: Lives, suitable: Bools) -> dict[int, Ints]:
    """Free and suitable staff of each employer that has few enough for six to matter, and at least two more."""
    there = lives.works & (lives.works_from < lives.timeline.first) & (lives.works_until == NO_MONTH)
    size = np.bincount(lives.employer[there], minlength=lives.organisations.count)
    who = np.flatnonzero(suitable & ~lives.taken)
    who = who[np.argsort(lives.employer[who], kind="stable")]
    employers, starts = np.unique(lives.employer[who], return_index=True)
    groups = zip(employers.tolist(), np.split(who, starts)[1:], strict=True)
    names = _business(lives)
    bearers = Counter(names)
    # Whoever is insured there besides, or after death, would make up for those who are left out.
    size[np.array([row.get("employer", -1) for row in lives.planned["W29"]], np.int64)] = 0
    size[lives.employer[lives.works & (lives.recorded_death < lives.enrol_end)]] = 0
    return {
        o: people for o, people in groups if MISSING + 2 <= size[o] <= _MATTERS and bearers[names[o]] == 1
    }


def _business(lives: Lives) -> list[str]:
    """By what an organisation is known where its code is not given: its name without place and legal form."""
    return [_AROUND.sub("", name) for name in lives.organisations.name.to_pylist()]


def _chosen(lives: Lives, people: Ints, count: int, rng: np.random.Generator) -> list[int]:
    chosen = rng.permutation(people)[:count]
    lives.taken[chosen] = True
    return [int(person) for person in chosen]


def _note_employer(lives: Lives, employer: int, why: str, period: int) -> None:
    lives.conflict("C03", [], why, period, organisation=employer)


def _leave_uninsured(lives: Lives, people: Sequence[int], period: int, at_all: bool) -> None:
    timeline = lives.timeline
    who = np.array(people, np.int64)
    lives.scheme[who], lives.person_type[who] = RESIDENT, ORDINARY
    if at_all:
        lives.enrol_end[who] = timeline.start(0) - 400 - who % 90
    if period:
        lives.works_from[who] = timeline.first + period - 1
    cover = "without any cover" if at_all else "with a resident's cover"
    for person in people:
        lives.conflict("C04", [person], f"contributes to the pension {cover}", period)


def _leave_unpensioned(
    lives: Lives, staff: dict[int, Ints], employers: Ints, rng: np.random.Generator
) -> None:
    timeline = lives.timeline
    period = periods_of_cases(len(employers), timeline.months, rng)
    for employer, k in zip(employers.tolist(), period.tolist(), strict=True):
        for person in _chosen(lives, staff[employer], MISSING, rng):
            for month in range(timeline.first + (k if k else -2), timeline.last + 1):
                lives.drop("W11", "insured", person, owed_period=as_month(month))
        _note_employer(lives, employer, "no pension contributions for six of the staff", k)


def _leave_unfunded(lives: Lives, staff: dict[int, Ints], employers: Ints, rng: np.random.Generator) -> None:
    for employer in employers.tolist():
        for person in _chosen(lives, staff[employer], MISSING, rng):
            lives.drop("W13", "depositor", person)
        _note_employer(lives, employer, "no housing fund accounts for six of the staff", 0)


def _headcounts_in_order(
    lives: Lives, staff: dict[int, Ints], employers: Ints, rng: np.random.Generator
) -> None:
    for employer in employers.tolist():
        for person in _chosen(lives, staff[employer], 2, rng):
            lives.drop("W11", "insured", person, owed_period=as_month(lives.timeline.last))
        lives.innocent("C03", [], "two contributions of the newest month are late", organisation=employer)


def _begins_to_work(lives: Lives, people: Sequence[int]) -> None:
    who = np.array(people, np.int64)
    lives.scheme[who], lives.person_type[who] = RESIDENT, ORDINARY
    lives.works_from[who] = lives.timeline.last
    for person in people:
        lives.innocent("C04", [person], "began to work this month: the insurance follows next month")


def _pays_alone(lives: Lives, people: Sequence[int]) -> None:
    who = np.array(people, np.int64)
    lives.scheme[who], lives.person_type[who] = EMPLOYEE, FLEXIBLE
    for person in people:
        lives.innocent("C04", [person], "pays for an employee's cover without the employer")


def two_employers(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """C05: pension contributions from a second employer for two months or more, and changes of jobs in order.

    The cases are recorded by `recorded_employers`, for these and for all others who have two employers.
    """
    wanted = planted(lives.people.count)
    timeline, workers = lives.timeline, steady_workers(lives, pools)
    who = lives.take(workers, wanted, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    other = _others(lives, who, rng)
    for person, employer, k in zip(who.tolist(), other.tolist(), period.tolist(), strict=True):
        for month in range(timeline.first + (k - 1 if k else -2), timeline.last + 1):
            lives.plan("W11", person=person, employer=employer, month=month)
    who = lives.take(workers, max(1, wanted // 3), rng)
    for person, employer in zip(who.tolist(), _others(lives, who, rng).tolist(), strict=True):
        lives.plan("W11", person=person, employer=employer, month=timeline.first - 1)
        lives.innocent("C05", [person], "paid for by the old and the new employer in the month between")


def _others(lives: Lives, who: Ints, rng: np.random.Generator) -> Ints:
    """A large employer for each person, of another name than the present one: its headcount hardly changes."""
    names = _business(lives)
    size = np.bincount(lives.employer[lives.works], minlength=lives.organisations.count)
    large = np.argsort(size)[-max(5, int((size > _LARGEST).sum())) :]
    found = np.zeros(len(who), np.int64)
    for index, person in enumerate(who.tolist()):
        own = names[lives.employer[person]]
        found[index] = next(o for o in np.roll(large, -int(rng.integers(len(large)))) if names[o] != own)
    return found


def recorded_employers(lives: Lives) -> None:
    """Record C05 for whoever is reported by two businesses: two months of contributions, or two spells of cover."""
    timeline = lives.timeline
    months: dict[int, list[int]] = {}
    for row in lives.planned["W11"]:
        person = int(row["person"])
        own = int(lives.employer[person])
        pays = lives.works_from[person] <= row["month"] <= lives.works_until[person] and lives.works[person]
        if pays and own != int(row["employer"]) and timeline.last - 12 < row["month"] <= timeline.last:
            months.setdefault(person, []).append(int(row["month"]))
    for person, several in months.items():
        found = sorted(set(several))
        if len(found) > 1:
            period = max(found[1] - timeline.first, 0)
            lives.conflict("C05", [person], "two employers contribute to the pension", period)
    for row in lives.planned["W29"]:
        person = int(row["person"])
        if row.get("type") != WORKING or row.get("employer", -1) < 0 or row.get("end", NEVER) < NEVER:
            continue
        present = lives.enrolled[person] and lives.enrol_end[person] == NEVER
        present &= lives.person_type[person] == WORKING
        if present and int(row["employer"]) != int(lives.employer[person]):
            started = max(int(row["start"]), int(lives.enrol_start[person]))
            period = int(timeline.period_of(np.array([started]))[0])
            lives.conflict("C05", [person], "insured by two employers at once", period)
