"""How common values are: what a rare name adds, and when a phone, an employer or a door stops being evidence.

Only what is *not* ordinary is kept, by hash, so a model stays small, and a value that it never saw is an ordinary
one: a rare name, a phone of one family, a small employer.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, NumberState, Word
from resolver.linkage.comparison import DOOR_BAND, EMPLOYER_BAND, N_BANDS, NAME_BAND, NUMBER_BAND, PHONE_BAND
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, hash_numbers, mix_columns
from resolver.linkage.settings import ValueSettings


@dataclass(frozen=True)
class ValueTable:
    """Values that are not ordinary.

    Attributes:
        hashes: uint64 (k,), sorted.
        bands: uint8 (k,): band of each, above 0.
    """

    hashes: Hashes
    bands: NDArray[np.uint8]

    def look_up(self, values: Hashes) -> NDArray[np.uint8]:
        """Band of each value (n,); 0 for one that the table does not hold."""
        out = np.zeros(len(values), np.uint8)
        _look_up((self.hashes, self.bands), self._starts, values, out)
        return out

    @cached_property
    def _starts(self) -> tuple[NDArray[np.int32], np.uint64]:
        """Where the hashes begin that start with some bits (2^b + 1,), and how many bits are behind these.

        There is about one hash for each: hashes are even.
        """
        bits = max(len(self.hashes), 1).bit_length()
        shift = np.uint64(64 - bits)
        starts = np.searchsorted(self.hashes >> shift, np.arange((1 << bits) + 1, dtype=np.uint64))
        return starts.astype(np.int32), shift


@kernel
def _look_up(
    table: tuple[Hashes, NDArray[np.uint8]],
    starting: tuple[NDArray[np.int32], np.uint64],
    values: Hashes,
    out: NDArray[np.uint8],
) -> None:
    hashes, bands = table
    starts, shift = starting
    for number in range(values.shape[0]):
        start = values[number] >> shift
        for place in range(starts[start], starts[start + np.uint64(1)]):
            if hashes[place] == values[number]:
                out[number] = bands[place]


@dataclass(frozen=True)
class Rarity:
    """Tables of names (1 uncommon to 3 very common), phones (1 shared, 2 generic), employers, doors and ID numbers."""

    names: ValueTable
    phones: ValueTable
    employers: ValueTable
    doors: ValueTable
    numbers: ValueTable

    def bands(self, columns: Columns) -> NDArray[np.uint8]:
        """Bands of every record's name, phone, employer, door and ID number: uint8 (n, 5)."""
        out = np.zeros((len(columns), N_BANDS), np.uint8)
        out[:, NAME_BAND] = self.names.look_up(columns.word(Word.NAME))
        out[:, PHONE_BAND] = self.phones.look_up(columns.word(Word.PHONE))
        out[:, EMPLOYER_BAND] = self.employers.look_up(columns.word(Word.EMPLOYER))
        out[:, DOOR_BAND] = self.doors.look_up(_doors(columns))
        out[:, NUMBER_BAND] = self.numbers.look_up(columns.word(Word.ID_NUMBER))
        return out


def count_rarity(columns: Columns, settings: ValueSettings) -> Rarity:
    """Count how many persons share each name, and how many names each phone, employer, door and number has."""
    names = columns.word(Word.NAME)
    phones, phone_counts = _distinct(columns.word(Word.PHONE), names)
    employers, employer_counts = _distinct(columns.word(Word.EMPLOYER), names)
    doors, door_counts = _distinct(_doors(columns), names)
    numbers, number_counts = _distinct(columns.word(Word.ID_NUMBER), names)
    return Rarity(
        names=_name_table(columns, settings),
        phones=_table(phones, phone_counts, (settings.phone_shared, settings.phone_generic)),
        employers=_table(employers, employer_counts, (settings.employer_large,)),
        doors=_table(doors, door_counts, (settings.door_generic,)),
        numbers=_table(numbers, number_counts, (settings.number_generic,)),
    )


def _doors(columns: Columns) -> Hashes:
    place = np.where(columns.word(Word.TOWN) != 0, columns.word(Word.TOWN), columns.word(Word.REGION))
    village = np.maximum(columns.word(Word.VILLAGE), np.uint64(1))
    return mix_columns(place, village, columns.word(Word.DOOR))


def _name_table(columns: Columns, settings: ValueSettings) -> ValueTable:
    names, counts = _distinct(columns.word(Word.NAME), _person(columns))
    population = counts.sum() + settings.name_strength
    share = (np.maximum(counts - 1, 0) + settings.name_strength * settings.name_floor) / population
    bits = -np.log2(share)
    bands = sum((bits < edge for edge in settings.name_bits), np.zeros(len(bits), np.uint8))
    bands = np.asarray(bands, np.uint8)
    return ValueTable(names[bands > 0], bands[bands > 0])


def _person(columns: Columns) -> Hashes:
    """What tells persons apart well enough to count them: the valid number, else the birth date, else the row."""
    number = columns.word(Word.ID_NUMBER)
    number[columns.facts[:, Fact.NUMBER_STATE] != NumberState.VALID] = 0
    if 10 * np.count_nonzero(number) >= 3 * len(number):
        return number
    birth = hash_numbers(columns.fact(Fact.BIRTH).astype(np.int64) + 2**31)
    if 10 * np.count_nonzero(columns.fact(Fact.BIRTH) != np.int32(-(2**31))) >= 3 * len(number):
        return birth
    return hash_numbers(columns.record_key)


def _distinct(values: Hashes, beside: Hashes) -> tuple[Hashes, NDArray[np.int64]]:
    """Distinct values, and how many different values of `beside` each has; nulls are left out."""
    both = (values != 0) & (beside != 0)
    values, beside = values[both], beside[both]
    order = np.argsort(mix_columns(values, beside))
    pair = mix_columns(values, beside)[order]
    first = np.ones(len(pair), np.bool_)
    first[1:] = pair[1:] != pair[:-1]
    unique, counts = np.unique(values[order][first], return_counts=True)
    return unique, counts


def _table(values: Hashes, counts: NDArray[np.int64], at_least: tuple[int, ...]) -> ValueTable:
    """Table of values that reach the first limit; one that reaches the second as well gets band 2."""
    bands = sum((counts >= limit for limit in at_least), np.zeros(len(counts), np.uint8))
    bands = np.asarray(bands, np.uint8)
    return ValueTable(values[bands > 0], bands[bands > 0])
