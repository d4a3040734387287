"""L12: recorded dead, yet clearly alive a month later, and deaths with signs of life that prove nothing."""

import numpy as np

from resolver.synthetic.lives import CERTIFICATE, CREMATION, REGISTER, Lives
from resolver.synthetic.medical_facts import FACE, OUTPATIENT
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import DAY, Ints, first_day

_SOURCES = np.array([CERTIFICATE, REGISTER, CREMATION, CERTIFICATE | REGISTER])


def weddings(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Ordinary weddings of the months after the history: the register learns of them month by month."""
    people, timeline = lives.people, lives.timeline
    single = pools.plain & (people.spouse < 0) & ~people.divorced & (pools.age >= 23) & (pools.age < 45)
    wanted = max(2, people.count // 2500) * (timeline.months - 1)
    men, women = (
        lives.take(single & (people.sex == 1), wanted, rng),
        lives.take(single & (people.sex == 2), wanted, rng),
    )
    for man, woman in zip(men, women, strict=False):
        day = timeline.end(0) + int(rng.integers(1, timeline.reference - timeline.end(0)))
        people.spouse[man], people.spouse[woman] = woman, man
        lives.plan("weddings", husband=int(man), wife=int(woman), day=day)


def wrongly_dead(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant people who contribute, marry or show their face at least thirty days after their recorded death.

    In later months the record lies so close before the sign that no other rule speaks of the dead in between.
    """
    wanted = cases_per_rule(lives.people.count)
    third = wanted // 3
    workers = lives.take(pools.insured & lives.works & (pools.age < 53), third, rng)
    _contribute(lives, workers, rng)
    grown = pools.plain & (pools.age >= 23) & (pools.age < 66) & ~lives.pensioner & ~lives.works
    single = grown & (lives.people.spouse < 0) & ~lives.people.divorced
    married = _marry(lives, single, third, rng)
    _show_face(lives, pools, wanted - len(workers) - married, rng)
    _signs_that_prove_nothing(lives, pools, wanted, rng)


def record_dead(lives: Lives, who: Ints, days: Ints, rng: np.random.Generator) -> None:
    """Departments record the living as dead, all within a day or two."""
    lives.recorded_death[who] = days
    lives.death_sources[who] = _SOURCES[rng.integers(len(_SOURCES), size=len(who))]
    lives.certified[who] = days + 1
    lives.cremated[who] = days + 2
    lives.register_cancel[who] = days
    lives.visits[who] = False


def _contribute(lives: Lives, who: Ints, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    period = periods_of_cases(len(who), timeline.months, rng)
    starts = timeline.ends(period - 1) + 1
    history = timeline.start(0) - rng.integers(31, 400, len(who))
    record_dead(lives, who, np.where(period == 0, history, starts - 30), rng)
    for person, k in zip(who, period, strict=True):
        _note(lives, int(person), "contributes to the pension", int(k))


def _marry(lives: Lives, single: np.ndarray, wanted: int, rng: np.random.Generator) -> int:
    people, timeline = lives.people, lives.timeline
    men = lives.take(single & (people.sex == 1), wanted, rng)
    women = lives.take(single & (people.sex == 2), wanted, rng)
    count = min(len(men), len(women))
    lives.taken[men[count:]] = lives.taken[women[count:]] = False
    men, women = men[:count], women[:count]
    period = periods_of_cases(count, timeline.months, rng)
    history = timeline.end(0) - rng.integers(110, 700, count)
    record = np.where(period == 0, history, timeline.ends(period - 1) + 1 - rng.integers(26, 32, count))
    wedding = record + rng.integers(37, 53, count)
    dead = np.where(np.arange(count) % 2 == 0, men, women)
    record_dead(lives, dead, record, rng)
    people.spouse[men], people.spouse[women] = women, men
    for man, woman, day in zip(men, women, wedding, strict=True):
        lives.plan("weddings", husband=int(man), wife=int(woman), day=int(day))
        lives.plan("W04", husband=man, wife=woman, day=day)
    for person, day in zip(dead, wedding, strict=True):
        told = int(timeline.period_of(np.array([day]))[0])
        _note(lives, int(person), "marries", told)
    return count


def _show_face(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    suitable = pools.insured & (pools.age >= 18) & (pools.age < 90) & ~lives.works
    if timeline.months > 1:
        suitable &= ~lives.pensioner
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    history = timeline.end(0) - rng.integers(110, 300, len(who))
    record = np.where(period == 0, history, timeline.ends(period - 1) + 1 - rng.integers(26, 32, len(who)))
    seen = record + rng.integers(37, 53, len(who))
    record_dead(lives, who, record, rng)
    for person, day in zip(who, seen, strict=True):
        begin = int(day) * DAY + 9 * 3600
        lives.plan("visits", patient=person, begin=begin, kind=OUTPATIENT, diagnosis=1, credential=FACE)
        _note(lives, int(person), "seen with a checked face", int(timeline.period_of(np.array([day]))[0]))


def _note(lives: Lives, person: int, sign: str, period: int) -> None:
    trap = 27 if person % 8 == 0 else 0
    lives.conflict("L12", [person], f"recorded dead but {sign} later", period, trap=trap)
    if trap:
        rows = [("W07", "person", person), ("W01", "deceased", person), ("W05", "deceased", person)]
        lives.trap(27, "wrongly_dead", "same", [*rows, ("W29", "insured", person)], sign)


def _signs_that_prove_nothing(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    workers = lives.take(pools.insured & lives.works & (pools.age >= 35), wanted // 3 + 1, rng)
    lives.die(
        workers,
        first_day(timeline.last - rng.integers(0, 3, len(workers))) + rng.integers(3, 25, len(workers)),
        rng,
    )
    for person in workers:
        lives.innocent("L12", [person], "contribution owed for the month of death")
    _seen_before(lives, pools, wanted // 3 + 1, rng)
    _short_marriages(lives, pools, wanted // 6 + 1, rng)
    _widows(lives, pools, wanted // 6 + 1, rng)


def _seen_before(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    who = lives.take(pools.insured & (pools.age >= 40), wanted, rng)
    days = days_in_period(lives, np.zeros(len(who), np.int64), 300, 5, rng)
    lives.die(who, days, rng)
    for person, day in zip(who, days, strict=True):
        lives.plan(
            "visits", patient=person, begin=(int(day) - 1) * DAY + 36_000, kind=OUTPATIENT, credential=FACE
        )
        lives.innocent("L12", [person], "seen with a checked face the day before death")


def _short_marriages(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    people, timeline = lives.people, lives.timeline
    old = pools.plain & (pools.age >= 50) & (people.spouse < 0)
    men, women = (
        lives.take(old & (people.sex == 1), wanted, rng),
        lives.take(old & (people.sex == 2), wanted, rng),
    )
    for man, woman in zip(men, women, strict=False):
        day = timeline.start(0) - int(rng.integers(100, 700))
        people.spouse[man], people.spouse[woman] = woman, man
        lives.plan("weddings", husband=int(man), wife=int(woman), day=day)
        lives.plan("W04", husband=man, wife=woman, day=day)
        lives.die(np.array([man]), np.array([day + 50]), rng)
        lives.innocent("L12", [man], "married fifty days before death")


def _widows(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    """Survivors marry again three months later; the register still names the dead as their spouse."""
    people, timeline = lives.people, lives.timeline
    spouse = np.maximum(people.spouse, 0)
    widow = pools.plain & (people.sex == 2) & (people.spouse >= 0) & (pools.age >= 40)
    widow &= pools.insured[spouse] & ~lives.taken[spouse]
    widows = lives.take(widow, wanted, rng)
    men = lives.take(pools.plain & (people.sex == 1) & (people.spouse < 0) & (pools.age >= 40), wanted, rng)
    for woman, man in zip(widows, men, strict=False):
        dead = int(people.spouse[woman])
        lives.taken[dead] = True
        day = timeline.start(0) - int(rng.integers(150, 700))
        lives.die(np.array([dead]), np.array([day]), rng)
        lives.plan("W04", husband=man, wife=woman, day=day + 95)
        lives.innocent("L12", [woman], "the widow marries again")
