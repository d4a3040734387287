"""T02-T04, T07-T09: what follows an accident, who should have paid, and injuries that nobody asked about."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from resolver.synthetic.accident_conflicts import Party, accident, drivers_free, treated
from resolver.synthetic.accident_facts import BLAMELESS, EQUAL, FULL, LESSER, MAIN, MINOR, SERIOUS, UNHURT
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import (
    COLD,
    EMERGENCY,
    FIRST_INJURY,
    FOLLOW_UP,
    INPATIENT,
    OUTPATIENT,
    TRAFFIC,
    UNSAID,
)
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, Bools, Ints

_HOUR = 3600
_BLAME = (BLAMELESS, LESSER, EQUAL, MAIN)


def after_accidents(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant what follows accidents: T04 (treated for months), T03 (paid twice), T07 (paid in advance), T08 (own fault).

    Whoever is hurt by another and treated for the injury is a case of T01 too, and of T02 where the declaration
    denies it.
    """
    told = _Told(lives, pools, rng)
    wanted = planted(lives.people.count)
    _long_treatments(told, wanted)
    _treatments_that_end(told, wanted // 2)
    _paid_twice(told, wanted)
    _paid_in_order(told, wanted // 2)
    _advances(told, wanted)
    _declared(told, wanted // 2)
    _own_fault(told, wanted)


def unasked_injuries(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant T09: injuries of the last weeks with a declared cause, of persons of whom no accident is known."""
    told = _Told(lives, pools, rng)
    parties = np.zeros(lives.people.count, bool)
    parties[[row["party"] for row in lives.planned["W22"]]] = True
    told.suitable &= ~parties
    reference = lives.timeline.reference
    wanted = planted(lives.people.count)
    earliest = max(lives.timeline.start(0), reference - 88)
    for index, person in enumerate(told.take(wanted)):
        begin = int(rng.integers(earliest, reference - 3)) * DAY + 10 * _HOUR
        kind = (OUTPATIENT, EMERGENCY, INPATIENT)[index % 3]
        end = begin + (2 * DAY if kind == INPATIENT else _HOUR)
        told.treat(person, begin, kind=kind, cause=index % 3, settled=int(index % 5 > 0))
        lives.conflict("T09", [person], "hurt, and the police were not asked", told.period(end))
    for index, person in enumerate(told.take(wanted // 2)):
        day = reference - int(rng.integers(4, 80))
        if index % 3 == 0:
            told.treat(person, (reference - int(rng.integers(92, 200))) * DAY + 9 * _HOUR)
            lives.innocent("T09", [person], "too long ago to ask")
        elif index % 3 == 1:
            told.treat(person, day * DAY + 9 * _HOUR, cause=UNSAID)
            lives.innocent("T09", [person], "declared in writing that nobody else was involved")
        else:
            told.treat(person, day * DAY + 9 * _HOUR, diagnosis=4, cause=0)
            lives.innocent("T09", [person], "a cause without an injury")


@dataclass
class _Told:
    """Whom the stories are told about, and what they have in common."""

    lives: Lives
    pools: Pools
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.suitable: Bools = self.pools.insured & (self.pools.age >= 8) & (self.pools.age < 85)
        self.drivers: Iterator[int] = drivers_free(self.lives, self.suitable, self.rng)

    def take(self, count: int) -> list[int]:
        """Persons who see no doctor but for what is told here."""
        who = self.lives.take(self.suitable, count, self.rng)
        self.lives.visits[who] = False
        chosen: list[int] = who.tolist()
        return chosen

    def period(self, second: int) -> int:
        """The delivery that tells of a second; never before the first."""
        return int(self.lives.timeline.period_of(np.array([second // DAY]))[0])

    def injury(self) -> int:
        return FIRST_INJURY + int(self.rng.integers(5))

    def days(self, count: int, history: int, margin: int) -> tuple[Ints, Ints]:
        """Period and day of so many cases, the day lying `margin` days before the end of its period."""
        period = periods_of_cases(count, self.lives.timeline.months, self.rng)
        return period, days_in_period(self.lives, period, history, margin, self.rng)

    def hurt(self, person: int, second: int, index: int) -> int:
        """An accident that another one is to blame for; returns its number."""
        party = Party(person, second, (MINOR, SERIOUS)[index % 3 == 0], _BLAME[index % 4])
        return accident(self.lives, party, next(self.drivers), index)

    def treat(
        self, person: int, begin: int, *, kind: int = OUTPATIENT, diagnosis: int = -1, **more: int
    ) -> None:
        """A treatment, of an injury where no diagnosis is given."""
        end = begin + (3 * DAY if kind == INPATIENT else _HOUR)
        treated(self.lives, person, (begin, end, kind, self.injury() if diagnosis < 0 else diagnosis), **more)

    def first_treated(self, person: int, second: int, injury: int, index: int, **more: int) -> None:
        """Treated within two days of an accident that others caused, and declared as nobody else's doing."""
        begin = second + int(self.rng.integers(1, 40)) * _HOUR
        kind = EMERGENCY if index % 2 else INPATIENT
        self.treat(person, begin, kind=kind, diagnosis=injury, **more)
        period = self.period(begin + (3 * DAY if kind == INPATIENT else _HOUR))
        self.lives.conflict("T01", [person], "treated after an accident that others caused", period)
        if not more.get("third_party"):
            self.lives.conflict("T02", [person], "declared as nobody else's doing", period)


def _long_treatments(told: _Told, wanted: int) -> None:
    """T04: the same injury treated again months later, or the plate taken out."""
    people = told.take(wanted)
    period, days = told.days(len(people), 190, 4)
    earliest = told.lives.timeline.end(0) - 330
    for index, (person, k, day) in enumerate(zip(people, period.tolist(), days.tolist(), strict=True)):
        injury = told.injury()
        hit = max(int(day) - int(told.rng.integers(45, 300)), earliest) * DAY + 9 * _HOUR
        told.hurt(person, hit, index)
        told.first_treated(person, hit, injury, index)
        later = FOLLOW_UP if index % 3 == 0 else injury
        told.treat(person, day * DAY + 10 * _HOUR, diagnosis=later)
        told.lives.conflict("T04", [person], "treated again for the injury of an accident", k)


def _treatments_that_end(told: _Told, wanted: int) -> None:
    people = told.take(wanted)
    period = np.zeros(len(people), np.int64)
    days = days_in_period(told.lives, period, 330, 260, told.rng)
    for index, (person, day) in enumerate(zip(people, days.tolist(), strict=True)):
        hit = day * DAY + 9 * _HOUR
        injury = told.injury()
        told.hurt(person, hit, index)
        told.first_treated(person, hit, injury, index)
        if index % 3 == 0:
            told.treat(person, (day + 30) * DAY + 9 * _HOUR, diagnosis=injury)
            why = "treated for the injury for thirty days"
        elif index % 3 == 1:
            told.treat(person, (day + 120) * DAY + 9 * _HOUR, diagnosis=1)
            why = "treated for something else later"
        else:
            other = FIRST_INJURY + (injury - FIRST_INJURY + 1) % 5
            told.treat(person, (day + 150) * DAY + 9 * _HOUR, diagnosis=other, cause=UNSAID)
            why = "another injury later"
        told.lives.innocent("T04", [person], why)


def _paid_twice(told: _Told, wanted: int) -> None:
    """T03: the one to blame, or the insurer, has paid for what the fund had paid for."""
    people = told.take(wanted)
    period, days = told.days(len(people), 120, 1)
    for index, (person, k, paid) in enumerate(zip(people, period.tolist(), days.tolist(), strict=True)):
        day = int(paid) - int(told.rng.integers(20, 150))
        hit = day * DAY + 9 * _HOUR
        number = -1
        if index % 2:  # a traffic accident; else a brawl or a dog, of which the traffic police know nothing
            number = told.hurt(person, hit, index)
            told.first_treated(person, hit, told.injury(), index)
        else:
            told.treat(person, hit + DAY, kind=INPATIENT, cause=UNSAID)
        _payment(told, person, (number, day, int(paid)), index)
        told.lives.conflict("T03", [person], "paid by the third party and by the fund", k)


def _payment(told: _Told, person: int, about: tuple[int, int, int], index: int) -> None:
    number, day, paid = about
    amount = int(told.rng.integers(8_000, 90_000))
    told.lives.plan(
        "X03", person=person, accident=number, day=day, paid=paid, amount=amount, medical=amount // 2, kind=index % 3
    )  # fmt: skip


def _paid_in_order(told: _Told, wanted: int) -> None:
    people = told.take(wanted)
    days = days_in_period(told.lives, np.zeros(len(people), np.int64), 120, 20, told.rng)
    for index, (person, paid) in enumerate(zip(people, days.tolist(), strict=True)):
        day = int(paid) - int(told.rng.integers(20, 150))
        _payment(told, person, (-1, day, int(paid)), index)
        if index % 3 == 0:
            told.treat(person, (day + 1) * DAY + 9 * _HOUR, cause=UNSAID, settled=0)
            why = "paid by the third party alone"
        elif index % 3 == 1:
            told.treat(person, (int(paid) + 3) * DAY + 9 * _HOUR, cause=UNSAID)
            why = "hurt again after the payment"
        else:
            told.treat(person, (day + 2) * DAY + 9 * _HOUR, diagnosis=1)
            why = "treated for an illness in that time"
        told.lives.innocent("T03", [person], why)


def _advances(told: _Told, wanted: int) -> None:
    """T07: the fund paid in advance for a third party, half a year ago, and nobody asks for it back."""
    timeline = told.lives.timeline
    people = told.take(wanted)
    period = periods_of_cases(len(people), timeline.months, told.rng)
    # Half a year is over inside the period; a month has at most 31 days and half a year at most 184.
    over = days_in_period(told.lives, period, 110, 4, told.rng)
    for index, (person, k, day) in enumerate(zip(people, period.tolist(), over.tolist(), strict=True)):
        hit = (int(day) - 190) * DAY + 9 * _HOUR
        told.hurt(person, hit, index)
        told.first_treated(person, hit, told.injury(), index, advance=1, third_party=1, cause=TRAFFIC)
        told.lives.innocent("T02", [person], "declared as a third party's doing")
        told.lives.conflict(
            "T07", [person], "paid in advance and not asked back", _half_a_year_later(told, k)
        )
    for index, person in enumerate(told.take(wanted // 2)):
        hit = (timeline.reference - int(told.rng.integers(20, 170))) * DAY + 9 * _HOUR
        told.hurt(person, hit, index)
        told.first_treated(person, hit, told.injury(), index, advance=1, third_party=1, cause=TRAFFIC)
        told.lives.innocent("T02", [person], "declared as a third party's doing")
        told.lives.innocent("T07", [person], "paid in advance less than half a year ago")


def _half_a_year_later(told: _Told, least: int) -> int:
    """The period at whose end the advance planned last is half a year old."""
    settled = next(row for row in reversed(told.lives.planned["visits"]) if row["advance"])
    day = np.array([(settled["end"] + 300) // DAY]).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    return max(least, int(told.lives.timeline.period_of_month(month.astype(np.int64) + 6)[0]))


def _declared(told: _Told, wanted: int) -> None:
    """Look-alikes of T02: the facility says itself that a third party did it."""
    people = told.take(wanted)
    _, days = told.days(len(people), 300, 8)
    for index, (person, day) in enumerate(zip(people, days.tolist(), strict=True)):
        hit = day * DAY + 9 * _HOUR
        told.hurt(person, hit, index)
        told.first_treated(person, hit, told.injury(), index, third_party=1, cause=TRAFFIC)
        told.lives.innocent("T02", [person], "declared as a third party's doing")


def _own_fault(told: _Told, wanted: int) -> None:
    """T08: alone on the road, or alone to blame; nobody else owes anything."""
    people = told.take(wanted)
    period, days = told.days(len(people), 300, 14)
    for index, (person, k, day) in enumerate(zip(people, period.tolist(), days.tolist(), strict=True)):
        hit = day * DAY + 9 * _HOUR
        party = Party(person, hit, (MINOR, SERIOUS)[index % 3 == 0], FULL)
        accident(told.lives, party, -1 if index % 2 else next(told.drivers), 2 if index % 2 else index)
        begin = hit + (2 * _HOUR if index % 3 else 8 * DAY)
        told.treat(person, begin, kind=EMERGENCY if index % 3 else OUTPATIENT)
        told.lives.conflict("T08", [person], "alone to blame", k)
    people = told.take(wanted // 2)
    days = days_in_period(told.lives, np.zeros(len(people), np.int64), 300, 40, told.rng)
    for index, (person, day) in enumerate(zip(people, days.tolist(), strict=True)):
        hit = day * DAY + 9 * _HOUR
        party = Party(person, hit, UNHURT if index % 2 else MINOR, FULL)
        accident(told.lives, party, -1, 2)
        told.treat(person, hit + (1 if index % 2 else 12) * DAY, diagnosis=COLD)
        told.lives.innocent("T08", [person], "came away unhurt" if index % 2 else "a cold twelve days later")
