"""Words that stand for one another, learnt from likely matches: nicknames, variants, transliterations.

Where two records are one by everything else, words left over on both sides often mean the same. A pair of words is
taken for aliases when it is left over together far more often than chance brings its words together (lift), and in
several separate groups of records, so that one person's oddity does not become a rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import components
from resolver.linkage.compiled import kernel
from resolver.linkage.generic.plan import Plan
from resolver.linkage.generic.prepared import Prepared
from resolver.linkage.generic.vocabulary import Words
from resolver.linkage.generic.wording import gather_words, match_words, word_scratch
from resolver.linkage.hashing import Hashes, mix

Rows = NDArray[np.int32]
_MOST_LEFT = 2
LEAST_LIFT = 4.0
LEAST_GROUPS = 3
LEAST_SHARE = 0.05
"""Of the groups in which the rarer word is left over, so many have it beside the other one."""
SHORTEST = 2
"""Characters of an alias at least: initials are understood without."""


@dataclass(frozen=True)
class Aliases:
    """Pairs of words.

    Attributes:
        keys: uint64 (a,), sorted; see `vocabulary.Words`.
        words: The same to read.
    """

    keys: Hashes
    words: tuple[tuple[str, str], ...]

    @classmethod
    def none(cls) -> "Aliases":
        """No pairs."""
        return cls(np.zeros(0, np.uint64), ())


def learn_aliases(data: Prepared, plan: Plan, rows: Iterable[int], likely: tuple[Rows, Rows]) -> Aliases:
    """Learn which words stand for one another.

    Args:
        data: The records.
        plan: The comparisons.
        rows: Which of them compare words.
        likely: Pairs of rows (m,), (m,) that are likely matches.
    """
    group = components(data.n, *likely)[likely[0]]
    seen = []
    for row in rows:
        slots = plan.slots[row]
        found = np.empty((3, 4 * len(group)), np.int32)
        how = (float(plan.limits[row, 6]), bool(plan.option[row] == 1))
        where = (*likely, group, word_scratch())
        n = _left_over(data.codes, slots[slots >= 0], data.words, where, how, found)
        seen.append(found[:, :n])
    return _selected(data.words, np.concatenate([np.zeros((3, 0), np.int32), *seen], axis=1))


@kernel
def _left_over(
    codes: NDArray[np.int32],
    slots: NDArray[np.int64],
    words: Words,
    likely: tuple[Rows, Rows, Rows, NDArray[np.int32]],
    how: tuple[float, bool],
    out: NDArray[np.int32],
) -> int:
    """Pairs of words left over on both sides, and the group of their records; returns how many."""
    left, right, group, scratch = likely
    one, other = scratch[0], scratch[1]
    found = 0
    for pair in range(left.shape[0]):
        n = gather_words(codes, slots, words, left[pair], one)
        m = gather_words(codes, slots, words, right[pair], other)
        _, n, m = match_words(words, (one, other), (n, m), how)
        if n > _MOST_LEFT or m > _MOST_LEFT:
            continue
        for x in range(n):
            for y in range(m):
                a, b = min(one[x], other[y]), max(one[x], other[y])
                short = min(
                    words.char_starts[a + 1] - words.char_starts[a],
                    words.char_starts[b + 1] - words.char_starts[b],
                )
                if short >= SHORTEST:
                    out[0, found], out[1, found], out[2, found] = a, b, group[pair]
                    found += 1
    return found


def _selected(words: Words, seen: NDArray[np.int32]) -> Aliases:
    """Pairs of words with enough lift in enough groups; each group counts a pair once."""
    once = np.unique(seen, axis=1)
    if once.shape[1] == 0:
        return Aliases.none()
    pairs, groups = np.unique(once[:2], axis=1, return_counts=True)
    left_over = np.bincount(pairs.ravel(), np.tile(groups, 2), len(words.hashes))
    expected = left_over[pairs[0]] * left_over[pairs[1]] / left_over.sum()
    rarer = np.minimum(left_over[pairs[0]], left_over[pairs[1]])
    often = (groups >= LEAST_GROUPS) & (groups > LEAST_LIFT * expected) & (groups > LEAST_SHARE * rarer)
    chosen = pairs[:, often & ~_stand_together(words, pairs)]
    one, other = words.hashes[chosen[0]], words.hashes[chosen[1]]
    keys = np.array([mix(min(a, b), max(a, b)) for a, b in zip(one, other, strict=True)], np.uint64)
    spelt = sorted((_spelt(words, a), _spelt(words, b)) for a, b in chosen.T)
    return Aliases(np.sort(keys), tuple(spelt))


def _stand_together(words: Words, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pairs of words that some value has both of, such as a town and its county: they do not stand for one another."""
    out = np.zeros(pairs.shape[1], np.bool_)
    keys = pairs[0].astype(np.int64) << 32 | pairs[1]
    _find_together(words, keys, out)
    return out


@kernel
def _find_together(words: Words, keys: NDArray[np.int64], out: NDArray[np.bool_]) -> None:
    for value in range(words.starts.shape[0] - 1):
        for x in range(words.starts[value], words.starts[value + 1]):
            for y in range(words.starts[value], words.starts[value + 1]):
                if words.ids[x] < words.ids[y]:
                    key = np.int64(words.ids[x]) << 32 | np.int64(words.ids[y])
                    place = np.searchsorted(keys, key)
                    if place < keys.shape[0] and keys[place] == key:
                        out[place] = True


def _spelt(words: Words, word: int) -> str:
    return "".join(map(chr, words.chars[words.char_starts[word] : words.char_starts[word + 1]]))
