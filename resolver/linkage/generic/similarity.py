"""How alike two texts are, compiled, over code points: Jaro–Winkler and restricted Damerau–Levenshtein.

Both work on arrays of code points, never on bytes: 王伟 and 王芳 differ in one character, not in three. Texts are
compared by their first 64 characters, so that what has been matched fits into one machine word.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Chars = NDArray[np.uint32]
LONGEST = 64
"""Characters of a text that are compared."""

_ONE = np.uint64(1)
_ZERO = np.uint64(0)


@kernel
def jaro_winkler(chars: Chars, starts: tuple[int, int], lengths: tuple[int, int]) -> float:
    """Jaro–Winkler similarity in 0..1: prefix weight 0.1, up to four characters, above a Jaro similarity of 0.7.

    Source: Winkler (1990), String comparator metrics and enhanced decision rules in the Fellegi–Sunter model.

    Args:
        chars: Code points of many texts.
        starts: Where the two texts begin.
        lengths: How many characters they have.
    """
    a, b = starts
    n, m = min(lengths[0], LONGEST), min(lengths[1], LONGEST)
    if n == 0 or m == 0:
        return 0.0
    window = max(max(n, m) // 2 - 1, 0)
    taken_one, taken, matches = _ZERO, _ZERO, 0
    for place in range(n):
        for near in range(max(0, place - window), min(m, place + window + 1)):
            if chars[a + place] == chars[b + near] and (taken >> np.uint64(near)) & _ONE == _ZERO:
                taken |= _ONE << np.uint64(near)
                taken_one |= _ONE << np.uint64(place)
                matches += 1
                break
    if matches == 0:
        return 0.0
    moved = _transposed(chars, starts, (taken_one, taken), n)
    jaro = (matches / n + matches / m + (matches - moved // 2) / matches) / 3.0
    if jaro <= 0.7:
        return jaro
    prefix = 0
    while prefix < min(4, n, m) and chars[a + prefix] == chars[b + prefix]:
        prefix += 1
    return jaro + prefix * 0.1 * (1.0 - jaro)


@kernel
def _transposed(chars: Chars, starts: tuple[int, int], taken: tuple[np.uint64, np.uint64], n: int) -> int:
    """How many of the characters that both texts have, bits set in `taken`, come in another order."""
    moved, near = 0, 0
    for place in range(n):
        if (taken[0] >> np.uint64(place)) & _ONE != _ZERO:
            while (taken[1] >> np.uint64(near)) & _ONE == _ZERO:
                near += 1
            if chars[starts[0] + place] != chars[starts[1] + near]:
                moved += 1
            near += 1
    return moved


@kernel
def edit_distance(
    chars: Chars, starts: tuple[int, int], lengths: tuple[int, int], rows: NDArray[np.int32]
) -> int:
    """Characters to insert, delete, replace, or neighbours to swap, to make one text of the other.

    Restricted Damerau–Levenshtein (optimal string alignment): no swapped pair is edited again.

    Args:
        chars: Code points of many texts.
        starts: Where the two texts begin.
        lengths: How many characters they have.
        rows: Scratch memory, int32 (3, LONGEST + 1).
    """
    a, b = starts
    n, m = min(lengths[0], LONGEST), min(lengths[1], LONGEST)
    start = 0
    while start < n and start < m and chars[a + start] == chars[b + start]:
        start += 1
    while n > start and m > start and chars[a + n - 1] == chars[b + m - 1]:
        n -= 1
        m -= 1
    if start in (n, m):
        return max(n, m) - start
    for column in range(m - start + 1):
        rows[0, column] = column
    before, last, now = 2, 0, 1
    for place in range(start, n):
        rows[now, 0] = place - start + 1
        for column in range(1, m - start + 1):
            near = start + column - 1
            cost = 0 if chars[a + place] == chars[b + near] else 1
            best = min(rows[last, column] + 1, rows[now, column - 1] + 1, rows[last, column - 1] + cost)
            swapped = place > start and near > start and chars[a + place] == chars[b + near - 1]
            if swapped and chars[a + place - 1] == chars[b + near]:
                best = min(best, rows[before, column - 2] + 1)
            rows[now, column] = best
        before, last, now = last, now, before
    return int(rows[last, m - start])


@kernel
def similarity(
    chars: Chars, starts: tuple[int, int], lengths: tuple[int, int], rows: NDArray[np.int32]
) -> float:
    """1 minus `edit_distance` over the longer text's length: 1 for equal texts, 0 for nothing in common."""
    longest = min(max(lengths), LONGEST)
    if longest == 0:
        return 0.0
    return 1.0 - edit_distance(chars, starts, lengths, rows) / longest
