"""Who of the listed has means, and whose kin the lists forget: P07, P09 to P15 and P17, read off finished lives.

Conflicts of these rules arise from how people live and work together, whoever was put on a list and why: a single
allowance of a P01 storyline leaves a spouse out, a pensioner with a shop draws a pension. So they are recorded once
all storylines have been told, from the lives themselves and never from what a rule finds.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from resolver.synthetic.economy import HOSPITAL
from resolver.synthetic.employment_facts import fund_employers
from resolver.synthetic.insurance_facts import wages
from resolver.synthetic.list_facts import CHANGES_BEFORE, PARENT_STATES, listing_of, parent_states
from resolver.synthetic.lives import EMPLOYEE, REGISTER, Lives
from resolver.synthetic.register_facts import in_register
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints, month_of

_HOUSEHOLD_LISTS = ("subsistence", "near_subsistence")
_HIGH_WAGE = 6000
_MONTHS = 3


def recorded_relatives(lives: Lives) -> None:
    """Record the conflicts of all rules named above."""
    recorded_entrants(lives)
    means = Means.of(lives)
    recorded_contributions(lives)
    recorded_pensions(lives)
    recorded_homes(lives, means)
    recorded_supporters(lives, means)
    recorded_orphans(lives)
    recorded_parents(lives)
    recorded_exclusions(lives)


@dataclass(frozen=True)
class Means:
    """What the departments know of everyone's income.

    Attributes:
        three_months: Month by which three months of pension contributions are known; `NO_MONTH` if never.
        wage: Their base, in yuan.
        saves: Has an active account in the housing fund, on the same base.
        runs: Represents a living enterprise.
    """

    three_months: Ints
    wage: np.ndarray
    saves: Bools
    runs: Bools

    @classmethod
    def of(cls, lives: Lives) -> "Means":
        """The means that show by the newest month."""
        timeline = lives.timeline
        saves = lives.works & (lives.employer >= 0) & fund_employers(lives)[np.maximum(lives.employer, 0)]
        saves &= (lives.works_until >= timeline.last) & (lives.works_from <= timeline.last)
        organisations = lives.organisations
        runs = np.zeros(lives.people.count, bool)
        living = (organisations.cancelled > timeline.reference) & (organisations.kind != HOSPITAL)
        living &= organisations.established <= timeline.reference
        runners = organisations.representative[living]
        runs[runners[runners >= 0]] = True
        return cls(_three_months(lives), wages(lives), saves, runs)


def _three_months(lives: Lives) -> Ints:
    """The month by which three contributions of the last year are known, those through a second employer too."""
    timeline = lives.timeline
    first = np.maximum(lives.works_from, np.maximum(timeline.first - 2, timeline.last - 11))
    last = np.minimum(lives.works_until, timeline.last)
    found = np.where(lives.works & (last - first + 1 >= _MONTHS), first + _MONTHS - 1, NO_MONTH)
    several: dict[int, set[int]] = defaultdict(set)
    for row in lives.planned["W11"]:
        if timeline.last - 12 < row["month"] <= timeline.last:
            several[int(row["person"])].add(int(row["month"]))
    for person, months in several.items():
        if lives.works[person]:
            months |= set(range(int(first[person]), int(last[person]) + 1))
        if len(months) >= _MONTHS:
            found[person] = sorted(months)[_MONTHS - 1]
    return found


def _since(lives: Lives, *categories: str) -> Ints:
    """The month since which each person stands in one of the lists today; `NO_MONTH` for those in none."""
    last = lives.timeline.last
    since = np.full(lives.people.count, NO_MONTH, np.int64)
    for category in categories:
        listing = listing_of(lives, category)
        there = listing.member & (listing.start <= last) & (listing.until > last)
        since = np.where(there, np.minimum(since, listing.start), since)
    return since


def _aid_since(lives: Lives) -> Ints:
    return _since(lives, *_HOUSEHOLD_LISTS, *(name for name in lives.lists if name != "near_subsistence"))


def _period(lives: Lives, month: int) -> int:
    return max(int(month) - lives.timeline.first, 0)


def _registered(lives: Lives) -> Bools:
    """Whose household entry is open at the reference date."""
    cancelled = (lives.death_sources & REGISTER > 0) & (lives.register_cancel <= lives.timeline.reference)
    open_: Bools = in_register(lives) & ~cancelled & (lives.left == NEVER)
    open_[np.array([row["person"] for row in lives.planned["unregistered"]], np.int64)] = False
    return open_


def _recorded_dead(lives: Lives) -> Bools:
    dead: Bools = (lives.recorded_death <= lives.timeline.reference) & (lives.death_sources > 0)
    return dead


def recorded_entrants(lives: Lives) -> None:
    """P07: came on a list while not insured, so that no flag could be set."""
    timeline = lives.timeline
    uninsured = ~lives.enrolled & ~lives.elsewhere
    for category in (*_HOUSEHOLD_LISTS, *(name for name in lives.lists if name not in _HOUSEHOLD_LISTS)):
        listing = listing_of(lives, category)
        told = (
            listing.member
            & (listing.start >= timeline.first - CHANGES_BEFORE)
            & (listing.until > timeline.last)
        )
        for person in np.flatnonzero(told & uninsured & (listing.start < timeline.last)).tolist():
            period = _period(lives, int(listing.start[person]) + 1)
            lives.conflict("P07", [person], "came on a list without being insured: no flag", period)


def recorded_contributions(lives: Lives) -> None:
    """P09: on a list, and at work for three months while listed."""
    timeline = lives.timeline
    since = _aid_since(lives)
    first = np.maximum(np.maximum(lives.works_from, since), timeline.first - _MONTHS + 1)
    last = np.minimum(lives.works_until, timeline.last)
    for person in np.flatnonzero(lives.works & (since < NO_MONTH) & (last - first + 1 >= _MONTHS)).tolist():
        period = _period(lives, int(first[person]) + _MONTHS - 1)
        lives.conflict("P09", [person], "on a list, with contributions on a full wage", period)


def recorded_pensions(lives: Lives) -> None:
    """P10: on a list, with an employee's pension for three months while listed."""
    timeline = lives.timeline
    since = _aid_since(lives)
    first = np.maximum(since, timeline.first - _MONTHS + 1)
    last = np.minimum(lives.pension_until, timeline.last)
    high = lives.pensioner & (lives.scheme == EMPLOYEE) & (since < NO_MONTH)
    for person in np.flatnonzero(high & (last - first + 1 >= _MONTHS)).tolist():
        period = _period(lives, int(first[person]) + _MONTHS - 1)
        lives.conflict("P10", [person], "on a list, with an employee's pension", period)


def recorded_homes(lives: Lives, means: Means) -> None:
    """P11 and P17: members of a listed person's household who have means, or whom the list lacks."""
    people = lives.people
    since = _since(lives, *_HOUSEHOLD_LISTS)
    home = _registered(lives)
    listed = np.flatnonzero((since < NO_MONTH) & home)
    members = _members(people.household, people.household[listed])
    rich = (means.wage > _HIGH_WAGE) & ((means.three_months < NO_MONTH) | means.saves) | means.runs
    dead = _recorded_dead(lives)
    minor = people.birth > _years_before(lives, 18)
    missing: dict[int, int] = {}
    for person in listed.tolist():
        for member in members[int(people.household[person])]:
            if member == person or since[member] < NO_MONTH or not home[member]:
                continue
            if rich[member] and not dead[member]:
                month = max(int(since[person]), _means_month(means, member))
                why = "a member of the household has means"
                lives.conflict("P11", [person, member], why, _period(lives, month))
            child = minor[member] and person in (people.mother[member], people.father[member])
            if (people.spouse[person] == member or child) and not dead[member]:
                missing[member] = min(missing.get(member, NO_MONTH), int(since[person]))
    for member, month in missing.items():
        lives.conflict("P17", [member], "the household's list lacks a spouse or child", _period(lives, month))


def _means_month(means: Means, person: int) -> int:
    known = means.runs[person] or means.saves[person]
    return 0 if known else int(means.three_months[person])


def _members(household: Ints, wanted: Ints) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {int(number): [] for number in wanted}
    for person in np.flatnonzero(np.isin(household, wanted)).tolist():
        found[int(household[person])].append(person)
    return found


def _years_before(lives: Lives, years: int) -> int:
    """The day so many years before the reference date."""
    reference = np.array([lives.timeline.reference]).astype("datetime64[D]")
    month = reference.astype("datetime64[M]")
    back = (month - years * 12).astype("datetime64[D]") + (reference - month.astype("datetime64[D]"))
    return int(back.astype(np.int64)[0])


def recorded_supporters(lives: Lives, means: Means) -> None:
    """P12: destitute, with a spouse or a child of 18 to 59 who has paid contributions for three months."""
    people = lives.people
    since = _since(lives, "destitute")
    dead = _recorded_dead(lives)
    able = (means.three_months < NO_MONTH) & ~dead
    grown = (people.birth <= _years_before(lives, 18)) & (people.birth > _years_before(lives, 60))
    pairs: list[tuple[int, int]] = []
    for person in np.flatnonzero((since < NO_MONTH) & (people.spouse >= 0)).tolist():
        pairs.append((person, int(people.spouse[person])))
    for parent in (people.mother, people.father):
        has = (parent >= 0) & grown & able
        for child in np.flatnonzero(has & (since[np.maximum(parent, 0)] < NO_MONTH)).tolist():
            pairs.append((int(parent[child]), child))
    for person, kin in pairs:
        if able[kin]:
            month = max(int(since[person]), int(means.three_months[kin]))
            lives.conflict("P12", [person, kin], "destitute, with a relative at work", _period(lives, month))


def recorded_orphans(lives: Lives) -> None:
    """P13: listed as an orphan with a living parent, married, or of age."""
    people = lives.people
    since = _since(lives, "orphan")
    alive = _registered(lives) & ~_recorded_dead(lives)
    limit = _years_before(lives, 18)
    for child in np.flatnonzero(since < NO_MONTH).tolist():
        period = _period(lives, int(since[child]))
        for parent in (int(people.mother[child]), int(people.father[child])):
            if parent >= 0 and alive[parent]:
                lives.conflict("P13", [child, parent], "an orphan with a living parent", period)
        if people.spouse[child] >= 0:
            lives.conflict("P13", [child], "an orphan who is married", period)
        if people.birth[child] <= limit:
            lives.conflict("P13", [child], "an orphan of eighteen", period)


def recorded_parents(lives: Lives) -> None:
    """P14: a parent of an unattended child died unsaid, or is said to be away and pays contributions."""
    people, timeline = lives.people, lives.timeline
    since = _since(lives, "unattended_child")
    children = np.flatnonzero(since < NO_MONTH)
    dead = _recorded_dead(lives)
    away = [PARENT_STATES.index(word) for word in ("missing", "prison")]
    for side, states in zip((people.father, people.mother), parent_states(lives, children), strict=True):
        for child, parent, state in zip(
            children.tolist(), side[children].tolist(), states.tolist(), strict=True
        ):
            if parent < 0:
                continue
            if dead[parent] and PARENT_STATES[state] != "dead":
                month = int(month_of(lives.recorded_death[[parent]])[0])
                month = max(month, int(since[child]))
                why = "an unattended child's parent died"
                lives.conflict("P14", [child, parent], why, _period(lives, month))
            if state in away and lives.works[parent]:
                first = max(int(since[child]) + 1, int(lives.works_from[parent]), timeline.first - 2)
                if first <= min(timeline.last, int(lives.works_until[parent])):
                    why = "an unattended child's parent is back at work"
                    lives.conflict("P14", [child, parent], why, _period(lives, first))


def recorded_exclusions(lives: Lives) -> None:
    """P15: two lists that exclude each other."""
    for one, other in (_HOUSEHOLD_LISTS, ("orphan", "unattended_child")):
        since = np.maximum(_since(lives, one), _since(lives, other))
        for person in np.flatnonzero(since < NO_MONTH).tolist():
            lives.conflict("P15", [person], f"{one} and {other}", _period(lives, int(since[person])))
