"""What training looks at: patterns of candidate pairs, and pairs of records drawn at random."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, expand, parts
from resolver.linkage.comparison import Comparable, Levels, compare
from resolver.linkage.levels import BirthDate, Comparison, IdNumber, Name, SourceKey
from resolver.linkage.patterns import Patterns, count, pack
from resolver.linkage.settings import LinkageSettings
from resolver.linkage.third_records import Pairs
from resolver.linkage.training import Table, level_shares

_SEED = 20260101
_RANDOM_PER_RECORD = 20
_PAIRS_PER_RECORD = 35


class Counted(NamedTuple):
    """Patterns of pairs (k,), and how many pairs show each (k,)."""

    patterns: Patterns
    counts: NDArray[np.float64]


class Sample(NamedTuple):
    """Candidate pairs that training looks at.

    Attributes:
        counted: Their patterns, those of wide rules too; a pair of a rule of which only a part is looked at counts
            for more.
        pairs: The pairs of the rules that runs use, in parts.
    """

    counted: Counted
    pairs: list[Pairs]


def candidate_sample(blocking: Blocking, data: Comparable, most: Sequence[int], rules: int) -> Sample:
    """Compare candidate pairs and count their agreement patterns.

    Of a rule with more than `most` pairs only some blocks are looked at, and their pairs count for more. Blocks lie
    in the order of their keys' hashes, so these are a random share, and the same whatever the order of the records.

    Args:
        blocking: The blocks.
        data: The records.
        most: About how many pairs to look at, per rule.
        rules: Only pairs of the first so many rules are given back.
    """
    totals = [np.cumsum(b.sizes * (b.sizes - 1) // 2) for b in blocking.blocks]
    limits = [int(np.searchsorted(t, m)) + 1 for t, m in zip(totals, most, strict=True)]
    weights = [t[-1] / t[min(k, len(t)) - 1] if len(t) else 1.0 for t, k in zip(totals, limits, strict=True)]

    def one(piece: tuple[int, slice]) -> tuple[Pairs | None, tuple[Patterns, NDArray[np.float64]]]:
        left, right = expand(blocking, *piece)
        found = Pairs(left, right, pack(compare(data, left, right)))
        patterns, counts = np.unique(found.patterns, return_counts=True)
        kept = found if piece[0] < rules else None
        return kept, (patterns, counts * weights[piece[0]])

    work = [
        (rule, slice(part.start, min(part.stop, limits[rule])))
        for rule, part in parts(blocking)
        if part.start < limits[rule]
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts_found = list(pool.map(one, work))
    counted = Counted(*count([counts for _, counts in parts_found]))
    return Sample(counted, [pairs for pairs, _ in parts_found if pairs is not None])


def with_strangers(counted: Counted, data: Comparable) -> Counted:
    """Add pairs drawn at random until there are enough pairs per record that matches are few among them.

    Where records are few, hardly anybody shares a name or a birth date, nearly all candidates are matches, and a pair
    of which nothing is known would be taken for one.
    """
    n = len(data.words)
    wanted = min(_PAIRS_PER_RECORD * n, n * (n - 1) // 2) - int(counted.counts.sum())
    if wanted <= 0:
        return counted
    patterns, counts = np.unique(pack(_random_levels(data, wanted)), return_counts=True)
    return Counted(*count([(counted.patterns, counted.counts), (patterns, counts.astype(np.float64))]))


def _random_levels(data: Comparable, most: int) -> Levels:
    """Levels (m, comparisons) of about `most` pairs of records drawn at random."""
    n = len(data.words)
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most if n > 1 else 0), dtype=np.int32)
    drawn = drawn[:, drawn[0] != drawn[1]]
    return compare(data, drawn[0].copy(), drawn[1].copy())


def random_shares(data: Comparable, settings: LinkageSettings) -> tuple[Table, ...]:
    """The u probabilities: how often each level occurs between two records drawn at random, per comparison.

    Pairs that are plainly of one person are left out; in a small file chance draws many of them.
    """
    most = min(settings.training.random_pairs, _RANDOM_PER_RECORD * len(data.words))
    levels = _random_levels(data, most)
    number, birth = levels[:, Comparison.ID_NUMBER], levels[:, Comparison.BIRTH_DATE]
    one_person = number <= IdNumber.READABLE_PART
    one_person |= (levels[:, Comparison.NAME] <= Name.VARIANT) & (birth == BirthDate.SAME)
    one_person |= levels[:, Comparison.SOURCE_KEY] == SourceKey.SAME
    levels = levels[~one_person]
    prior = tuple(np.array([level.u for level in c.levels]) for c in settings.comparisons)
    return level_shares(levels, np.ones(len(levels)), prior, settings.training.prior_pairs)
