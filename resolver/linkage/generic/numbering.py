"""Number hashes in the order in which they appear, part by part, in an open hash table: faster than Arrow does it."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes

Codes = NDArray[np.int32]
NULL = np.int32(-1)
_ZERO = np.uint64(0)
_FIRST_SLOTS = 1 << 14
_AHEAD = 64
"""Rows whose slots are fetched together, so that their waits for memory overlap."""


class Numbering:
    """Numbers given so far.

    The table holds numbers only; their hashes stand in the order of the numbers, for whoever numbers wants those too.

    Args:
        n: About how many hashes will come.

    Attributes:
        used: How many numbers are given.
    """

    def __init__(self, n: int) -> None:
        self.used = 0
        self._n, self._seen = n, 0
        self._slots, self._hashes = _empty(_FIRST_SLOTS)

    @property
    def hashes(self) -> Hashes:
        """Hash of every number given so far (used,)."""
        return self._hashes[: self.used]

    def add(self, hashes: Hashes) -> tuple[Codes, Codes]:
        """Number the next hashes (m,).

        Returns:
            int32 (m,): the numbers, -1 for the hash 0; int32 (new,): the row of each number that is new, ascending.
        """
        m, before = len(hashes), self.used
        codes, first = np.empty(m, np.int32), np.empty(m, np.int32)
        done = 0
        while True:
            table = self._slots, self._hashes
            done, self.used, _ = _number(hashes, table, (codes, first), (done, self.used, before))
            if done == m:
                self._seen += m
                return codes, first[: self.used - before].copy()
            self._grow(self._seen + done)

    def _grow(self, seen: int) -> None:
        """Room for as many more as there were up to here: a table that grows step by step is filled again and again."""
        expected = self.used * max(self._n, seen) // max(seen, 1)
        n = 2 * len(self._slots)
        while _most(n) < 1.1 * expected:
            n *= 2
        slots, hashes = _empty(n)
        hashes[: self.used] = self.hashes
        _enter(self.hashes, slots)
        self._slots, self._hashes = slots, hashes


def _empty(n: int) -> tuple[Codes, Hashes]:
    """A table of n slots, all free, and room for the hashes of as many numbers as it may hold."""
    return np.full(n, NULL), np.empty(_most(n), np.uint64)


@kernel
def _most(slots: int) -> int:
    """How many of the slots may be taken."""
    return slots // 8 * 5


@kernel
def _enter(hashes: Hashes, slots: Codes) -> None:
    mask = np.uint64(slots.shape[0] - 1)
    for number in range(hashes.shape[0]):
        slot = hashes[number] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = number


@kernel
def _number(
    hashes: Hashes, table: tuple[Codes, Hashes], out: tuple[Codes, Codes], begun: tuple[int, int, int]
) -> tuple[int, int, np.uint64]:
    """Number hashes until the table is full enough; returns how many rows are done and how many numbers there are.

    `begun` says the same of the beginning, and how many numbers there were before the first row. The third number
    returned only keeps the loop that fetches slots ahead from being left out.
    """
    slots, known = table
    codes, first = out
    done, used, before = begun
    mask, most, seen = np.uint64(slots.shape[0] - 1), known.shape[0], np.uint64(0)
    for start in range(done, hashes.shape[0], _AHEAD):
        if used + _AHEAD > most:
            return start, used, seen
        stop = min(start + _AHEAD, hashes.shape[0])
        for row in range(start, stop):
            seen ^= known[max(slots[hashes[row] & mask], 0)]
        for row in range(start, stop):
            value = hashes[row]
            if value == _ZERO:
                codes[row] = NULL
                continue
            slot = value & mask
            number = slots[slot]
            while number >= 0 and known[number] != value:
                slot = (slot + np.uint64(1)) & mask
                number = slots[slot]
            if number < 0:
                number = used
                slots[slot], known[used] = number, value
                first[used - before] = row
                used += 1
            codes[row] = number
    return hashes.shape[0], used, seen
