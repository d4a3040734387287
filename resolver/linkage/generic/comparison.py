"""Compare pairs of records of any table: one level per comparison, packed into a pattern.

One compiled loop per kind of comparison runs over many pairs and puts its levels into their patterns. Equality of
values is equality of codes; characters, dates and words are looked at only where codes differ.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.kinds import KINDS
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

_AT_ONCE = 1 << 15
"""Pairs that go through all comparisons together, so that they stay in the cache."""


def compare_patterns(data: Prepared, plan: Plan, left: Rows, right: Rows) -> Patterns:
    """Patterns (m,) of pairs of rows (m,), (m,); a missing comparison is `patterns.NOTHING`."""
    out = np.zeros(len(left), np.uint64)
    for at in range(0, len(left), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        for row in range(len(plan.kind)):
            put_levels(data, plan, row, (left[part], right[part]), out[part])
    return out


def put_levels(data: Prepared, plan: Plan, row: int, pairs: tuple[Rows, Rows], out: Patterns) -> None:
    """Put the levels of one comparison into the patterns of pairs; its four bits must be 0."""
    slots = plan.slots[row]
    slots = slots[slots >= 0]
    implied = plan.implied[row]
    same = data.codes[plan.slots[implied, 0]] if implied >= 0 else _NONE
    kind = _NAMES[plan.kind[row]]
    where = (*pairs, same, 4 * row, out)
    first = data.codes[slots[0]]
    limits, bits = plan.limits[row], plan.bits[row]
    if kind == "exact":
        _put_exact(first, data.bits, bits, where)
    elif kind in ("string", "code"):
        option = int(plan.option[row]) if kind == "string" else _AS_CODE
        scratch = np.empty((3, LONGEST + 1), np.int32)
        _put_texts(first, (data.chars, data.starts, scratch), (data.bits, bits), (limits, option), where)
    elif kind == "han_name":
        sound = data.codes[slots[1]] if len(slots) > 1 else _NONE
        _put_names((first, sound), (data.chars, data.starts), (data.bits, bits), where)
    elif kind == "date":
        _put_dates(first, data.dates, where)
    elif kind == "number":
        _put_numbers(first, data.numbers, limits, where)
    elif kind == "distance":
        _put_distances((first, data.codes[slots[1]]), data.numbers, limits, where)
    elif kind == "overlap":
        _put_overlap(first, (data.words.starts, data.words.ids), limits, where)
    elif kind == "hierarchy":
        _put_hierarchy(data.codes, slots, where)
    else:
        put_words(data.codes, slots, data.words, (limits, plan.option[row] == 1, word_scratch()), where)


_NAMES = tuple(KINDS)
_NONE = np.zeros(0, np.int32)
_AS_CODE = -1
Where = tuple[Rows, Rows, Codes, int, Patterns]
"""Left rows, right rows, codes whose equality leaves the comparison out, shift of its bits, patterns."""


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
                if option == _AS_CODE:
                    level = bands + _code(chars, begin, lengths, limits)
                elif option == 0:
                    level = bands + _first_reached(jaro_winkler(chars, begin, lengths), limits, False)
                elif option == 1:
                    level = bands + _first_reached(similarity(chars, begin, lengths, rows), limits, False)
                else:
                    level = bands + _first_reached(
                        float(edit_distance(chars, begin, lengths, rows)), limits, True
                    )
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _code(chars: Chars, begin: tuple[int, int], lengths: tuple[int, int], limits: Limits) -> int:
    """0 one character differs, 1 neighbours swapped, 2 one more or less, 3 … same beginning, last different."""
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
        return 0
    a, b = a + same, b + same
    if rest == 2 and other_rest == 2 and chars[a] == chars[b + 1] and chars[a + 1] == chars[b]:
        return 1
    if rest + other_rest == 1:
        return 2
    place = 0
    while place < limits.shape[0] and not np.isnan(limits[place]):
        if same >= limits[place]:
            return 3 + place
        place += 1
    return 3 + place


@kernel
def _put_names(
    codes: tuple[Codes, Codes],
    texts: tuple[Chars, NDArray[np.int64]],
    frequency: tuple[NDArray[np.float32], Limits],
    where: Where,
) -> None:
    left, right, same, shift, out = where
    names, sounds = codes
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
                begin = (starts[one], starts[other])
                lengths = (starts[one + 1] - begin[0], starts[other + 1] - begin[1])
                level = bands + _han_name(chars, begin, lengths)
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _han_name(chars: Chars, begin: tuple[int, int], lengths: tuple[int, int]) -> int:
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
def _put_dates(codes: Codes, dates: NDArray[np.int32], where: Where) -> None:
    left, right, same, shift, out = where
    for pair in range(left.shape[0]):
        one, other = codes[left[pair]], codes[right[pair]]
        level = NOTHING
        if one >= 0 and other >= 0 and not is_implied(same, left[pair], right[pair]):
            a, b = dates[one], dates[other]
            if a == 0 or b == 0:
                level = NOTHING
            elif a == b:
                level = 0 if a % 100 != 0 else 1
            else:
                level = _date(a, b)
        out[pair] |= np.uint64(level) << np.uint64(shift)


@kernel
def _date(one: int, other: int) -> int:
    """Level of two dates that differ: 1 same as far as known … 8 different."""
    year_a, month_a, day_a = one // 10000, one // 100 % 100, one % 100
    year_b, month_b, day_b = other // 10000, other // 100 % 100, other % 100
    years = abs(year_a - year_b)
    if day_a == 0 or day_b == 0 or month_a == 0 or month_b == 0:
        months = min(month_a, month_b) == 0 or month_a == month_b
        if years == 0:
            return 1 if months else 6
        return 7 if years <= 2 else 8
    if years == 0 and month_a == day_b and day_a == month_b:
        return 2
    if _digits_apart(one, other) == 1:
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
def _digits_apart(one: int, other: int) -> int:
    """Digits of two eight-digit numbers that differ; 1 also for two neighbours that are swapped."""
    different, last, last_a, last_b, swapped = 0, -2, 0, 0, False
    for place in range(8):
        x, y = one % 10, other % 10
        one //= 10
        other //= 10
        if x != y:
            different += 1
            if different > 2:
                return different
            if last == place - 1 and x == last_b and y == last_a:
                swapped = True
            last, last_a, last_b = place, x, y
    return 1 if different == 2 and swapped else different


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
