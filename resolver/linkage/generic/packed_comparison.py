"""Comparisons of what is packed or numbered, many pairs at once.

What two records say is fetched first, pair by pair, into arrays that lie side by side; the level then follows by
arithmetic without a branch (`packed_levels`), which the compiler does for as many pairs as the machine's vectors hold.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.packed_levels import date_level, digits_level, name_level, pick
from resolver.linkage.patterns import NOTHING, Patterns

AT_ONCE = 512
"""Pairs whose values are fetched before they are compared: few enough for the nearest cache."""
_ROWS = 5
_0, _1, _3, _7, _8 = (np.uint64(number) for number in (0, 1, 3, 7, 8))
_TOP = np.uint64(63)
_BYTE = np.uint64(0xFF)
_FAR = np.uint64(1 << 40)
_NOTHING = np.uint64(NOTHING)

Words = NDArray[np.uint64]
Scratch = NDArray[np.uint64]


class Into(NamedTuple):
    """Pairs, as places among the records side by side, and where the level of a comparison is put.

    Attributes:
        left: uint32 (m,).
        right: uint32 (m,).
        shift: uint64: place of the comparison's four bits, which must be 0.
        out: uint64 (m,): patterns.
    """

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    shift: np.uint64
    out: Patterns


class Same(NamedTuple):
    """Levels of equal values.

    Attributes:
        bands: int32 (k,): bands of frequency of records.
        shift: uint64: place of the comparison's two bits.
        levels: uint64: how many levels equal values have.
    """

    bands: NDArray[np.int32]
    shift: np.uint64
    levels: np.uint64


def scratch() -> Scratch:
    """Room for the values of pairs, which compiled loops are given."""
    return np.empty((_ROWS, AT_ONCE), np.uint64)


@kernel
def _fetch(values: Words, places: NDArray[np.uint32], out: Words) -> None:
    for pair in range(places.shape[0]):
        out[pair] = values[places[pair]]


@kernel
def _fetch_codes(values: NDArray[np.int32], places: NDArray[np.uint32], out: Words) -> None:
    """Numbers of values; the topmost bit says that there is none."""
    for pair in range(places.shape[0]):
        out[pair] = np.uint64(np.int64(values[places[pair]]))


@kernel
def _fetch_bands(same: Same, places: NDArray[np.uint32], out: Words) -> None:
    for pair in range(places.shape[0]):
        out[pair] = np.uint64(np.uint32(same.bands[places[pair]])) >> same.shift & _3


@kernel
def _put(levels: Words, shift: np.uint64, out: Patterns) -> None:
    for pair in range(out.shape[0]):
        out[pair] |= (levels[pair] & _NOTHING) << shift


@kernel
def put_codes(codes: NDArray[np.int32], same: Same, into: Into, room: Scratch) -> None:
    """Put the levels of `exact` into patterns."""
    one, other, band = room[0], room[1], room[2]
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        _fetch_codes(codes, left, one)
        _fetch_codes(codes, right, other)
        _fetch_bands(same, left, band)
        for pair in range(left.shape[0]):
            level = pick(one[pair] == other[pair], band[pair], same.levels)
            one[pair] = pick((one[pair] | other[pair]) >> _TOP != _0, _NOTHING, level)
        _put(one, into.shift, into.out[start : start + AT_ONCE])


@kernel
def put_numerals(
    words: tuple[Words, Words],
    same: Same,
    how: tuple[NDArray[np.float64], np.uint64],
    into: Into,
    room: Scratch,
) -> None:
    """Put the levels of `code` into patterns.

    Args:
        words: Packed numbers, uint64 (k,) twice.
        same: Levels of equal ones.
        how: How many characters in front must be the same for each level, each no more than the one before, NaN where
            there are no more; and the level of a pair of which not both are packed.
        into: Pairs and patterns.
        room: See `scratch`.
    """
    limits, absent = how
    one, one_rest, other, other_rest, band = room[0], room[1], room[2], room[3], room[4]
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        _fetch(words[0], left, one)
        _fetch(words[1], left, one_rest)
        _fetch(words[0], right, other)
        _fetch(words[1], right, other_rest)
        _fetch_bands(same, left, band)
        for pair in range(left.shape[0]):
            a, b, c, d = one[pair], one_rest[pair], other[pair], other_rest[pair]
            level = digits_level(a, b, c, d)
            # Above the level stands how many characters agree in front, where that matters.
            level = pick(level & _BYTE == _3, level, level & _BYTE | _FAR) + same.levels
            level = pick((a == c) & (b == d), band[pair] | _FAR, level)
            one[pair] = pick((a == _0) | (c == _0), absent | _FAR, level)
        place = 0
        while place < limits.shape[0] and not np.isnan(limits[place]):
            limit = np.uint64(max(np.ceil(limits[place]), 0.0))
            for pair in range(left.shape[0]):
                one[pair] += np.uint64(one[pair] >> _8 < limit)
            place += 1
        _put(one, into.shift, into.out[start : start + AT_ONCE])


@kernel
def put_names(
    names: tuple[Words, NDArray[np.int32]], same: Same, absent: np.uint64, into: Into, room: Scratch
) -> None:
    """Put the levels of `han_name` into patterns.

    Args:
        names: Packed names, uint64 (k,), and numbers of their sounds, int32 (k,), or (0,) if these are not known.
        same: Levels of equal ones.
        absent: The level of a pair of which not both are packed.
        into: Pairs and patterns.
        room: See `scratch`.
    """
    words, sounds = names
    one, other, band, sound, other_sound = room[0], room[1], room[2], room[3], room[4]
    other_sound[:] = ~_0
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        _fetch(words, left, one)
        _fetch(words, right, other)
        _fetch_bands(same, left, band)
        if sounds.shape[0] > 0:
            _fetch_codes(sounds, left, sound)
            _fetch_codes(sounds, right, other_sound)
        for pair in range(left.shape[0]):
            a, b = one[pair], other[pair]
            known = (sound[pair] | other_sound[pair]) >> _TOP == _0
            homophone = known & (sound[pair] == other_sound[pair])
            level = same.levels + pick(homophone, _0, name_level(a, b))
            level = pick(a == b, band[pair], level)
            one[pair] = pick((a == _0) | (b == _0), absent, level)
        _put(one, into.shift, into.out[start : start + AT_ONCE])


@kernel
def put_dates(words: Words, into: Into, room: Scratch) -> None:
    """Put the levels of `date` into patterns; `words` are packed dates, uint64 (k,)."""
    one, other = room[0], room[1]
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        _fetch(words, left, one)
        _fetch(words, right, other)
        for pair in range(left.shape[0]):
            a, b = one[pair], other[pair]
            one[pair] = pick((a == _0) | (b == _0), _NOTHING, date_level(a, b))
        _put(one, into.shift, into.out[start : start + AT_ONCE])


@kernel
def put_hierarchy(codes: NDArray[np.int32], slots: NDArray[np.int64], into: Into, room: Scratch) -> None:
    """Put the levels of `hierarchy` into patterns.

    0 the same down to the last column; then, per depth that agrees, whether the next one conflicts; 7 different.
    """
    # A state is the depth that agrees, and above it the conflict.
    one, other, state = room[0], room[1], room[2]
    columns = slots.shape[0]
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        state[:] = _0
        for place in range(columns):
            _fetch_codes(codes[slots[place]], left, one)
            _fetch_codes(codes[slots[place]], right, other)
            depth = np.uint64(place + 1)
            for pair in range(left.shape[0]):
                known = ((one[pair] | other[pair]) >> _TOP == _0) & (state[pair] >> _8 == _0)
                equal = one[pair] == other[pair]
                agreed = pick(known & equal, depth, state[pair])
                state[pair] = agreed | np.uint64(known & (not equal)) << _8
        for pair in range(left.shape[0]):
            depth, conflict = state[pair] & _BYTE, state[pair] >> _8
            level = _7 - (depth + depth) + conflict
            level = pick(depth == _0, pick(conflict != _0, _7, _NOTHING), level)
            state[pair] = pick(depth == np.uint64(columns), _0, level)
        _put(state, into.shift, into.out[start : start + AT_ONCE])


@kernel
def leave_out(codes: NDArray[np.int32], mask: np.uint64, into: Into, room: Scratch) -> None:
    """Leave comparisons, whose bits the mask has, out of the patterns of pairs whose values are equal."""
    one, other = room[0], room[1]
    for start in range(0, into.out.shape[0], AT_ONCE):
        left, right = into.left[start : start + AT_ONCE], into.right[start : start + AT_ONCE]
        _fetch_codes(codes, left, one)
        _fetch_codes(codes, right, other)
        for pair in range(left.shape[0]):
            equal = (one[pair] == other[pair]) & (one[pair] >> _TOP == _0)
            one[pair] = pick(equal, mask, _0)
        out = into.out[start : start + AT_ONCE]
        for pair in range(out.shape[0]):
            out[pair] |= one[pair]
