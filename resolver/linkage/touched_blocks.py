"""The blocks that a delivery touches: found by their keys in sorted entries, of which the others are not read.

Entries lie in layers, those of the base, those added since, and those that enter now; whether the record of an entry
stands in its block is said of the record. A block that crosses the limit on its size is noticed on the way.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.entries import Entries, LeftOut, Limit
from resolver.linkage.hashing import Hashes
from resolver.linkage.slots import Flags, Rows, Slots

BEFORE, NOW = 1, 2
"""Bits of what is said of a record: it stood in blocks before, it does now."""

Places = NDArray[np.int64]
Standing = NDArray[np.uint8]
Layered = tuple[Entries, Entries, Entries]


class Blocks(NamedTuple):
    """Some blocks of one rule.

    Attributes:
        begins: int64 (k + 1,): where each block begins in `slot`.
        slot: int32 (m,): records that stand in it or did.
        is_open: uint8 (k,): bits `BEFORE` and `NOW`, whether the block is not left out.
    """

    begins: Places
    slot: Slots
    is_open: Standing

    def sizes(self, standing: Standing, when: int) -> Places:
        """How many records stand in each block (k,) at a time, which is `BEFORE` or `NOW`."""
        counts = np.zeros(len(self.slot) + 1, np.int64)
        np.cumsum(standing[self.slot] & when != 0, out=counts[1:])
        return np.asarray(np.diff(counts[self.begins]))


@dataclass(frozen=True, eq=False)
class Looking:
    """What all rules have in common when blocks are looked up.

    Attributes:
        standing: uint8 (s,): bits of each slot.
        crossed: bool (s,): set for the records, as they stand now, of blocks that are left out now and were not, or
            the other way round.
    """

    standing: Standing
    crossed: Flags


@kernel
def _find(key: Hashes, wanted: Hashes, begins: Places, ends: Places) -> int:
    """Where the entries of some keys, sorted, begin and end; how many there are in all."""
    n, low, total = key.shape[0], 0, 0
    for number in range(wanted.shape[0]):
        high, step = low, 1
        while high < n and key[high] < wanted[number]:
            low, high, step = high + 1, high + step, 2 * step
        high = min(high, n)
        while low < high:
            middle = (low + high) // 2
            if key[middle] < wanted[number]:
                low = middle + 1
            else:
                high = middle
        begins[number] = low
        while low < n and key[low] == wanted[number]:
            low += 1
        ends[number] = low
        total += low - begins[number]
    return total


@kernel
def _fill(
    layers: tuple[Rows, Rows, Rows],
    spans: tuple[Places, Places],
    standing: Standing,
    out: tuple[Blocks, Rows],
) -> int:
    """Put the entries of each block together, those that stand in it before or now; count both (k, 2)."""
    blocks, sizes = out
    written = 0
    for block in range(sizes.shape[0]):
        blocks.begins[block] = written
        before, now = 0, 0
        for layer in range(3):
            for place in range(spans[0][layer, block], spans[1][layer, block]):
                slot = layers[layer][place]
                if standing[slot] != 0:
                    before += standing[slot] & BEFORE
                    now += (standing[slot] & NOW) >> 1
                    blocks.slot[written] = slot
                    written += 1
        sizes[block, 0], sizes[block, 1] = before, now
    blocks.begins[sizes.shape[0]] = written
    return written


@kernel
def _limit(
    found: tuple[Blocks, Rows], wanted: Hashes, limit: Limit, looking: tuple[Standing, Flags], changes: Places
) -> None:
    """See which blocks are left out, and how many keys, records and outgrown keys more than before."""
    blocks, sizes = found
    standing, crossed = looking
    known = 0
    for block in range(wanted.shape[0]):
        while known < limit.known.shape[0] and limit.known[known] < wanted[block]:
            known += 1
        in_model = known < limit.known.shape[0] and limit.known[known] == wanted[block]
        before, now = sizes[block, 0], sizes[block, 1]
        blocks.is_open[block] = 0
        if not in_model:
            blocks.is_open[block] = (BEFORE if before <= limit.cap else 0) | (NOW if now <= limit.cap else 0)
            if (before > limit.cap) != (now > limit.cap):
                for place in range(blocks.begins[block], blocks.begins[block + 1]):
                    if standing[blocks.slot[place]] & NOW:
                        crossed[blocks.slot[place]] = True
        for size, sign in ((before, -1), (now, 1)):
            if size > 0 and (in_model or size > limit.cap):
                changes[0] += sign
                changes[1] += sign * size
                changes[2] += 0 if in_model else sign


def look_up(layers: Layered, wanted: Hashes, limit: Limit, looking: Looking) -> tuple[Blocks, LeftOut]:
    """The blocks with some keys.

    Args:
        layers: Entries of the base, those added since, and those entering.
        wanted: uint64 (k,): the keys, ascending, each once.
        limit: Which blocks are left out.
        looking: What is said of the records; `crossed` is added to.

    Returns:
        The blocks, and how much more of them is left out than before.
    """
    begins, ends = np.empty((3, len(wanted)), np.int64), np.empty((3, len(wanted)), np.int64)
    most = sum(_find(entries.key, wanted, begins[n], ends[n]) for n, entries in enumerate(layers))
    blocks = Blocks(
        np.empty(len(wanted) + 1, np.int64), np.empty(most, np.int32), np.empty(len(wanted), np.uint8)
    )
    rows = layers[0].row, layers[1].row, layers[2].row
    sizes = np.empty((len(wanted), 2), np.int32)
    written = _fill(rows, (begins, ends), looking.standing, (blocks, sizes))
    blocks = blocks._replace(slot=blocks.slot[:written])
    changes = np.zeros(3, np.int64)
    _limit((blocks, sizes), wanted, limit, (looking.standing, looking.crossed), changes)
    return blocks, LeftOut(*changes.tolist())
