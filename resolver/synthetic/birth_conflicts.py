"""The newborn and their mothers: L13 (not enrolled), L14 (enrolled twice), L15 (register), L16 (maternity)."""

from typing import Any

import numpy as np

from resolver.synthetic.hardship import on_any_list
from resolver.synthetic.insurance_facts import psn_numbers
from resolver.synthetic.lives import RESIDENT, Lives
from resolver.synthetic.medical_facts import BIRTH, COLD, MATERNITY
from resolver.synthetic.storyline import Pools, days_overdue, periods_of_cases, planted
from resolver.synthetic.timeline import DAY, NEVER, Bools, Ints, date_of, time_of

NEWBORN, UNTIL, STAY_GRACE = 90, 730, 60
_UNNAMED_UNTIL = 1000


def births(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant L13 to L16 among the children of the last five years, and among those in maternity wards."""
    wanted = planted(lives.people.count)
    children = _children(lives)
    age = lives.timeline.reference - lives.people.birth
    _not_enrolled(lives, children, age, wanted, rng)
    _enrolled_twice(lives, children & (age > 150) & (age < _UNNAMED_UNTIL), wanted, rng)
    _registered_otherwise(lives, pools, children & (age > 150) & (age < 1600), wanted, rng)
    _no_confinement(lives, pools, wanted, rng)


def _children(lives: Lives) -> Bools:
    """Small children with a birth certificate and cover, on no list, who are no twins."""
    people = lives.people
    found = (people.mother >= 0) & (people.birth > lives.timeline.start(0) - 5 * 365)
    found &= (people.death == NEVER) & lives.enrolled & (lives.enrol_end == NEVER) & (lives.left == NEVER)
    found &= ~lives.allowance & ~lives.disabled & ~on_any_list(lives)
    child = np.flatnonzero(found)
    _, group, size = np.unique(
        np.stack([people.mother[child], people.birth[child]]), axis=1, return_inverse=True, return_counts=True
    )
    found[child[size[group.ravel()] > 1]] = False
    return found


def _not_enrolled(lives: Lives, children: Bools, age: Ints, wanted: int, rng: np.random.Generator) -> None:
    people, timeline = lives.people, lives.timeline
    who = lives.take(children & (age > NEWBORN) & (age <= UNTIL), wanted, rng)
    lives.enrolled[who] = False
    period = timeline.period_of(people.birth[who] + NEWBORN + 1)
    for person, k in zip(who.tolist(), period.tolist(), strict=True):
        lives.conflict("L13", [person], "in no insurance three months after birth", k)
    fresh = lives.take(children & (age >= 12) & (age <= NEWBORN), wanted // 4 + 1, rng)
    lives.enrolled[fresh] = False
    for person in fresh.tolist():
        lives.innocent("L13", [person], "born within the last ninety days")
    away = lives.take(
        children & (age <= UNTIL) & (people.birth < timeline.start(0) - 150), wanted // 6 + 1, rng
    )
    lives.enrolled[away] = False
    lives.left[away] = people.birth[away] + 100
    for person in away.tolist():
        lives.innocent("L13", [person], "moved away with the parents")
    dead = lives.take(
        children & (age <= UNTIL) & (people.birth < timeline.start(0) - 40), wanted // 12 + 1, rng
    )
    lives.enrolled[dead] = False
    lives.die(dead, people.birth[dead] + rng.integers(6, 20, len(dead)), rng)
    for person in dead.tolist():
        lives.innocent("L13", [person], "died in the first weeks")


def _enrolled_twice(lives: Lives, children: Bools, wanted: int, rng: np.random.Generator) -> None:
    """L14: entered unnamed under the mother's number after birth, and once more with name and number."""
    people, timeline = lives.people, lives.timeline
    numbers = psn_numbers(lives)
    who = lives.take(children, wanted, rng)
    for child in who.tolist():
        second = people.count + child
        start = int(people.birth[child]) + int(rng.integers(3, 12))
        lives.enrol_start[child] = max(int(lives.enrol_start[child]), start + 20)
        lives.plan("W29", person=child, psn=second, scheme=RESIDENT, start=start)
        _unnamed(lives, child, psn_no=numbers[second].as_py())
        told = timeline.period_of(lives.enrol_start[[child]])
        lives.conflict("L14", [child], "enrolled unnamed, and once more with a name", int(told[0]))
    in_order = lives.take(children, wanted // 3 + 2, rng)
    for child in in_order.tolist():
        start = int(people.birth[child]) + int(rng.integers(3, 12))
        named = int(people.birth[child]) + int(rng.integers(30, 120))
        lives.enrol_start[child] = named
        lives.plan("W29", person=child, scheme=RESIDENT, start=start, end=named - 1)
        _unnamed(lives, child, start_date=date_of(start))
        lives.innocent("L14", [child], "the unnamed spell ended when the child was named")


def _unnamed(lives: Lives, child: int, **where: Any) -> None:
    people = lives.people
    mother = int(people.mother[child])
    title = "之子" if people.sex[child] == 1 else "之女"
    lives.written(("W29", "insured", child), "name", people.name[mother].as_py() + title, **where)
    lives.written_number(("W29", "insured", child), mother, **where)


def _registered_otherwise(
    lives: Lives, pools: Pools, children: Bools, wanted: int, rng: np.random.Generator
) -> None:
    people, timeline = lives.people, lives.timeline
    # The certificate comes within ten days: both sides are known in the month of birth.
    children = children & (timeline.period_of(people.birth + 1) == timeline.period_of(people.birth + 11))
    who = lives.take(children, wanted, rng)
    women = np.flatnonzero(pools.plain & ~lives.taken & (people.sex == 2) & (pools.age > 25))
    if not len(women):  # a very small city
        return
    others = rng.choice(women, len(who))
    stories = (_another_day, _another_sex, _another_mother)
    for index, (child, other) in enumerate(zip(who.tolist(), others.tolist(), strict=True)):
        why = stories[index % 3](lives, child, other)
        lives.conflict("L15", [child], why, int(timeline.period_of(people.birth[[child]] + 11)[0]))
    in_order = lives.take(children, wanted // 3 + 2, rng)
    for index, child in enumerate(in_order.tolist()):
        if index % 2:
            _born(lives, child, 24 * 60 - 1)
            lives.innocent("L15", [child], "born a minute before midnight")
        else:
            lives.written(("W07", "person", child), "mother_id_number", None)
            lives.written(("W07", "person", child), "mother_name", None)
            lives.innocent("L15", [child], "the register names no mother")


def _another_day(lives: Lives, child: int, _: int) -> str:
    _born(lives, child, (1 + child % 3) * 24 * 60 + 500)
    # The certificate knows no number of the child: with a wrong name besides, nobody could tell whose it is.
    lives.written(("W02", "child", child), "name", lives.people.name[child].as_py())
    return "born on another day than the register says"


def _another_sex(lives: Lives, child: int, _: int) -> str:
    lives.written(("W02", "child", child), "sex", "2" if lives.people.sex[child] == 1 else "1")
    return "of another sex than the register says"


def _another_mother(lives: Lives, child: int, other: int) -> str:
    lives.written_number(("W07", "person", child), other, "mother_id_number")
    lives.written(("W07", "person", child), "mother_name", lives.people.name[other].as_py())
    return "the child of another mother than the register says"


def _born(lives: Lives, child: int, minutes: int) -> None:
    """Let the certificate give a time so many minutes after the beginning of the day of birth."""
    second = int(lives.people.birth[child]) * DAY + minutes * 60
    lives.amend("W02", "child", child, {"birth_time": time_of(second)})


def _no_confinement(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    """L16: men, children and old women on maternity benefit, and stays for a birth that nobody knows of."""
    people, timeline = lives.people, lives.timeline
    odd = pools.insured & ((people.sex == 1) & (pools.age >= 20) & (pools.age < 60))
    odd |= pools.insured & (people.sex == 2) & ((pools.age >= 61) | ((pools.age >= 6) & (pools.age < 12)))
    childless = pools.insured & (people.sex == 2) & (people.spouse < 0) & (pools.age >= 20) & (pools.age < 44)
    childless[people.mother[(people.mother >= 0) & (people.birth > timeline.start(0) - 900)]] = False
    impossible = lives.take(odd, wanted - wanted // 2, rng)
    unknown = lives.take(childless, wanted // 2, rng)
    for who, grace, diagnosis, why in (
        (impossible, 10, COLD, "maternity benefit for whoever cannot bear a child"),
        (unknown, STAY_GRACE, BIRTH, "a stay for a birth that nobody certified or registered"),
    ):
        period = periods_of_cases(len(who), timeline.months, rng)
        days = days_overdue(lives, period, grace, 250, rng)
        for person, k, day in zip(who.tolist(), period.tolist(), days.tolist(), strict=True):
            _confine(lives, person, day, diagnosis)
            lives.conflict("L16", [person], why, k)
    _confined_in_order(lives, childless, wanted // 3 + 3, rng)


def _confined_in_order(lives: Lives, childless: Bools, wanted: int, rng: np.random.Generator) -> None:
    reference = lives.timeline.reference
    who = lives.take(childless, wanted, rng)
    for index, person in enumerate(who.tolist()):
        day = reference - int(rng.integers(70, 280))
        if index % 3 == 0:
            lives.amend("W28", "patient", person, {"maternity_type": "loss"}, med_type="maternity_inpatient")
            why = "lost the child"
        elif index % 3 == 1:
            lives.plan("W03", wife=person, day=day - int(rng.integers(40, 180)), expected=day + 4)
            why = "registered, and the child was certified elsewhere"
        else:
            day = reference - int(rng.integers(8, STAY_GRACE))
            why = "the certificate may still come"
        _confine(lives, person, day, BIRTH)
        lives.innocent("L16", [person], why)


def _confine(lives: Lives, person: int, day: int, diagnosis: int) -> None:
    begin = day * DAY + 9 * 3600
    lives.plan(
        "visits", patient=person, begin=begin, end=begin + 3 * DAY, kind=MATERNITY, diagnosis=diagnosis
    )
