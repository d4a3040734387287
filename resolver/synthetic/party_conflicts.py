"""T05: injuries at work at the cost of medical insurance; T06: parties whom the police know by name only."""

import numpy as np

from resolver.synthetic.accident_conflicts import Party, accident, drivers_free, treated
from resolver.synthetic.accident_facts import BLAMELESS, MINOR, UNHURT
from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import COLD, EMERGENCY, FIRST_INJURY, INPATIENT, OUTPATIENT, UNSAID
from resolver.synthetic.storyline import Pools, days_in_period, periods_of_cases, planted
from resolver.synthetic.timeline import DAY

_HOUR = 3600
_WORK, _COMMUTE = 0, 1
_RECOGNISED, _REFUSED = 0, 1


def hurt_at_work(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant recognised work injuries whose treatment the fund paid, and injuries for which it rightly paid."""
    wanted = planted(lives.people.count)
    workers = pools.insured & lives.works
    who = lives.take(workers, wanted, rng)
    lives.visits[who] = False
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    decided = days_in_period(lives, period, 150, 2, rng)
    for index, (person, k, day) in enumerate(
        zip(who.tolist(), period.tolist(), decided.tolist(), strict=True)
    ):
        hurt = day - int(rng.integers(32, 150))
        _decision(lives, person, (hurt, day), (_WORK, _COMMUTE)[index % 4 == 3], _RECOGNISED)
        _treated(lives, person, hurt * DAY + (9 + 24 * (index % 5)) * _HOUR, index)
        lives.conflict("T05", [person], "a work injury at the cost of medical insurance", k)
    _rightly_paid(lives, workers, wanted // 2, rng)


def _rightly_paid(lives: Lives, workers: np.ndarray, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(workers, wanted, rng)
    lives.visits[who] = False
    decided = days_in_period(lives, np.zeros(len(who), np.int64), 120, 2, rng)
    for index, (person, day) in enumerate(zip(who.tolist(), decided.tolist(), strict=True)):
        hurt = day - int(rng.integers(100, 150))
        begin = hurt * DAY + 10 * _HOUR
        case = index % 4
        _decision(lives, person, (hurt, day), _WORK, _REFUSED if case == 0 else _RECOGNISED)
        if case == 1:
            begin -= 5 * DAY
        elif case == 2:
            begin += 91 * DAY
        if case == 3:
            treated(lives, person, (begin, begin + _HOUR, OUTPATIENT, COLD))
        else:
            _treated(lives, person, begin, index)
        why = (
            "the work injury was refused",
            "hurt days before the work injury",
            "treated too long after it",
            "a cold",
        )
        lives.innocent("T05", [person], why[case])


def _decision(lives: Lives, person: int, days: tuple[int, int], cause: int, decision: int) -> None:
    lives.plan(
        "X04", person=person, employer=int(lives.employer[person]), day=days[0], decided=days[1], cause=cause,
        decision=decision,
    )  # fmt: skip


def _treated(lives: Lives, person: int, begin: int, index: int) -> None:
    kind = (EMERGENCY, INPATIENT, OUTPATIENT)[index % 3]
    end = begin + (4 * DAY if kind == INPATIENT else _HOUR)
    treated(lives, person, (begin, end, kind, FIRST_INJURY + index % 5), cause=UNSAID)


def known_by_name(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant hurt parties without number and birth date: some treated at once (nobody being to blame), others not."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & (pools.age >= 8) & (pools.age < 85)
    who = lives.take(suitable, wanted + wanted // 2, rng)
    lives.visits[who] = False
    drivers = drivers_free(lives, suitable, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    days = days_in_period(lives, period, 300, 8, rng)
    for index, (person, k, day) in enumerate(zip(who.tolist(), period.tolist(), days.tolist(), strict=True)):
        second = day * DAY + 9 * _HOUR
        innocent = index >= wanted
        party = Party(person, second, UNHURT if innocent and index % 3 == 0 else MINOR, BLAMELESS)
        accident(lives, party, next(drivers), index, theirs=BLAMELESS)
        if index % 2:
            begin = second + 3 * _HOUR
            treated(lives, person, (begin, begin + _HOUR, EMERGENCY, FIRST_INJURY + index % 5), cause=UNSAID)
        unknown = ["id_number", "birth_date", "sex", "phone", "address"]
        if innocent and index % 3:
            known = ("id_number", "birth_date")[index % 3 - 1]
            unknown.remove(known)
            if known == "id_number":  # it must have come
                lives.written_number(("W22", "party", person), person)
            lives.innocent("T06", [person], f"known by {known}")
        elif innocent:
            lives.innocent("T06", [person], "came away unhurt")
        else:
            lives.conflict("T06", [person], "a hurt party known by name only", k)
        for column in unknown:
            lives.written(("W22", "party", person), column, None)
