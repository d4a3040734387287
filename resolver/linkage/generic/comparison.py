"""Compare pairs of records of any table: one level per comparison, packed into a pattern, in a compiled loop.

Equality of values is equality of codes; characters, dates and words are looked at only where codes differ.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled
from resolver.linkage.generic.prepared import (
    MOST_COLUMNS,
    CODE,
    DATE,
    DISTANCE,
    EXACT,
    HAN_NAME,
    HIERARCHY,
    NUMBER,
    OVERLAP,
    STRING,
    TOKENS,
    Plan,
    Prepared,
)
from resolver.linkage.generic.similarity import LONGEST, edit_distance, jaro_winkler, similarity
from resolver.linkage.generic.wording import word_level
from resolver.linkage.patterns import NOTHING

Chars = NDArray[np.uint32]
Rows = NDArray[np.int32]
_EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""


@compiled
def _text(data: Prepared, value: int) -> Chars:
    return data.chars[data.starts[value] : data.starts[value + 1]]


@compiled
def _band(bits: float, edges: NDArray[np.float64]) -> int:
    """Band of an equal value, 0 = rarest."""
    band = 0
    while band < edges.shape[0] and bits < edges[band]:
        band += 1
    return band


@compiled
def _first_reached(value: float, limits: NDArray[np.float64], upwards: bool) -> int:
    """Place of the first limit that a value keeps within; how many limits there are if it keeps within none."""
    place = 0
    while place < limits.shape[0] and not np.isnan(limits[place]):
        if (value <= limits[place]) if upwards else (value >= limits[place]):
            return place
        place += 1
    return place


@compiled
def _string(one: Chars, other: Chars, limits: NDArray[np.float64], option: int, rows: NDArray[np.int32]) -> int:
    if option == 0:
        return _first_reached(jaro_winkler(one, other), limits, False)
    if option == 1:
        return _first_reached(similarity(one, other, rows), limits, False)
    return _first_reached(float(edit_distance(one, other, rows)), limits, True)


@compiled
def _code(one: Chars, other: Chars, limits: NDArray[np.float64]) -> int:
    """0 one character differs, 1 neighbours swapped, 2 one more or less, 3 … same beginning, last different."""
    n, m = one.shape[0], other.shape[0]
    same = 0
    while same < n and same < m and one[same] == other[same]:
        same += 1
    end = 0
    while end < n - same and end < m - same and one[n - 1 - end] == other[m - 1 - end]:
        end += 1
    rest_one, rest = n - same - end, m - same - end
    if rest_one == 1 and rest == 1:
        return 0
    if rest_one == 2 and rest == 2 and one[same] == other[same + 1] and one[same + 1] == other[same]:
        return 1
    if rest_one + rest == 1:
        return 2
    place = 0
    while place < limits.shape[0] and not np.isnan(limits[place]):
        if same >= limits[place]:
            return 3 + place
        place += 1
    return 3 + place


@compiled
def _digits_apart(one: int, other: int) -> int:
    """Digits of two eight-digit numbers that differ; 1 also for two neighbours that are swapped."""
    different, last, a, b = 0, -2, one, other
    swapped = False
    last_a = last_b = 0
    for place in range(8):
        x, y = a % 10, b % 10
        a //= 10
        b //= 10
        if x != y:
            different += 1
            if last == place - 1 and x == last_b and y == last_a:
                swapped = True
            last, last_a, last_b = place, x, y
    return 1 if different == 2 and swapped else different


@compiled
def _date(one: int, other: int) -> int:
    """Level of two dates that differ: 1 same as far as known … 8 different."""
    year_a, month_a, day_a = one // 10000, one // 100 % 100, one % 100
    year_b, month_b, day_b = other // 10000, other // 100 % 100, other % 100
    if day_a == 0 or day_b == 0 or month_a == 0 or month_b == 0:
        months = month_a == month_b or month_a == 0 or month_b == 0
        if year_a == year_b:
            return 1 if months else 6
        return 7 if abs(year_a - year_b) <= 2 else 8
    if year_a == year_b and month_a == day_b and day_a == month_b:
        return 2
    if _digits_apart(one, other) == 1:
        return 3
    days = (year_a - year_b) * 365 + (month_a - month_b) * 30 + day_a - day_b
    if -31 <= days <= 31:
        return 4
    if month_a == month_b and day_a == day_b:
        return 5
    if year_a == year_b:
        return 6
    return 7 if abs(year_a - year_b) <= 2 else 8


@compiled
def _kilometres(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance (haversine)."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    half_lat, half_lon = (b - a) / 2.0, np.radians(lon_b - lon_a) / 2.0
    h = np.sin(half_lat) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return float(2.0 * _EARTH_KM * np.arcsin(min(1.0, np.sqrt(h))))


@compiled
def _overlap(data: Prepared, one: int, other: int, limits: NDArray[np.float64]) -> int:
    """0 all items in common, 1 … a share of them, then any, then none."""
    words = data.words
    first, n = words.starts[one], words.starts[one + 1] - words.starts[one]
    second, m = words.starts[other], words.starts[other + 1] - words.starts[other]
    if n == 0 or m == 0:
        return int(NOTHING)
    shared = 0
    for a in range(first, first + n):
        for b in range(second, second + m):
            if words.ids[a] == words.ids[b]:
                shared += 1
                break
    share = shared / (n + m - shared)
    if share == 1.0:
        return 0
    place = _first_reached(share, limits, False)
    known = 0
    while known < limits.shape[0] and not np.isnan(limits[known]):
        known += 1
    if place < known:
        return 1 + place
    return 1 + known if shared > 0 else 2 + known


@compiled
def _han_name(one: Chars, other: Chars, same_sound: bool) -> int:
    """Level of two Chinese names that differ: 0 homophone … 6 different."""
    n, m = one.shape[0], other.shape[0]
    if same_sound:
        return 0
    if n == m:
        different, unmatched = 0, 0
        for place in range(n):
            if one[place] != other[place]:
                different += 1
                found = False
                for near in range(m):
                    found |= one[place] == other[near]
                unmatched += not found
        if unmatched == 0:
            return 1
        if different == 1 and n > 1:
            return 4 if one[0] != other[0] else (2 if n > 2 else 5)
        return 5 if one[0] == other[0] else 6
    same = 0
    while same < min(n, m) and one[same] == other[same]:
        same += 1
    end = 0
    while end < min(n, m) - same and one[n - 1 - end] == other[m - 1 - end]:
        end += 1
    if abs(n - m) == 1 and same + end == min(n, m) and min(n, m) > 1:
        return 3
    return 5 if n > 0 and m > 0 and one[0] == other[0] else 6


@compiled
def _hierarchy(data: Prepared, slots: NDArray[np.int64], left: int, right: int) -> int:
    """0 the same down to the last column; then, for each depth that agrees, whether the next one conflicts; different."""
    depth, columns, conflict = 0, 0, False
    for place in range(MOST_COLUMNS):
        if slots[place] < 0:
            break
        columns = place + 1
        one, other = data.codes[left, slots[place]], data.codes[right, slots[place]]
        if one < 0 or other < 0 or conflict:
            continue
        if one == other:
            depth = place + 1
        else:
            conflict = True
    if depth == columns:
        return 0
    if depth == 0:
        return 7 if conflict else int(NOTHING)
    return 1 + 2 * (3 - depth) + conflict


@compiled
def _differing(data: Prepared, plan: Plan, row: int, pair: tuple[int, int], rows: NDArray[np.int32]) -> int:
    """Level, counted from the first below "same", of two texts or codes that differ."""
    one, other = _text(data, pair[0]), _text(data, pair[1])
    kind = plan.kind[row]
    if kind == STRING:
        return _string(one, other, plan.limits[row], plan.option[row], rows)
    if kind == CODE:
        return _code(one, other, plan.limits[row])
    return 0


@compiled
def _numbers(data: Prepared, plan: Plan, row: int, left: int, right: int) -> int:
    slot = plan.slots[row, 0]
    a, b = data.codes[left, slot], data.codes[right, slot]
    if a < 0 or b < 0:
        return int(NOTHING)
    one, other = data.numbers[a], data.numbers[b]
    if plan.kind[row] == DISTANCE:
        slot = plan.slots[row, 1]
        c, d = data.codes[left, slot], data.codes[right, slot]
        if c < 0 or d < 0:
            return int(NOTHING)
        apart = _kilometres(one, data.numbers[c], other, data.numbers[d])
    else:
        apart = abs(one - other)
    if np.isnan(apart):
        return int(NOTHING)
    return 0 if apart == 0.0 else 1 + _first_reached(apart, plan.limits[row], True)


@compiled
def _level(data: Prepared, plan: Plan, row: int, pair: tuple[int, int], rows: NDArray[np.int32]) -> int:
    kind = plan.kind[row]
    left, right = pair
    if kind == TOKENS:
        return word_level(data, plan, row, left, right)
    if kind == HIERARCHY:
        return _hierarchy(data, plan.slots[row], left, right)
    if kind in (NUMBER, DISTANCE):
        return _numbers(data, plan, row, left, right)
    slot = plan.slots[row, 0]
    one, other = data.codes[left, slot], data.codes[right, slot]
    if one < 0 or other < 0:
        return int(NOTHING)
    if kind == DATE:
        a, b = data.dates[one], data.dates[other]
        if a == 0 or b == 0:
            return int(NOTHING)
        whole = a % 100 != 0
        return (0 if whole else 1) if a == b else _date(a, b)
    if kind == OVERLAP:
        return 0 if one == other else _overlap(data, one, other, plan.limits[row])
    bands = 1 if np.isnan(plan.bits[row, 0]) else 4
    if one == other:
        return 0 if bands == 1 else _band(data.bits[one], plan.bits[row])
    if kind == HAN_NAME:
        sound = plan.slots[row, 1]
        heard = sound >= 0 and data.codes[left, sound] >= 0 and data.codes[left, sound] == data.codes[right, sound]
        return bands + _han_name(_text(data, one), _text(data, other), heard)
    if kind == EXACT:
        return bands
    return bands + _differing(data, plan, row, (one, other), rows)


@compiled
def _is_same(data: Prepared, plan: Plan, row: int, left: int, right: int) -> bool:
    slot = plan.slots[row, 0]
    return bool(data.codes[left, slot] >= 0 and data.codes[left, slot] == data.codes[right, slot])


@compiled
def compare_pair(data: Prepared, plan: Plan, left: int, right: int, rows: NDArray[np.int32]) -> np.uint64:
    """Pattern of one pair of records; see `patterns`.

    Args:
        data: The records.
        plan: The comparisons.
        left: Row of the one record.
        right: Row of the other.
        rows: Scratch memory, int32 (3, LONGEST + 1).
    """
    pattern = np.uint64(0)
    for row in range(plan.kind.shape[0]):
        level = int(NOTHING)
        if plan.implied[row] < 0 or not _is_same(data, plan, plan.implied[row], left, right):
            level = _level(data, plan, row, (left, right), rows)
        pattern |= np.uint64(level) << np.uint64(4 * row)
    return pattern


@compiled
def _compare_all(data: Prepared, plan: Plan, left: Rows, right: Rows, out: NDArray[np.uint64]) -> None:
    rows = np.empty((3, LONGEST + 1), np.int32)
    for pair in range(left.shape[0]):
        out[pair] = compare_pair(data, plan, left[pair], right[pair], rows)


def compare_patterns(data: Prepared, plan: Plan, left: Rows, right: Rows) -> NDArray[np.uint64]:
    """Patterns (m,) of pairs of rows (m,), (m,)."""
    out = np.empty(len(left), np.uint64)
    _compare_all(data, plan, left, right, out)
    return out
