"""Encoded records in two layers, by slot: those of the base, mapped from the disk, and those added since."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.hashing import Hashes
from resolver.linkage.slots import Slots

_AT_ONCE = 1 << 15


def no_columns() -> Columns:
    """No records."""
    return Columns(
        np.zeros(0, np.int64),
        np.zeros((0, len(Word)), np.uint64),
        np.zeros((0, len(Fact)), np.int32),
        np.zeros(0, np.uint32),
        np.zeros(1, np.int32),
    )


def both(one: Columns, other: Columns) -> Columns:
    """The records of one, and behind them those of the other."""
    return Columns(
        np.concatenate([one.record_key, other.record_key]),
        np.concatenate([one.words, other.words]),
        np.concatenate([one.facts, other.facts]),
        np.concatenate([one.chars, other.chars]),
        np.concatenate([one.starts, other.starts[1:] + one.starts[-1]]).astype(np.int32),
    )


@dataclass(frozen=True, eq=False)
class Layers:
    """Columns of all slots.

    Attributes:
        base: Of the slots 0 … b - 1.
        added: Of the slots b, b + 1, …
    """

    base: Columns
    added: Columns

    def __len__(self) -> int:
        return len(self.base) + len(self.added)

    def take(self, slots: Slots) -> Columns:
        """The columns of some slots (k,), copied side by side."""
        n, first = len(slots), len(self.base)
        out = Columns(
            np.empty(n, np.int64),
            np.empty((n, len(Word)), np.uint64),
            np.empty((n, len(Fact)), np.int32),
            np.empty(self._lengths(slots), np.uint32),
            np.zeros(n + 1, np.int32),
        )
        layers = _plain(self.base), _plain(self.added)
        _starts(layers[0][3], layers[1][3], first, slots, out.starts)

        def part(start: int) -> None:
            span = start, min(start + _AT_ONCE, n)
            _copy_numbers(layers, first, slots, span, (out.record_key, out.words, out.facts))
            _copy_chars(layers, first, slots, span, (out.chars, out.starts))

        if n <= _AT_ONCE:
            part(0)
        else:
            on_all_cores(part, range(0, n, _AT_ONCE))
        return out

    def some(self, slots: Slots) -> "Chosen":
        """Some slots (k,), of which single columns are read."""
        return Chosen(self, slots)

    def record_keys(self, slots: Slots) -> NDArray[np.int64]:
        """The record keys (k,) of some slots (k,)."""
        first = len(self.base)
        keys = np.empty(len(slots), np.int64)
        late = slots >= first
        keys[~late] = self.base.record_key[slots[~late]]
        keys[late] = self.added.record_key[slots[late] - first]
        return keys

    def _lengths(self, slots: Slots) -> int:
        """How many characters the names of some slots have in all."""
        total, first = 0, len(self.base)
        for starts, mine in (
            (self.base.starts, slots[slots < first]),
            (self.added.starts, slots[slots >= first] - first),
        ):
            total += int((starts[mine + 1] - starts[mine]).sum(dtype=np.int64))
        return total


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some slots of all; a column is copied when it is asked for."""

    layers: Layers
    slots: Slots

    def word(self, word: Word) -> Hashes:
        """One column of words (k,)."""
        out = np.empty(len(self.slots), np.uint64)
        _copy_column(self._both("words"), len(self.layers.base), self.slots, int(word), out)
        return out

    def fact(self, fact: Fact) -> NDArray[np.int32]:
        """One column of facts (k,)."""
        out = np.empty(len(self.slots), np.int32)
        _copy_column(self._both("facts"), len(self.layers.base), self.slots, int(fact), out)
        return out

    def _both(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        return getattr(self.layers.base, name), getattr(self.layers.added, name)


@kernel
def _copy_column(
    layers: tuple[NDArray[Any], NDArray[Any]], first: int, slots: Slots, column: int, out: NDArray[Any]
) -> None:
    for number in range(slots.shape[0]):
        slot, values = slots[number], layers[0]
        if slot >= first:
            slot, values = slot - first, layers[1]
        out[number] = values[slot, column]


_Plain = tuple[
    NDArray[np.int64], NDArray[np.uint64], NDArray[np.int32], NDArray[np.int32], NDArray[np.uint32]
]


def _plain(columns: Columns) -> _Plain:
    return columns.record_key, columns.words, columns.facts, columns.starts, columns.chars


@kernel
def _starts(
    base: NDArray[np.int32], added: NDArray[np.int32], first: int, slots: Slots, out: NDArray[np.int32]
) -> None:
    for number in range(slots.shape[0]):
        slot = slots[number]
        starts = base
        if slot >= first:
            slot, starts = slot - first, added
        out[number + 1] = out[number] + starts[slot + 1] - starts[slot]


@kernel
def _copy_numbers(
    layers: tuple[_Plain, _Plain],
    first: int,
    slots: Slots,
    span: tuple[int, int],
    out: tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int32]],
) -> None:
    for number in range(span[0], span[1]):
        slot = slots[number]
        record_key, words, facts = layers[0][0], layers[0][1], layers[0][2]
        if slot >= first:
            slot -= first
            record_key, words, facts = layers[1][0], layers[1][1], layers[1][2]
        out[0][number] = record_key[slot]
        for place in range(words.shape[1]):
            out[1][number, place] = words[slot, place]
        for place in range(facts.shape[1]):
            out[2][number, place] = facts[slot, place]


@kernel
def _copy_chars(
    layers: tuple[_Plain, _Plain],
    first: int,
    slots: Slots,
    span: tuple[int, int],
    out: tuple[NDArray[np.uint32], NDArray[np.int32]],
) -> None:
    for number in range(span[0], span[1]):
        slot = slots[number]
        starts, chars = layers[0][3], layers[0][4]
        if slot >= first:
            slot -= first
            starts, chars = layers[1][3], layers[1][4]
        written = out[1][number]
        for place in range(starts[slot], starts[slot + 1]):
            out[0][written] = chars[place]
            written += 1
