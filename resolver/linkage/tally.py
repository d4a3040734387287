"""Count patterns, and look up what is known of each, in an open hash table: millions of pairs show a few thousand."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.patterns import Patterns

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
def _add(table: Slots, patterns: Patterns, start: int, used: int) -> tuple[int, int]:
    """Count patterns from `start` on until the table is half full; returns where it stopped, and slots used."""
    most = table.keys.shape[0] // 2
    for pair in range(start, patterns.shape[0]):
        slot = _place(table.keys, patterns[pair])
        if table.keys[slot] == _FREE:
            if used == most:
                return pair, used
            table.keys[slot] = patterns[pair]
            used += 1
        table.values[slot] += 1.0
    return patterns.shape[0], used


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


def tally(patterns: Patterns) -> tuple[Patterns, NDArray[np.float64]]:
    """Distinct patterns (k,) of pairs (m,), and how many show each (k,); in no order."""
    table = Slots(np.full(_SMALLEST, _FREE), np.zeros(_SMALLEST))
    done, used = _add(table, patterns, 0, 0)
    while done < len(patterns):
        taken = table.keys != _FREE
        larger = Slots(np.full(2 * len(table.keys), _FREE), np.zeros(2 * len(table.keys)))
        _enter(larger, table.keys[taken], table.values[taken])
        table = larger
        done, used = _add(table, patterns, done, used)
    taken = table.keys != _FREE
    return table.keys[taken], table.values[taken]


def look_up(table: Slots, patterns: Patterns) -> NDArray[np.float64]:
    """Value (m,) of each pattern (m,); 0 for one that the table does not hold."""
    out = np.empty(len(patterns))
    _find(table, patterns, out)
    return out
