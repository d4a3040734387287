"""Encoded records in two layers, by slot: those of the base, mapped from the disk, and those added since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.columns import Columns, Fact, Word
from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.hashing import Hashes
from resolver.linkage.prefetching import prefetch
from resolver.linkage.slots import Slots

_AT_ONCE = 1 << 15
_AHEAD = 12
"""So many records are on their way at once."""
_WORDS_TOGETHER = 8
"""As many lie in what a processor fetches at once."""


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
        n, first, layers = len(slots), len(self.base), (_plain(self.base), _plain(self.added))
        starts = np.zeros(n + 1, np.int32)
        _starts((layers[0].starts, layers[1].starts), first, slots, starts)
        out = Columns(
            np.empty(n, np.int64),
            np.empty((n, len(Word)), np.uint64),
            np.empty((n, len(Fact)), np.int32),
            np.empty(starts[-1], np.uint32),
            starts,
        )

        def part(start: int) -> None:
            _copy(layers, first, slots, (start, min(start + _AT_ONCE, n)), _plain(out))

        if n <= _AT_ONCE:
            part(0)
        else:
            on_all_cores(part, range(0, n, _AT_ONCE))
        return out

    def some(self, slots: Slots, words: Sequence[Word], facts: Sequence[Fact]) -> "Chosen":
        """Some columns of some slots (k,)."""
        n, first = len(slots), len(self.base)
        found = np.empty((len(words), n), np.uint64), np.empty((len(facts), n), np.int32)
        columns = np.array(words, np.int64), np.array(facts, np.int64)
        _copy_columns((self.base.words, self.added.words), first, slots, columns[0], found[0])
        _copy_columns((self.base.facts, self.added.facts), first, slots, columns[1], found[1])
        return Chosen(dict(zip(words, found[0], strict=True)), dict(zip(facts, found[1], strict=True)))

    def record_keys(self, slots: Slots) -> NDArray[np.int64]:
        """The record keys (k,) of some slots (k,)."""
        first = len(self.base)
        keys = np.empty(len(slots), np.int64)
        late = slots >= first
        keys[~late] = self.base.record_key[slots[~late]]
        keys[late] = self.added.record_key[slots[late] - first]
        return keys


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some columns of some slots.

    Attributes:
        words: uint64 (k,) each.
        facts: int32 (k,) each.
    """

    words: Mapping[Word, Hashes]
    facts: Mapping[Fact, NDArray[np.int32]]

    def word(self, word: Word) -> Hashes:
        """One column of words (k,)."""
        return self.words[word]

    def fact(self, fact: Fact) -> NDArray[np.int32]:
        """One column of facts (k,)."""
        return self.facts[fact]


@kernel
def _copy_columns(
    layers: tuple[NDArray[Any], NDArray[Any]],
    first: int,
    slots: Slots,
    columns: NDArray[np.int64],
    out: NDArray[Any],
) -> None:
    """Copy columns (c,) of slots (k,) into `out` (c, k)."""
    for number in range(slots.shape[0]):
        if number + _AHEAD < slots.shape[0]:
            slot, values = slots[number + _AHEAD], layers[0]
            if slot >= first:
                slot, values = slot - first, layers[1]
            for place in range(columns.shape[0]):
                prefetch(values, (slot, columns[place]))
        slot, values = slots[number], layers[0]
        if slot >= first:
            slot, values = slot - first, layers[1]
        for place in range(columns.shape[0]):
            out[place, number] = values[slot, columns[place]]


class _Plain(NamedTuple):
    """Columns for compiled code."""

    record_key: NDArray[np.int64]
    words: NDArray[np.uint64]
    facts: NDArray[np.int32]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int32]


def _plain(columns: Columns) -> _Plain:
    record_key = np.require(columns.record_key, requirements="W")  # compiled code is for such arrays
    return _Plain(record_key, columns.words, columns.facts, columns.chars, columns.starts)


@kernel
def _starts(
    layers: tuple[NDArray[np.int32], NDArray[np.int32]], first: int, slots: Slots, out: NDArray[np.int32]
) -> None:
    """Where the name of each slot will begin in `out`, which begins with 0."""
    for number in range(slots.shape[0]):
        if number + _AHEAD < slots.shape[0]:
            slot, starts = slots[number + _AHEAD], layers[0]
            if slot >= first:
                slot, starts = slot - first, layers[1]
            prefetch(starts, slot)
        slot, starts = slots[number], layers[0]
        if slot >= first:
            slot, starts = slot - first, layers[1]
        out[number + 1] = out[number] + starts[slot + 1] - starts[slot]


@kernel
def _copy(
    layers: tuple[_Plain, _Plain], first: int, slots: Slots, span: tuple[int, int], out: _Plain
) -> None:
    """Copy some of the slots, given where their names begin."""
    for number in range(span[0], span[1]):
        if number + _AHEAD < span[1]:
            slot, one = slots[number + _AHEAD], layers[0]
            if slot >= first:
                slot, one = slot - first, layers[1]
            _ask_for(one, slot)
        slot, one = slots[number], layers[0]
        if slot >= first:
            slot, one = slot - first, layers[1]
        out.record_key[number] = one.record_key[slot]
        for place in range(one.words.shape[1]):
            out.words[number, place] = one.words[slot, place]
        for place in range(one.facts.shape[1]):
            out.facts[number, place] = one.facts[slot, place]
        written = out.starts[number]
        for place in range(one.starts[slot], one.starts[slot + 1]):
            out.chars[written] = one.chars[place]
            written += 1


@kernel
def _ask_for(columns: _Plain, slot: int) -> None:
    """Prefetch a record; its name's beginning must be near already."""
    prefetch(columns.record_key, slot)
    prefetch(columns.chars, columns.starts[slot])
    for place in range(0, columns.words.shape[1], _WORDS_TOGETHER):
        prefetch(columns.words, (slot, place))
    prefetch(columns.words, (slot, columns.words.shape[1] - 1))
    prefetch(columns.facts, (slot, 0))
    prefetch(columns.facts, (slot, columns.facts.shape[1] - 1))
