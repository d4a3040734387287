"""Compare names and addresses by their words: how rare those in common are, against how rare those in conflict.

Words are matched greedily, the best pair first, wherever they stand; so swapped names, double names and words left
out need no rule of their own. What is left over on one side only is no conflict: it was left out.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.packed_comparison import Into
from resolver.linkage.generic.similarity import jaro_winkler
from resolver.linkage.generic.vocabulary import MOST_WORDS, Words
from resolver.linkage.hashing import mix
from resolver.linkage.patterns import NOTHING

_MOST = MOST_WORDS * 2
_INITIAL_SHARE = 0.3
"""Share of a word's bits that an initial is worth: one of some ten letters that begin names often."""


@kernel
def _is_alias(words: Words, one: int, other: int) -> bool:
    if words.aliases.shape[0] == 0:
        return False
    a, b = words.hashes[one], words.hashes[other]
    key = mix(a, b) if a < b else mix(b, a)
    place = np.searchsorted(words.aliases, key)
    return bool(place < words.aliases.shape[0] and words.aliases[place] == key)


@kernel
def word_similarity(words: Words, one: int, other: int, alike: float, initials: bool) -> float:
    """How far two words are one, 0..1: equal, alias, spelt alike, initial, or nothing (0)."""
    if one == other:
        return 1.0
    if _is_alias(words, one, other):
        return 0.9
    begin = (words.char_starts[one], words.char_starts[other])
    lengths = (words.char_starts[one + 1] - begin[0], words.char_starts[other + 1] - begin[1])
    if min(lengths) == 1:
        return _INITIAL_SHARE if initials and words.chars[begin[0]] == words.chars[begin[1]] else 0.0
    found = jaro_winkler(words.chars, begin, lengths)
    return 0.8 * found if found >= alike else 0.0


@kernel
def gather_words(
    codes: NDArray[np.int32], slots: NDArray[np.int64], words: Words, record: int, out: NDArray[np.int32]
) -> int:
    """Words of a record's values, those of all columns of the comparison together, into `out`; returns how many."""
    found = 0
    for place in range(slots.shape[0]):
        value = codes[slots[place], record]
        if value < 0:
            continue
        for at in range(words.starts[value], words.starts[value + 1]):
            if found < _MOST:
                out[found] = words.ids[at]
                found += 1
    return found


def word_scratch() -> NDArray[np.int32]:
    """Room for the words of two records, which compiled loops are given."""
    return np.empty((2, _MOST), np.int32)


@kernel
def match_words(
    words: Words,
    lists: tuple[NDArray[np.int32], NDArray[np.int32]],
    sizes: tuple[int, int],
    how: tuple[float, bool],
) -> tuple[float, int, int]:
    """Match two lists of words, the best pair first.

    Args:
        words: The words.
        lists: Numbers of words; what is left over stands at the beginning when this returns.
        sizes: How many words each list has.
        how: From which similarity words are alike, and whether initials count.

    Returns:
        Bits in common, and how many words are left over on each side.
    """
    one, other = lists
    n, m = sizes
    alike, initials = how
    matched = 0.0
    while n > 0 and m > 0:
        best, a, b = 0.0, -1, -1
        for x in range(n):
            for y in range(m):
                near = word_similarity(words, one[x], other[y], alike, initials)
                gain = near * min(words.bits[one[x]], words.bits[other[y]])
                if gain > best:
                    best, a, b = gain, x, y
        if a < 0:
            break
        matched += best
        n -= 1
        m -= 1
        one[a], other[b] = one[n], other[m]
    return matched, n, m


@kernel
def put_words(
    codes: NDArray[np.int32],
    slots: NDArray[np.int64],
    words: Words,
    how: tuple[NDArray[np.float64], bool, NDArray[np.int32]],
    into: Into,
) -> None:
    """Put the levels of a comparison of words into the patterns of pairs.

    There are three bands of what is in conflict within each of five bands of what matches.
    """
    left, right, shift, out = into
    limits, initials, scratch = how
    one, other = scratch[0], scratch[1]
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        n, m = gather_words(codes, slots, words, a, one), gather_words(codes, slots, words, b, other)
        level = NOTHING
        if n > 0 and m > 0:
            matched, n, m = match_words(words, (one, other), (n, m), (limits[6], initials))
            left_over, right_over = 0.0, 0.0
            for x in range(n):
                left_over += words.bits[one[x]]
            for y in range(m):
                right_over += words.bits[other[y]]
            level = 0
            while level < 4 and matched < limits[level]:
                level += 1
            against = 0
            while against < 2 and min(left_over, right_over) >= limits[4 + against]:
                against += 1
            level = 3 * level + against
        out[pair] |= np.uint64(level) << shift
