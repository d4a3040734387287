"""Levels of packed values, by arithmetic alone: without a branch, so that the compiler compares several pairs at once.

A truth becomes all ones or all zeros and picks between two answers; a condition that a slow, obvious reading tests
first is picked last. Values are packed as `packed` says.
"""

import numpy as np

from resolver.linkage.compiled import inlined

_0, _1, _2, _3, _4, _5, _6, _8 = (np.uint64(number) for number in (0, 1, 2, 3, 4, 5, 6, 8))
_15, _16, _31, _32, _48, _60, _62 = (np.uint64(number) for number in (15, 16, 31, 32, 48, 60, 62))
_DAYS_OF_YEAR, _DAYS_OF_MONTH = np.uint64(365), np.uint64(30)
_BYTE, _LANE, _HALF = np.uint64(0xFF), np.uint64(0xFFFF), np.uint64(0xFFFFFFFF)
_NIBBLES = np.uint64(0x1111111111111111)
_LANES = np.uint64(0x0001000100010001)
_TOPS = np.uint64(0x8000800080008000)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_TOP_NIBBLE = np.uint64(0x1000000000000000)


@inlined
def pick(which: bool, one: np.uint64, other: np.uint64) -> np.uint64:
    """The one if it is true, else the other."""
    return other ^ ((one ^ other) & (_0 - np.uint64(which)))


@inlined
def _ones(bits: np.uint64) -> np.uint64:
    """How many bits are set (Warren, Hacker's Delight; the compiler knows it for one instruction)."""
    bits -= (bits >> _1) & np.uint64(0x5555555555555555)
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> _2) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> _4)) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bits * np.uint64(0x0101010101010101)) >> np.uint64(56)


@inlined
def _nibbles(bits: np.uint64) -> np.uint64:
    """The lowest bit of every group of four that is not zero."""
    bits |= bits >> _2
    bits |= bits >> _1
    return bits & _NIBBLES


@inlined
def _lanes(bits: np.uint64) -> np.uint64:
    """How many groups of sixteen bits are not zero."""
    bits |= bits >> _8
    bits |= bits >> _4
    bits |= bits >> _2
    bits |= bits >> _1
    return _ones(bits & _LANES)


@inlined
def _is_swapped(one: np.uint64, other: np.uint64, apart: np.uint64) -> bool:
    """Whether two words that differ in the two groups of four marked in `apart` differ by swapping neighbours."""
    first = apart & (_0 - apart)
    here = first * _15
    there = here << _4
    return bool(
        (apart != first)
        & (apart == first | first << _4)
        & ((one & here) << _4 == other & there)
        & ((other & here) << _4 == one & there)
    )


@inlined
def digits_level(low: np.uint64, high: np.uint64, other_low: np.uint64, other_high: np.uint64) -> np.uint64:
    """What tells two packed numbers apart that differ, and how many characters they have in common in front.

    Args:
        low: The first sixteen characters of the one.
        high: Its other characters.
        other_low: The same of the other.
        other_high: The same of the other.

    Returns:
        0 one character differs, 1 neighbours swapped, 2 one character more or less, 3 more than that; and above these
        eight bits the number of characters.
    """
    apart, apart_high = _nibbles(low ^ other_low), _nibbles(high ^ other_high)
    below, below_high = (apart & (_0 - apart)) - _1, (apart_high & (_0 - apart_high)) - _1
    # Not `apart != 0`: of that and the lines above the compiler makes an instruction that vectors do not have.
    in_low, in_high = below != _ALL, below_high != _ALL
    front = (_ones(below) >> _2) + pick(in_low, _0, _ones(below_high) >> _2)
    different = _ones(apart) + _ones(apart_high)
    swapped = (
        (
            (apart == _TOP_NIBBLE)
            & (apart_high == _1)
            & (low >> _60 == other_high & _15)
            & (other_low >> _60 == high & _15)
        )
        | ((not in_high) & _is_swapped(low, other_low, apart))
        | ((not in_low) & _is_swapped(high, other_high, apart_high))
    )
    is_longer = (high > other_high) | ((high == other_high) & (low > other_low))
    more, more_high = pick(is_longer, low, other_low), pick(is_longer, high, other_high)
    less, less_high = pick(is_longer, other_low, low), pick(is_longer, other_high, high)
    kept, kept_high = below, pick(in_low, _0, below_high)
    without = more & kept | (more >> _4 | more_high << _60) & ~kept
    without_high = more_high & kept_high | more_high >> _4 & ~kept_high
    one_more = (without == less) & (without_high == less_high)
    level = pick((different == _1) & (not one_more), _0, pick(one_more, _2, _3))
    return pick(swapped, _1, level) | front << _8


@inlined
def name_level(one: np.uint64, other: np.uint64) -> np.uint64:
    """Level of two packed Chinese names that differ and do not sound the same; see `comparison.han_name_level`."""
    apart = one ^ other
    surname = apart & _LANE == _0
    n, m, different = _lanes(one), _lanes(other), _lanes(apart)
    otherwise = _6 - np.uint64(surname)
    level = pick((different == _1) & (n > _2), _2, otherwise)
    level = pick((different == _1) & (n > _1) & (not surname), _4, level)
    level = pick(_all_found(one, other, apart), _1, level)
    return pick(n == m, level, pick(_is_shortened(one, other, bool(n > m)), _3, otherwise))


@inlined
def _is_shortened(one: np.uint64, other: np.uint64, is_longer: bool) -> bool:
    """Whether the longer name without one character is the shorter, two characters being left at least."""
    apart = one ^ other
    longer, shorter = pick(is_longer, one, other), pick(is_longer, other, one)
    place = _ones((apart & (_0 - apart)) - _1) & _48
    kept = (_1 << place) - _1
    return bool((longer & kept | longer >> _16 & ~kept == shorter) & (shorter > _LANE))


@inlined
def _all_found(one: np.uint64, other: np.uint64, apart: np.uint64) -> bool:
    """Whether every character of the one name, where they differ, stands somewhere in the other."""
    found = True
    for lane in range(4):
        place = np.uint64(16 * lane)
        same = other ^ ((one >> place) & _LANE) * _LANES
        found &= ((apart >> place) & _LANE == _0) | ((same - _LANES) & ~same & _TOPS != _0)
    return found


@inlined
def date_level(one: np.uint64, other: np.uint64) -> np.uint64:
    """Level of two packed dates: 0 same day … 8 different; see `kinds`."""
    month_a, month_b = one >> _8 & _BYTE, other >> _8 & _BYTE
    day_a, day_b = one & _BYTE, other & _BYTE
    years = (one >> _16 & _LANE) - (other >> _16 & _LANE)
    same_year = years == _0
    by_year = _8 - np.uint64(years + _2 <= _4) - np.uint64(same_year)
    level = pick((month_a == month_b) & (day_a == day_b), _5, by_year)
    days = years * _DAYS_OF_YEAR + (month_a - month_b) * _DAYS_OF_MONTH + (day_a - day_b)
    level = pick(bool(days + _31 <= _62), _4, level)
    digits, others = one >> _32, other >> _32
    apart = _nibbles(digits ^ others)
    slip = bool((apart & (apart - _1) == _0) | _is_swapped(digits, others, apart))
    level = pick(slip, _3, level)
    level = pick(same_year & (month_a == day_b) & (day_a == month_b), _2, level)
    no_month = month_a * month_b == _0
    known = pick(same_year, pick(no_month | (month_a == month_b), _1, _6), by_year)
    level = pick(no_month | (day_a * day_b == _0), known, level)
    return pick(one == other, np.uint64(day_a == _0), level)
