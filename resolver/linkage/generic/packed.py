"""Short texts in machine words: what two of them have in common is then arithmetic, without a look at characters.

A number (of a person, of a phone) takes four bits a character, a Chinese name sixteen; the first character lies in the
lowest bits, and no character is 0, so a text ends where the zeros begin. Texts that do not fit are compared by their
characters instead (`comparison`), with the same result.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.texts import decode

Words = NDArray[np.uint64]
_ZERO, _ONE = np.uint64(0), np.uint64(1)
_NIBBLES = np.uint64(0x1111111111111111)
_LANES = np.uint64(0x0001000100010001)
_TOPS = np.uint64(0x8000800080008000)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)

_NUMERALS = np.array(["0123456789x-/. ".find(chr(byte)) + 1 for byte in range(256)], np.uint8)
"""Byte -> four bits: the digits, and what stands between or behind them; 0 for anything else."""

DIGITS_WORDS, NAME_WORDS, DATE_WORDS = 2, 1, 1
"""Words that a packed number, name or date takes."""


@kernel
def _pack_digits(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], numerals: NDArray[np.uint8], out: Words
) -> bool:
    whole = True
    for row in range(out.shape[0]):
        start, stop = offsets[row], offsets[row + 1]
        fits = stop - start <= 32
        for position in range(start, stop if fits else start):
            nibble = np.uint64(numerals[data[position]])
            fits = fits and nibble != _ZERO
            place = position - start
            out[row, place >> 4] |= nibble << np.uint64(4 * (place & 15))
        if not fits:
            out[row, 0] = out[row, 1] = _ZERO
            whole = False
    return whole


def pack_digits(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> tuple[Words, bool]:
    """Numbers (d,) as words (d, 2), zeros where one is longer than 32 or has letters; whether all could be packed."""
    out = np.zeros((len(offsets) - 1, DIGITS_WORDS), np.uint64)
    whole = _pack_digits(data, offsets, _NUMERALS, out)
    return out, bool(whole)


@kernel
def _pack_names(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: Words) -> bool:
    whole = True
    for row in range(out.shape[0]):
        position, stop, used = offsets[row], offsets[row + 1], 0
        fits = stop - position <= 12
        while fits and position < stop:
            code, position = decode(data, position)
            fits = used < 4 and 0 < code <= 0xFFFF
            out[row, 0] |= np.uint64(code) << np.uint64(16 * (used & 3))
            used += 1
        if not fits:
            out[row, 0] = _ZERO
            whole = False
    return whole


def pack_names(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> tuple[Words, bool]:
    """Names (d,) as words (d, 1), 0 where one has more than four characters; whether all could be packed."""
    out = np.zeros((len(offsets) - 1, NAME_WORDS), np.uint64)
    whole = _pack_names(data, offsets, out)
    return out, bool(whole)


@kernel
def _pack_dates(dates: NDArray[np.int32], out: Words) -> None:
    for row in range(dates.shape[0]):
        date = dates[row]
        digits, rest = 0, date
        for place in range(8):
            digits |= (rest % 10) << (4 * place)
            rest //= 10
        parts = (date // 10000) << 16 | (date // 100 % 100) << 8 | date % 100
        out[row, 0] = np.uint64(digits) << np.uint64(32) | np.uint64(parts)


def pack_dates(dates: NDArray[np.int32]) -> Words:
    """Dates (d,), as `forms.dates` gives them, as words (d, 1): eight digits above year, month and day; 0 for none."""
    out = np.zeros((len(dates), DATE_WORDS), np.uint64)
    _pack_dates(dates, out)
    return out


@kernel
def _ones(bits: np.uint64) -> int:
    """How many bits are set (Warren, Hacker's Delight; the compiler knows it for one instruction)."""
    bits -= (bits >> _ONE) & np.uint64(0x5555555555555555)
    bits = (bits & np.uint64(0x3333333333333333)) + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))  # type: ignore[return-value]


@kernel
def _lowest(bits: np.uint64) -> int:
    """Place of the lowest bit that is set, 64 for none."""
    return _ones(~bits & (bits - _ONE))


@kernel
def _nibbles(bits: np.uint64) -> int:
    """How many groups of four bits are not zero."""
    bits |= bits >> np.uint64(2)
    bits |= bits >> _ONE
    return _ones(bits & _NIBBLES)


@kernel
def _lanes(bits: np.uint64) -> int:
    """How many groups of sixteen bits are not zero."""
    bits |= bits >> np.uint64(8)
    bits |= bits >> np.uint64(4)
    bits |= bits >> np.uint64(2)
    bits |= bits >> _ONE
    return _ones(bits & _LANES)


@kernel
def _below(place: int) -> np.uint64:
    """The bits below a place from 0 to 63."""
    return (_ONE << np.uint64(place)) - _ONE


@kernel
def digits_level(one: tuple[np.uint64, np.uint64], other: tuple[np.uint64, np.uint64]) -> tuple[int, int]:
    """What tells two packed numbers apart that differ, and how many characters they have in common in front.

    Returns:
        0 one character differs, 1 neighbours swapped, 2 one character more or less, 3 more than that.
    """
    low, high = one[0] ^ other[0], one[1] ^ other[1]
    different = _nibbles(low) + _nibbles(high)
    place = _lowest(low) >> 2 if low != _ZERO else 16 + (_lowest(high) >> 2)
    if different <= 2:
        lengths = (_nibbles(one[0]) + _nibbles(one[1]), _nibbles(other[0]) + _nibbles(other[1]))
        if lengths[0] == lengths[1]:
            if different == 1:
                return 0, place
            if _is_swapped(one, other, place):
                return 1, place
    if _is_one_more(one, other, place) or _is_one_more(other, one, place):
        return 2, place
    return 3, place


@kernel
def _nibble(words: tuple[np.uint64, np.uint64], place: int) -> np.uint64:
    word = words[0] if place < 16 else words[1]
    return word >> np.uint64(4 * (place & 15)) & np.uint64(15)


@kernel
def _is_swapped(one: tuple[np.uint64, np.uint64], other: tuple[np.uint64, np.uint64], place: int) -> bool:
    """Whether two numbers that differ in two characters, the first at `place`, differ by swapping neighbours."""
    return bool(
        place < 31
        and _nibble(one, place) == _nibble(other, place + 1)
        and _nibble(one, place + 1) == _nibble(other, place)
    )


@kernel
def _is_one_more(
    longer: tuple[np.uint64, np.uint64], shorter: tuple[np.uint64, np.uint64], place: int
) -> bool:
    """Whether the one number without its character at `place` is the other."""
    low = longer[0] >> np.uint64(4) | longer[1] << np.uint64(60)
    high = longer[1] >> np.uint64(4)
    if place < 16:
        kept = _below(4 * place)
        return bool((longer[0] & kept | low & ~kept) == shorter[0] and high == shorter[1])
    kept = _below(4 * (place - 16))
    return bool((longer[1] & kept | high & ~kept) == shorter[1] and longer[0] == shorter[0])


@kernel
def name_level(one: np.uint64, other: np.uint64) -> int:
    """Level of two packed Chinese names that differ and do not sound the same; see `comparison.han_name_level`."""
    apart = one ^ other
    surname = apart & np.uint64(0xFFFF) == _ZERO
    n, m = _lanes(one), _lanes(other)
    if n != m:
        shortened = _is_shortened(one, other) if n > m else _is_shortened(other, one)
        return 3 if shortened and min(n, m) > 1 else (5 if surname else 6)
    different = _lanes(apart)
    if _all_found(one, other, apart):
        return 1
    if different == 1 and n > 1 and not surname:
        return 4
    if different == 1 and n > 2:
        return 2
    return 5 if surname else 6


@kernel
def _is_shortened(longer: np.uint64, shorter: np.uint64) -> bool:
    """Whether the longer name without one character is the shorter."""
    kept = _below(_lowest(longer ^ shorter) & 48)
    return bool((longer & kept | longer >> np.uint64(16) & ~kept) == shorter)


@kernel
def _all_found(one: np.uint64, other: np.uint64, apart: np.uint64) -> bool:
    """Whether every character of the one name, where they differ, stands somewhere in the other."""
    while apart != _ZERO:
        place = np.uint64(_lowest(apart) & 48)
        same = other ^ ((one >> place) & np.uint64(0xFFFF)) * _LANES
        if (same - _LANES) & ~same & _TOPS == _ZERO:
            return False
        apart &= ~(np.uint64(0xFFFF) << place)
    return True


@kernel
def date_level(one: np.uint64, other: np.uint64) -> int:
    """Level of two packed dates: 0 same day … 8 different; see `kinds`."""
    if one == other:
        return 0 if one & np.uint64(255) != _ZERO else 1
    year_a, month_a, day_a = _parts(one)
    year_b, month_b, day_b = _parts(other)
    years = abs(year_a - year_b)
    if day_a == 0 or day_b == 0 or month_a == 0 or month_b == 0:
        months = min(month_a, month_b) == 0 or month_a == month_b
        if years == 0:
            return 1 if months else 6
        return 7 if years <= 2 else 8
    if years == 0 and month_a == day_b and day_a == month_b:
        return 2
    digits = (one ^ other) >> np.uint64(32)
    different = _nibbles(digits)
    if different == 1:
        return 3
    if different == 2 and _is_swapped(
        (one >> np.uint64(32), _ZERO), (other >> np.uint64(32), _ZERO), _lowest(digits) >> 2
    ):
        return 3
    days = (year_a - year_b) * 365 + (month_a - month_b) * 30 + day_a - day_b
    if -31 <= days <= 31:
        return 4
    if month_a == month_b and day_a == day_b:
        return 5
    if years == 0:
        return 6
    return 7 if years <= 2 else 8


@kernel
def _parts(date: np.uint64) -> tuple[int, int, int]:
    parts: int = np.int64(date) & 0xFFFFFFFF  # type: ignore[assignment]
    return parts >> 16, parts >> 8 & 255, parts & 255
