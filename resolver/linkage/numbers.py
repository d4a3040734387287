"""Compare ID numbers: one number written twice, or two numbers, and what a number's validity makes of that.

Two different valid numbers are strong evidence for two persons; a check digit shows every single wrong digit, so a
valid number is not a slip of another valid one. A damaged number says little.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Fact, NumberState, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.dates import birth_level
from resolver.linkage.levels import MISSING, BirthDate, IdNumber
from resolver.linkage.texts import count_different_digits, digit

Words = NDArray[np.uint64]
Facts = NDArray[np.int32]

_HEAD = np.uint64(0xFFFFFFFFFFFFFF00)  # 14 digits: place and birth date
_PLACE = np.uint64(0xFFFFFF0000000000)  # 6 digits
_READABLE = 14  # digits that Excel leaves of an 18-digit number, less the rounded one


@kernel
def _different_digits(one: Words, other: Words) -> int:
    return count_different_digits(one[Word.ID_DIGITS], other[Word.ID_DIGITS]) + count_different_digits(
        one[Word.ID_REST], other[Word.ID_REST]
    )


@kernel
def _place(words: Words, place: int) -> int:
    return digit(words[Word.ID_DIGITS], words[Word.ID_REST], place)


@kernel
def _transposed(one: Words, other: Words, length: int) -> bool:
    """Whether two numbers that differ in two digits differ by swapping neighbours."""
    for place in range(length - 1):
        a, b = _place(one, place), _place(one, place + 1)
        if a != _place(other, place):
            return b == _place(other, place) and a == _place(other, place + 1)
    return False


@kernel
def _one_lost(longer: Words, shorter: Words, length: int) -> bool:
    """Whether leaving one of the `length` digits of `longer` out gives `shorter`."""
    skipped = 0
    for place in range(length - 1):
        if _place(longer, place + skipped) != _place(shorter, place):
            if skipped:
                return False
            skipped = 1
            if _place(longer, place + 1) != _place(shorter, place):
                return False
    return True


@kernel
def _common_digits(one: Words, other: Words, most: int) -> int:
    for place in range(most):
        if _place(one, place) != _place(other, place):
            return place
    return most


@kernel
def _damaged_level(one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    """Level of two different numbers of which at least one is not valid."""
    lengths = facts[0][Fact.NUMBER_LENGTH], facts[1][Fact.NUMBER_LENGTH]
    if lengths[0] == 0 or lengths[1] == 0:
        return IdNumber.DAMAGED_DIFFERENT.value
    rounded = (
        facts[0][Fact.NUMBER_STATE] == NumberState.ROUNDED
        or facts[1][Fact.NUMBER_STATE] == NumberState.ROUNDED
    )
    shorter = min(lengths[0], lengths[1])
    if rounded and _common_digits(one, other, shorter) >= _READABLE:
        return IdNumber.READABLE_PART.value
    if lengths[0] == lengths[1]:
        different = _different_digits(one, other)
        if different == 1:
            last = _place(one, shorter - 1) != _place(other, shorter - 1)
            return IdNumber.LENGTH.value if last else IdNumber.ONE_DIGIT.value
        if different == 2 and _transposed(one, other, shorter):
            return IdNumber.TRANSPOSED.value
    elif abs(lengths[0] - lengths[1]) == 1 and shorter >= 8:
        longer, less = (one, other) if lengths[0] > lengths[1] else (other, one)
        if _one_lost(longer, less, shorter + 1):
            return IdNumber.LENGTH.value
    cut = lengths[0] != lengths[1] and shorter >= _READABLE
    if cut and _common_digits(one, other, shorter) == shorter:
        return IdNumber.READABLE_PART.value
    return IdNumber.DAMAGED_DIFFERENT.value


@kernel
def _valid_level(one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    """Level of two different valid numbers that agree with their own records."""
    if (one[Word.ID_DIGITS] ^ other[Word.ID_DIGITS]) & _HEAD == 0:
        return IdNumber.SAME_DAY_AND_PLACE.value
    dates = facts[0][Fact.NUMBER_DATE], facts[1][Fact.NUMBER_DATE]
    if dates[0] == dates[1]:
        return IdNumber.SAME_DAY.value
    if (one[Word.ID_DIGITS] ^ other[Word.ID_DIGITS]) & _PLACE == 0:
        level = birth_level(
            (facts[0][Fact.BIRTH], facts[1][Fact.BIRTH]),
            (facts[0][Fact.BIRTH_DIGITS], facts[1][Fact.BIRTH_DIGITS]),
            (facts[0][Fact.LUNAR], facts[1][Fact.LUNAR]),
        )
        if level <= BirthDate.YEAR_OFF:
            return IdNumber.NEAR_DAY.value
    return IdNumber.DIFFERENT.value


@kernel
def number_level(one: Words, other: Words, facts: tuple[Facts, Facts]) -> int:
    """Level of the ID numbers of two records (rows of words; rows of facts); `MISSING` if they cannot be compared."""
    states = facts[0][Fact.NUMBER_STATE], facts[1][Fact.NUMBER_STATE]
    if states[0] == NumberState.NONE or states[1] == NumberState.NONE:
        return MISSING
    if one[Word.ID_NUMBER] == other[Word.ID_NUMBER]:
        if states[0] == NumberState.ROUNDED:
            return IdNumber.READABLE_PART.value
        return IdNumber.SAME_DAMAGED.value if states[0] == NumberState.DAMAGED else IdNumber.SAME.value
    if states[0] == NumberState.OTHER_DOCUMENT or states[1] == NumberState.OTHER_DOCUMENT:
        return MISSING
    if states[0] > NumberState.DOUBTFUL or states[1] > NumberState.DOUBTFUL:
        return _damaged_level(one, other, facts)
    if states[0] == NumberState.DOUBTFUL or states[1] == NumberState.DOUBTFUL:
        return IdNumber.DOUBTFUL_DIFFERENT.value
    return _valid_level(one, other, facts)
