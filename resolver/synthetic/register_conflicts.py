"""Cover and the household register: E10 (in no register), E11 (in no insurance), E12 (moved away)."""

import numpy as np

from resolver.synthetic.enrolment_conflicts import insured_elsewhere
from resolver.synthetic.lives import ORDINARY, RESIDENT, STUDENT, WORKING, Lives
from resolver.synthetic.storyline import Pools, days_in_period, days_overdue, periods_of_cases, planted
from resolver.synthetic.timeline import NEVER, Bools, Ints

MOVED_IN, MOVED_OUT = 90, 60


def unregistered(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E10: insured, in no household register, without a residence permit that holds."""
    wanted = planted(lives.people.count)
    suitable = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 18)
    who = lives.take(suitable, wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    day = days_in_period(lives, period, 300, 3, rng)
    lives.enrol_start[who] = np.where(period == 0, lives.enrol_start[who], day)
    for index, (person, k) in enumerate(zip(who.tolist(), period.tolist(), strict=True)):
        lives.plan("unregistered", person=person)
        if k == 0 and index % 3 == 0:
            end = lives.timeline.start(0) - int(rng.integers(5, 300))
            lives.plan("X02", person=person, start=end - 5 * 365, end=end)
        lives.conflict("E10", [person], "insured, in no household register", k)
    for person in lives.take(suitable, wanted // 3 + 2, rng).tolist():
        lives.plan("unregistered", person=person)
        start = lives.timeline.start(0) - int(rng.integers(40, 900))
        lives.plan("X02", person=person, start=start, end=start + 5 * 365)
        lives.innocent("E10", [person], "lives here with a residence permit")


def uninsured(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E11: registered here for more than three months, in no insurance at all."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    suitable = pools.insured & ~lives.works & ~lives.pensioner & (pools.age >= 6)
    who = lives.take(suitable, wanted, rng)
    lives.enrolled[who] = False
    period = periods_of_cases(len(who), timeline.months, rng)
    period = _of_first_register(lives, period, MOVED_IN)
    day = days_overdue(lives, period, MOVED_IN, 400, rng)
    newcomers = who[period > 0]
    lives.people.moved[newcomers] = day[period > 0]
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        lives.conflict("E11", [person], "registered here, in no insurance", k)
    _insured_somewhere(lives, suitable, wanted // 6 + 1, rng)


def _insured_somewhere(lives: Lives, suitable: Bools, wanted: int, rng: np.random.Generator) -> None:
    timeline, people = lives.timeline, lives.people
    elsewhere = lives.take(suitable, wanted, rng)
    insured_elsewhere(lives, elsewhere, rng)
    for person in elsewhere.tolist():
        lives.innocent("E11", [person], "insured in another county")
    gone = lives.take(suitable, wanted, rng)
    lives.enrolled[gone] = False
    lives.left[gone] = timeline.start(0) - rng.integers(10, 700, len(gone))
    for person in gone.tolist():
        lives.innocent("E11", [person], "moved away")
    days = np.arange(timeline.reference - MOVED_IN, timeline.end(0) + 1)[:25]
    if len(days):
        fresh = lives.take(suitable, wanted, rng)
        lives.enrolled[fresh] = False
        people.moved[fresh] = rng.choice(days, len(fresh))
        for person in fresh.tolist():
            lives.innocent("E11", [person], "moved in within the last ninety days")


def moved_away(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """E12: moved away more than sixty days ago, still insured as a resident, or for that long."""
    wanted, timeline = planted(lives.people.count), lives.timeline
    resident = pools.insured & (lives.scheme == RESIDENT) & (lives.person_type == ORDINARY) & ~lives.works
    who = lives.take(resident, wanted, rng)
    period = periods_of_cases(len(who), timeline.months, rng)
    period = _of_first_register(lives, period, MOVED_OUT)
    day = days_overdue(lives, period, MOVED_OUT, 500, rng)
    lives.left[who] = day
    late = day + MOVED_OUT + 1 + rng.integers(0, 100, len(who))
    ended = (period == 0) & (np.arange(len(who)) % 4 == 0) & (late <= timeline.end(0))
    lives.enrol_end[who] = np.where(ended, late, NEVER)
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        lives.conflict("E12", [person], "moved away, insured as a resident", k)
    _may_stay(lives, pools, resident, wanted // 6 + 1, rng)


def _may_stay(lives: Lives, pools: Pools, resident: Bools, wanted: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    working = pools.insured & lives.works & (lives.person_type == WORKING)
    student = pools.insured & (lives.scheme == RESIDENT) & (lives.person_type == STUDENT)
    for suitable, why in (
        (working, "moved away, insured through work"),
        (student, "moved away, insured as a student"),
        (resident, "moved away and back, with a residence permit"),
    ):
        who = lives.take(suitable, wanted, rng)
        lives.left[who] = timeline.start(0) - rng.integers(80, 600, len(who))
        for person in who.tolist():
            if suitable is resident:
                start = int(lives.left[person]) + 40
                lives.plan("X02", person=person, start=start, end=start + 5 * 365)
            lives.innocent("E12", [person], why)
    days = np.arange(timeline.reference - MOVED_OUT, timeline.end(0) + 1)[:50]
    if len(days):
        fresh = lives.take(resident, wanted, rng)
        lives.left[fresh] = rng.choice(days, len(fresh))
        for person in fresh.tolist():
            lives.innocent("E12", [person], "moved away within the last sixty days")


def _of_first_register(lives: Lives, period: Ints, grace: int) -> Ints:
    """The periods, but 0 where the move would come after the first delivery, whose register tells of moves."""
    timeline = lives.timeline
    return np.where(timeline.ends(period) - grace - 1 > timeline.end(0), 0, period)
