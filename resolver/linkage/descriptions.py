"""Many records with one description: only the first of them is compared with others.

A description that a source repeats thousands of times would make a block too large to expand, or pairs without end,
and would tell nothing that its first record does not.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.entries import Entries, sorted_entries
from resolver.linkage.hashing import Hashes, finish

Rows = NDArray[np.int32]
FEW = 10
"""So many equal descriptions are ordinary: as many feeds may say the same of a person."""


class Repeats(NamedTuple):
    """Records whose description is repeated often.

    Attributes:
        row: int32 (k,), ascending.
        first: int32 (k,): the first row with that description.
        held: bool (k,): whether the description surely speaks of one person, so that the first row stands for this.
    """

    row: Rows
    first: Rows
    held: NDArray[np.bool_]

    def firsts(self, n: int) -> Rows:
        """First row (n,) of each row's description where it stands for the row; else the row itself."""
        first = np.arange(n, dtype=np.int32)
        first[self.row[self.held]] = self.first[self.held]
        return first


@kernel
def _hash_rows(
    words: NDArray[np.uint64], facts: NDArray[np.int32], left_out: tuple[int, int, int], out: Hashes
) -> None:
    for row in range(out.shape[0]):
        value = np.uint64(0)
        for place in range(words.shape[1]):
            if place != left_out[0]:
                value = finish(value ^ words[row, place]) + np.uint64(place)
        for place in range(facts.shape[1]):
            if place != left_out[1] and place != left_out[2]:
                value = finish(value ^ np.uint64(facts[row, place] + 2**31)) + np.uint64(place)
        out[row] = value


def description_hashes(columns: Columns) -> Hashes:
    """Hash (n,) of each record's description; the source's own key, and what depends on it, is no part of it."""
    hashes = np.empty(len(columns), np.uint64)
    left_out = int(Word.SOURCE_KEY), int(Fact.SCHEME), int(Fact.NAME_ALONE)
    _hash_rows(columns.words, columns.facts, left_out, hashes)
    return hashes


def first_rows(entries: Entries, n: int) -> Rows:
    """First row (n,) with each row's description, where more than `FEW` share it; else the row itself.

    Args:
        entries: Hashes of the descriptions of n rows.
        n: How many.
    """
    first = np.arange(n, dtype=np.int32)
    starts = np.flatnonzero(np.concatenate([[len(entries.key) > 0], entries.key[1:] != entries.key[:-1]]))
    sizes = np.diff(np.append(starts, len(entries.key)))
    many = np.flatnonzero(sizes > FEW)
    starts, sizes = starts[many], sizes[many]
    skipped = np.cumsum(sizes) - sizes
    places = np.repeat(starts - skipped, sizes) + np.arange(int(sizes.sum()))
    first[entries.row[places]] = np.repeat(entries.row[starts], sizes)
    return first


def repeated(columns: Columns) -> Rows:
    """`first_rows` of records."""
    return first_rows(sorted_entries(description_hashes(columns)), len(columns))
