"""A deliberately hard table of persons in Latin script, as old registers and directories have them, with its truth.

    python -m benchmarks.linkage_data.latin_persons OUT.csv --records 50000 --seed 1

One to twenty records a person; columns `record_id`, `given_name`, `family_name`, `birth_date` (ISO, often the year
only), `birth_place`, `residence`, `occupation`, `father_name`, `mother_name`, much of it missing. Nicknames and other
languages' forms, initials, swapped, married and double names, titles, spellings, diacritics, misread letters; brothers
and sisters, fathers and sons of one name, and namesakes. The truth (`record_id`, `person`) is `OUT.truth.csv`.
"""

import argparse
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from benchmarks.linkage_data import latin_errors as errors
from benchmarks.linkage_data import latin_names as names

COLUMNS = (
    "record_id", "given_name", "family_name", "birth_date", "birth_place", "residence", "occupation", "father_name",
    "mother_name",
)  # fmt: skip
_MOST_RECORDS = 20
_SHARES = tuple(k**-1.1 for k in range(1, _MOST_RECORDS + 1))
_NAMESAKES = 0.02
_RATES = ((0.5, 0.4), (0.35, 1.2), (0.15, 2.6))  # share of the records, and how many errors these have

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Person:
    """What is true of a person."""

    given: tuple[str, ...]
    family: str
    female: bool
    married: str | None
    born: tuple[int, int, int]
    birth_place: names.Place
    homes: tuple[names.Place, ...]
    trades: tuple[tuple[str, ...], ...]
    father: str | None = None
    mother: str | None = None


def made_up(records: int, seed: int = 1) -> tuple[list[Row], list[tuple[str, int]]]:
    """So many records (as `COLUMNS`), in random order, and the truth: record_id, person."""
    rng = Random(f"latin {seed} {records}")
    copies: list[int] = []
    while sum(copies) < records:
        copies.append(rng.choices(range(1, _MOST_RECORDS + 1), _SHARES)[0])
    copies[-1] -= sum(copies) - records
    persons = _persons(len(copies), rng)
    whose = [number for number, count in enumerate(copies) for _ in range(count)]
    rng.shuffle(whose)
    labels = list(range(len(copies)))
    rng.shuffle(labels)
    ids = [f"p{number:06d}" for number in range(1, records + 1)]
    rows = [(record_id, *_record(persons[person], rng)) for record_id, person in zip(ids, whose, strict=True)]
    return rows, [(record_id, labels[person]) for record_id, person in zip(ids, whose, strict=True)]


def _persons(count: int, rng: Random) -> list[Person]:
    persons: list[Person] = []
    while len(persons) < count:
        persons.extend(_family(rng))
    rng.shuffle(persons)
    persons = persons[:count]
    for number in rng.sample(range(count), int(count * _NAMESAKES)):
        persons[number] = _namesake(persons[number], persons[rng.randrange(count)], rng)
    return persons


def _namesake(person: Person, other: Person, rng: Random) -> Person:
    """The person, under the name of another of the same years."""
    year = other.born[0] + rng.randint(-2, 2)
    return replace(
        person, given=other.given, family=other.family, female=other.female, married=other.married,
        born=(year, *person.born[1:]), father=None, mother=None,
    )  # fmt: skip


def _family(rng: Random) -> list[Person]:
    """Parents and their children, some of whom bear a parent's name; often only one of them is in any register."""
    culture = names.draw_culture(rng)
    place = names.draw_place(culture, rng)
    year = rng.randint(1780, 1890)
    father = _person(culture, False, names.draw_family(culture, rng), year, place, rng)
    mother = _person(culture, True, names.draw_family(culture, rng), year + rng.randint(-6, 8), place, rng)
    mother = replace(mother, married=father.family)
    children: list[Person] = []
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        female = rng.random() < 0.42
        child = _person(culture, female, father.family, year + rng.randint(20, 42), place, rng)
        parent = mother if female else father
        given = parent.given if rng.random() < 0.12 else child.given
        if given[0] not in {c.given[0] for c in children}:
            children.append(_child(replace(child, given=given), father, mother))
    shown = [p for p in (father, mother) if rng.random() < 0.35]
    return shown + children


def _child(child: Person, father: Person, mother: Person) -> Person:
    return replace(
        child, father=f"{father.given[0]} {father.family}", mother=f"{mother.given[0]} {mother.family}"
    )


def _person(culture: str, female: bool, family: str, year: int, place: names.Place, rng: Random) -> Person:
    given = tuple(
        dict.fromkeys(names.draw_given(culture, female, rng) for _ in range(rng.choice((1, 1, 2, 2, 3))))
    )
    birth_place = place if rng.random() < 0.75 else names.draw_place(culture, rng)
    elsewhere = culture if rng.random() < 0.8 else names.draw_culture(rng)
    homes = (birth_place, *(names.draw_place(elsewhere, rng) for _ in range(rng.choice((1, 1, 2)))))
    return Person(
        given=given,
        family=family,
        female=female,
        married=names.draw_family(culture, rng) if female and rng.random() < 0.6 else None,
        born=(year, rng.randint(1, 12), rng.randint(1, 28)),
        birth_place=birth_place,
        homes=homes,
        trades=tuple(rng.choice(names.OCCUPATIONS) for _ in range(rng.choice((1, 1, 2)))),
    )


def _record(person: Person, rng: Random) -> Row:
    rate = rng.choices([r for _, r in _RATES], [s for s, _ in _RATES])[0]
    given: str | None = errors.given_as_written(person.given, person.female, rate, rng)
    family: str | None = errors.family_as_written(person.family, person.married, rate, rng)
    if rng.random() < 0.015 * rate:
        given, family = family, given
    return (
        given,
        family,
        errors.date_as_written(*person.born, rate, rng),
        errors.place_as_written(person.birth_place, 0.22, rate, rng),
        errors.place_as_written(rng.choice(person.homes), 0.40, rate, rng),
        _trade(person, rng),
        _parent(person.father, 0.65, rate, rng),
        _parent(person.mother, 0.78, rate, rng),
    )


def _trade(person: Person, rng: Random) -> str | None:
    if rng.random() < 0.4:
        return None
    words = rng.choice(person.trades)
    return (rng.choice(words) if rng.random() < 0.35 else words[0]).replace("_", " ")


def _parent(name: str | None, missing: float, rate: float, rng: Random) -> str | None:
    if name is None or rng.random() < missing:
        return None
    text = errors.written(name, rate, rng)
    return text.split()[0] if rng.random() < 0.25 else text


def write(out: Path, records: int, seed: int) -> None:
    """Write the records as CSV, and their truth beside them."""
    rows, truth = made_up(records, seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    _csv(out, COLUMNS, rows)
    _csv(out.with_suffix(".truth.csv"), ("record_id", "person"), truth)


def _csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as target:
        writer = csv.writer(target)
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    write(asked.out, asked.records, asked.seed)


if __name__ == "__main__":
    main()
