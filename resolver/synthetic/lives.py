"""What has been decided about each person's dealings with the departments, before it becomes facts.

`Lives` starts as an ordinary city without a contradiction. Storylines (planted conflicts, look-alikes, traps) take
persons for themselves, change their lives, and add planned rows; the modules of facts then write everything down.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from resolver.synthetic.amendments import Amendment
from resolver.synthetic.economy import Organisations, hire
from resolver.synthetic.places import Places
from resolver.synthetic.population import People
from resolver.synthetic.timeline import NEVER, NO_MONTH, Bools, Ints, Timeline, first_day, month_of
from resolver.synthetic.world import Conflict, Override, Trap

EMPLOYEE, RESIDENT = 310, 390
WORKING, RETIRED, ORDINARY, STUDENT, FLEXIBLE = range(5)
PERSON_TYPES = ("working", "retired", "resident", "student", "flexible")
About = tuple[str, str, int]
"""Feed, role, person or organisation."""

CERTIFICATE, CREMATION, REGISTER = 1, 2, 4
"""Sources of a death, as bits."""


@dataclass
class Listing:
    """A list of aid, one element per person.

    Attributes:
        member: Is or was on it.
        start: The first month.
        until: The first month in which no longer; `NO_MONTH` while on it.
    """

    member: Bools
    start: Ints
    until: Ints


@dataclass
class Lives:
    """One element per person, except the planned rows.

    Attributes:
        enrolled: Has a spell of insurance now or until `enrol_end`.
        scheme: 310 employee, 390 resident.
        enrol_start, enrol_end: Days of the present spell; `NEVER` while open.
        employer: Organisation one works or worked for under `scheme` 310, or -1.
        works: Pays pension contributions through `employer` from month `works_from` to month `works_until`.
        pensioner: Receives a pension up to month `pension_until` (month of pay).
        death_sources: Which departments recorded the death, as bits.
        recorded_death: The day of death they recorded; `NEVER` if none.
        death_second: Second of the day of death.
        certified, cremated, register_cancel: The days the certificate was issued, the body cremated and the register
            cancelled for the death.
        allowance: Listed for subsistence allowance from month `allowed_from` to `allowed_until`.
        disabled: Holds a disability certificate.
        second_number: Has two insurance numbers, both in use.
        visits: Sees doctors and pharmacies like anyone else.
        left: The day of moving away from the city; `NEVER`.
        elsewhere: Is insured in another county only.
        lists: Category of aid -> its list; subsistence allowance and disability have fields of their own.
        taken: Belongs to a storyline already.
        planned: Feed or topic -> rows that storylines added.
    """

    people: People
    organisations: Organisations
    places: Places
    timeline: Timeline
    enrolled: Bools
    scheme: Ints
    person_type: Ints
    enrol_start: Ints
    enrol_end: Ints
    employer: Ints
    works: Bools
    works_from: Ints
    works_until: Ints
    pensioner: Bools
    pension_until: Ints
    death_sources: Ints
    recorded_death: Ints
    death_second: Ints
    certified: Ints
    cremated: Ints
    register_cancel: Ints
    allowance: Bools
    allowed_from: Ints
    allowed_until: Ints
    disabled: Bools
    disabled_from: Ints
    disabled_until: Ints
    second_number: Bools
    visits: Bools
    left: Ints
    elsewhere: Bools
    taken: Bools
    lists: dict[str, Listing] = field(default_factory=dict)
    planned: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    conflicts: list[Conflict] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)

    def take(self, suitable: Bools, count: int, rng: np.random.Generator) -> Ints:
        """Reserve up to `count` suitable persons that no other storyline has, in random order."""
        free = np.flatnonzero(suitable & ~self.taken)
        chosen = rng.permutation(free)[:count]
        self.taken[chosen] = True
        return chosen

    def plan(self, topic: str, **row: Any) -> int:
        """Add one row to a topic; returns its number among the topic's planned rows."""
        self.planned[topic].append(row)
        return len(self.planned[topic]) - 1

    def conflict(
        self,
        rule: str,
        persons: Sequence[int],
        why: str,
        period: int = 0,
        *,
        trap: int = 0,
        organisation: int = -1,
    ) -> None:
        """Record that a rule must find something about these persons, or this organisation."""
        who = tuple(int(p) for p in persons)
        found = Conflict(rule, True, who, int(organisation), period=int(period), why=why, trap=trap)
        self.conflicts.append(found)

    def innocent(
        self, rule: str, persons: Sequence[int], why: str, *, trap: int = 0, organisation: int = -1
    ) -> None:
        """Record that a rule must stay silent about these persons, or this organisation."""
        who = tuple(int(p) for p in persons)
        self.conflicts.append(Conflict(rule, False, who, int(organisation), why=why, trap=trap))

    def trap(self, number: int, name: str, expect: str, about: Sequence[About], note: str = "") -> None:
        """Record an instance of a trap; its rows are looked up once the facts are written.

        Whom it is about and has no row in the feed is left out.
        """
        self.plan("traps", number=number, name=name, expect=expect, about=tuple(about), note=note)

    def written(self, about: About, column: str, value: str | None, **where: Any) -> None:
        """Let a department write a cell of its own in every row about someone that has the values of `where`."""
        self.plan("written", about=about, column=column, value=value, where=where)

    def written_number(
        self, about: About, owner: int, column: str = "id_number", *, former: bool = False, **where: Any
    ) -> None:
        """Let a department write somebody's number (or former number) in its rows about someone."""
        self.plan("written_numbers", about=about, column=column, owner=int(owner), former=former, where=where)

    def amend(self, feed: str, role: str, who: int, values: Mapping[str, Any], **where: Any) -> None:
        """Let a feed tell other values in its rows about someone; `where` says which of them."""
        self.amendments.append(Amendment(feed, "set", role, int(who), values, where))

    def drop(self, feed: str, role: str, who: int, **where: Any) -> None:
        """Let a feed lack its rows about someone."""
        self.amendments.append(Amendment(feed, "drop", role, int(who), where=where))

    def repeat(self, feed: str, role: str, who: int, values: Mapping[str, Any], **where: Any) -> None:
        """Let a feed tell its last row about someone once more, with other values."""
        self.amendments.append(Amendment(feed, "repeat", role, int(who), values, where, last=True))

    def die(self, persons: Ints, days: Ints, rng: np.random.Generator) -> None:
        """Let persons die on given days, with the consequences an orderly city draws from it."""
        self.people.death[persons] = days
        settle_deaths(self, persons, rng)


def make_lives(
    people: People, organisations: Organisations, places: Places, timeline: Timeline, rng: np.random.Generator
) -> Lives:
    """Give everyone an orderly life: insured, working or retired, some on aid."""
    count = people.count
    never = np.full(count, NEVER, np.int64)
    no = np.zeros(count, bool)
    lives = Lives(
        people=people, organisations=organisations, places=places, timeline=timeline, enrolled=no.copy(),
        scheme=np.full(count, RESIDENT, np.int64), person_type=np.full(count, ORDINARY, np.int64),
        enrol_start=never.copy(),
        enrol_end=never.copy(), employer=np.full(count, -1, np.int64), works=no.copy(),
        works_from=np.zeros(count, np.int64), works_until=np.full(count, NO_MONTH, np.int64), pensioner=no.copy(),
        pension_until=np.full(count, NO_MONTH, np.int64), death_sources=np.zeros(count, np.int64),
        recorded_death=never.copy(), death_second=rng.integers(600, 85_800, count), certified=never.copy(),
        cremated=never.copy(), register_cancel=never.copy(), allowance=no.copy(),
        allowed_from=np.full(count, NO_MONTH, np.int64), allowed_until=np.full(count, NO_MONTH, np.int64),
        disabled=no.copy(), disabled_from=never.copy(), disabled_until=never.copy(), second_number=no.copy(),
        visits=np.ones(count, bool),
        left=never.copy(), elsewhere=no.copy(), taken=no.copy(),
    )  # fmt: skip
    _work_and_insurance(lives, rng)
    _aid(lives, rng)
    settle_deaths(lives, np.flatnonzero(people.death < NEVER), rng)
    return lives


def settle_deaths(lives: Lives, persons: Ints, rng: np.random.Generator) -> None:
    """End cover, work, pension and aid at death, and tell the departments of it, all in time."""
    count = len(persons)
    death = lives.people.death[persons]
    lives.recorded_death[persons] = death
    # Every death is certified and cancels the register; some are buried elsewhere.
    mixes = np.array([7, 5, 7, 7])
    lives.death_sources[persons] = mixes[rng.integers(len(mixes), size=count)]
    lives.certified[persons] = death + rng.integers(0, 8, count)
    lives.cremated[persons] = death + rng.integers(1, 4, count)
    lives.register_cancel[persons] = death + rng.integers(0, 26, count)
    lives.enrol_end[persons] = np.minimum(lives.enrol_end[persons], death + rng.integers(0, 26, count))
    month = month_of(death)
    lives.works_until[persons] = np.minimum(lives.works_until[persons], month)
    lives.pension_until[persons] = np.minimum(lives.pension_until[persons], month)
    # Aid ends no later than cover, so that nobody dead looks like someone on aid without insurance.
    lives.allowed_until[persons] = np.minimum(lives.allowed_until[persons], month)
    lives.disabled_until[persons] = np.minimum(lives.disabled_until[persons], death)
    for listing in lives.lists.values():
        listing.until[persons] = np.minimum(listing.until[persons], month)


def _work_and_insurance(lives: Lives, rng: np.random.Generator) -> None:
    people, reference = lives.people, lives.timeline.reference
    count = people.count
    age = people.age(reference)
    retired_at = np.where(people.sex == 1, 60, 55)
    able = (age >= 21) & (age < retired_at)
    draw = rng.random(count)
    lives.works = able & (draw < 0.62)
    workers = np.flatnonzero(lives.works)
    lives.employer[workers] = hire(lives.organisations, workers, rng)
    flexible = able & (draw > 0.97)
    lives.pensioner = (age >= retired_at) & (rng.random(count) < 0.95)
    city_pension = lives.pensioner & (rng.random(count) < 0.4)
    lives.scheme = np.where(lives.works | flexible | city_pension, EMPLOYEE, RESIDENT)
    kinds = np.full(count, ORDINARY, np.int64)
    kinds[(age >= 6) & (age < 20)] = STUDENT
    kinds[lives.works] = WORKING
    kinds[flexible] = FLEXIBLE
    kinds[city_pension] = RETIRED
    lives.person_type = kinds
    lives.enrolled = np.ones(count, bool)
    earliest = np.maximum(people.birth + 10, 11_000)
    span = np.maximum(np.minimum(reference, people.death) - 120 - earliest, 1)
    start = earliest + (rng.random(count) ** 0.7 * span).astype(np.int64)
    newborn = people.birth > reference - 400
    lives.enrol_start = np.where(newborn, people.birth + rng.integers(5, 25, count), start)
    lives.enrolled &= lives.enrol_start <= reference
    _new_jobs(lives, rng)
    _departures(lives, rng)


def _departures(lives: Lives, rng: np.random.Generator) -> None:
    """Those who move away: residents' cover ends with it, whoever works here stays insured here."""
    people, timeline = lives.people, lives.timeline
    goes = (rng.random(people.count) < 0.003) & ~lives.taken & (people.death == NEVER)
    goes &= people.birth < timeline.start(0) - 2000
    who = np.flatnonzero(goes)
    day = timeline.start(0) - rng.integers(1, 900, len(who))
    lives.left[who] = day
    residents = lives.scheme[who] == RESIDENT
    lives.enrol_start[who] = np.minimum(lives.enrol_start[who], day - 200)
    lives.enrol_end[who[residents]] = day[residents] + rng.integers(0, 40, int(residents.sum()))
    lives.taken[who] = True


def _new_jobs(lives: Lives, rng: np.random.Generator) -> None:
    """Residents who find work in one of the later months, and are insured through it from then on."""
    timeline = lives.timeline
    later = timeline.months - 1
    hired = np.flatnonzero(lives.works & (rng.random(lives.people.count) < 0.008 * later))
    month = timeline.first + 1 + rng.integers(0, max(later, 1), len(hired))
    start = first_day(month) + rng.integers(0, 10, len(hired))
    alive = lives.people.death[hired] == NEVER
    for person, before, day in zip(hired[alive], lives.enrol_start[hired[alive]], start[alive], strict=True):
        lives.plan("W29", person=person, scheme=RESIDENT, start=before, end=day - 1)
    lives.taken[hired[alive]] = True  # their spells are told; no storyline may add to them
    lives.works_from[hired[alive]] = month[alive]
    lives.enrol_start[hired[alive]] = start[alive]


def _aid(lives: Lives, rng: np.random.Generator) -> None:
    """Households on subsistence allowance and holders of disability certificates, all of them insured."""
    people, timeline = lives.people, lives.timeline
    households = int(people.household.max()) + 1
    runs_something = np.zeros(people.count, bool)
    for runners in (lives.organisations.representative, lives.organisations.shareholder):
        runs_something[runners[runners >= 0]] = True
    insured = lives.enrolled & (lives.enrol_start < timeline.start(0)) & (lives.left == NEVER)
    busy = runs_something | lives.works | (lives.pensioner & (lives.scheme == EMPLOYEE)) | ~insured
    poor = (rng.random(households) < 0.15) & (np.bincount(people.household, busy, households) == 0)
    months = timeline.first - rng.integers(1, 90, households)
    new = (rng.random(households) < 0.02 * (timeline.months - 1)) & poor
    months[new] = timeline.first + 1 + rng.integers(0, max(timeline.months - 1, 1), households)[new]
    lives.allowance = poor[people.household] & insured
    lives.allowed_from = np.maximum(months[people.household], month_of(people.birth) + 1)
    leaves = rng.random(households) < 0.06
    until = timeline.first + rng.integers(-20, timeline.months + 6, households)
    until = np.where(leaves & (until > months), until, NO_MONTH)
    lives.allowed_until = until[people.household]
    lives.allowance &= lives.allowed_from < lives.allowed_until
    lives.disabled = (rng.random(people.count) < 0.027) & insured & (people.age(timeline.reference) >= 4)
    issued = np.maximum(timeline.start(0) - rng.integers(30, 4000, people.count), people.birth + 400)
    later = timeline.end(0) + rng.integers(1, max(timeline.reference - timeline.end(0), 1) + 1, people.count)
    is_new = rng.random(people.count) < 0.015 * (timeline.months - 1)
    lives.disabled_from = np.where(is_new, later, issued)
