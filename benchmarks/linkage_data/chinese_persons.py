"""Records of made-up Chinese persons, with their truth: an error model independent of the product's made-up city.

    python -m benchmarks.linkage_data.chinese_persons OUT.parquet --records 1000000 --profile typical --seed 1

About 1.6 records a person, in standardised columns that every engine gets alike: `record_id` (int64; the order of the
records is random), `surname`, `given`, `name`, `pinyin` (syllables without tones), `sex`, `birth_date`, `id_number`
(18 characters: the fifteen digits of an old card are already given their century and check digit), `phone`, `county`
(code), `town`, `village`, `door`, `address` (town, village and door as one text), `employer`. Ready for blocking, as
every engine needs them: `birth_year`, `id_head14` (county and birth date as the number says), `village_id` (county and
village). The truth (`record_id`, `person`) is a file of its own beside it, `OUT.truth.parquet`.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.linkage_data import chinese_names as names
from benchmarks.linkage_data import chinese_numbers as numbers
from benchmarks.linkage_data import chinese_places as places

# The candidate pairs that every engine compares: equal in all columns of at least one rule; about ten a record.
BLOCKING = (
    ("id_number",),
    ("pinyin", "birth_date"),
    ("name", "birth_year"),
    ("phone", "surname"),
    ("id_head14",),
    ("birth_date", "village_id"),
    ("surname", "village_id", "sex"),
    ("surname", "birth_year", "county"),
)
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_TODAY = 2025
_RECORDS_OF_A_PERSON = (0.575, 0.285, 0.105, 0.028, 0.007)  # one to five: 1.6 in the mean
_HOUSEHOLD_SIZES = (0.18, 0.27, 0.26, 0.17, 0.08, 0.04)


@dataclass(frozen=True)
class Errors:
    """Shares of records with each trouble (`twins`: of siblings, `namesakes`: persons, `generation`: families)."""

    name: float = 0.03
    former_name: float = 0.001
    sex: float = 0.003
    birth_date: float = 0.02
    id_missing: float = 0.08
    id_mistyped: float = 0.03
    id_old: float = 0.02
    id_of_kin: float = 0.001
    phone_missing: float = 0.22
    phone_other: float = 0.12
    phone_mistyped: float = 0.01
    phone_agent: float = 0.004
    address_rewritten: float = 0.30
    address_missing: float = 0.02
    employer_missing: float = 0.30
    employer_other: float = 0.08
    employer_short: float = 0.12
    twins: float = 0.015
    namesakes: float = 0.001
    generation: float = 0.30


PROFILES = {
    "typical": Errors(),
    "hard": Errors(
        name=0.075, former_name=0.004, sex=0.01, birth_date=0.05, id_missing=0.22, id_mistyped=0.07, id_old=0.05,
        id_of_kin=0.004, phone_missing=0.38, phone_other=0.26, phone_mistyped=0.02, phone_agent=0.04,
        address_rewritten=0.62, address_missing=0.06, employer_missing=0.50, employer_other=0.18,
        employer_short=0.25, twins=0.06, namesakes=0.01, generation=0.60,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Persons:
    """The truth about persons, in parallel columns."""

    name: names.Points
    sex: NDArray[np.int8]
    birth: Ints
    number: numbers.Digits
    phone: Ints
    second_phone: Ints
    home: places.Addresses
    employer: Ints
    household: Ints


def made_up(records: int, profile: str = "typical", seed: int = 1) -> tuple[pa.Table, pa.Table]:
    """So many records and their truth.

    Args:
        records: How many.
        profile: `typical` or `hard`.
        seed: The same seed gives the same table.

    Returns:
        The records (columns: see the module), and the truth: `record_id`, `person`.
    """
    rng = np.random.default_rng([seed, records, len(profile)])
    errors = PROFILES[profile]
    copies = _copies(records, rng)
    persons = _persons(len(copies), errors, rng)
    who = rng.permutation(np.repeat(np.arange(len(copies)), copies))
    counties = places.county_count(len(copies))
    table = _records(persons, who, errors, counties, rng)
    truth = pa.table({"record_id": table["record_id"], "person": rng.permutation(len(copies))[who]})
    return table, truth


def _copies(records: int, rng: np.random.Generator) -> Ints:
    """How many records each person has, so that they are as many as asked for."""
    drawn = 1 + rng.choice(len(_RECORDS_OF_A_PERSON), records, p=_RECORDS_OF_A_PERSON)
    persons = int(np.searchsorted(np.cumsum(drawn), records)) + 1
    copies = drawn[:persons]
    copies[-1] -= int(copies.sum()) - records
    return copies


def _persons(count: int, errors: Errors, rng: np.random.Generator) -> Persons:
    sizes = 1 + rng.choice(len(_HOUSEHOLD_SIZES), count, p=_HOUSEHOLD_SIZES)
    household = np.repeat(np.arange(count), sizes)[:count]
    first = np.concatenate(([True], np.diff(household) > 0))
    head = np.maximum.accumulate(np.where(first, np.arange(count), 0))
    place = np.arange(count) - head
    role = _roles(place, rng)
    year = _birth_years(head, role, rng)
    twin = (place > 0) & (role == _CHILD) & (np.roll(role, 1) == _CHILD) & (rng.random(count) < errors.twins)
    birth = numbers.days_of(year, np.ones(count, np.int64), np.ones(count, np.int64)) + rng.integers(
        0, 365, count
    )
    birth[twin] = birth[np.flatnonzero(twin) - 1]
    sex = np.where(role == _SPOUSE, 0, 1 + (rng.random(count) < 0.49)).astype(np.int8)
    sex[role == _SPOUSE] = 3 - sex[head[role == _SPOUSE]]
    home = places.draw_addresses(int(household[-1]) + 1, places.county_count(count), rng)
    whole = _names(head, role, (birth, sex), home.village[household], errors, rng)
    _namesakes(whole, birth, sex, errors, rng)
    phone = _phones(head, year, rng)
    return Persons(
        name=whole,
        sex=sex,
        birth=birth,
        number=_numbers(birth, sex, twin, home.county[household], rng),
        phone=phone,
        second_phone=numbers.draw_phones(count, rng),
        home=home.take(household),
        employer=_employers(count, year, rng),
        household=household,
    )


_HEAD, _SPOUSE, _CHILD, _PARENT = range(4)


def _roles(place: Ints, rng: np.random.Generator) -> Ints:
    chance = rng.random(len(place))
    spouse = np.where(chance < 0.9, _SPOUSE, _CHILD)
    later = np.where(chance < 0.6, _CHILD, _PARENT)
    return np.select((place == 0, place == 1, place == 2), (_HEAD, spouse, _CHILD), later)


def _birth_years(head: Ints, role: Ints, rng: np.random.Generator) -> Ints:
    count = len(head)
    own = rng.integers(1938, 1996, count)[head]
    gap = rng.integers(21, 36, count)
    year = np.select(
        (role == _HEAD, role == _SPOUSE, role == _CHILD),
        (own, own + rng.integers(-5, 6, count), own + gap),
        own - gap,
    )
    return np.clip(year, 1924, _TODAY - 1)


def _names(
    head: Ints,
    role: Ints,
    born: tuple[Ints, NDArray[np.int8]],
    village: Ints,
    errors: Errors,
    rng: np.random.Generator,
) -> names.Points:
    """Surnames by family (a village has a leading one), given names by the fashion; siblings may share a character."""
    count = len(head)
    leading = names.draw_surnames(int(village.max()) + 1, rng)
    own = np.where((rng.random(count) < 0.3)[:, None], leading[village], names.draw_surnames(count, rng))
    surname = np.where((role == _SPOUSE)[:, None], names.draw_surnames(count, rng), own[head])
    surname = np.where(
        ((role == _PARENT) & (rng.random(count) < 0.4))[:, None], names.draw_surnames(count, rng), surname
    )
    given = names.draw_given(numbers.parts(born[0])[0], born[1], rng)
    shared = (rng.random(count) < errors.generation)[head] & (role == _CHILD)
    eldest = np.where(shared & np.roll(shared, 1), np.arange(count) - 1, np.arange(count))
    given[:, 0] = given[eldest, 0]
    return np.column_stack([surname, given])


def _namesakes(
    whole: names.Points, birth: Ints, sex: NDArray[np.int8], errors: Errors, rng: np.random.Generator
) -> None:
    """Some persons have another's whole name, and half of these that one's birth date and sex too."""
    count = round(len(birth) * errors.namesakes / 2)
    two = rng.permutation(len(birth))[: 2 * count].reshape(2, -1)
    whole[two[0]] = whole[two[1]]
    same_day = two[:, : count // 2]
    birth[same_day[0]], sex[same_day[0]] = birth[same_day[1]], sex[same_day[1]]


def _numbers(
    birth: Ints, sex: NDArray[np.int8], twin: Flags, county: Ints, rng: np.random.Generator
) -> numbers.Digits:
    """Numbers by county of birth (a quarter elsewhere); the order is odd for men, and a twin's is the next."""
    count = len(birth)
    codes = np.array(places.COUNTIES)
    born = np.where(rng.random(count) < 0.75, county, rng.integers(0, len(codes), count))
    order = 2 * rng.integers(1, 300, count) + (sex == 1)
    before = np.flatnonzero(twin) - 1
    born[twin] = born[before]
    order[twin] = order[before] // 2 * 2 + 2 + (sex[twin] == 1)
    return numbers.numbers_of(codes[born], birth, order)


def _phones(head: Ints, year: Ints, rng: np.random.Generator) -> Ints:
    """Children and many of the old are reached at the head's number, as are some others."""
    age = _TODAY - year
    share = np.select((age < 13, age < 18, age > 72), (0.97, 0.5, 0.45), 0.08)
    own = numbers.draw_phones(len(head), rng)
    return np.where(rng.random(len(head)) < share, own[head], own)


def _employers(count: int, year: Ints, rng: np.random.Generator) -> Ints:
    firms = max(20, count // 25)
    size = 1.0 / (np.arange(firms) + 20.0)
    works = (rng.random(count) < 0.65) & (year < _TODAY - 19) & (year > _TODAY - 62)
    return np.where(works, rng.choice(firms, count, p=size / size.sum()), -1)


def _records(
    persons: Persons, who: Ints, errors: Errors, counties: int, rng: np.random.Generator
) -> pa.Table:
    count = len(who)
    name = persons.name[who]
    wrong = np.flatnonzero(rng.random(count) < errors.name)
    name[wrong] = names.misspell(name[wrong], rng)
    birth = persons.birth[who]
    former = np.flatnonzero(rng.random(count) < errors.former_name)
    name[former, 2:] = names.draw_given(numbers.parts(birth[former])[0], persons.sex[who[former]], rng)
    wrong = np.flatnonzero(rng.random(count) < errors.birth_date)
    birth[wrong] = numbers.mistake_dates(birth[wrong], rng)
    sex = persons.sex[who]
    sex = np.where(rng.random(count) < errors.sex, 3 - sex, sex)
    number = _number_column(persons, who, errors, rng)
    columns = {
        "record_id": pa.array(np.arange(1, count + 1)),
        **_name_columns(name),
        "sex": pa.array(np.array(["", "男", "女"])[sex]),
        "birth_date": pa.array(birth.astype("datetime64[D]")),
        "id_number": number,
        "phone": _phone_column(persons, who, errors, rng),
        **_address_columns(persons, who, errors, counties, rng),
        "employer": _employer_column(persons, who, errors, rng),
        "birth_year": pa.array(numbers.parts(birth)[0].astype(np.int16)),
        "id_head14": pc.utf8_slice_codeunits(number, 0, 14),
    }
    return pa.table(columns)


def _name_columns(name: names.Points) -> dict[str, Any]:
    surname, given = (np.ascontiguousarray(name[:, i : i + 2]).view("<U2").ravel() for i in (0, 2))
    syllables, table = names.syllables()
    texts = [pa.array(syllables).take(pa.array(table[name[:, i]], mask=name[:, i] == 0)) for i in range(4)]
    whole = {"surname": pa.array(surname), "given": pa.array(given)}
    return {
        **whole,
        "name": pc.binary_join_element_wise(whole["surname"], whole["given"], ""),
        "pinyin": pc.binary_join_element_wise(*texts, " ", null_handling="skip"),
    }


def _number_column(persons: Persons, who: Ints, errors: Errors, rng: np.random.Generator) -> pa.Array:
    """As typed, in 18 characters; an old card's check digit is computed, over a typing error if there is one."""
    count = len(who)
    digits = persons.number[who]
    kin = np.flatnonzero(rng.random(count) < errors.id_of_kin)
    other = np.clip(who[kin] + rng.choice((-1, 1), len(kin)), 0, len(persons.birth) - 1)
    same = persons.household[other] == persons.household[who[kin]]
    digits[kin[same]] = persons.number[other[same]]
    wrong = np.flatnonzero(rng.random(count) < errors.id_mistyped)
    digits[wrong] = numbers.mistype(digits[wrong], rng)
    old = np.flatnonzero((rng.random(count) < errors.id_old) & (digits[:, 6] * 10 + digits[:, 7] == 19))
    digits[old] = numbers.checked(digits[old])
    return pa.array(numbers.as_text(digits), mask=rng.random(count) < errors.id_missing)


def _phone_column(persons: Persons, who: Ints, errors: Errors, rng: np.random.Generator) -> pa.Array:
    count = len(who)
    phone = np.where(rng.random(count) < errors.phone_other, persons.second_phone[who], persons.phone[who])
    agents = numbers.draw_phones(int(persons.home.village.max()) + 1, rng)
    phone = np.where(rng.random(count) < errors.phone_agent, agents[persons.home.village[who]], phone)
    wrong = np.flatnonzero(rng.random(count) < errors.phone_mistyped)
    phone[wrong] = numbers.mistype_phones(phone[wrong], rng)
    return pa.array(phone, mask=rng.random(count) < errors.phone_missing).cast(pa.string())


def _address_columns(
    persons: Persons, who: Ints, errors: Errors, counties: int, rng: np.random.Generator
) -> dict[str, pa.Array]:
    homes = persons.home.take(who)
    again = places.rewrite(homes, counties, rng)
    written = rng.random(len(who)) < errors.address_rewritten
    gone = rng.random(len(who)) < errors.address_missing
    county, town, village, door = (
        np.where(written, new, old)
        for new, old in zip(vars(again).values(), vars(homes).values(), strict=True)
    )
    codes = pa.array(places.COUNTIES).take(pa.array(county, mask=gone))
    towns = pa.array(places.town_names(counties)).take(pa.array(town, mask=gone | (town < 0)))
    villages = pa.array(places.village_names(counties)).take(pa.array(village, mask=gone | (village < 0)))
    doors = pa.array(door, mask=gone | (door < 1)).cast(pa.string())
    text = pc.binary_join_element_wise(towns, villages, doors, "", null_handling="replace")
    return {
        "county": codes,
        "town": towns,
        "village": villages,
        "door": doors,
        "address": pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text),
        "village_id": pc.binary_join_element_wise(codes, villages, " "),
    }


def _employer_column(persons: Persons, who: Ints, errors: Errors, rng: np.random.Generator) -> pa.Array:
    count = len(who)
    firms = max(20, len(persons.birth) // 25)
    firm = persons.employer[who]
    moved = (firm >= 0) & (rng.random(count) < errors.employer_other)
    firm = np.where(moved, rng.integers(0, firms, count), firm)
    mask = (firm < 0) | (rng.random(count) < errors.employer_missing)
    short = rng.random(count) < errors.employer_short
    texts = pa.array(places.employer_names(firms) + places.short_employer_names(firms))
    return texts.take(pa.array(firm + firms * short, mask=mask))


def write(out: Path, records: int, profile: str, seed: int) -> None:
    """Write the records to a Parquet file, and their truth beside it."""
    table, truth = made_up(records, profile, seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, out, compression="zstd")
    pq.write_table(truth, out.with_suffix(".truth.parquet"), compression="zstd")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="typical")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    started = time.perf_counter()
    write(asked.out, asked.records, asked.profile, asked.seed)
    print(f"{asked.records:,} records in {time.perf_counter() - started:.1f} s: {asked.out}")


if __name__ == "__main__":
    main()
