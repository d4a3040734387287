"""From scored pairs of person records to persons: what only persons need beside clustering."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.ambiguity import (
    barely_held,
    contested,
    joined_by_name,
    lacking,
    near_misses,
    registered_twice,
    rivalled,
    set_apart,
)
from resolver.linkage.blocking import Rows
from resolver.linkage.clustering import FORBIDDEN, Edges, all_weights, connected, smallest
from resolver.linkage.columns import Fact, NumberState, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, mix_columns
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.lunar import NO_DAY
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.runs import order_of_runs
from resolver.linkage.scoring import Weighed, is_among
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.spanning import Tree, spanning_trees
from resolver.linkage.two_numbers import Seen, contradicted, renumbered, under_another_name

CERTAIN = 50.0
"""Natural log-odds with which a pair judged the same holds an entity together."""

Flags = NDArray[np.bool_]


class Encoded(Protocol):
    """Records of which single columns are read; `columns.Columns` are such."""

    def word(self, word: Word) -> Hashes:
        """One column of words (n,)."""

    def fact(self, fact: Fact) -> NDArray[np.int32]:
        """One column of facts (n,)."""


@dataclass(frozen=True)
class Numbered:
    """What valid numbers say of who is not who, and what a record needs to be told from others.

    Attributes:
        rows: bool (n,): the row has a valid number that its record does not contradict.
        entries: uint64 (n,): the number of an entry of the household register, if valid; else 0.
        households: uint64 (n,): household and name of an entry of the household register; else 0.
        nameless: bool (n,): the row is about a newborn called after a parent (王芳之子).
        identified: bool (n,): the row has a name of its own and a birth date, if only inside its number.
        placed: bool (n,): the row is an entry of the household register, or has a valid number or another document's.
        name_alone: bool (n,): the row says nothing but a name.
    """

    rows: Flags
    entries: Hashes
    households: Hashes
    nameless: Flags
    identified: Flags
    placed: Flags
    name_alone: Flags

    WORDS: ClassVar = (Word.ID_NUMBER, Word.HOUSEHOLD, Word.NAME, Word.CHILD_OF)
    FACTS: ClassVar = (Fact.NUMBER_STATE, Fact.REGISTER, Fact.BIRTH, Fact.NAME_ALONE)
    """Columns that `of` reads."""

    @classmethod
    def of(cls, columns: Encoded) -> "Numbered":
        """What the numbers of some records say."""
        state = columns.fact(Fact.NUMBER_STATE)
        valid = np.isin(state, (NumberState.VALID, NumberState.DOUBTFUL))
        registered = columns.fact(Fact.REGISTER) == 1
        entries = np.where(registered & valid, columns.word(Word.ID_NUMBER), np.uint64(0))
        household = mix_columns(columns.word(Word.HOUSEHOLD), columns.word(Word.NAME))
        households = np.where(registered, household, np.uint64(0))
        nameless = columns.word(Word.CHILD_OF) != 0
        identified = (columns.word(Word.NAME) != 0) & (columns.fact(Fact.BIRTH) != NO_DAY) & ~nameless
        placed = registered | valid | (state == NumberState.OTHER_DOCUMENT)
        name_alone = columns.fact(Fact.NAME_ALONE) == 1
        return cls(state == NumberState.VALID, entries, households, nameless, identified, placed, name_alone)

    def apart(self, left: Rows, right: Rows, weight: NDArray[np.int64]) -> Flags:
        """Pairs of two entries of the register whose own evidence, two valid numbers in it, is for two persons.

        Such a pair is not outvoted by what other sources mixed up (twins seen under each other's number). Evidence
        of a changed number stands in the entries themselves, so that it wins where there is some.
        """
        out = np.empty(len(left), np.bool_)
        _apart(self.entries, left, right, weight, out)
        return out

    def take(self, rows: Rows) -> "Numbered":
        """What is said of some rows (k,)."""
        return Numbered(*(values[rows] for values in vars(self).values()))


@kernel
def _apart(entries: Hashes, left: Rows, right: Rows, weight: NDArray[np.int64], out: Flags) -> None:
    for pair in range(left.shape[0]):
        one, other = entries[left[pair]], entries[right[pair]]
        out[pair] = min(one, other) > 0 and one != other and weight[pair] < 0


@dataclass(frozen=True)
class Persons:
    """Whose the records are.

    Attributes:
        labels: int32 (n,): smallest row of each row's cluster.
        ambiguous: bool (n,): nothing decides whose the row is.
        trees: What holds each cluster together.
    """

    labels: Rows
    ambiguous: Flags
    trees: Tree

    @classmethod
    def room(cls, n: int) -> "Persons":
        """Memory for n rows, uninitialised."""
        return cls(np.empty(n, np.int32), np.empty(n, np.bool_), Tree.room(n))

    def put(self, rows: Rows, of: "Persons") -> None:
        """Write the persons of some rows (k,), which are these ones of all."""
        self.labels[rows], self.ambiguous[rows] = rows[of.labels], of.ambiguous
        self.trees.put(rows, of.trees)


def persons(
    pairs: tuple[Weighed, Weighed],
    judged: JudgedPairs,
    first: Rows,
    said: tuple[Numbered, Seen],
    settings: ClusteringSettings,
) -> Persons:
    """Cluster rows, and find what holds each cluster together; for the arguments see `group`."""
    labels, ambiguous = group(pairs, judged, first, said, settings)
    kept = pairs[0]
    held = np.where(is_among(kept, judged.same), CERTAIN, kept.log_odds)
    return Persons(labels, ambiguous, spanning_trees(kept.left, kept.right, held, labels))


def group(
    pairs: tuple[Weighed, Weighed],
    judged: JudgedPairs,
    first: Rows,
    said: tuple[Numbered, Seen],
    settings: ClusteringSettings,
) -> tuple[Rows, Flags]:
    """Cluster and doubt (n,), (n,) of every row; rows that are one by judgement or description are so at once.

    Args:
        pairs: Those that were kept, sorted, and those that were not.
        judged: Judged pairs.
        first: int32 (n,): the first row of those with the same description, if it is repeated often.
        said: What the numbers of each row say, and what it seems to be beside others (n,).
        settings: Thresholds.
    """
    scored, against = pairs
    numbered, seen = said
    n = len(first)
    repeats = np.flatnonzero(first != np.arange(n)).astype(np.int32)
    left = np.concatenate([judged.same[:, 0], first[repeats]])
    right = np.concatenate([judged.same[:, 1], repeats])
    groups = connected(n, left, right)
    left = np.concatenate([scored.left, against.left])
    right = np.concatenate([scored.right, against.right])
    weight = all_weights([scored.log_odds, against.log_odds], settings.clip)
    weight[numbered.apart(left, right, weight)] = FORBIDDEN
    weight[: len(scored.left)][is_among(scored, judged.different)] = FORBIDDEN
    alone = np.bincount(groups, minlength=n)[groups] == 1
    doubtful = contradicted(seen) & alone
    edges = between_groups(left, right, weight, groups, doubtful)
    shut = doubtful.take(left) | doubtful.take(right)
    closed = between_groups(left[shut], right[shut], weight[shut], groups)
    with_number = np.zeros(n, np.bool_)
    with_number[groups[numbered.rows]] = True
    labels = cluster_numbered_first(edges, with_number, settings)[groups]
    labels, ambiguous = set_apart(labels, edges, numbered.nameless & alone, settings, settings.stop)
    doubtful[ambiguous] = doubtful[near_misses(labels, edges, settings)] = True
    doubtful[rivalled(labels, edges, ambiguous, settings)] = True
    # Those beside whom a contradicted row would have been the only one.
    doubtful[near_misses(labels, closed, settings)] = True
    doubtful[contested(labels, edges, with_number, settings)] = True
    held = barely_held(labels, edges, settings)
    doubtful[held[alone[held]]] = True
    strange = under_another_name(labels, seen)
    doubtful[strange[alone[strange]]] = True
    doubtful, labels = doubtful[groups], smallest(labels[groups])
    doubtful[joined_by_name(labels, numbered.name_alone & alone)] = True
    # With a name alone, or as a newborn called after a parent (王芳之子), hardly anybody is known by these records
    # only, nor under no number and unknown to the register: others say more, and which of them are theirs is open.
    doubtful[lacking(labels, numbered.identified)] = True
    doubtful[lacking(labels, numbered.placed)] = True
    doubtful[renumbered(labels, seen, numbered.entries)] = True
    doubtful[registered_twice(labels, numbered.entries, numbered.households)] = True
    return labels, doubtful


def between_groups(
    left: Rows,
    right: Rows,
    weight: NDArray[np.int64],
    groups: Rows,
    aside: Flags | None = None,
) -> Edges:
    """Edges between groups of rows; the strongest of several stands for them, but a forbidden one beats all.

    Args:
        left: int32 (m,): rows of pairs.
        right: int32 (m,).
        weight: int64 (m,).
        groups: int32 (n,): group of each row.
        aside: bool (n,): rows whose pairs are left out; default none.

    Returns:
        The edges, sorted.
    """
    bits = len(groups).bit_length()
    keys, strength = np.empty(len(left), np.uint64), np.empty(len(left), np.int64)
    aside = np.zeros(len(groups), np.bool_) if aside is None else aside
    whole, moved = _name_groups((left, right, weight), groups, aside, bits, (keys, strength))
    sides = [(keys[side], strength[side]) for side in (slice(0, whole), slice(moved, None))]
    one, other = ((key, value, order_of_runs(key)) for key, value in sides)
    n = len(one[0]) + len(other[0])
    found = Edges(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int64))
    n = _strongest(one, other, bits, (found.left, found.right, found.weight))
    return Edges(found.left[:n], found.right[:n], found.weight[:n])


@kernel
def _name_groups(
    pairs: tuple[Rows, Rows, NDArray[np.int64]],
    groups: Rows,
    aside: Flags,
    bits: int,
    out: tuple[Hashes, NDArray[np.int64]],
) -> tuple[int, int]:
    """Name pairs between groups by these: to the front what keeps its rows and its order, to the back the others."""
    left, right, weight = pairs
    keys, strength = out
    front, back = 0, keys.shape[0]
    for pair in range(left.shape[0]):
        a, b = groups[left[pair]], groups[right[pair]]
        if a == b or aside[left[pair]] or aside[right[pair]]:
            continue
        if a == left[pair] and b == right[pair]:
            place = front
            front += 1
        else:
            back -= 1
            place = back
        keys[place] = np.uint64(min(a, b)) << np.uint64(bits) | np.uint64(max(a, b))
        strength[place] = weight[pair]
    return front, back


_Sorted = tuple[Hashes, NDArray[np.int64], Rows]
"""Keys and their weights as they came, and their order."""


@kernel
def _strongest(one: _Sorted, other: _Sorted, bits: int, out: tuple[Rows, Rows, NDArray[np.int64]]) -> int:
    """Write each key of both once, as two groups with one weight; returns how many there are."""
    found, last = 0, np.uint64(0)
    mine, its = 0, 0
    while mine < one[2].shape[0] or its < other[2].shape[0]:
        first = its == other[2].shape[0]
        if not first and mine < one[2].shape[0]:
            first = one[0][one[2][mine]] <= other[0][other[2][its]]
        if first:
            key, weight = one[0][one[2][mine]], one[1][one[2][mine]]
            mine += 1
        else:
            key, weight = other[0][other[2][its]], other[1][other[2][its]]
            its += 1
        if found == 0 or key != last:
            out[0][found] = key >> np.uint64(bits)
            out[1][found] = key & ((np.uint64(1) << np.uint64(bits)) - np.uint64(1))
            out[2][found] = weight
            found, last = found + 1, key
        elif weight == FORBIDDEN or (out[2][found - 1] != FORBIDDEN and weight > out[2][found - 1]):
            out[2][found - 1] = weight
    return found
