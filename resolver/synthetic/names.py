"""Names of people: surname by village clan, given name by sex and years of birth, generation characters in families."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import name_tables as tables
from resolver.synthetic.timeline import Bools, Ints

# Last year of birth of each era, and the characters of men and of women born in it.
_ERAS = np.array([1950, 1970, 1985, 2000, 2100])
_MALE = (tables.MALE_1950, tables.MALE_1970, tables.MALE_1985, tables.MALE_2000, tables.MALE_2030)
_FEMALE = (tables.FEMALE_1950, tables.FEMALE_1970, tables.FEMALE_1985, tables.FEMALE_2000, tables.FEMALE_2030)
_SINGLE_SHARE = np.array([0.07, 0.22, 0.38, 0.30, 0.06])
_GENERATION_SHARE = np.array([0.45, 0.35, 0.22, 0.10, 0.06])


@dataclass(frozen=True)
class NameRequest:
    """Whom to name; all arrays have one element per person.

    Attributes:
        sex: 1 male, 2 female.
        birth_year: Calendar year.
        surname: Index into `surnames()`.
        clan: Number of the family line; those who share it and `generation` may share a character.
        generation: Number of the generation within the clan.
    """

    sex: Ints
    birth_year: Ints
    surname: Ints
    clan: Ints
    generation: Ints


def surnames() -> tuple[pa.StringArray, np.ndarray]:
    """All surnames and their shares (sum 1)."""
    words = tables.SURNAMES.split()
    weights = np.array([int(w) for w in words[1::2]], np.float64)
    return pa.array(words[::2]), weights / weights.sum()


def draw_surnames(count: int, rng: np.random.Generator) -> Ints:
    """Surname indexes by their shares."""
    _, shares = surnames()
    return _draw(shares, count, rng)


def person_names(request: NameRequest, rng: np.random.Generator) -> pa.StringArray:
    """One Han name for each person, as the household register writes it."""
    count = len(request.sex)
    era = np.searchsorted(_ERAS, request.birth_year)
    first = np.full(count, "", "U1")
    second = np.full(count, "", "U1")
    for index in range(len(_ERAS)):
        for sex, characters in ((1, _MALE[index]), (2, _FEMALE[index])):
            rows = np.flatnonzero((era == index) & (request.sex == sex))
            letters = np.array(list(dict.fromkeys(characters)))
            shares = 1.0 / (np.arange(len(letters)) + 4.0)
            first[rows] = letters[_draw(shares / shares.sum(), len(rows), rng)]
            second[rows] = letters[_draw(shares / shares.sum(), len(rows), rng)]
    single = rng.random(count) < _SINGLE_SHARE[era]
    by_generation = (rng.random(count) < _GENERATION_SHARE[era]) & ((request.sex == 1) | (era >= 2))
    letters = np.array(list(tables.GENERATION_CHARACTERS))
    first = np.where(by_generation, letters[(request.clan * 31 + request.generation) % len(letters)], first)
    second = np.where(single & ~by_generation, "", second)
    rare = np.flatnonzero(rng.random(count) < 0.0015)
    second[rare] = rng.choice(np.array(list(tables.RARE_CHARACTERS)), len(rare))
    family, _ = surnames()
    parts = (family.take(pa.array(request.surname)), pa.array(first.tolist()), pa.array(second.tolist()))
    return pc.binary_join_element_wise(*parts, "")


def given_names(sex: int, birth_year: int, count: int, rng: np.random.Generator) -> list[str]:
    """Some two-character given names of one sex and time."""
    characters = (_MALE if sex == 1 else _FEMALE)[int(np.searchsorted(_ERAS, birth_year))]
    letters = np.array(list(dict.fromkeys(characters)))
    return ["".join(rng.choice(letters, 2, replace=False)) for _ in range(count)]


def ethnic_names(count: int, rng: np.random.Generator) -> list[str]:
    """Names with the dot U+00B7 between the given name and the father's."""
    given = tables.ETHNIC_GIVEN.split()
    father = tables.ETHNIC_FATHER.split()
    return [f"{given[g]}·{father[f]}" for g, f in zip(
        rng.integers(len(given), size=count), rng.integers(len(father), size=count), strict=True)]  # fmt: skip


def latin_names(count: int, rng: np.random.Generator) -> list[str]:
    """Names of foreigners as their papers write them."""
    names = tables.LATIN_NAMES.split("|")
    return [names[i] for i in rng.integers(len(names), size=count)]


def put(texts: pa.StringArray, rows: Ints | Bools, values: Sequence[str | None] | pa.Array) -> pa.StringArray:
    """The same texts with those at `rows` replaced by `values`, in order of position."""
    mask = np.zeros(len(texts), bool)
    mask[rows] = True
    if rows.dtype != bool:
        values = pa.array(values, pa.string()).take(pa.array(np.argsort(rows, kind="stable")))
    return pc.replace_with_mask(texts, pa.array(mask), pa.array(values, pa.string()))


def _draw(shares: np.ndarray, count: int, rng: np.random.Generator) -> Ints:
    return np.minimum(np.searchsorted(np.cumsum(shares), rng.random(count)), len(shares) - 1).astype(np.int64)
