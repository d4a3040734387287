"""Atoms of blocking keys: what a rule may ask two records to have in common, each a 64-bit hash (0 = nothing)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from resolver.errors import SettingsError
from resolver.linkage.characters import WILDCARD
from resolver.linkage.columns import NO_NUMBER, OTHER_DOCUMENT, Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, hash_numbers, mix_columns
from resolver.linkage.lunar import NO_DAY

_STATE, _LENGTH = int(Fact.NUMBER_STATE), int(Fact.NUMBER_LENGTH)
_DIGITS, _REST = int(Word.ID_DIGITS), int(Word.ID_REST)


def _word(word: Word) -> Callable[[Columns], Hashes]:
    return lambda columns: columns.word(word)


def _first(*words: Word) -> Callable[[Columns], Hashes]:
    def atom(columns: Columns) -> Hashes:
        out = columns.word(words[0])
        for word in words[1:]:
            out = np.where(out != 0, out, columns.word(word))
        return out

    return atom


def _days(fact: Fact) -> Callable[[Columns], Hashes]:
    def atom(columns: Columns) -> Hashes:
        days = columns.fact(fact).astype(np.int64)
        return hash_numbers(np.where(days == NO_DAY, -1, days + 2**31))

    return atom


def _number_date(columns: Columns) -> Hashes:
    """The date inside the number, or else the record's own birth date."""
    inside = columns.fact(Fact.NUMBER_DATE).astype(np.int64)
    days = np.where(inside == NO_DAY, columns.fact(Fact.BIRTH), inside)
    return hash_numbers(np.where(days == NO_DAY, -1, days + 2**31))


def _birth_digits(mask: int) -> Callable[[Columns], Hashes]:
    def atom(columns: Columns) -> Hashes:
        digits = columns.fact(Fact.BIRTH_DIGITS).astype(np.int64)
        return hash_numbers(np.where(digits == 0, -1, digits & mask))

    return atom


def _head(columns: Columns) -> Hashes:
    """The number's first 14 digits: place and birth date."""
    return hash_numbers(_part(columns, tail=False))


def _tail(columns: Columns) -> Hashes:
    """The number's last eight digits: month, day, order and check."""
    return hash_numbers(_part(columns, tail=True))


def _part(columns: Columns, *, tail: bool) -> NDArray[np.int64]:
    out = np.empty(len(columns), np.int64)
    _part_of_numbers(columns.words, columns.facts, tail, out)
    return out


@kernel
def _part_of_numbers(
    words: NDArray[np.uint64], facts: NDArray[np.int32], tail: bool, out: NDArray[np.int64]
) -> None:
    """Digits of numbers (n,) that can be compared, -1 of others; one loop, for one record is read like a million."""
    for row in range(out.shape[0]):
        state, length = facts[row, _STATE], facts[row, _LENGTH]
        out[row] = -1
        if state in (NO_NUMBER, OTHER_DOCUMENT) or length < 14 or (tail and length != 18):
            continue
        digits = words[row, _DIGITS]
        if tail:
            digits = (digits & np.uint64(0xFFFFFF)) << np.uint64(8) | words[row, _REST] >> np.uint64(56)
        else:
            digits >>= np.uint64(8)
        out[row] = np.int64(digits & np.uint64(2**62 - 1))


def _name_head(columns: Columns) -> Hashes:
    """The name's first two characters: what a slip in the last one, or one dropped or written twice, leaves."""
    return hash_numbers(_characters(columns, last=False))


def _name_ends(columns: Columns) -> Hashes:
    """The name's first and last character: what a slip between them leaves, or one dropped there or put in."""
    return hash_numbers(_characters(columns, last=True))


def _characters(columns: Columns, *, last: bool) -> NDArray[np.int64]:
    out = np.empty(len(columns), np.int64)
    _two_characters(columns.chars, columns.starts, last, out)
    return out


@kernel
def _two_characters(
    chars: NDArray[np.uint32], starts: NDArray[np.int32], last: bool, out: NDArray[np.int64]
) -> None:
    """The first character and the second or last one (n,), -1 where there are not two or one cannot be read."""
    for row in range(out.shape[0]):
        start, end = starts[row], starts[row + 1]
        out[row] = -1
        if end - start < 2:
            continue
        one, other = chars[start], chars[end - 1] if last else chars[start + 1]
        if WILDCARD not in (one, other):
            out[row] = np.int64(one) << 32 | np.int64(other)


def _village(columns: Columns) -> Hashes:
    place = np.where(columns.word(Word.TOWN) != 0, columns.word(Word.TOWN), columns.word(Word.REGION))
    return mix_columns(place, columns.word(Word.VILLAGE))


def _sex(columns: Columns) -> Hashes:
    return hash_numbers(columns.fact(Fact.SEX).astype(np.int64) - 1)


ATOMS: dict[str, Callable[[Columns], Hashes]] = {
    "name": _word(Word.NAME),
    "sound": _first(Word.SOUND, Word.FOLDED),
    "folded": _word(Word.FOLDED),
    "letters": _word(Word.LETTERS),
    "name_head": _name_head,
    "name_ends": _name_ends,
    "surname": _word(Word.SURNAME),
    "given": _word(Word.GIVEN),
    "former_name": _first(Word.FORMER_NAME, Word.NAME),
    "birth": _days(Fact.BIRTH),
    "number_date": _number_date,
    "birth_year": _birth_digits(0xFFFF0000),
    "birth_month": _birth_digits(0xFFFFFF00),
    "birth_day": _birth_digits(0xFFFF),
    "sex": _sex,
    "id_number": _word(Word.ID_NUMBER),
    "number_head": _head,
    "number_tail": _tail,
    "phone": _word(Word.PHONE),
    "region": _word(Word.REGION),
    "village": _village,
    "employer": _first(Word.EMPLOYER, Word.EMPLOYER_CODE),
    "source_key": _word(Word.SOURCE_KEY),
    "household": _word(Word.HOUSEHOLD),
    "aid_household": _word(Word.AID_HOUSEHOLD),
    "spouse": _first(Word.SPOUSE_NAME, Word.SPOUSE_ID),
    "mother": _first(Word.MOTHER_NAME, Word.MOTHER_ID),
    "father": _first(Word.FATHER_NAME, Word.FATHER_ID),
}


def atom(columns: Columns, name: str) -> Hashes:
    """Hashes (n,) of one atom of every record; 0 where the record has nothing to say.

    Raises:
        SettingsError: There is no atom of that name.
    """
    if name not in ATOMS:
        raise SettingsError(
            f"blocking rules name an unknown atom {name!r}",
            remedy=f"Use one of: {', '.join(sorted(ATOMS))}.",
        )
    return ATOMS[name](columns)
