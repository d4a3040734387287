"""Count patterns, and look up what is known of each, in an open hash table: millions of pairs show a few thousand."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.patterns import Patterns

Counted = tuple[Patterns, NDArray[np.float64]]
"""Patterns (k,), and how many pairs show each (k,)."""
Numbers = NDArray[np.uint16]

_FREE = np.uint64(0xFFFFFFFFFFFFFFFF)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SMALLEST = 1 << 12


class Slots(NamedTuple):
    """An open hash table.

    Attributes:
        keys: uint64 (slots,): patterns; all ones where a slot is free (no pattern has sixteen comparisons missing).
        values: float64 (slots,).
    """

    keys: Patterns
    values: NDArray[np.float64]


@kernel
def _place(keys: Patterns, pattern: np.uint64) -> np.uint64:
    mask = np.uint64(keys.shape[0] - 1)
    slot = ((pattern * _SPREAD) >> np.uint64(32)) & mask
    while keys[slot] != pattern and keys[slot] != _FREE:
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel
def _add(
    table: Slots, patterns: Patterns, counts: NDArray[np.float64], start: int, used: int
) -> tuple[int, int]:
    """Add counts of patterns from `start` on until the table is half full; returns where it stopped, and slots used."""
    most = table.keys.shape[0] // 2
    for row in range(start, patterns.shape[0]):
        slot = _place(table.keys, patterns[row])
        if table.keys[slot] == _FREE:
            if used == most:
                return row, used
            table.keys[slot] = patterns[row]
            used += 1
        table.values[slot] += counts[row]
    return patterns.shape[0], used


@kernel
def _number(
    patterns: Patterns,
    table: tuple[Patterns, Numbers],
    out: tuple[Patterns, NDArray[np.float64], Numbers],
    dropped: int,
) -> int:
    """Number the patterns of pairs in the order in which they appear; -1 if there are too many for the table."""
    keys, known = table
    distinct, counts, numbers = out
    used, done, most = 0, 0, distinct.shape[0]
    for pair in range(numbers.shape[0]):
        if numbers[pair] == dropped:
            continue
        pattern = patterns[done]
        done += 1
        slot = _place(keys, pattern)
        if keys[slot] == _FREE:
            if used == most:
                return -1
            keys[slot], known[slot] = pattern, used
            distinct[used] = pattern
            counts[used] = 0.0
            used += 1
        number = known[slot]
        counts[number] += 1.0
        numbers[pair] = number
    return used


@kernel
def _enter(table: Slots, patterns: Patterns, values: NDArray[np.float64]) -> None:
    for row in range(patterns.shape[0]):
        slot = _place(table.keys, patterns[row])
        table.keys[slot] = patterns[row]
        table.values[slot] = values[row]


@kernel
def _find(table: Slots, patterns: Patterns, out: NDArray[np.float64]) -> None:
    for pair in range(patterns.shape[0]):
        out[pair] = table.values[_place(table.keys, patterns[pair])]


def table_of(patterns: Patterns, values: NDArray[np.float64]) -> Slots:
    """A table of distinct patterns (k,) and their values (k,)."""
    size = _SMALLEST
    while size < 2 * len(patterns):
        size *= 2
    table = Slots(np.full(size, _FREE), np.zeros(size))
    _enter(table, patterns, values)
    return table


def number_patterns(patterns: Patterns, numbers: Numbers, dropped: int) -> Counted:
    """Number the patterns that pairs show.

    Args:
        patterns: uint64 (m,): of the pairs that were compared.
        numbers: uint16 (all,): `dropped` for pairs that were not; the others get the place of their pattern.
        dropped: More than any number of a pattern.

    Returns:
        Distinct patterns (k,), and how many pairs show each (k,).
    """
    size = _SMALLEST
    while True:
        most = size // 2
        table = np.full(size, _FREE), np.empty(size, np.uint16)
        distinct, counts = np.empty(most, np.uint64), np.empty(most)
        used = _number(patterns, table, (distinct, counts, numbers), dropped)
        if used >= 0:
            return distinct[:used].copy(), counts[:used].copy()
        size *= 4


def tally(patterns: Patterns) -> Counted:
    """Distinct patterns (k,) of pairs (m,), ascending, and how many show each (k,)."""
    return add_up([(patterns, np.ones(len(patterns)))])


def add_up(parts: Sequence[Counted]) -> Counted:
    """Add up counts of patterns; sorted by pattern."""
    table, used = Slots(np.full(_SMALLEST, _FREE), np.zeros(_SMALLEST)), 0
    for patterns, counts in parts:
        done, used = _add(table, patterns, counts, 0, used)
        while done < len(patterns):
            taken = table.keys != _FREE
            larger = Slots(np.full(2 * len(table.keys), _FREE), np.zeros(2 * len(table.keys)))
            _enter(larger, table.keys[taken], table.values[taken])
            table = larger
            done, used = _add(table, patterns, counts, done, used)
    taken = np.flatnonzero(table.keys != _FREE)
    taken = taken[np.argsort(table.keys[taken])]
    return table.keys[taken], table.values[taken]


def look_up(table: Slots, patterns: Patterns) -> NDArray[np.float64]:
    """Value (m,) of each pattern (m,); 0 for one that the table does not hold."""
    out = np.empty(len(patterns))
    _find(table, patterns, out)
    return out
