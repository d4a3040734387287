"""Compare pairs of records of any table: one level per comparison, packed into a pattern.

The records of a piece of the candidates are put side by side first, so that all its comparisons read what lies near.
One compiled loop per kind of comparison runs over many pairs and puts its levels into their patterns. Equality of
values is equality of codes; packed values, characters and words are looked at only where codes differ.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.kinds import KINDS
from resolver.linkage.generic.packed import (
    DATE_WORDS,
    DIGITS_WORDS,
    NAME_WORDS,
    date_level,
    digits_level,
    name_level,
)
from resolver.linkage.generic.pieces import Near, Piece, list_pieces
from resolver.linkage.generic.prepared import Plan, Prepared
from resolver.linkage.generic.similarity import LONGEST, edit_distance, jaro_winkler, similarity
from resolver.linkage.generic.wording import put_words, word_scratch
from resolver.linkage.patterns import NOTHING, Patterns

Chars = NDArray[np.uint32]
Codes = NDArray[np.int32]
Rows = NDArray[np.int32]
Limits = NDArray[np.float64]
_EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


def compare_patterns(data: Prepared, plan: Plan, left: Rows, right: Rows) -> Patterns:
    """Patterns (m,) of pairs of rows (m,), (m,); a missing comparison is `patterns.NOTHING`."""

    def some(piece: Piece) -> Patterns:
        records = side_by_side(data, piece.members())
        return compare_near(data, plan, records, piece.near(records, np.empty(piece.most, np.uint16)))

    parts = on_all_cores(some, list_pieces(left, right))
    return np.concatenate([np.zeros(0, np.uint64), *parts])


def side_by_side(data: Prepared, members: Rows) -> NDArray[np.int32]:
    """What stands of some records (k,) in `Prepared.rows`, one record behind the other: int32 (columns, k)."""
    records = np.empty((len(members), data.rows.shape[1]), np.int32)
    _copy(data.rows, members, records)
    return records.T


def compare_near(data: Prepared, plan: Plan, records: NDArray[np.int32], near: Near) -> Patterns:
    """Patterns (m,) of the pairs of a piece, whose records are put side by side."""
    out = np.zeros(len(near.left), np.uint64)
    for row in range(len(plan.kind)):
        _put_levels(data, plan, row, records, (near.left, near.right, out))
    return out


@kernel
def _copy(rows: NDArray[np.int32], members: Rows, records: NDArray[np.int32]) -> None:
    """Fetch the records of a piece: the waiting for memory is here, where nothing else delays the next record."""
    for place in range(members.shape[0]):
        row = members[place]
        for lane in range(records.shape[1]):
            records[place, lane] = rows[row, lane]


def _put_levels(
    data: Prepared, plan: Plan, row: int, records: NDArray[np.int32], pairs: tuple[Rows, Rows, Patterns]
) -> None:
    """Put the levels of one comparison into the patterns of pairs; its four bits must be 0."""
    slots = plan.slots[row]
    slots = slots[slots >= 0]
    implied, packed = plan.implied[row], plan.packed[row]
    same = records[plan.slots[implied, 0]] if implied >= 0 else _NONE
    kind = _NAMES[plan.kind[row]]
    where = (pairs[0], pairs[1], same, 4 * row, pairs[2])
    first = records[slots[0]]
    limits, bits = plan.limits[row], plan.bits[row]
    if kind == "exact":
        _put_exact(first, data.bits, bits, where)
    elif kind == "code":
        words = records[packed : packed + 2 * DIGITS_WORDS]
        _put_numerals((first, words), (data.chars, data.starts), (data.bits, bits), limits, where)
    elif kind == "string":
        scratch = np.empty((3, LONGEST + 1), np.int32)
        how = (limits, int(plan.option[row]))
        _put_texts(first, (data.chars, data.starts, scratch), (data.bits, bits), how, where)
    elif kind == "han_name":
        sound = records[slots[1]] if len(slots) > 1 else _NONE
        words = records[packed : packed + 2 * NAME_WORDS]
        _put_names((first, sound, words), (data.chars, data.starts), (data.bits, bits), where)
    elif kind == "date":
        _put_dates(records[packed : packed + 2 * DATE_WORDS], where)
    elif kind == "number":
        _put_numbers(first, data.numbers, limits, where)
    elif kind == "distance":
        _put_distances((first, records[slots[1]]), data.numbers, limits, where)
    elif kind == "overlap":
        _put_overlap(first, (data.words.starts, data.words.ids), limits, where)
    elif kind == "hierarchy":
        _put_hierarchy(records, slots, where)
    else:
        put_words(records, slots, data.words, (limits, plan.option[row] == 1, word_scratch()), where)


_NAMES = tuple(KINDS)
_NONE = np.zeros(0, np.int32)
Where = tuple[Rows, Rows, Codes, int, Patterns]
"""Left and right places of pairs, codes whose equality leaves the comparison out, shift of its bits, patterns."""


@kernel
def _word(words: NDArray[np.int32], number: int, place: int) -> np.uint64:
    """A packed word of a record, given as two rows of halves."""
    low, high = np.uint32(words[2 * number, place]), np.uint32(words[2 * number + 1, place])
    return np.uint64(high) << np.uint64(32) | np.uint64(low)


@kernel
def is_implied(same: Codes, one: int, other: int) -> bool:
    """Whether an earlier comparison's equal values say this one already."""
    return bool(same.shape[0] > 0 and same[one] >= 0 and same[one] == same[other])


@kernel
def _band(bits: float, edges: Limits) -> int:
    """Band of an equal value, 0 = rarest; always 0 where frequency does not matter."""
    band = 0
    while band < edges.shape[0] and bits < edges[band]:
        band += 1
    return band


@kernel
def _bands(edges: Limits) -> int:
    return 1 if np.isnan(edges[0]) else edges.shape[0] + 1


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
def _put_exact(codes: Codes, all_bits: NDArray[np.float32], edges: Limits, where: Where) -> None:
    left, right, same, shift, out = where
    different = _bands(edges)
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, left[pair], right[pair]):
            level = different
            if one == other:
                level = _band(all_bits[one], edges) if different > 1 else 0
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _put_texts(
    codes: Codes,
    texts: tuple[Chars, NDArray[np.int64], NDArray[np.int32]],
    frequency: tuple[NDArray[np.float32], Limits],
    how: tuple[Limits, int],
    where: Where,
) -> None:
    left, right, same, shift, out = where
    chars, starts, rows = texts
    all_bits, edges = frequency
    limits, option = how
    bands = _bands(edges)
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, left[pair], right[pair]):
            if one == other:
                level = _band(all_bits[one], edges) if bands > 1 else 0
            else:
                begin = (starts[one], starts[other])
                lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                if option == 0:
                    level = bands + _first_reached(jaro_winkler(chars, begin, lengths), limits, False)
                elif option == 1:
                    level = bands + _first_reached(similarity(chars, begin, lengths, rows), limits, False)
                else:
                    level = bands + _first_reached(
                        float(edit_distance(chars, begin, lengths, rows)), limits, True
                    )
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _put_numerals(
    codes: tuple[Codes, NDArray[np.int32]],
    texts: tuple[Chars, NDArray[np.int64]],
    frequency: tuple[NDArray[np.float32], Limits],
    limits: Limits,
    where: Where,
) -> None:
    left, right, same, shift, out = where
    values, words = codes
    chars, starts = texts
    all_bits, edges = frequency
    bands = _bands(edges)
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        one, other = values[a], values[b]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, a, b):
            if one == other:
                level = _band(all_bits[one], edges) if bands > 1 else 0
            else:
                packed, packed_other = _word(words, 0, a), _word(words, 0, b)
                if packed != 0 and packed_other != 0:
                    one_word, other_word = (packed, _word(words, 1, a)), (packed_other, _word(words, 1, b))
                    kind, front = digits_level(one_word, other_word)
                else:
                    begin = (starts[one], starts[other])
                    lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                    kind, front = _code(chars, begin, lengths)
                level = bands + kind
                if kind == 3:
                    level += _first_reached(float(front), limits, False)
        out[pair] |= np.uint64(level) << np.uint64(shift)


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
def _put_names(
    codes: tuple[Codes, Codes, NDArray[np.int32]],
    texts: tuple[Chars, NDArray[np.int64]],
    frequency: tuple[NDArray[np.float32], Limits],
    where: Where,
) -> None:
    left, right, same, shift, out = where
    names, sounds, words = codes
    chars, starts = texts
    all_bits, edges = frequency
    bands = _bands(edges)
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        one, other = names[a], names[b]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, a, b):
            if one == other:
                level = _band(all_bits[one], edges) if bands > 1 else 0
            elif sounds.shape[0] > 0 and sounds[a] >= 0 and sounds[a] == sounds[b]:
                level = bands
            else:
                packed, packed_other = _word(words, 0, a), _word(words, 0, b)
                if packed != 0 and packed_other != 0:
                    level = bands + name_level(packed, packed_other)
                else:
                    begin = (starts[one], starts[other])
                    lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                    level = bands + han_name_level(chars, begin, lengths)
        out[pair] |= np.uint64(level) << np.uint64(shift)


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
def _put_dates(words: NDArray[np.int32], where: Where) -> None:
    left, right, same, shift, out = where
    for pair in range(left.shape[0]):
        a, b = _word(words, 0, left[pair]), _word(words, 0, right[pair])
        level = NOTHING
        if a != 0 and b != 0 and not is_implied(same, left[pair], right[pair]):
            level = date_level(a, b)
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _put_numbers(codes: Codes, numbers: NDArray[np.float64], limits: Limits, where: Where) -> None:
    left, right, same, shift, out = where
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, left[pair], right[pair]):
            apart = abs(numbers[one] - numbers[other])
            if not np.isnan(apart):
                level = 0 if apart == 0.0 else 1 + _first_reached(apart, limits, True)
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _put_distances(
    codes: tuple[Codes, Codes], numbers: NDArray[np.float64], limits: Limits, where: Where
) -> None:
    left, right, same, shift, out = where
    lat, lon = codes
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        level = NOTHING
        known = lat[a] >= 0 and lat[b] >= 0 and lon[a] >= 0 and lon[b] >= 0
        if known and not is_implied(same, a, b):
            one = (numbers[lat[a]], numbers[lon[a]])
            other = (numbers[lat[b]], numbers[lon[b]])
            apart = kilometres(one, other)
            if not np.isnan(apart):
                level = 0 if apart == 0.0 else 1 + _first_reached(apart, limits, True)
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance of two places (latitude, longitude in degrees), by the haversine formula."""
    a, b = np.radians(one[0]), np.radians(other[0])
    half_lat, half_lon = (b - a) / 2.0, np.radians(other[1] - one[1]) / 2.0
    h = np.sin(half_lat) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return float(2.0 * _EARTH_KM * np.arcsin(min(1.0, np.sqrt(h))))


@kernel
def _put_overlap(
    codes: Codes, lists: tuple[NDArray[np.int64], NDArray[np.int32]], limits: Limits, where: Where
) -> None:
    left, right, same, shift, out = where
    starts, ids = lists
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, left[pair], right[pair]):
            first, second = ids[starts[one] : starts[one + 1]], ids[starts[other] : starts[other + 1]]
            level = _overlap(first, second, limits)
        out[pair] |= np.uint64(level) << np.uint64(shift)


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


@kernel
def _put_hierarchy(codes: NDArray[np.int32], slots: NDArray[np.int64], where: Where) -> None:
    """0 the same down to the last column; then, per depth that agrees, whether the next one conflicts; 7 different."""
    left, right, same, shift, out = where
    columns = slots.shape[0]
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        depth, conflict = 0, False
        for place in range(columns):
            one, other = codes[slots[place], a], codes[slots[place], b]
            if one >= 0 and other >= 0:
                if one != other:
                    conflict = True
                    break
                depth = place + 1
        level = 1 + 2 * (3 - depth) + conflict
        if depth == columns:
            level = 0
        elif depth == 0:
            level = 7 if conflict else NOTHING
        if is_implied(same, a, b):
            level = NOTHING
        out[pair] |= np.uint64(level) << np.uint64(shift)
