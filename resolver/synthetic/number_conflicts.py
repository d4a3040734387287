"""E06: one identity number, two people; and the cases where one number with two names is in order."""

import numpy as np

from resolver.synthetic.lives import Lives
from resolver.synthetic.medical_facts import OUTPATIENT
from resolver.synthetic.names import given_names, put
from resolver.synthetic.storyline import Pools, cases_per_rule, days_in_period, periods_of_cases
from resolver.synthetic.timeline import DAY, NEVER, Ints, year_of


def shared_numbers(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Plant persons whom one department, or all, know under another person's number."""
    wanted = cases_per_rule(lives.people.count)
    pairs = _pairs(lives, pools, wanted, rng)
    period = periods_of_cases(len(pairs), lives.timeline.months, rng)
    days = days_in_period(lives, period, 300, 3, rng)
    for index, ((owner, person), k, day) in enumerate(
        zip(pairs.tolist(), period.tolist(), days.tolist(), strict=True)
    ):
        if k == 0 and index % 8 == 0:
            lives.plan("shared_numbers", person=person, owner=owner)
            about = [("W07", "person", owner), ("W07", "person", person), ("W29", "insured", person)]
            lives.trap(4, "one_number_two_people", "different", about)
            lives.conflict("E06", [owner, person], "two people were given one number", trap=4)
        elif k == 0 and index % 2:
            lives.written_number(("W29", "insured", person), owner)
            lives.conflict("E06", [owner, person], "insured under another person's number")
        else:
            lives.visits[person] = False
            lives.plan("visits", patient=person, begin=day * DAY + 36_000, kind=OUTPATIENT, settled=0)
            lives.written_number(("W28", "patient", person), owner)
            lives.conflict("E06", [owner, person], "seen under another person's number", k)


def _pairs(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> Ints:
    """Owner and user of a number: strangers, and couples, with different birth dates; shape (n, 2)."""
    people = lives.people
    grown = pools.insured & (pools.age >= 20)
    spouse = np.maximum(people.spouse, 0)
    married = grown & (people.spouse >= 0) & grown[spouse] & ~lives.taken[spouse] & (people.sex == 2)
    wives = lives.take(married, wanted // 4, rng)
    couples = np.stack([people.spouse[wives], wives], axis=1)
    lives.taken[people.spouse[wives]] = True
    some = lives.take(grown, 2 * (wanted - len(wives)), rng)
    some = some[np.argsort(people.sex[some], kind="stable")]
    strangers = some[: len(some) // 2 * 2].reshape(-1, 2)
    strangers = strangers[people.birth[strangers[:, 0]] != people.birth[strangers[:, 1]]]
    return np.concatenate([strangers, couples[people.birth[couples[:, 0]] != people.birth[couples[:, 1]]]])


def numbers_in_order(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Look-alikes of E06: changed names, changed numbers, newborns under the mother's number."""
    wanted = cases_per_rule(lives.people.count)
    _changed_names(lives, pools, wanted // 3 + 2, rng)
    _changed_numbers(lives, pools, wanted // 3 + 2, rng)
    _newborns(lives, wanted // 4 + 2, rng)


def _changed_names(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    """Trap 19: another given name, or after adoption another surname; some departments keep the old one."""
    people = lives.people
    who = lives.take(pools.insured & (pools.age >= 10) & (pools.age < 60), wanted, rng)
    years = year_of(people.birth[who]).tolist()
    surnames = rng.choice(np.array(["王", "李", "张", "刘", "于", "孙"]), len(who))
    former: list[str] = []
    for person, year, surname in zip(who.tolist(), years, surnames.tolist(), strict=True):
        own = people.name[person].as_py()
        given = given_names(int(people.sex[person]), year, 1, rng)[0]
        former.append((surname if person % 4 == 0 else own[0]) + given)
    people.former_name = put(people.former_name, who, former)
    for person, name in zip(who.tolist(), former, strict=True):
        lives.written(("W29", "insured", person), "name", name)
        lives.innocent("E06", [person], "took another name", trap=19)
        about = [("W07", "person", person), ("W29", "insured", person), ("J05", "patient", person)]
        lives.trap(19, "changed_name", "same", about)


def _changed_numbers(lives: Lives, pools: Pools, wanted: int, rng: np.random.Generator) -> None:
    """Trap 5: an earlier number lives on in the pension office and in hospitals."""
    who = lives.take(pools.insured & (pools.age >= 22) & (lives.works | lives.pensioner), wanted, rng)
    for index, person in enumerate(who.tolist()):
        lives.plan("former_numbers", person=person)
        about = ("W11", "insured", person) if lives.works[person] else ("W12", "pensioner", person)
        lives.written_number(about, person, former=True)
        if index % 2:
            lives.written_number(("W28", "patient", person), person, former=True)
        rows = [("W07", "person", person), about, ("W29", "insured", person)]
        lives.trap(5, "old_and_new_number", "same", rows)
        for rule in ("E06", "E05"):
            lives.innocent(rule, [person], "one person with an old and a new number", trap=5)


def _newborns(lives: Lives, wanted: int, rng: np.random.Generator) -> None:
    """Traps 11 and 12: babies seen as somebody's child, under the mother's number; some of them twins."""
    people, timeline = lives.people, lives.timeline
    baby = (people.birth > timeline.end(0) - 700) & (people.birth < timeline.end(0) - 120)
    baby &= (people.mother >= 0) & (people.death == NEVER)
    elder = np.flatnonzero(baby)[:-1]
    twins = elder[
        (people.mother[elder] == people.mother[elder + 1]) & (people.birth[elder] == people.birth[elder + 1])
    ]
    pairs = [(int(t), int(t) + 1) for t in twins if not lives.taken[[t, t + 1]].any()][:8]
    for pair in pairs:
        lives.taken[list(pair)] = True
        for child in pair:
            _under_mothers_number(lives, child, 12)
        about = [("W28", "patient", child) for child in pair]
        lives.trap(
            12,
            "twins_without_names",
            "different",
            [*about, ("W02", "child", pair[0]), ("W02", "child", pair[1])],
        )
    for child in lives.take(baby, wanted, rng).tolist():
        _under_mothers_number(lives, child, 11)
        mother = int(people.mother[child])
        lives.trap(
            11,
            "newborn_under_mothers_number",
            "different",
            [("W28", "patient", child), ("W07", "person", mother)],
        )


def _under_mothers_number(lives: Lives, child: int, trap: int) -> None:
    people = lives.people
    mother = int(people.mother[child])
    lives.taken[mother] = True  # no later story leaves her out of the register
    lives.visits[child] = False
    lives.plan("visits", patient=child, begin=(int(people.birth[child]) + 40) * DAY + 36_000, settled=0)
    lives.written_number(("W28", "patient", child), mother)
    title = "之子" if people.sex[child] == 1 else "之女"
    lives.written(("W28", "patient", child), "name", people.name[mother].as_py() + title)
    lives.innocent("E06", [mother, child], "newborn seen under the mother's number", trap=trap)
