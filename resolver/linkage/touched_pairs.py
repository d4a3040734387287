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
    """The blocks of all rules, those of the first rule first.

    Attributes:
        begins: int64 (k + 1,): where each block begins in `slot`.
        slot: int32 (m,): records that stand in it, or do at another time.
        is_open: uint8 (k,): bits `BEFORE` and `NOW`.
        rule: int16 (k,).
    """

    begins: Places
    slot: Slots
    is_open: Standing
    rule: Rules

    @classmethod
    def of(cls, rules: Sequence[Sequence[Blocks]]) -> "Together":
        """From the blocks of each rule, in the order in which rules claim pairs."""
        parts = [blocks for rule in rules for blocks in rule]
        begins = np.append(0, np.cumsum(np.concatenate([np.diff(blocks.begins) for blocks in parts])))
        sizes = [sum(len(blocks.is_open) for blocks in rule) for rule in rules]
        return cls(
            begins,
            np.concatenate([blocks.slot for blocks in parts]),
            np.concatenate([blocks.is_open for blocks in parts]),
            np.repeat(np.arange(len(rules), dtype=np.int16), sizes),
        )


class Meetings(NamedTuple):
    """Dirty records at a time, and the open blocks in which each of them stands.

    Attributes:
        blocks: All blocks.
        dirty: int32 (d,), ascending: the dirty slots.
        first: int64 (d + 1,): where the blocks of each of these begin in `block`.
        block: int32 (t,).
        marks: uint8 (s,): bits of each slot: whether it stands in its blocks, and whether it is dirty.
        row: int32: of each slot that stands.
    """

    blocks: Together
    dirty: Slots
    first: Places
    block: Rows
    marks: Standing
    row: Rows

    @classmethod
    def of(cls, blocks: Together, at: At) -> "Meetings":
        """At a time."""
        marks = (at.standing & np.uint8(at.when) != 0) * _STANDS | at.dirty * _DIRTY
        is_open = blocks.is_open & np.uint8(at.when) != 0
        dirty = np.flatnonzero(at.dirty).astype(np.int32)
        number = np.empty(len(marks), np.int32)
        number[dirty] = np.arange(len(dirty), dtype=np.int32)
        first = np.zeros(len(dirty) + 1, np.int64)
        _count_blocks(blocks, is_open, marks, number, first[1:])
        np.cumsum(first, out=first)
        block = np.empty(first[-1], np.int32)
        _list_blocks(blocks, is_open, (marks, number), first[:-1].copy(), block)
        return cls(blocks, dirty, first, block, marks, at.row)

    def pairs(self) -> Candidates:
        """Candidate pairs of which at least one record is dirty, those of one dirty record one behind the other.

        Returns:
            Slots, that of the smaller row left; not sorted.
        """

        def some(span: tuple[int, int]) -> tuple[Slots, Rules]:
            most = self._most(*span)
            pairs, claimed = np.empty((2, most), np.int32), np.empty(most, np.int16)
            found = _meet(self, span, *self._room(), (pairs, claimed))
            return pairs[:, :found], claimed[:found]

        parts = on_all_cores(some, self._spans())
        pairs = np.concatenate([part for part, _ in parts], axis=1)
        return Candidates(pairs[0], pairs[1], np.concatenate([claimed for _, claimed in parts]))

    def count(self) -> int:
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

    def _most(self, start: int, stop: int) -> int:
        """Some dirty records have no more pairs than that."""
        block, begins = self.block[self.first[start] : self.first[stop]], self.blocks.begins
        return int((begins[block + 1] - begins[block]).sum())


@kernel
def _count_blocks(blocks: Together, is_open: Flags, marks: Standing, number: Rows, counts: Places) -> None:
    for block in range(is_open.shape[0]):
        if is_open[block]:
            for place in range(blocks.begins[block], blocks.begins[block + 1]):
                if marks[blocks.slot[place]] & _DIRTY:
                    counts[number[blocks.slot[place]]] += 1


@kernel
def _list_blocks(
    blocks: Together, is_open: Flags, slots: tuple[Standing, Rows], after: Places, out: Rows
) -> None:
    marks, number = slots
    for block in range(is_open.shape[0]):
        if is_open[block]:
            for place in range(blocks.begins[block], blocks.begins[block + 1]):
                if marks[blocks.slot[place]] & _DIRTY:
                    mine = number[blocks.slot[place]]
                    out[after[mine]] = block
                    after[mine] += 1


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
        slot, listed = meetings.dirty[number], 0
        marks[slot] |= _MET
        for place in range(meetings.first[number], meetings.first[number + 1]):
            block = meetings.block[place]
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
                    rules[found] = blocks.rule[block]
                found += 1
        marks[slot] &= ~_MET
        for place in range(listed):
            marks[met[place]] &= ~_MET
    return found
