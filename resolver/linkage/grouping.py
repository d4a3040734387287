"""From scored pairs of person records to persons: what only persons need beside clustering."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.ambiguity import contradicted, near_misses, set_apart
from resolver.linkage.blocking import Rows
from resolver.linkage.clustering import FORBIDDEN, Edges, components, smallest, weights
from resolver.linkage.columns import Fact, NumberState, Word
from resolver.linkage.hashing import Hashes
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.scoring import Against, Scored, is_among
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.sorting import pair_order


class Encoded(Protocol):
    """Records of which single columns are read; `columns.Columns` are such."""

    def word(self, word: Word) -> Hashes:
        """One column of words (n,)."""

    def fact(self, fact: Fact) -> NDArray[np.int32]:
        """One column of facts (n,)."""


@dataclass(frozen=True)
class Numbered:
    """What valid numbers say of who is not who.

    Attributes:
        rows: bool (n,): the row has a valid number that its record does not contradict.
        entries: uint64 (n,): the number of an entry of the household register, if valid; else 0.
        nameless: bool (n,): the row is about a newborn called after a parent (王芳之子).
    """

    rows: NDArray[np.bool_]
    entries: Hashes
    nameless: NDArray[np.bool_]

    @classmethod
    def of(cls, columns: Encoded) -> "Numbered":
        """What the numbers of some records say."""
        state = columns.fact(Fact.NUMBER_STATE)
        valid = np.isin(state, (NumberState.VALID, NumberState.DOUBTFUL))
        entry = valid & (columns.fact(Fact.REGISTER) == 1)
        entries = np.where(entry, columns.word(Word.ID_NUMBER), np.uint64(0))
        return cls(state == NumberState.VALID, entries, columns.word(Word.CHILD_OF) != 0)

    def apart(self, left: Rows, right: Rows, weight: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pairs of two entries of the register whose own evidence, two valid numbers in it, is for two persons.

        Such a pair is not outvoted by what other sources mixed up (twins seen under each other's number). Evidence
        of a changed number stands in the entries themselves, so that it wins where there is some.
        """
        a, b = self.entries[left], self.entries[right]
        return np.asarray((a != 0) & (b != 0) & (a != b) & (weight < 0))


def group(
    pairs: tuple[Scored, Against],
    judged: JudgedPairs,
    first: Rows,
    numbered: Numbered,
    settings: ClusteringSettings,
) -> tuple[Rows, Rows]:
    """Cluster of every row, and the ambiguous rows; rows that are one by judgement or description are so at once."""
    scored, against = pairs
    n = len(first)
    repeats = np.flatnonzero(first != np.arange(n)).astype(np.int32)
    left = np.concatenate([judged.same[:, 0], first[repeats]])
    right = np.concatenate([judged.same[:, 1], repeats])
    groups = smallest(components(n, left, right))
    left = np.concatenate([scored.left, against.left])
    right = np.concatenate([scored.right, against.right])
    weight = weights(np.concatenate([scored.log_odds, against.log_odds]), settings.clip)
    weight[numbered.apart(left, right, weight)] = FORBIDDEN
    weight[: len(scored)][is_among(scored, judged.different)] = FORBIDDEN
    alone = np.bincount(groups, minlength=n)[groups] == 1
    doubtful = contradicted(scored, n) & alone
    open_ = ~doubtful[left] & ~doubtful[right]
    edges = between_groups(left[open_], right[open_], weight[open_], groups)
    with_number = np.zeros(n, np.bool_)
    with_number[groups[numbered.rows]] = True
    labels = cluster_numbered_first(edges, with_number, settings)[groups]
    labels, ambiguous = set_apart(labels, edges, numbered.nameless & alone, settings)
    doubtful[ambiguous] = doubtful[near_misses(labels, edges, settings)] = True
    return smallest(labels[groups]), np.flatnonzero(doubtful[groups]).astype(np.int32)


def between_groups(left: Rows, right: Rows, weight: NDArray[np.int64], groups: Rows) -> Edges:
    """Edges between groups of rows; the strongest of several stands for them, but a forbidden one beats all."""
    a, b = groups[left], groups[right]
    left, right = np.minimum(a, b), np.maximum(a, b)
    apart = left != right
    left, right, weight = left[apart], right[apart], weight[apart]
    rank = np.where(weight == FORBIDDEN, np.iinfo(np.int64).max, weight)
    order = pair_order(left, right)
    left, right = left[order], right[order]
    first = np.flatnonzero(np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))[: len(left)])
    rank = np.maximum.reduceat(rank[order], first) if len(first) else rank
    return Edges(left[first], right[first], np.where(rank == np.iinfo(np.int64).max, FORBIDDEN, rank))
