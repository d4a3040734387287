"""Number hashes in the order in which they appear, part by part, in an open hash table: faster than Arrow does it."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes

Codes = NDArray[np.int32]
NULL = np.int32(-1)
_FREE = np.uint64(0)
_FIRST_SLOTS = 1 << 14
_AHEAD = 64
"""Rows whose slots are fetched together, so that their waits for memory overlap."""


class Numbering:
    """Numbers given so far.

    Args:
        n: About how many hashes will come.

    Attributes:
        used: How many numbers are given.
    """

    def __init__(self, n: int) -> None:
        self.used = 0
        self._n, self._seen = n, 0
        self._table = np.zeros(_FIRST_SLOTS, np.uint64), np.empty(_FIRST_SLOTS, np.int32)

    def add(self, hashes: Hashes) -> tuple[Codes, Codes]:
        """Number the next hashes (m,).

        Returns:
            int32 (m,): the numbers, -1 for the hash 0; int32 (new,): the row of each number that is new, ascending.
        """
        m, before = len(hashes), self.used
        codes, first = np.empty(m, np.int32), np.empty(m, np.int32)
        done = 0
        while True:
            done, self.used, _ = _number(hashes, self._table, (codes, first), (done, self.used, before))
            if done == m:
                self._seen += m
                return codes, first[: self.used - before].copy()
            self._grow(self._seen + done)

    def _grow(self, seen: int) -> None:
        """Room for as many more as there were up to here: a table that grows step by step is filled again and again."""
        expected = self.used * max(self._n, seen) // max(seen, 1)
        slots = 2 * len(self._table[0])
        while _most(slots) < 1.1 * expected:
            slots *= 2
        larger = np.zeros(slots, np.uint64), np.empty(slots, np.int32)
        _enter(self._table, larger)
        self._table = larger


@kernel
def _most(slots: int) -> int:
    """How many of the slots may be taken."""
    return slots // 8 * 5


@kernel
def _enter(table: tuple[Hashes, Codes], larger: tuple[Hashes, Codes]) -> None:
    keys, numbers = larger
    mask = np.uint64(keys.shape[0] - 1)
    for place in range(table[0].shape[0]):
        value = table[0][place]
        if value != _FREE:
            slot = value & mask
            while keys[slot] != _FREE:
                slot = (slot + np.uint64(1)) & mask
            keys[slot], numbers[slot] = value, table[1][place]


@kernel
def _number(
    hashes: Hashes, table: tuple[Hashes, Codes], out: tuple[Codes, Codes], begun: tuple[int, int, int]
) -> tuple[int, int, np.uint64]:
    """Number hashes until the table is full enough; returns how many rows are done and how many numbers there are.

    `begun` says the same of the beginning, and how many numbers there were before the first row. The third number
    returned only keeps the loop that fetches slots ahead from being left out.
    """
    keys, numbers = table
    codes, first = out
    done, used, before = begun
    mask, most, seen = np.uint64(keys.shape[0] - 1), _most(keys.shape[0]), np.uint64(0)
    for start in range(done, hashes.shape[0], _AHEAD):
        if used + _AHEAD > most:
            return start, used, seen
        stop = min(start + _AHEAD, hashes.shape[0])
        for row in range(start, stop):
            seen ^= keys[hashes[row] & mask]
        for row in range(start, stop):
            value = hashes[row]
            slot = value & mask
            while keys[slot] != value and keys[slot] != _FREE:
                slot = (slot + np.uint64(1)) & mask
            if value == _FREE:
                codes[row] = NULL
                continue
            if keys[slot] == _FREE:
                keys[slot], numbers[slot] = value, used
                first[used - before] = row
                used += 1
            codes[row] = numbers[slot]
    return hashes.shape[0], used, seen
