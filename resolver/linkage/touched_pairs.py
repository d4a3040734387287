"""Candidate pairs of the records that a delivery touches, from the blocks in which these stand.

A record meets most of the others in many blocks. So the blocks are gone through record by record, those of the first
rule first, and who was met is remembered: nothing has to be sorted to see each pair once, by its first rule.
"""

from collections.abc import Sequence
from itertools import pairwise
from os import cpu_count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.entries import Candidates
from resolver.linkage.prefetching import prefetch
from resolver.linkage.slots import Flags, Rows, Slots
from resolver.linkage.touched_blocks import Blocks, Places, Standing

Rules = NDArray[np.int16]
_STANDS, _DIRTY, _MET = np.uint8(1), np.uint8(2), np.uint8(4)


class At(NamedTuple):
    """A time, before or now.

    Attributes:
        when: `BEFORE` or `NOW`.
        standing: uint8 (s,): bits of each slot.
        dirty: bool (s,): slots that stand at the time, all of whose blocks are known.
        row: int32: of each slot that stands at the time.
    """

    when: int
    standing: Standing
    dirty: Flags
    row: Rows


class Together(NamedTuple):
    """The blocks of all rules, and in which of them the records stand whose blocks are all known.

    Attributes:
        begins: int64 (k + 1,): where each block begins in `slot`.
        slot: int32 (m,): records that stand in it, or do at another time.
        is_open: uint8 (k,): bits `BEFORE` and `NOW`.
        known: int32 (d,): the slots whose blocks are all known.
        block: int32 (d, rules): the block of each of these under each rule; -1 = it has no key.
    """

    begins: Places
    slot: Slots
    is_open: Standing
    known: Slots
    block: Rows

    @classmethod
    def of(cls, parts: Sequence[Blocks], known: Slots, block: Rows) -> "Together":
        """From blocks one behind the other, as they are numbered in `block`."""
        begins = np.append(0, np.cumsum(np.concatenate([np.diff(blocks.begins) for blocks in parts])))
        slot = np.concatenate([blocks.slot for blocks in parts])
        is_open = np.concatenate([blocks.is_open for blocks in parts])
        return cls(begins, slot, is_open, known, block)


class Meetings(NamedTuple):
    """Dirty records at a time, and the blocks in which each of them stands.

    Attributes:
        blocks: All blocks.
        when: Bit of `Together.is_open`.
        dirty: int32 (d,): the dirty slots.
        block: int32 (d, rules): the blocks of each of these; -1 = none.
        marks: uint8 (s,): bits of each slot: whether it stands in its blocks, and whether it is dirty.
        row: int32: of each slot that stands.
    """

    blocks: Together
    when: int
    dirty: Slots
    block: Rows
    marks: Standing
    row: Rows

    @classmethod
    def of(cls, blocks: Together, at: At) -> "Meetings":
        """At a time."""
        marks = (at.standing & np.uint8(at.when) != 0) * _STANDS | at.dirty * _DIRTY
        chosen = np.flatnonzero(at.dirty[blocks.known])
        return cls(blocks, at.when, blocks.known[chosen], blocks.block[chosen], marks, at.row)

    def pairs(self) -> Candidates:
        """Candidate pairs of which at least one record is dirty, those of one dirty record one behind the other.

        Returns:
            Slots, that of the smaller row left; not sorted.
        """

        def some(span: tuple[int, int]) -> tuple[Slots, Rules]:
            most = _most(self, *span)
            pairs, claimed = np.empty((2, most), np.int32), np.empty(most, np.int16)
            found = _meet(self, span, *self._room(), (pairs, claimed))
            return pairs[:, :found], claimed[:found]

        parts = on_all_cores(some, self._spans())
        pairs = np.concatenate([part for part, _ in parts], axis=1)
        return Candidates(pairs[0], pairs[1], np.concatenate([claimed for _, claimed in parts]))

    def n_pairs(self) -> int:
        """How many pairs `pairs` would give."""
        nothing = np.zeros((2, 0), np.int32), np.zeros(0, np.int16)
        return sum(on_all_cores(lambda span: _meet(self, span, *self._room(), nothing), self._spans()))

    def _spans(self) -> list[tuple[int, int]]:
        """All dirty records in a few parts, for each core some."""
        parts = 2 * (cpu_count() or 1)
        return list(pairwise(len(self.dirty) * number // parts for number in range(parts + 1)))

    def _room(self) -> tuple[Standing, Slots]:
        """What `_meet` writes to: marks, and who was met."""
        return self.marks.copy(), np.empty(len(self.marks), np.int32)


@kernel
def _most(meetings: Meetings, start: int, stop: int) -> int:
    """Some dirty records have no more pairs than that."""
    most = 0
    for number in range(start, stop):
        for rule in range(meetings.block.shape[1]):
            block = meetings.block[number, rule]
            if block >= 0 and meetings.blocks.is_open[block] & meetings.when:
                most += meetings.blocks.begins[block + 1] - meetings.blocks.begins[block]
    return most


@kernel
def _ask_for(meetings: Meetings, number: int) -> None:
    """Prefetch the blocks of the dirty record after the next, and who stands in those of the next."""
    blocks, block = meetings.blocks, meetings.block
    if number + 2 < block.shape[0]:
        for rule in range(block.shape[1]):
            prefetch(blocks.begins, max(block[number + 2, rule], 0))
            prefetch(blocks.is_open, max(block[number + 2, rule], 0))
    if number + 1 < block.shape[0]:
        for rule in range(block.shape[1]):
            prefetch(blocks.slot, blocks.begins[max(block[number + 1, rule], 0)])


@kernel
def _meet(
    meetings: Meetings, span: tuple[int, int], marks: Standing, met: Slots, out: tuple[Slots, Rules]
) -> int:
    """Let some dirty records meet others; write each pair and its rule if there is room for any.

    Who was met is marked, with everything else that is asked of a record in the same byte, and listed in `met` (s,)
    to take the marks away again.

    Returns:
        How many pairs there are.
    """
    blocks, row = meetings.blocks, meetings.row
    pairs, rules = out
    found = 0
    for number in range(span[0], span[1]):
        _ask_for(meetings, number)
        slot, listed = meetings.dirty[number], 0
        marks[slot] |= _MET
        for rule in range(meetings.block.shape[1]):
            block = meetings.block[number, rule]
            if block < 0 or not blocks.is_open[block] & meetings.when:
                continue
            for member in range(blocks.begins[block], blocks.begins[block + 1]):
                other = blocks.slot[member]
                mark = marks[other]
                if mark & (_STANDS | _MET) != _STANDS:
                    continue
                marks[other] = mark | _MET
                met[listed] = other
                listed += 1
                behind = row[other] < row[slot]
                if mark & _DIRTY and behind:  # it meets this one
                    continue
                if rules.shape[0] > 0:
                    pairs[0, found], pairs[1, found] = (other, slot) if behind else (slot, other)
                    rules[found] = rule
                found += 1
        marks[slot] &= ~_MET
        for place in range(listed):
            marks[met[place]] &= ~_MET
    return found
