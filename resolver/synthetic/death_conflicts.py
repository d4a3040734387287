"""Cover, care and pension after death: L01, L03, L05, and what only looks like it."""

import numpy as np

from resolver.synthetic.lives import CERTIFICATE, CREMATION, REGISTER, WORKING, Lives
from resolver.synthetic.medical_facts import (
    COLD,
    DRUGSTORE,
    E_VOUCHER,
    EMERGENCY,
    FACE,
    INPATIENT,
    OUTPATIENT,
    SOCIAL_CARD,
)
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import DAY, NEVER, Ints, day_number, first_day, month_of

GRACE = 30


def cover_after_death(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L01: cover still open more than thirty days after a death that certificate or register tell of."""
    wanted = cases_per_rule(lives.people.count)
    who = lives.take(pools.insured & (pools.age >= 45), wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    ends = lives.timeline.ends(period)
    first = np.where(period == 0, ends - 850, lives.timeline.ends(period - 1) - GRACE)
    first = np.maximum(first, lives.enrol_start[who] + 30)
    last = ends - GRACE - 1
    day = first + (rng.random(len(who)) * (last - first + 1)).astype(np.int64)
    lives.die(who, day, rng)
    sources = np.array(
        [CERTIFICATE | CREMATION | REGISTER, CERTIFICATE | REGISTER, CERTIFICATE | CREMATION, REGISTER]
    )
    lives.death_sources[who] = sources[rng.integers(len(sources), size=len(who))]
    # Where only the register knows, its day of cancelling is the day of death for all others.
    lives.register_cancel[who] = np.where(
        lives.death_sources[who] == REGISTER, day, lives.register_cancel[who]
    )
    lives.enrol_end[who] = NEVER
    for person, k in zip(who, period, strict=True):
        lives.conflict("L01", [person], "cover open long after death", k)
    _cover_in_order(lives, pools, wanted, rng)


def _cover_in_order(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    reference = lives.timeline.reference
    suitable = pools.insured & (pools.age >= 45)
    who = lives.take(suitable, wanted // 3 + 1, rng)
    days = reference - np.where(np.arange(len(who)) % 6 == 0, GRACE, rng.integers(1, GRACE + 1, len(who)))
    lives.die(who, days, rng)
    lives.enrol_end[who] = NEVER
    lives.certified[who] = lives.cremated[who] = days
    lives.register_cancel[who] = np.minimum(lives.register_cancel[who], reference)
    for person in who:
        lives.innocent("L01", [person], "died within the grace of thirty days")
    who = lives.take(suitable, wanted // 3 + 1, rng)
    lives.die(who, reference - rng.integers(35, 900, len(who)), rng)
    lives.enrol_end[who] = lives.people.death[who]
    for person in who:
        lives.innocent("L01", [person], "cover ended on the day of death")
    who = lives.take(suitable, wanted // 4 + 1, rng)
    lives.die(who, reference - rng.integers(35, 900, len(who)), rng)
    for person in who:
        lives.innocent("L01", [person], "cover ended within the grace")
    _leap_day(lives, suitable, rng)


def _leap_day(lives: Lives, suitable: np.ndarray, rng: np.random.Generator) -> None:
    leap_day = day_number(2024, 2, 29)
    who = lives.take(
        suitable & (lives.enrol_start < leap_day - 30), min(6, cases_per_rule(lives.people.count)), rng
    )
    lives.die(who, np.full(len(who), leap_day), rng)
    lives.enrol_end[who] = leap_day
    lives.death_sources[who] = CERTIFICATE | REGISTER
    for person in who:
        second = leap_day * DAY + int(lives.death_second[person]) - 590
        lives.plan(
            "visits", patient=person, begin=second - 1800, end=second, kind=EMERGENCY, credential=SOCIAL_CARD
        )
        lives.innocent("L01", [person], "died and left cover on a 29 February", trap=34)
        lives.innocent("L03", [person], "seen on a 29 February, the day of death", trap=34)
        about = [("W01", "deceased", int(person)), ("W29", "insured", int(person))]
        lives.trap(34, "leap_day_death", "same", about)


def care_after_death(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L03: a service that begins after the day of death."""
    wanted = cases_per_rule(lives.people.count)
    who = lives.take(pools.insured & (pools.age >= 40), wanted, rng)
    period = periods_of_cases(len(who), lives.timeline.months, rng)
    service = days_in_period(lives, period, 340, 9, rng)
    soon = rng.random(len(who)) < 0.5
    gap = np.where(soon, rng.integers(4, 26, len(who)), rng.integers(40, 200, len(who)))
    lives.die(who, service - gap, rng)
    sources = np.array([CERTIFICATE | REGISTER, 7, CERTIFICATE | CREMATION, CREMATION | REGISTER, CREMATION])
    lives.death_sources[who] = sources[rng.integers(len(sources), size=len(who))]
    for index, (person, day) in enumerate(zip(who, service, strict=True)):
        kind = (OUTPATIENT, DRUGSTORE, INPATIENT)[index % 3]
        # A face checked a month after death would be a sign of life, and another rule's matter.
        credential = FACE if soon[index] and index % 4 == 0 else (E_VOUCHER, SOCIAL_CARD)[index % 2]
        begin = int(day) * DAY + int(rng.integers(8 * 3600, 18 * 3600))
        end = begin + (3 * DAY if kind == INPATIENT else 1200)
        lives.plan(
            "visits", patient=person, begin=begin, end=end, kind=kind, diagnosis=int(rng.integers(1, 15)),
            credential=credential, visited=int(kind != DRUGSTORE), settled=int(kind == DRUGSTORE or index % 5 != 0),
        )  # fmt: skip
        lives.conflict("L03", [person], "care or medicines after death", period[index])
    _care_in_order(lives, pools, wanted, rng)


def _care_in_order(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    suitable = pools.insured & (pools.age >= 40)
    reference = lives.timeline.reference
    who = lives.take(suitable, wanted + 6, rng)
    lives.die(who, reference - rng.integers(20, 330, len(who)), rng)
    lives.death_sources[who] = CERTIFICATE | REGISTER
    for index, person in enumerate(who):
        story = (_dies_in_hospital, _settled_late, _around_midnight, _bought_that_morning)[index % 4]
        story(lives, int(person), int(lives.people.death[person]))


def _dies_in_hospital(lives: Lives, person: int, day: int) -> None:
    end = day * DAY + int(lives.death_second[person])
    lives.plan(
        "visits", patient=person, begin=end - 7 * DAY, end=end, kind=INPATIENT, diagnosis=7, credential=SOCIAL_CARD,
        settle=(day + 1) * DAY + 10 * 3600,
    )  # fmt: skip
    lives.innocent("L03", [person], "died in hospital, settled the next day", trap=25)
    about = [("W01", "deceased", person), ("W28", "patient", person), ("J05", "patient", person)]
    lives.trap(25, "died_in_hospital", "innocent", about)


def _settled_late(lives: Lives, person: int, day: int) -> None:
    begin = (day - 3) * DAY + 9 * 3600
    lives.plan(
        "visits", patient=person, begin=begin, credential=E_VOUCHER, settle=(day + 12) * DAY + 11 * 3600
    )
    lives.innocent("L03", [person], "seen before death, settled after it")


def _around_midnight(lives: Lives, person: int, day: int) -> None:
    if person % 2:
        lives.death_second[person] = 60
        begin, end = day * DAY - 4 * 3600, day * DAY - 60
        why = "seen until 23:59, dead at 00:01"
    else:
        lives.death_second[person] = DAY - 60
        begin, end = day * DAY + 60, day * DAY + 3600
        why = "seen at 00:01, dead at 23:59 of the same day"
    lives.plan(
        "visits", patient=person, begin=begin, end=end, kind=EMERGENCY, diagnosis=6, credential=SOCIAL_CARD
    )
    lives.innocent("L03", [person], why, trap=35)
    lives.trap(
        35, "around_midnight", "innocent", [("W01", "deceased", person), ("W28", "patient", person)], why
    )


def _bought_that_morning(lives: Lives, person: int, day: int) -> None:
    lives.death_second[person] = 20 * 3600
    lives.plan(
        "visits", patient=person, begin=day * DAY + 8 * 3600, kind=DRUGSTORE, diagnosis=COLD, visited=0,
        credential=E_VOUCHER,
    )  # fmt: skip
    lives.innocent("L03", [person], "bought medicines in the morning of the day of death")


def pension_after_death(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """L05: a pension for a month after the month of death."""
    wanted = cases_per_rule(lives.people.count)
    timeline = lives.timeline
    who = lives.take(pools.plain & lives.pensioner & (pools.age >= 58), wanted, rng)
    count = len(who)
    period = periods_of_cases(count, timeline.months, rng)
    back = np.where(period == 0, rng.integers(1, 8, count), 1)
    month = timeline.first + period - back
    lives.die(who, first_day(month) + rng.integers(0, 28, count), rng)
    sources = np.array([7, CERTIFICATE | REGISTER, CREMATION, CERTIFICATE, REGISTER])
    lives.death_sources[who] = sources[rng.integers(len(sources), size=count)]
    only_register = lives.death_sources[who] == REGISTER
    lives.register_cancel[who] = np.where(only_register, lives.people.death[who], lives.register_cancel[who])
    first_wrong = np.maximum(month + 1, timeline.first - 2)
    until = first_wrong + rng.integers(0, 3, count)
    lives.pension_until[who] = until
    for person, wrong in zip(who, first_wrong, strict=True):
        known = _first_told(lives, int(person))
        lives.conflict(
            "L05", [person], "pension after the month of death", max(int(wrong) - timeline.first, known, 0)
        )
    _pension_in_order(lives, pools, wanted, rng)


def _first_told(lives: Lives, person: int) -> int:
    """The delivery in which the first department tells of a death."""
    days = ((CERTIFICATE, lives.certified), (CREMATION, lives.cremated), (REGISTER, lives.register_cancel))
    known = min(int(day[person]) for bit, day in days if lives.death_sources[person] & bit)
    return int(lives.timeline.period_of(np.array([known]))[0])


def _pension_in_order(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    timeline = lives.timeline
    suitable = pools.plain & lives.pensioner & (pools.age >= 58)
    who = lives.take(suitable, wanted // 2 + 2, rng)
    month = timeline.last - rng.integers(0, 3, len(who))
    lives.die(who, first_day(month) + rng.integers(0, 20, len(who)), rng)
    for person in who:
        lives.innocent("L05", [person], "pension of the month of death")
    who = lives.take(suitable, wanted // 2 + 2, rng)
    month = timeline.first - rng.integers(1, 3, len(who))
    lives.die(who, first_day(month) + rng.integers(0, 28, len(who)), rng)
    for person, died in zip(who, month_of(lives.people.death[who]), strict=True):
        lives.plan("W12", person=person, pay_month=min(int(died) + 1, timeline.last), owed=int(died) - 1)
        lives.innocent("L05", [person], "paid back after death for a month of life")
    _fathers_pension(lives, pools, rng)


def _fathers_pension(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Trap 38: a grown child is paid under the dead father's pension number."""
    people, timeline = lives.people, lives.timeline
    father = people.father
    able = (father >= 0) & pools.plain & ~lives.pensioner & (pools.age >= 24)
    able &= pools.plain[np.maximum(father, 0)] & lives.pensioner[np.maximum(father, 0)]
    able &= ~lives.taken[np.maximum(father, 0)]
    chosen: Ints = lives.take(able, 16, rng)
    _, one_each = np.unique(father[chosen], return_index=True)
    for child in chosen[np.sort(one_each)][:10]:
        dead = int(father[child])
        lives.taken[dead] = True
        lives.die(np.array([dead]), first_day(np.array([timeline.first - 6])) + 9, rng)
        for month in range(timeline.first - 2, timeline.last + 1):
            lives.plan("W12", person=child, pension=dead, pay_month=month, owed=month)
        lives.innocent("L05", [child], "paid under the dead father's pension number", trap=38)
        if lives.enrolled[child] and lives.person_type[child] == WORKING:
            lives.conflict("E14", [child], "paid a pension, if the father's, while working", trap=38)
        about = [("W12", "pensioner", int(child)), ("W01", "deceased", dead), ("W05", "deceased", dead)]
        lives.trap(38, "fathers_pension_number", "different", about)
