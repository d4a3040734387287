"""Atoms of blocking keys: what a rule may ask two records to have in common, each a 64-bit hash (0 = nothing).

An atom is a kind and up to two numbers, read by one compiled loop: of a million records column by column, and of
one record all at once.
"""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.errors import SettingsError
from resolver.linkage.characters import WILDCARD
from resolver.linkage.columns import NO_NUMBER, OTHER_DOCUMENT, Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.dates import DAY_AFTER, DAY_BEFORE, LEAP_DAY
from resolver.linkage.hashing import Hashes, hash_number, mix
from resolver.linkage.lunar import NO_DAY


class _Kind(IntEnum):
    """How an atom is made; `one` and `other` mean what is said here."""

    FIRST = 0  # the word `one`, or else the word `other`
    DAY = 1  # the fact `one`, a day, or else the fact `other`
    BIRTH_DIGITS = 2  # the birth date's digits under the mask `one`
    NUMBER_HEAD = 3  # the number's first 14 digits: place and birth date
    NUMBER_TAIL = 4  # the number's last eight digits: month, day, order and check
    VILLAGE = 5  # the village within its town, or else within its county
    SEX = 6
    NAME_HEAD = 7  # the name's first two characters: what a slip in the last one, or one dropped, leaves
    NAME_ENDS = 8  # its first and last: what a slip between them leaves, or one dropped there or put in
    BIRTH_DAY = 9  # the birth date's month and day; one for 28 and 29 February and 1 March


class _Atom(NamedTuple):
    kind: _Kind
    one: int = 0
    other: int = 0


def _word(word: Word, other: Word | None = None) -> _Atom:
    return _Atom(_Kind.FIRST, word, word if other is None else other)


ATOMS: dict[str, _Atom] = {
    "name": _word(Word.NAME),
    "sound": _word(Word.SOUND, Word.FOLDED),
    "folded": _word(Word.FOLDED),
    "letters": _word(Word.LETTERS),
    "name_head": _Atom(_Kind.NAME_HEAD),
    "name_ends": _Atom(_Kind.NAME_ENDS),
    "surname": _word(Word.SURNAME),
    "given": _word(Word.GIVEN),
    "former_name": _word(Word.FORMER_NAME, Word.NAME),
    "birth": _Atom(_Kind.DAY, Fact.BIRTH, Fact.BIRTH),
    "number_date": _Atom(_Kind.DAY, Fact.NUMBER_DATE, Fact.BIRTH),
    "birth_year": _Atom(_Kind.BIRTH_DIGITS, 0xFFFF0000),
    "birth_month": _Atom(_Kind.BIRTH_DIGITS, 0xFFFFFF00),
    "birth_day": _Atom(_Kind.BIRTH_DAY),
    "sex": _Atom(_Kind.SEX),
    "id_number": _word(Word.ID_NUMBER),
    "number_head": _Atom(_Kind.NUMBER_HEAD),
    "number_tail": _Atom(_Kind.NUMBER_TAIL),
    "phone": _word(Word.PHONE),
    "region": _word(Word.REGION),
    "village": _Atom(_Kind.VILLAGE),
    "employer": _word(Word.EMPLOYER, Word.EMPLOYER_CODE),
    "source_key": _word(Word.SOURCE_KEY),
    "household": _word(Word.HOUSEHOLD),
    "aid_household": _word(Word.AID_HOUSEHOLD),
    "spouse": _word(Word.SPOUSE_NAME, Word.SPOUSE_ID),
    "mother": _word(Word.MOTHER_NAME, Word.MOTHER_ID),
    "father": _word(Word.FATHER_NAME, Word.FATHER_ID),
}
_NOTHING = np.uint64(0)
_FIRST, _DAY, _BIRTH_DIGITS, _HEAD, _TAIL, _VILLAGE = (int(kind) for kind in list(_Kind)[:6])
_NAME_HEAD, _NAME_ENDS, _BIRTH_DAY = (int(kind) for kind in list(_Kind)[7:])


@kernel
def _first_of(words: Hashes, one: int, other: int) -> np.uint64:
    return np.uint64(words[one] if words[one] != _NOTHING else words[other])


@kernel
def _part_of_number(words: Hashes, facts: NDArray[np.int32], tail: bool) -> np.int64:
    """Digits of a number that can be compared; -1 of another."""
    state, length = facts[Fact.NUMBER_STATE], facts[Fact.NUMBER_LENGTH]
    if state in (NO_NUMBER, OTHER_DOCUMENT) or length < 14 or (tail and length != 18):
        return np.int64(-1)
    digits = words[Word.ID_DIGITS]
    if tail:
        digits = (digits & np.uint64(0xFFFFFF)) << np.uint64(8) | words[Word.ID_REST] >> np.uint64(56)
    else:
        digits >>= np.uint64(8)
    # with an unsigned number beside −1 numba would take floats
    return np.int64(digits & np.uint64(2**62 - 1))


@kernel
def _birth_day(digits: np.int32) -> int:
    """Month and day of a packed birth date; one for all that a 29 February becomes in a year without it. -1 of none."""
    day = int(digits) & 0xFFFF
    if day in (DAY_BEFORE, DAY_AFTER):
        return LEAP_DAY
    return day if digits != 0 else -1


@kernel
def _number_of(words: Hashes, facts: NDArray[np.int32], kind: int, one: int, other: int) -> int:
    """What an atom that is a number says; -1 for nothing."""
    if kind == _DAY:
        day = facts[one] if facts[one] != NO_DAY else facts[other]
        return -1 if day == NO_DAY else int(day) + 2**31
    if kind == _BIRTH_DIGITS:
        digits = facts[Fact.BIRTH_DIGITS]
        return -1 if digits == 0 else int(digits) & one
    if kind == _BIRTH_DAY:
        return _birth_day(facts[Fact.BIRTH_DIGITS])
    if kind in (_HEAD, _TAIL):
        return int(_part_of_number(words, facts, kind == _TAIL))
    return int(facts[Fact.SEX]) - 1


@kernel
def _two_characters(chars: NDArray[np.uint32], last: bool) -> np.int64:
    """The first character and the second or last one; -1 where there are not two or one cannot be read."""
    if chars.shape[0] < 2:
        return np.int64(-1)
    one, other = chars[0], chars[chars.shape[0] - 1] if last else chars[1]
    if WILDCARD in (one, other):
        return np.int64(-1)
    return np.int64(one) << 32 | np.int64(other)


@kernel
def atom_of(
    words: Hashes, facts: NDArray[np.int32], chars: NDArray[np.uint32], meant: NDArray[np.int64]
) -> np.uint64:
    """One atom, a row of `as_numbers`, of one record's words, facts and characters of the name."""
    kind, one, other = meant[0], meant[1], meant[2]
    if kind in (_NAME_HEAD, _NAME_ENDS):
        if words[Word.FOLDED] == 0:  # a newborn's, called after a parent
            return np.uint64(0)
        return hash_number(int(_two_characters(chars, kind == _NAME_ENDS)))
    if kind == _FIRST:
        return _first_of(words, one, other)
    if kind == _VILLAGE:
        return mix(_first_of(words, Word.TOWN, Word.REGION), words[Word.VILLAGE])
    return hash_number(_number_of(words, facts, kind, one, other))


_Names = tuple[NDArray[np.uint32], NDArray[np.int32]]


@kernel
def _atoms_of(
    words: NDArray[np.uint64], facts: NDArray[np.int32], names: _Names, meant: NDArray[np.int64], out: Hashes
) -> None:
    chars, starts = names
    for row in range(out.shape[0]):
        out[row] = atom_of(words[row], facts[row], chars[starts[row] : starts[row + 1]], meant)


def as_numbers(names: Sequence[str]) -> NDArray[np.int64]:
    """Atoms as the compiled code reads them: int64 (n, 3).

    Raises:
        SettingsError: There is no atom of a name.
    """
    for name in names:
        if name not in ATOMS:
            raise SettingsError(
                f"blocking rules name an unknown atom {name!r}",
                remedy=f"Use one of: {', '.join(sorted(ATOMS))}.",
            )
    return np.array([ATOMS[name] for name in names], np.int64).reshape(len(names), 3)


def atom(columns: Columns, name: str) -> Hashes:
    """Hashes (n,) of one atom of every record; 0 where the record has nothing to say.

    Raises:
        SettingsError: There is no atom of that name.
    """
    out = np.empty(len(columns), np.uint64)
    _atoms_of(columns.words, columns.facts, (columns.chars, columns.starts), as_numbers([name])[0], out)
    return out
