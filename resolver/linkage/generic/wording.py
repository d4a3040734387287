"""Compare names and addresses by their words: how rare those in common are, against how rare those in conflict.

Words are matched greedily, the best pair first, wherever they stand; so swapped names, double names and words left
out need no rule of their own. What is left over on one side only is no conflict: it was left out.
"""

import numpy as np

from resolver.linkage.compiled import compiled
from resolver.linkage.generic.prepared import MOST_COLUMNS, Plan, Prepared
from resolver.linkage.generic.similarity import jaro_winkler
from resolver.linkage.generic.vocabulary import MOST_WORDS, Words
from resolver.linkage.hashing import mix
from resolver.linkage.patterns import NOTHING

_MOST = MOST_WORDS * 2
_INITIAL_SHARE = 0.3
"""Share of a word's bits that an initial is worth: one of some ten letters that begin names often."""


@compiled
def _is_alias(words: Words, one: int, other: int) -> bool:
    if words.aliases.shape[0] == 0:
        return False
    a, b = words.hashes[one], words.hashes[other]
    key = mix(a, b) if a < b else mix(b, a)
    place = np.searchsorted(words.aliases, key)
    return bool(place < words.aliases.shape[0] and words.aliases[place] == key)


@compiled
def word_similarity(words: Words, one: int, other: int, alike: float, initials: bool) -> float:
    """How far two words are one, 0..1: equal, alias, spelt alike, initial, or nothing (0)."""
    if one == other:
        return 1.0
    if _is_alias(words, one, other):
        return 0.9
    a = words.chars[words.char_starts[one] : words.char_starts[one + 1]]
    b = words.chars[words.char_starts[other] : words.char_starts[other + 1]]
    if a.shape[0] == 1 or b.shape[0] == 1:
        return _INITIAL_SHARE if initials and a[0] == b[0] else 0.0
    found = jaro_winkler(a, b)
    return 0.8 * found if found >= alike else 0.0


@compiled
def _gather(data: Prepared, plan: Plan, row: int, record: int, out: np.ndarray) -> int:  # type: ignore[type-arg]
    """Words of a record's values, those of all columns of the comparison together; returns how many."""
    found = 0
    for place in range(MOST_COLUMNS):
        slot = plan.slots[row, place]
        if slot < 0:
            break
        value = data.codes[record, slot]
        if value < 0:
            continue
        for at in range(data.words.starts[value], data.words.starts[value + 1]):
            if found < _MOST:
                out[found] = data.words.ids[at]
                found += 1
    return found


@compiled
def word_level(data: Prepared, plan: Plan, row: int, left: int, right: int) -> int:
    """Level of two records' words: three conflict bands in each of five bands of what matches."""
    one, other = np.empty(_MOST, np.int32), np.empty(_MOST, np.int32)
    n, m = _gather(data, plan, row, left, one), _gather(data, plan, row, right, other)
    if n == 0 or m == 0:
        return int(NOTHING)
    words, limits = data.words, plan.limits[row]
    alike, initials = limits[6], plan.option[row] == 1
    matched = 0.0
    while n > 0 and m > 0:
        best, a, b = 0.0, -1, -1
        for x in range(n):
            for y in range(m):
                near = word_similarity(words, one[x], other[y], alike, initials)
                if near == 0.0:
                    continue
                gain = near * min(words.bits[one[x]], words.bits[other[y]])
                if gain > best:
                    best, a, b = gain, x, y
        if a < 0:
            break
        matched += best
        n -= 1
        m -= 1
        one[a], other[b] = one[n], other[m]
    left_over, right_over = 0.0, 0.0
    for x in range(n):
        left_over += words.bits[one[x]]
    for y in range(m):
        right_over += words.bits[other[y]]
    conflict = min(left_over, right_over)
    band = 0
    while band < 4 and matched < limits[band]:
        band += 1
    against = 0
    while against < 2 and conflict >= limits[4 + against]:
        against += 1
    return band * 3 + against
