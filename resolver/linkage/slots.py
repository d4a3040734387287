"""Slots: numbers of records that stay from run to run, where rows, which follow the order of keys, do not.

The records of the run that wrote the base have their rows for slots; every record that comes later gets the next
slot, and one that went keeps its own to itself. So nothing that is kept by slot changes when others come or go.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Slots = NDArray[np.int32]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Keys = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Numbering:
    """Rows and slots of the records of a run.

    Attributes:
        record_key: int64 (n,), ascending.
        slot: int32 (n,): of each row.
        row: int32 (s,): of each slot; -1 = its record is gone.
    """

    record_key: Keys
    slot: Slots
    row: Rows

    @classmethod
    def plain(cls, record_key: Keys) -> "Numbering":
        """Every row is its own slot."""
        slot = np.arange(len(record_key), dtype=np.int32)
        return cls(record_key, slot, slot)

    @classmethod
    def rebuilt(cls, base: Keys, added: Keys, gone: Slots) -> "Numbering":
        """From the keys of the base (b,) and of those added (a,), which have the slots b, b + 1, …, and who went."""
        there = np.ones(len(base) + len(added), np.bool_)
        there[gone] = False
        new = np.flatnonzero(there[len(base) :]).astype(np.int32)
        new = new[np.argsort(added[new])]
        n = int(there.sum())
        found = cls(np.empty(n, np.int64), np.empty(n, np.int32), np.full(len(there), -1, np.int32))
        _number(
            (base, there), (added[new], new + np.int32(len(base))), found.record_key, found.slot, found.row
        )
        return found

    @property
    def there(self) -> Flags:
        """Slots (s,) whose records are there."""
        return self.row >= 0

    def followed_by(self, record_key: Keys) -> "Numbering":
        """The numbering of records with these keys (n,), ascending: who is new gets the next slots, in their order."""
        slot = np.empty(len(record_key), np.int32)
        row = np.empty(len(self.row) + len(record_key), np.int32)
        row[: len(self.row)] = -1
        slots = _follow((self.record_key, self.slot), record_key, len(self.row), slot, row)
        return Numbering(record_key, slot, row[:slots])

    def slots_of(self, record_key: Keys) -> Slots:
        """Slots of some record keys (k,); of those that are not there, no slot is given."""
        if not len(self.record_key):
            return np.zeros(0, np.int32)
        rows = np.minimum(np.searchsorted(self.record_key, record_key), len(self.record_key) - 1)
        found: Slots = self.slot[rows[self.record_key[rows] == record_key]]
        return found

    def in_order(self, slots: Slots) -> Slots:
        """Some slots whose records are there, each once, by record key."""
        chosen = np.zeros(len(self.slot), np.bool_)
        chosen[self.row[slots]] = True
        return self.slot[chosen]


@dataclass(frozen=True, eq=False)
class Moved:
    """Who was there before, and who is there now.

    Attributes:
        before: The numbering before.
        now: The numbering now, in which those who are new have the last slots.
    """

    before: Numbering
    now: Numbering

    @classmethod
    def of(cls, before: Numbering, record_key: Keys) -> "Moved":
        """Who moved, given who was there and the record keys (n,), ascending, of those who are."""
        return cls(before, before.followed_by(record_key))

    @cached_property
    def new(self) -> Slots:
        """Slots of records that were not there, in the order of their keys."""
        return np.arange(len(self.before.row), len(self.now.row), dtype=np.int32)

    @cached_property
    def gone(self) -> Slots:
        """Slots of records that are no longer there."""
        left = self.before.there & ~self.now.there[: len(self.before.row)]
        return np.flatnonzero(left).astype(np.int32)

    @cached_property
    def was_there(self) -> Flags:
        """Slots (s,) of records that were there before."""
        return np.append(self.before.there, np.zeros(len(self.new), np.bool_))


@kernel
def _number(
    base: tuple[Keys, Flags], added: tuple[Keys, Slots], record_key: Keys, slot: Slots, row: Rows
) -> None:
    keys, there = base
    new, written = 0, 0
    for old in range(keys.shape[0] + 1):
        while new < added[0].shape[0] and (old == keys.shape[0] or added[0][new] < keys[old]):
            record_key[written], slot[written] = added[0][new], added[1][new]
            row[added[1][new]] = written
            new, written = new + 1, written + 1
        if old < keys.shape[0] and there[old]:
            record_key[written], slot[written], row[old] = keys[old], old, written
            written += 1


@kernel
def _follow(before: tuple[Keys, Slots], now: Keys, slots: int, slot: Slots, row: Rows) -> int:
    keys, old = before[0], 0
    for place in range(now.shape[0]):
        while old < keys.shape[0] and keys[old] < now[place]:
            old += 1
        if old < keys.shape[0] and keys[old] == now[place]:
            slot[place] = before[1][old]
        else:
            slot[place] = slots
            slots += 1
        row[slot[place]] = place
    return slots
