"""How common values are, in bits: what a rare value adds, and when a common one stops being evidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.encoding import Column
from resolver.linkage.hashing import Hashes
from resolver.linkage.sorting import order_of


@dataclass(frozen=True)
class Frequencies:
    """Values that more than one record has; a value that is not there is as rare as one can be.

    Attributes:
        hashes: uint64 (k,), sorted.
        bits: float32 (k,): -log2 of the share of records that have the value.
        unseen: Bits of every other value.
    """

    hashes: Hashes
    bits: NDArray[np.float32]
    unseen: float

    def of(self, hashes: Hashes) -> NDArray[np.float32]:
        """Bits of values (n,)."""
        out = np.empty(len(hashes), np.float32)
        wide = max(
            len(self.hashes).bit_length(), 1
        )  # hashes are spread evenly: about one begins with each of so many bits
        starts = np.zeros((1 << wide) + 1, np.int64)
        _find_starts(self.hashes, 64 - wide, starts)
        _look_up(hashes, (self.hashes, self.bits, self.unseen), (starts, 64 - wide), out)
        return out


@kernel
def _find_starts(known: Hashes, shift: int, starts: NDArray[np.int64]) -> None:
    """Where the hashes with the same leading bits begin."""
    for place in range(known.shape[0]):
        starts[(known[place] >> np.uint64(shift)) + np.uint64(1)] += 1
    for number in range(1, starts.shape[0]):
        starts[number] += starts[number - 1]


@kernel
def _look_up(
    hashes: Hashes,
    table: tuple[Hashes, NDArray[np.float32], float],
    index: tuple[NDArray[np.int64], int],
    out: NDArray[np.float32],
) -> None:
    known, bits, unseen = table
    starts, shift = index
    for row in range(hashes.shape[0]):
        front = hashes[row] >> np.uint64(shift)
        out[row] = unseen
        for place in range(starts[front], starts[front + np.uint64(1)]):
            if known[place] == hashes[row]:
                out[row] = bits[place]


def count_frequencies(column: Column) -> Frequencies:
    """Count how many records have each value of a column."""
    return from_counts(column.hashes, column.counts, max(int(column.counts.sum()), 2))


def from_counts(hashes: Hashes, counts: NDArray[np.int64], n: int) -> Frequencies:
    """Frequencies of distinct values (d,) that so many (d,) of n records have."""
    several = np.flatnonzero(counts > 1)
    order = several[order_of(hashes[several])]
    bits = -np.log2(counts[order] / n)
    return Frequencies(hashes[order], np.maximum(bits, 0.0).astype(np.float32), float(np.log2(n)))
