"""Candidate pairs of the records that a delivery touches, from the blocks in which these stand.

A record meets most of the others in many blocks. So the blocks are gone through record by record, those of the first
rule first, and who was met is remembered: nothing has to be sorted to see each pair once, by its first rule.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from os import cpu_count
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.entries import Candidates
from resolver.linkage.slots import Flags, Rows, Slots
from resolver.linkage.touched_blocks import Blocks, Places, Standing

R = TypeVar("R")
Rules = NDArray[np.int16]


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


class _Listed(NamedTuple):
    """The blocks that are open at a time, and in which of them each dirty record stands.

    Attributes:
        begins: int64 (k + 1,): where each block begins in `slot`; the blocks of the first rule first.
        slot: int32 (m,): records that stand in it, or do at another time.
        rule: int16 (k,).
        dirty: int32 (d,), ascending: the dirty slots.
        first: int64 (d + 1,): where the blocks of each of these begin in `block`.
        block: int32 (t,).
    """

    begins: Places
    slot: Slots
    rule: Rules
    dirty: Slots
    first: Places
    block: Rows

    @classmethod
    def of(cls, rules: Sequence[Sequence[Blocks]], at: At) -> "_Listed":
        """From the blocks of each rule."""
        parts = [blocks for rule in rules for blocks in rule]
        begins = np.append(0, np.cumsum(np.concatenate([np.diff(blocks.begins) for blocks in parts])))
        slot = np.concatenate([blocks.slot for blocks in parts])
        is_open = np.concatenate([blocks.is_open for blocks in parts]) & np.uint8(at.when) != 0
        sizes = [sum(len(blocks.is_open) for blocks in rule) for rule in rules]
        dirty = np.flatnonzero(at.dirty).astype(np.int32)
        number = np.empty(len(at.dirty), np.int32)
        number[dirty] = np.arange(len(dirty), dtype=np.int32)
        first = np.zeros(len(dirty) + 1, np.int64)
        _count_blocks((begins, slot, is_open), at.dirty, number, first[1:])
        np.cumsum(first, out=first)
        block = np.empty(first[-1], np.int32)
        _list_blocks((begins, slot, is_open), at.dirty, number, (first[:-1].copy(), block))
        rule = np.repeat(np.arange(len(rules), dtype=np.int16), sizes)
        return cls(begins, slot, rule, dirty, first, block)

    def most(self, start: int, stop: int) -> int:
        """Some dirty records have no more pairs than that."""
        blocks = self.block[self.first[start] : self.first[stop]]
        return int((self.begins[blocks + 1] - self.begins[blocks]).sum())


@kernel
def _count_blocks(blocks: tuple[Places, Slots, Flags], dirty: Flags, number: Rows, counts: Places) -> None:
    begins, slot, is_open = blocks
    for block in range(is_open.shape[0]):
        if is_open[block]:
            for place in range(begins[block], begins[block + 1]):
                if dirty[slot[place]]:
                    counts[number[slot[place]]] += 1


@kernel
def _list_blocks(
    blocks: tuple[Places, Slots, Flags], dirty: Flags, number: Rows, lists: tuple[Places, Rows]
) -> None:
    begins, slot, is_open = blocks
    after, out = lists
    for block in range(is_open.shape[0]):
        if is_open[block]:
            for place in range(begins[block], begins[block + 1]):
                if dirty[slot[place]]:
                    mine = number[slot[place]]
                    out[after[mine]] = block
                    after[mine] += 1


@kernel
def _meet(listed: _Listed, span: tuple[int, int], at: At, met: Rows, out: tuple[Slots, Rules]) -> int:
    """Let some dirty records meet others; write each pair and its rule if there is room for any.

    Returns how many pairs there are. `met` (s,) begins with zeros.
    """
    pairs, rules = out
    found = 0
    for number in range(span[0], span[1]):
        slot = listed.dirty[number]
        met[slot] = number + 1
        for place in range(listed.first[number], listed.first[number + 1]):
            block = listed.block[place]
            for member in range(listed.begins[block], listed.begins[block + 1]):
                other = listed.slot[member]
                if met[other] == number + 1 or at.standing[other] & at.when == 0:
                    continue
                met[other] = number + 1
                behind = at.row[other] < at.row[slot]
                if at.dirty[other] and behind:  # it meets this one
                    continue
                if rules.shape[0] > 0:
                    pairs[0, found], pairs[1, found] = (other, slot) if behind else (slot, other)
                    rules[found] = listed.rule[block]
                found += 1
    return found


def pairs_of(rules: Sequence[Sequence[Blocks]], at: At) -> Candidates:
    """Candidate pairs of which at least one record is dirty, those of one dirty record one behind the other.

    Args:
        rules: Blocks of each rule, in the order in which rules claim pairs: all in which a dirty record stands.
        at: The time.

    Returns:
        Slots, that of the smaller row left; not sorted.
    """
    listed = _Listed.of(rules, at)

    def some(span: tuple[int, int]) -> tuple[Slots, Rules]:
        most = listed.most(*span)
        pairs, claimed = np.empty((2, most), np.int32), np.empty(most, np.int16)
        found = _meet(listed, span, at, np.zeros(len(at.standing), np.int32), (pairs, claimed))
        return pairs[:, :found], claimed[:found]

    parts = _in_spans(some, listed)
    pairs = np.concatenate([part for part, _ in parts], axis=1)
    return Candidates(pairs[0], pairs[1], np.concatenate([claimed for _, claimed in parts]))


def count_pairs(rules: Sequence[Sequence[Blocks]], at: At) -> int:
    """How many pairs `pairs_of` would give."""
    listed, nothing = _Listed.of(rules, at), (np.zeros((2, 0), np.int32), np.zeros(0, np.int16))
    return sum(
        _in_spans(lambda span: _meet(listed, span, at, np.zeros(len(at.standing), np.int32), nothing), listed)
    )


def _in_spans(job: Callable[[tuple[int, int]], R], listed: _Listed) -> list[R]:
    """Do the job for all dirty records, on every core for some."""
    workers = cpu_count() or 1
    cuts = [len(listed.dirty) * number // workers for number in range(workers + 1)]
    return on_all_cores(job, list(pairwise(cuts)))
