"""Compare pairs of organisation records: for every pair one level per comparison, in a compiled loop."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.levels import MISSING
from resolver.linkage.organisation.columns import Columns, Flag, Spelt, Word
from resolver.linkage.organisation.levels import (
    Address,
    Comparison,
    CreditCode,
    Name,
    Phone,
    Region,
    Register,
    RegistrationNo,
    SourceKey,
)
from resolver.linkage.organisation.sharing import Sharing
from resolver.linkage.organisation.spelling import Chars, Starts, characters, contains, different, one_edit

Levels = NDArray[np.uint8]
Rows = NDArray[np.int32]

NAME_SHARED, CORE_SHARED, PHONE_SHARED = 0, 1, 2
"""Columns of `Comparable.shared`."""

_SLIPS_OF_TWO = 2
"""Characters in which two copies of one code differ when a key was wrong in each."""

_LEAST_PART = 3
"""Characters that a name must have for being a part of another one, or one character away from it, to say something."""


class Comparable(NamedTuple):
    """What the compiled comparison reads, for n records.

    Attributes:
        words: uint64 (n, len(Word)).
        texts: int32 (n, len(Spelt)); see `Columns`.
        chars: uint32: characters of all texts.
        starts: int64: where each text begins.
        flags: bool (n, len(Flag)); see `Columns`.
        shared: bool (n, 3).
    """

    words: NDArray[np.uint64]
    texts: NDArray[np.int32]
    chars: Chars
    starts: Starts
    flags: NDArray[np.bool_]
    shared: NDArray[np.bool_]


def comparable(columns: Columns, sharing: Sharing) -> Comparable:
    """Records as the comparison reads them, with what a model knows of shared values."""
    chars, starts = characters(columns.values)
    return Comparable(columns.words, columns.texts, chars, starts, columns.flags, sharing.flags(columns))


def compare(data: Comparable, left: Rows, right: Rows) -> Levels:
    """Levels (m, comparisons) of pairs of rows (m,), (m,); `MISSING` where one of the records has nothing to say."""
    out = np.full((len(left), len(Comparison)), MISSING, np.uint8)
    _compare_all(data, left, right, out)
    return out


@kernel
def _compare_all(data: Comparable, left: Rows, right: Rows, out: Levels) -> None:
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        out[pair, Comparison.NAME] = _name(data, a, b)
        out[pair, Comparison.CREDIT_CODE] = _code(data, a, b)
        out[pair, Comparison.REGISTRATION_NO] = _registration_no(data, a, b)
        out[pair, Comparison.SOURCE_KEY] = _source_key(data, a, b)
        out[pair, Comparison.REGION] = _region(data, a, b)
        out[pair, Comparison.ADDRESS] = _address(data, a, b)
        out[pair, Comparison.PHONE] = _phone(data, a, b)
        numbers = (out[pair, Comparison.CREDIT_CODE], out[pair, Comparison.REGISTRATION_NO])
        out[pair, Comparison.REGISTER] = _register(data, a, b, numbers)


@kernel
def _both(data: Comparable, word: int, a: int, b: int) -> bool:
    return bool(data.words[a, word] != 0 and data.words[b, word] != 0)


@kernel
def _same(data: Comparable, word: int, a: int, b: int) -> bool:
    return bool(data.words[a, word] != 0 and data.words[a, word] == data.words[b, word])


@kernel
def _name(data: Comparable, a: int, b: int) -> int:
    if not _both(data, Word.NAME, a, b):
        return MISSING
    same = data.words[a, Word.NAME] == data.words[b, Word.NAME]
    if same or _same(data, Word.PLACE_AND_CORE, a, b):
        if data.shared[a, NAME_SHARED] or data.shared[b, NAME_SHARED]:
            return Name.SAME_SHARED
        return Name.SAME if same else Name.FORM
    if _former(data, a, b):
        return Name.FORMER
    one_place = contains(data.chars, data.starts, data.texts[a, Spelt.PLACE], data.texts[b, Spelt.PLACE])
    if _same(data, Word.CORE, a, b):
        if not one_place:
            return Name.OTHER_PLACE
        return Name.PLACE_SHARED if data.shared[a, CORE_SHARED] else Name.PLACE
    return _core(data, a, b, one_place)


@kernel
def _former(data: Comparable, a: int, b: int) -> bool:
    one, other = data.words[a, Word.FORMER_NAME], data.words[b, Word.FORMER_NAME]
    if one != 0 and (one == data.words[b, Word.NAME] or one == other):
        return True
    return bool(other != 0 and other == data.words[a, Word.NAME])


@kernel
def _core(data: Comparable, a: int, b: int, one_place: bool) -> int:
    """Level of two names whose cores differ."""
    if _same(data, Word.NUMBERLESS, a, b):
        return Name.OTHER_NUMBER
    one, other = data.texts[a, Spelt.CORE], data.texts[b, Spelt.CORE]
    n, m = data.starts[one + 1] - data.starts[one], data.starts[other + 1] - data.starts[other]
    if one_place and min(n, m) >= _LEAST_PART:
        if one_edit(data.chars, data.starts, one, other):
            return Name.ONE_CHARACTER
        if contains(data.chars, data.starts, one, other):
            return Name.CONTAINED
    return Name.DIFFERENT


@kernel
def _code(data: Comparable, a: int, b: int) -> int:
    valid = data.flags[a, Flag.VALID] and data.flags[b, Flag.VALID]
    if _same(data, Word.CREDIT_CODE, a, b):
        return CreditCode.SAME if valid else CreditCode.SAME_DAMAGED
    if _both(data, Word.ORGANISATION_CODE, a, b):
        one_code = data.words[a, Word.ORGANISATION_CODE] == data.words[b, Word.ORGANISATION_CODE]
        return CreditCode.ORGANISATION_CODE if one_code else CreditCode.DIFFERENT
    if not _both(data, Word.CREDIT_CODE, a, b):
        return MISSING
    one, other = data.texts[a, Spelt.CODE], data.texts[b, Spelt.CODE]
    if one_edit(data.chars, data.starts, one, other):
        return CreditCode.ONE_CHARACTER
    both_damaged = not (data.flags[a, Flag.VALID] or data.flags[b, Flag.VALID])
    if both_damaged and different(data.chars, data.starts, one, other) == _SLIPS_OF_TWO:
        return CreditCode.ONE_CHARACTER
    return CreditCode.DAMAGED_DIFFERENT


@kernel
def _registration_no(data: Comparable, a: int, b: int) -> int:
    if not _both(data, Word.REGISTRATION_NO, a, b):
        return MISSING
    if _same(data, Word.REGISTRATION_NO, a, b):
        return RegistrationNo.SAME
    one, other = data.texts[a, Spelt.REGISTRATION_NO], data.texts[b, Spelt.REGISTRATION_NO]
    near = one_edit(data.chars, data.starts, one, other)
    return RegistrationNo.ONE_DIGIT if near else RegistrationNo.DIFFERENT


@kernel
def _source_key(data: Comparable, a: int, b: int) -> int:
    if not _same(data, Word.SCHEME, a, b):
        return MISSING
    return SourceKey.SAME if _same(data, Word.SOURCE_KEY, a, b) else SourceKey.DIFFERENT


@kernel
def _region(data: Comparable, a: int, b: int) -> int:
    """Nothing where the county was read from a name whose place was compared already."""
    if not _both(data, Word.REGION, a, b):
        return MISSING
    located = data.flags[a, Flag.LOCATED] and data.flags[b, Flag.LOCATED]
    if not located and data.texts[a, Spelt.PLACE] == data.texts[b, Spelt.PLACE]:
        return MISSING
    if _same(data, Word.REGION, a, b):
        return Region.SAME
    return Region.SAME_CITY if _same(data, Word.CITY, a, b) else Region.DIFFERENT


@kernel
def _address(data: Comparable, a: int, b: int) -> int:
    """What a county's addresses say beside the county, which `_region` compares; nothing across counties."""
    if not _both(data, Word.ADDRESS, a, b) or not _same(data, Word.REGION, a, b):
        return MISSING
    return Address.SAME if _same(data, Word.ADDRESS, a, b) else Address.DIFFERENT


@kernel
def _phone(data: Comparable, a: int, b: int) -> int:
    if not _both(data, Word.PHONE, a, b):
        return MISSING
    if not _same(data, Word.PHONE, a, b):
        return Phone.DIFFERENT
    return Phone.SAME_SHARED if data.shared[a, PHONE_SHARED] else Phone.SAME


@kernel
def _register(data: Comparable, a: int, b: int, numbers: tuple[int, int]) -> int:
    """Whether two entries of the business register have no number in common, given the levels of their numbers."""
    if not (data.flags[a, Flag.REGISTERED] and data.flags[b, Flag.REGISTERED]):
        return Register.COMPATIBLE
    code, registration_no = numbers
    one = code <= CreditCode.ONE_CHARACTER or registration_no <= RegistrationNo.ONE_DIGIT
    return Register.COMPATIBLE if one else Register.TWO_ENTRIES
