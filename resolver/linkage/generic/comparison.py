"""Compare pairs of records of any table: one level per comparison, packed into a pattern.

The records of a piece of the candidates are put side by side first, so that all its comparisons read what lies near.
One compiled loop per kind of comparison runs over many pairs and puts its levels into their patterns. Equality of
values is equality of codes; packed values are compared many at once (`packed_comparison`), and characters and words
are looked at only where values differ that cannot be packed.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.beside import Beside, side_by_side
from resolver.linkage.generic.kinds import KINDS
from resolver.linkage.generic.packed_comparison import (
    Into,
    Same,
    Scratch,
    leave_out,
    put_codes,
    put_dates,
    put_hierarchy,
    put_names,
    put_numerals,
    scratch,
)
from resolver.linkage.generic.pieces import Near, Piece, list_pieces
from resolver.linkage.generic.plan import BITS_OF_A_BAND, Plan
from resolver.linkage.generic.prepared import Prepared
from resolver.linkage.generic.similarity import LONGEST, edit_distance, jaro_winkler, similarity
from resolver.linkage.generic.wording import put_words, word_scratch
from resolver.linkage.patterns import NOTHING, Patterns

Chars = NDArray[np.uint32]
Codes = NDArray[np.int32]
Rows = NDArray[np.int32]
Limits = NDArray[np.float64]
_EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""
_NAMES = tuple(KINDS)
_NO_CODES = np.zeros(0, np.int32)


def compare_patterns(data: Prepared, plan: Plan, left: Rows, right: Rows) -> Patterns:
    """Patterns (m,) of pairs of rows (m,), (m,); a missing comparison is `patterns.NOTHING`."""

    def some(piece: Piece) -> Patterns:
        near = piece.near(np.empty(piece.most, np.uint16))
        return compare_near(data, plan, side_by_side(data, near.members), near)

    parts = on_all_cores(some, list_pieces(left, right))
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def compare_near(data: Prepared, plan: Plan, beside: Beside, near: Near) -> Patterns:
    """Patterns (m,) of the pairs of a piece, whose records are put side by side."""
    out, room = np.zeros(len(near.left), np.uint64), scratch()
    left, right = near.left.view(np.uint32), near.right.view(np.uint32)
    for row in range(len(plan.kind)):
        _put_levels(data, plan, row, beside, Into(left, right, np.uint64(4 * row), out), room)
    for of in np.flatnonzero(plan.leaves_out):
        codes = beside.codes[plan.slots[of, 0]]
        leave_out(codes, plan.leaves_out[of], Into(left, right, np.uint64(0), out), room)
    return out


def _put_levels(data: Prepared, plan: Plan, row: int, beside: Beside, into: Into, room: Scratch) -> None:
    """Put the levels of one comparison into the patterns of pairs."""
    slots = plan.slots[row]
    slots = slots[slots >= 0]
    kind, limits = _NAMES[plan.kind[row]], plan.limits[row]
    first = beside.codes[slots[0]]
    same = Same(beside.bands, np.uint64(BITS_OF_A_BAND * row), np.uint64(plan.same[row]))
    if kind == "exact":
        put_codes(first, same, into, room)
    elif kind == "hierarchy":
        put_hierarchy(beside.codes, slots, into, room)
    elif kind in ("date", "code", "han_name"):
        _put_packed(data, plan, row, beside, (same, into, room))
    elif kind == "string":
        rows = np.empty((3, LONGEST + 1), np.int32)
        _put_texts(first, (data.chars, data.starts, rows), same, (limits, int(plan.option[row])), into)
    elif kind == "number":
        _put_numbers(first, data.numbers, limits, into)
    elif kind == "distance":
        _put_distances((first, beside.codes[slots[1]]), data.numbers, limits, into)
    elif kind == "overlap":
        _put_overlap(first, (data.words.starts, data.words.ids), limits, into)
    else:
        how = limits, plan.option[row] == 1, word_scratch()
        put_words(beside.codes, slots, data.words, how, into)


def _put_packed(
    data: Prepared, plan: Plan, row: int, beside: Beside, how: tuple[Same, Into, Scratch]
) -> None:
    """Put the levels of a comparison of packed values; those of values that are not are added by their characters."""
    same, into, room = how
    kind, slots, at = _NAMES[plan.kind[row]], plan.slots[row], plan.packed[row]
    codes, words = beside.codes[slots[0]], beside.words[at]
    whole = data.whole[slots[0]]
    absent = np.uint64(NOTHING if whole else 0)
    if kind == "date":
        put_dates(words, into, room)
    elif kind == "code":
        put_numerals((words, beside.words[at + 1]), same, (plan.limits[row], absent), into, room)
        if not whole:
            _put_unpacked_numerals((codes, words), (data.chars, data.starts), same, plan.limits[row], into)
    else:
        sounds = beside.codes[slots[1]] if slots[1] >= 0 else _NO_CODES
        put_names((words, sounds), same, absent, into, room)
        if not whole:
            _put_unpacked_names((codes, words, sounds), (data.chars, data.starts), same, into)


@kernel
def _level_of_same(same: Same, record: int) -> int:
    """Band of an equal value, 0 = rarest; always 0 where frequency does not matter."""
    return int(same.bands[record] >> np.int64(same.shift)) & 3


@kernel
def _behind(same: Same) -> int:
    """The first level of values that differ; signed, or a sum with it would be no whole number."""
    return int(np.int64(same.levels))


@kernel
def _first_reached(value: float, limits: Limits, upwards: bool) -> int:
    """Place of the first limit that a value keeps within; how many limits there are if it keeps within none."""
    place = 0
    while place < limits.shape[0] and not np.isnan(limits[place]):
        if (value <= limits[place]) if upwards else (value >= limits[place]):
            return place
        place += 1
    return place


@kernel
def _put_texts(
    codes: Codes,
    texts: tuple[Chars, NDArray[np.int64], NDArray[np.int32]],
    same: Same,
    how: tuple[Limits, int],
    into: Into,
) -> None:
    chars, starts, rows = texts
    limits, option = how
    for pair in range(into.left.shape[0]):
        one, other = codes[into.left[pair]], codes[into.right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0:
            if one == other:
                level = _level_of_same(same, into.left[pair])
            else:
                begin = (starts[one], starts[other])
                lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                if option == 0:
                    level = _first_reached(jaro_winkler(chars, begin, lengths), limits, False)
                elif option == 1:
                    level = _first_reached(similarity(chars, begin, lengths, rows), limits, False)
                else:
                    level = _first_reached(float(edit_distance(chars, begin, lengths, rows)), limits, True)
                level += _behind(same)
        into.out[pair] |= np.uint64(level) << into.shift


@kernel
def _put_unpacked_numerals(
    numbers: tuple[Codes, NDArray[np.uint64]],
    texts: tuple[Chars, NDArray[np.int64]],
    same: Same,
    limits: Limits,
    into: Into,
) -> None:
    """Put the levels of `code` into patterns of pairs of which not both numbers are packed."""
    codes, words = numbers
    chars, starts = texts
    for pair in range(into.left.shape[0]):
        a, b = into.left[pair], into.right[pair]
        if words[a] != 0 and words[b] != 0:
            continue
        one, other = codes[a], codes[b]
        level = NOTHING
        if one >= 0 and other >= 0:
            if one == other:
                level = _level_of_same(same, a)
            else:
                begin = (starts[one], starts[other])
                lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                kind, front = _code(chars, begin, lengths)
                level = _behind(same) + kind
                if kind == 3:
                    level += _first_reached(float(front), limits, False)
        into.out[pair] |= np.uint64(level) << into.shift


@kernel
def _code(chars: Chars, begin: tuple[int, int], lengths: tuple[int, int]) -> tuple[int, int]:
    """What `packed.digits_level` says, of texts that cannot be packed."""
    a, b = begin
    n, m = lengths
    same = 0
    while same < n and same < m and chars[a + same] == chars[b + same]:
        same += 1
    end = 0
    while end < n - same and end < m - same and chars[a + n - 1 - end] == chars[b + m - 1 - end]:
        end += 1
    rest, other_rest = n - same - end, m - same - end
    if rest == 1 and other_rest == 1:
        return 0, same
    a, b = a + same, b + same
    if rest == 2 and other_rest == 2 and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]:
        return 1, same
    return (2 if rest + other_rest == 1 else 3), same


@kernel
def _put_unpacked_names(
    names: tuple[Codes, NDArray[np.uint64], Codes],
    texts: tuple[Chars, NDArray[np.int64]],
    same: Same,
    into: Into,
) -> None:
    """Put the levels of `han_name` into patterns of pairs of which not both names are packed."""
    codes, words, sounds = names
    chars, starts = texts
    for pair in range(into.left.shape[0]):
        a, b = into.left[pair], into.right[pair]
        if words[a] != 0 and words[b] != 0:
            continue
        one, other = codes[a], codes[b]
        level = NOTHING
        if one >= 0 and other >= 0:
            if one == other:
                level = _level_of_same(same, a)
            else:
                level = _behind(same)
                if not (sounds.shape[0] > 0 and sounds[a] >= 0 and sounds[a] == sounds[b]):
                    begin = (starts[one], starts[other])
                    lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                    level += han_name_level(chars, begin, lengths)
        into.out[pair] |= np.uint64(level) << into.shift


@kernel
def han_name_level(chars: Chars, begin: tuple[int, int], lengths: tuple[int, int]) -> int:
    """Level of two Chinese names that differ and do not sound the same: 1 other order … 6 different."""
    a, b = begin
    n, m = lengths
    if n == 0 or m == 0:
        return 6
    surname = chars[a] == chars[b]
    if n != m:
        return 3 if _is_shortened(chars, begin, lengths) else (5 if surname else 6)
    different, unmatched = _differences(chars, begin, n)
    if unmatched == 0:
        return 1
    if different == 1 and n > 1 and not surname:
        return 4
    if different == 1 and n > 2:
        return 2
    return 5 if surname else 6


@kernel
def _differences(chars: Chars, begin: tuple[int, int], n: int) -> tuple[int, int]:
    """Of two texts of n characters: places at which they differ, and of the one's there how many the other lacks."""
    a, b = begin
    different, unmatched = 0, 0
    for place in range(n):
        if chars[a + place] != chars[b + place]:
            different += 1
            found = False
            for near in range(n):
                found |= chars[a + place] == chars[b + near]
            unmatched += not found
    return different, unmatched


@kernel
def _is_shortened(chars: Chars, begin: tuple[int, int], lengths: tuple[int, int]) -> bool:
    """Whether one text is the other without one character, two characters being left at least."""
    a, b = begin
    n, m = lengths
    shorter = min(n, m)
    same = 0
    while same < shorter and chars[a + same] == chars[b + same]:
        same += 1
    end = 0
    while end < shorter - same and chars[a + n - 1 - end] == chars[b + m - 1 - end]:
        end += 1
    return abs(n - m) == 1 and same + end == shorter and shorter > 1


@kernel
def _put_numbers(codes: Codes, numbers: NDArray[np.float64], limits: Limits, into: Into) -> None:
    left, right, shift, out = into
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0:
            apart = abs(numbers[one] - numbers[other])
            if not np.isnan(apart):
                level = 0 if apart == 0.0 else 1 + _first_reached(apart, limits, True)
        out[pair] |= np.uint64(level) << shift


@kernel
def _put_distances(
    codes: tuple[Codes, Codes], numbers: NDArray[np.float64], limits: Limits, into: Into
) -> None:
    left, right, shift, out = into
    lat, lon = codes
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        level = NOTHING
        known = lat[a] >= 0 and lat[b] >= 0 and lon[a] >= 0 and lon[b] >= 0
        if known:
            one = (numbers[lat[a]], numbers[lon[a]])
            other = (numbers[lat[b]], numbers[lon[b]])
            apart = kilometres(one, other)
            if not np.isnan(apart):
                level = 0 if apart == 0.0 else 1 + _first_reached(apart, limits, True)
        out[pair] |= np.uint64(level) << shift


@kernel
def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places (latitude, longitude in degrees), by the haversine formula."""
    a, b = np.radians(one[0]), np.radians(other[0])
    half_lat, half_lon = (b - a) / 2.0, np.radians(other[1] - one[1]) / 2.0
    h = np.sin(half_lat) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return float(2.0 * _EARTH_KM * np.arcsin(min(1.0, np.sqrt(h))))


@kernel
def _put_overlap(
    codes: Codes, lists: tuple[NDArray[np.int64], NDArray[np.int32]], limits: Limits, into: Into
) -> None:
    left, right, shift, out = into
    starts, ids = lists
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0:
            first, second = ids[starts[one] : starts[one + 1]], ids[starts[other] : starts[other + 1]]
            level = _overlap(first, second, limits)
        out[pair] |= np.uint64(level) << shift


@kernel
def _overlap(one: NDArray[np.int32], other: NDArray[np.int32], limits: Limits) -> int:
    """0 all items in common, 1 … a share of them, then any, then none."""
    n, m = one.shape[0], other.shape[0]
    if n == 0 or m == 0:
        return int(NOTHING)
    shared = 0
    for a in range(n):
        for b in range(m):
            if one[a] == other[b]:
                shared += 1
                break
    share = shared / (n + m - shared)
    if share == 1.0:
        return 0
    known = 0
    while known < limits.shape[0] and not np.isnan(limits[known]):
        known += 1
    place = _first_reached(share, limits, False)
    if place < known:
        return 1 + place
    return 1 + known if shared > 0 else 2 + known
