"""What training looks at: patterns of candidate pairs, and pairs of records drawn at random."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, expand, parts
from resolver.linkage.comparison import Comparable, compare
from resolver.linkage.levels import BirthDate, Comparison, IdNumber, Name, SourceKey
from resolver.linkage.patterns import Patterns, count, pack
from resolver.linkage.settings import LinkageSettings
from resolver.linkage.training import Table, level_shares

_SEED = 20260101
_RANDOM_PER_RECORD = 20


def candidate_patterns(blocking: Blocking, data: Comparable, most: int) -> tuple[Patterns, NDArray[np.int64]]:
    """Count the agreement patterns of candidate pairs.

    Of more than about `most` pairs, the same share of every rule's blocks is taken; blocks lie in the order of
    their keys' hashes, so this is a random share, and the same whatever the order of the records.
    """
    total = sum(int((b.sizes * (b.sizes - 1) // 2).sum()) for b in blocking.blocks)
    share = min(1.0, most / max(total, 1))

    def one(piece: tuple[int, slice]) -> tuple[Patterns, NDArray[np.int64]]:
        patterns, counts = np.unique(pack(compare(data, *expand(blocking, *piece))), return_counts=True)
        return patterns, counts.astype(np.int64)

    limits = [round(share * len(b.sizes)) for b in blocking.blocks]
    work = [
        (rule, slice(part.start, min(part.stop, limits[rule])))
        for rule, part in parts(blocking)
        if part.start < limits[rule]
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return count(list(pool.map(one, work)))


def random_shares(data: Comparable, settings: LinkageSettings) -> tuple[Table, ...]:
    """u probabilities: how often each level occurs between two records drawn at random, per comparison.

    Pairs that are plainly of one person are left out; in a small file chance draws many of them.
    """
    n = len(data.words)
    most = min(settings.training.random_pairs, _RANDOM_PER_RECORD * n) if n > 1 else 0
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most), dtype=np.int32)
    drawn = drawn[:, drawn[0] != drawn[1]]
    levels = compare(data, drawn[0].copy(), drawn[1].copy())
    number, birth = levels[:, Comparison.ID_NUMBER], levels[:, Comparison.BIRTH_DATE]
    one_person = number <= IdNumber.READABLE_PART
    one_person |= (levels[:, Comparison.NAME] <= Name.VARIANT) & (birth == BirthDate.SAME)
    one_person |= levels[:, Comparison.SOURCE_KEY] == SourceKey.SAME
    levels = levels[~one_person]
    prior = tuple(np.array([level.u for level in c.levels]) for c in settings.comparisons)
    return level_shares(levels, np.ones(len(levels), np.int64), prior, settings.training.prior_pairs)
