"""Short texts in machine words: what two of them have in common is then arithmetic, without a look at characters.

A number (of a person, of a phone) takes four bits a character, a Chinese name sixteen; the first character lies in the
lowest bits, and no character is 0, so a text ends where the zeros begin. `packed_levels` says what two of them have in
common; texts that do not fit are compared by their characters instead (`comparison`), with the same result.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import inlined, kernel
from resolver.linkage.texts import decode

Words = NDArray[np.uint64]
_ZERO = np.uint64(0)

_NUMERALS = np.array(["0123456789x-/. ".find(chr(byte)) + 1 for byte in range(256)], np.uint8)
"""Byte -> four bits: the digits, and what stands between or behind them; 0 for anything else."""

DIGITS_WORDS, NAME_WORDS, DATE_WORDS = 2, 1, 1
"""Words that a packed number, name or date takes."""


@inlined
def _pack_some(
    data: NDArray[np.uint8], start: int, stop: int, numerals: NDArray[np.uint8]
) -> tuple[np.uint64, bool]:
    """Up to sixteen characters as one word, and whether all of them are numerals."""
    word, whole = _ZERO, True
    for position in range(start, stop):
        nibble = np.uint64(numerals[data[position]])
        whole &= nibble != _ZERO
        word |= nibble << np.uint64(4 * (position - start))
    return word, whole


@kernel
def _pack_digits(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], numerals: NDArray[np.uint8], out: Words
) -> bool:
    whole = True
    for row in range(out.shape[0]):
        start, stop = offsets[row], offsets[row + 1]
        middle = min(start + 16, stop)
        first, fits = _pack_some(data, start, middle, numerals)
        second, fits_too = _pack_some(data, middle, min(start + 32, stop), numerals)
        fits = fits and fits_too and stop - start <= 32
        out[row, 0], out[row, 1] = (first, second) if fits else (_ZERO, _ZERO)
        whole &= fits
    return whole


def pack_digits(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> tuple[Words, bool]:
    """Numbers (d,) as words (d, 2), zeros where one is longer than 32 or has letters; whether all could be packed."""
    out = np.empty((len(offsets) - 1, DIGITS_WORDS), np.uint64)
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
