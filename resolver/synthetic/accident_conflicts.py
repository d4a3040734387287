"""T01: the injured of traffic accidents whom the fund paid for, and parties for whom nobody else must pay."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from resolver.synthetic.accident_facts import BLAMELESS, EQUAL, FULL, LESSER, MAIN, MINOR, SERIOUS, UNHURT
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import COLD, EMERGENCY, FIRST_INJURY, INPATIENT, OUTPATIENT
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import DAY, Bools

_COUNTERPART = {BLAMELESS: FULL, LESSER: MAIN, EQUAL: EQUAL, MAIN: LESSER}
_HOUR = 3600


@dataclass(frozen=True)
class Party:
    """The party an accident is told for: person, second of the accident, injury and share of the blame."""

    person: int
    second: int
    injury: int
    liability: int


def treated_after_accident(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant injured parties, not alone to blame, treated within three days, or within thirty for the injury."""
    wanted = cases_per_rule(lives.people.count)
    suitable = pools.insured & (pools.age >= 8) & (pools.age < 85)
    who = lives.take(suitable, wanted, rng)
    lives.visits[who] = False
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    days = days_in_period(lives, period, 330, 13, rng)
    blame = np.array([BLAMELESS, LESSER, EQUAL, MAIN])
    drivers = drivers_free(lives, suitable, rng)
    for index, (person, k, day) in enumerate(zip(who.tolist(), period.tolist(), days.tolist(), strict=True)):
        second = day * DAY + int(rng.integers(6 * _HOUR, 13 * _HOUR))
        liability = int(blame[rng.integers(len(blame))])
        party = Party(person, second, (MINOR, SERIOUS)[index % 3 == 0], liability)
        accident(lives, party, next(drivers), index)
        coded = _treat(lives, party, index, rng)
        lives.conflict("T01", [person], "treated after an accident that others caused", k)
        if coded:
            lives.conflict("T02", [person], "declared as nobody else's doing", k)
    _nobody_else_pays(lives, suitable, wanted, rng)
    _plate_only(lives, suitable, rng)


def _treat(lives: Lives, party: Party, index: int, rng: np.random.Generator) -> bool:
    """One treatment of the injured; whether it is coded as an injury."""
    injury = FIRST_INJURY + int(rng.integers(5))
    if index % 3 < 2:
        begin = party.second + int(rng.integers(_HOUR, 60 * _HOUR))
        kind = EMERGENCY if index % 2 else INPATIENT
        end = begin + (3 * DAY if kind == INPATIENT else 2 * _HOUR)
        both = index % 4 != 3
        # Not every doctor codes the injury; in the first three days it does not matter.
        diagnosis = injury if index % 6 else 4
        treated(lives, party.person, (begin, end, kind, diagnosis), settled=int(both or index % 8 == 3))
    else:
        begin = party.second // DAY * DAY + int(rng.integers(5, 11)) * DAY + 10 * _HOUR
        treated(lives, party.person, (begin, begin + _HOUR, OUTPATIENT, injury), settled=1)
        return True
    return index % 6 != 0


def treated(lives: Lives, person: int, visit: tuple[int, int, int, int], **more: int) -> None:
    """Plan a treatment: first and last second, kind and diagnosis, and whatever else a planned visit can say."""
    begin, end, kind, diagnosis = visit
    lives.plan("visits", patient=person, begin=begin, end=end, kind=kind, diagnosis=diagnosis, **more)


def accident(lives: Lives, party: Party, other: int, index: int, theirs: int | None = None) -> int:
    """Plan the party, and the one it collided with (-1 = nobody), who comes away unhurt, `theirs` being its liability.

    Returns:
        The accident's number, by which payments know it.
    """
    number = lives.plan("accidents")
    row = {"accident": number, "second": party.second}
    lives.plan(
        "W22",
        **row,
        party=party.person,
        number=1,
        role=index % 3 + 1,
        injury=party.injury,
        liability=party.liability,
    )
    if other >= 0:
        lives.plan(
            "W22",
            **row,
            party=other,
            number=2,
            role=0,
            liability=_COUNTERPART.get(party.liability, BLAMELESS) if theirs is None else theirs,
        )
    return number


def drivers_free(lives: Lives, suitable: Bools, rng: np.random.Generator) -> Iterator[int]:
    """Other parties: grown-ups from outside all storylines; being unhurt, nothing follows for them."""
    grown = suitable & (lives.people.age(lives.timeline.reference) >= 20)
    free = grown & ~lives.taken
    drivers = np.flatnonzero(free if free.any() else grown)  # the smallest cities have nobody left
    return cycle(rng.choice(drivers, 3 * cases_per_rule(lives.people.count)).tolist())


def _nobody_else_pays(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(suitable, wanted + wanted // 5 + 5, rng)
    lives.visits[who] = False
    days = days_in_period(lives, np.zeros(len(who), np.int64), 320, 100, rng)
    drivers = drivers_free(lives, suitable, rng)
    for index, (person, day) in enumerate(zip(who.tolist(), days.tolist(), strict=True)):
        second = day * DAY + 9 * _HOUR
        case = index % 5
        injury = UNHURT if case == 0 else MINOR
        liability = FULL if case == 1 else (BLAMELESS, LESSER, EQUAL)[index % 3]
        accident(lives, Party(person, second, injury, liability), next(drivers) if case != 1 else -1, index)
        offset, diagnosis, why = (
            (DAY, 4, "came away unhurt"),
            (5 * _HOUR, FIRST_INJURY + 1, "alone to blame"),
            (int(rng.integers(40, 90)) * DAY, FIRST_INJURY + 2, "treated too long after the accident"),
            (int(rng.integers(6, 25)) * DAY, COLD, "a cold ten days later"),
            (-3 * _HOUR, FIRST_INJURY + 4, "treated before the accident"),
        )[case]
        begin = second + offset
        treated(lives, person, (begin, begin + 1800, OUTPATIENT, diagnosis))
        lives.innocent("T01", [person], why)
        if case == 1:
            lives.conflict("T08", [person], why)


def _plate_only(lives: Lives, suitable: Bools, rng: np.random.Generator) -> None:
    """Trap 24: the police know a plate and a name, no number; such a party is never linked on its own."""
    who = lives.take(suitable, 10, rng)
    lives.visits[who] = False
    days = days_in_period(lives, np.zeros(len(who), np.int64), 320, 100, rng)
    for index, (person, day) in enumerate(zip(who.tolist(), days.tolist(), strict=True)):
        accident(lives, Party(person, day * DAY + 10 * _HOUR, UNHURT, FULL), -1, index)
        for column in ("id_number", "birth_date", "sex", "phone", "address"):
            lives.written(("W22", "party", person), column, None)
        lives.trap(24, "plate_only", "ambiguous", [("W22", "party", person), ("W07", "person", person)])
