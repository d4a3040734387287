"""How common values are, in bits: what a rare value adds, and when a common one stops being evidence."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.encoding import Column
from resolver.linkage.hashing import Hashes


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
        if len(self.hashes) == 0:
            return np.full(len(hashes), self.unseen, np.float32)
        place = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[place] == hashes, self.bits[place], self.unseen).astype(np.float32)


def count_frequencies(column: Column) -> Frequencies:
    """Count how many records have each value of a column."""
    return from_counts(column.hashes, column.counts, max(int(column.counts.sum()), 2))


def from_counts(hashes: Hashes, counts: NDArray[np.int64], n: int) -> Frequencies:
    """Frequencies of distinct values (d,) that so many (d,) of n records have."""
    several = np.flatnonzero(counts > 1)
    order = several[np.argsort(hashes[several])]
    bits = -np.log2(counts[order] / n)
    return Frequencies(hashes[order], np.maximum(bits, 0.0).astype(np.float32), float(np.log2(n)))
