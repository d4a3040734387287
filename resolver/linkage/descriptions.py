"""Many records with one description: only the first of them is compared with others.

A description that a source repeats thousands of times would make a block too large to expand, or pairs without end,
and would tell nothing that its first record does not.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, Word
from resolver.linkage.compiled import compiled
from resolver.linkage.hashing import Hashes, finish

FEW = 10
"""So many equal descriptions are ordinary: as many feeds may say the same of a person."""


@compiled
def _hash_rows(
    words: NDArray[np.uint64], facts: NDArray[np.int32], left_out: tuple[int, int], out: Hashes
) -> None:
    for row in range(out.shape[0]):
        value = np.uint64(0)
        for place in range(words.shape[1]):
            if place != left_out[0]:
                value = finish(value ^ words[row, place]) + np.uint64(place)
        for place in range(facts.shape[1]):
            if place != left_out[1]:
                value = finish(value ^ np.uint64(facts[row, place] + 2**31)) + np.uint64(place)
        out[row] = value


def repeated(columns: Columns) -> NDArray[np.int32]:
    """Row (n,) of the first record with each record's description, where more than `FEW` share it; else the row itself.

    The source's own key is no part of a description.
    """
    hashes = np.empty(len(columns), np.uint64)
    _hash_rows(columns.words, columns.facts, (int(Word.SOURCE_KEY), int(Fact.SCHEME)), hashes)
    first = np.arange(len(columns), dtype=np.int32)
    order = np.argsort(hashes, kind="stable").astype(np.int32)
    ordered = hashes[order]
    starts = np.flatnonzero(np.concatenate([[len(order) > 0], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.append(starts, len(order)))
    many = sizes > FEW
    first[order[np.repeat(many, sizes)]] = np.repeat(order[starts[many]], sizes[many])
    return first
