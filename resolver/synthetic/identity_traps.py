"""Traps of identity that lie in lives themselves: namesakes, twins, the informant's number, papers from elsewhere."""

import numpy as np

from resolver.synthetic.civil_facts import informants
from resolver.synthetic.lives import CERTIFICATE, Lives
from resolver.synthetic.names import given_names, put
from resolver.synthetic.storyline import Pools, cases_per_rule
from resolver.synthetic.timeline import DAY, NEVER, Ints, year_of


def namesakes(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Trap 1: different women of one name and birth date; of some pairs one has died."""
    people = lives.people
    wanted = cases_per_rule(people.count) // 2 + 12
    women = pools.insured & (people.sex == 2) & (pools.age >= 30)
    # Only women whose parents are unknown take another's birth date, so that no family stops making sense.
    free = lives.take(women & (people.mother < 0) & (people.father < 0), wanted, rng)
    others = lives.take(women, 6 * wanted, rng)
    pairs = _nearest_by_birth(people.birth, free, others)
    lives.taken[np.setdiff1d(others, pairs[:, 0])] = False
    lives.taken[np.setdiff1d(free, pairs[:, 1])] = False
    models, copies = pairs[:, 0], pairs[:, 1]
    people.name = put(people.name, copies, people.name.take(models).to_pylist())
    people.birth[copies] = people.birth[models]
    for index, (model, copy) in enumerate(pairs.tolist()):
        about = [
            (feed, role, p) for feed, role in (("W07", "person"), ("W29", "insured")) for p in (model, copy)
        ]
        lives.trap(1, "namesakes", "different", about)
        if index % 2:
            lives.die(np.array([model]), np.array([lives.timeline.start(0) - 60 - index % 200]), rng)
            for rule in ("L01", "L03", "L05", "L12"):
                lives.innocent(rule, [copy], "a namesake with the same birth date died", trap=1)
        else:
            for rule in ("E01", "E05", "E06"):
                lives.innocent(rule, [model, copy], "two women of one name and birth date", trap=1)


def _nearest_by_birth(birth: Ints, free: Ints, others: Ints) -> Ints:
    """Pairs (other, free) whose births lie less than a year apart, each person once; shape (n, 2)."""
    ordered = others[np.argsort(birth[others], kind="stable")]
    pairs: list[tuple[int, int]] = []
    used: set[int] = set()
    for person in free.tolist():
        at = int(np.searchsorted(birth[ordered], birth[person]))
        near = [int(o) for o in ordered[max(at - 5, 0) : at + 5] if int(o) not in used]
        near = [o for o in near if abs(int(birth[o] - birth[person])) < 365]
        if near:
            used.add(near[0])
            pairs.append((near[0], person))
    return np.array(pairs, np.int64).reshape(-1, 2)


def twins(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Trap 2: twins with alike names and neighbouring numbers; some were seen under each other's number."""
    people = lives.people
    fits = pools.plain & lives.enrolled & (lives.enrol_start < lives.timeline.start(0) - 300)
    first = np.flatnonzero(fits[:-1] & fits[1:])
    same = (people.mother[first] >= 0) & (people.mother[first] == people.mother[first + 1])
    same &= (people.birth[first] == people.birth[first + 1]) & (people.sex[first] == people.sex[first + 1])
    pairs = first[same & ~lives.taken[first] & ~lives.taken[first + 1]][:20]
    for index, one in enumerate(pairs.tolist()):
        pair = (one, one + 1)
        lives.taken[list(pair)] = True
        _alike_names(lives, pair, rng)
        about = [(feed, role, p) for feed, role in (("W07", "person"), ("W29", "insured")) for p in pair]
        if index % 3 == 0:
            about += _swap_numbers(lives, pair)
        elif index % 3 == 1:
            lives.die(np.array([one]), np.array([lives.timeline.start(0) - 100 - index]), rng)
            lives.visits[one] = False
            for rule in ("L01", "L03"):
                lives.innocent(rule, [one + 1], "the twin died", trap=2)
        else:
            for rule in ("E01", "E05"):
                lives.innocent(rule, list(pair), "twins, each insured once", trap=2)
        lives.trap(2, "twins", "different", about)


def _alike_names(lives: Lives, pair: tuple[int, int], rng: np.random.Generator) -> None:
    people = lives.people
    surname = people.name[pair[0]].as_py()[0]
    year = int(year_of(people.birth[[pair[0]]])[0])
    given = given_names(int(people.sex[pair[0]]), year, 2, rng)
    second = given[1][1] if given[1][1] != given[0][1] else given[1][0]
    names = [surname + given[0], surname + given[0][0] + second]
    people.name = put(people.name, np.array(pair), names)


def _swap_numbers(lives: Lives, pair: tuple[int, int]) -> list[tuple[str, str, int]]:
    for person, other in (pair, pair[::-1]):
        lives.visits[person] = False
        day = lives.timeline.start(0) - 30 - person % 50
        lives.plan("visits", patient=person, begin=day * DAY + 33_000, settled=0)
        lives.written_number(("W28", "patient", person), other)
    lives.conflict("E06", list(pair), "twins seen under each other's number", trap=2)
    return [("W28", "patient", person) for person in pair]


def informants_number(lives: Lives, pools: Pools, rng: np.random.Generator) -> None:
    """Trap 13: the clerk typed the informant's number on the death certificate."""
    dead = np.flatnonzero(
        (lives.people.death < NEVER) & (lives.death_sources & CERTIFICATE > 0) & ~lives.taken
        & (lives.certified <= lives.timeline.end(0))
    )  # fmt: skip
    reporter = informants(lives, dead)
    fits = (reporter >= 0) & pools.insured[np.maximum(reporter, 0)] & ~lives.taken[np.maximum(reporter, 0)]
    fits &= lives.people.birth[dead] != lives.people.birth[np.maximum(reporter, 0)]
    chosen = rng.permutation(np.flatnonzero(fits))[:12]
    for person, informant in zip(dead[chosen].tolist(), reporter[chosen].tolist(), strict=True):
        if lives.taken[informant]:
            continue
        lives.taken[[person, informant]] = True
        lives.written_number(("W01", "deceased", person), informant)
        lives.conflict("E06", [person, informant], "the informant's number on a death certificate", trap=13)
        for rule in ("L01", "L03", "L12"):
            lives.innocent(rule, [informant], "reported a death under their own number", trap=13)
        about = [("W01", "deceased", person), ("W07", "person", informant), ("W29", "insured", informant)]
        lives.trap(13, "informants_number", "different", about)


def papers_from_elsewhere(lives: Lives) -> None:
    """Trap 10: residence permits and permanent cards, seen earlier under a travel permit or passport."""
    people = lives.people
    abroad = people.ethnicity.to_numpy(zero_copy_only=False) == "外国人"
    island = np.isin(people.issue_code, (810000, 820000, 830000))
    # Of the foreigners, those with even numbers hold the card and had a passport before.
    carded = abroad & (np.arange(people.count) % 2 == 0)
    for person in np.flatnonzero((carded | island) & ~lives.taken & (people.death == NEVER))[:20].tolist():
        lives.taken[person] = True
        lives.visits[person] = False
        lives.plan("visits", patient=person, begin=(lives.timeline.start(0) - 80) * DAY + 36_000, settled=0)
        lives.written_number(("W28", "patient", person), person, former=True)
        lives.trap(
            10, "papers_from_elsewhere", "same", [("W28", "patient", person), ("W29", "insured", person)]
        )


def historical_codes(lives: Lives, pools: Pools) -> None:
    """Traps 9, 32 and 34: numbers with county codes of the past, insured by functional zones, born on 29 February."""
    people, places = lives.people, lives.places
    rows = (("W07", "person"), ("W29", "insured"))
    known = pools.insured & ~lives.taken
    for code in (371081, 371003, 370632, 379011, 370882, 379003):
        for person in np.flatnonzero(known & (people.issue_code == code))[:5].tolist():
            lives.trap(9, "county_code_of_the_past", "same", [(f, r, person) for f, r in rows], str(code))
    zoned = (places.zone != places.region)[people.place]
    for person in np.flatnonzero(known & zoned)[:10].tolist():
        lives.trap(32, "functional_zone", "same", [(f, r, person) for f, r in rows])
    leap = (people.birth - 10_957 + 31 + 29 - 1) % 1461  # 10957 = 2000-01-01; a day count within four years
    born = np.flatnonzero(known & (leap == (31 + 28 + 31 + 29 - 1) % 1461))[:10]
    for person in born.tolist():
        lives.trap(34, "born_on_29_february", "same", [(f, r, person) for f, r in rows])
