"""What a delivery touches: which records are new, gone, or to be compared afresh, and the candidate pairs of these.

A pair of which neither record changed keeps what was found of it, with two exceptions. A block that crosses the limit
on its size takes its pairs with it or brings them, so its records are compared afresh; and a record whose description
comes to be repeated often leaves its blocks, or comes back to them.
"""

from dataclasses import dataclass

import numpy as np

from resolver.linkage.columns import Columns
from resolver.linkage.compared import Compared
from resolver.linkage.cores import on_all_cores
from resolver.linkage.delivered import Delivered
from resolver.linkage.descriptions import Repeats
from resolver.linkage.entries import Entries, LeftOut, Limit, each_key, entries_of, merge
from resolver.linkage.hashing import Hashes
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.layers import Layers, both
from resolver.linkage.model import Model
from resolver.linkage.repeated import find_repeats
from resolver.linkage.scoring import Scored
from resolver.linkage.slots import Flags, Moved, Slots
from resolver.linkage.state import Sorted, State
from resolver.linkage.touched_blocks import BEFORE, NOW, Blocks, Looking, Standing, look_up
from resolver.linkage.touched_pairs import At, Meetings, Together


@dataclass(frozen=True, eq=False)
class Delta:
    """What is different from the run before, by slot.

    Attributes:
        moved: Who came and who went.
        added: Records that the base does not have.
        repeats: Records with descriptions that are repeated often, now.
        keys: Entries that the base does not have.
        standing: uint8 (s,): who stands in blocks, before and now.
        dirty_before: bool (s,): records whose candidate pairs no longer hold.
        n_dropped: How many candidate pairs these had.
        candidates: Candidate pairs that take their place, scored; not sorted.
        left_out: How much more is left out than before, per rule.
    """

    moved: Moved
    added: Columns
    repeats: Repeats
    keys: Sorted
    standing: Standing
    dirty_before: Flags
    n_dropped: int
    candidates: Scored
    left_out: tuple[LeftOut, ...]


def find_delta(
    moved: Moved, delivered: Delivered, state: State, judged: JudgedPairs, model: Model
) -> tuple[Delta, Compared]:
    """Find what a run must look at.

    Args:
        moved: Who came and who went.
        delivered: The records.
        state: What the run before left.
        judged: Judged pairs, as slots.
        model: The model version that the run before used too.

    Returns:
        What is different, and all records to be compared.

    Raises:
        LinkageError: A column is missing.
    """
    new = delivered.columns(moved.now.row[moved.new])
    added = both(state.since.columns, new)
    compared = Compared(Layers(state.base.columns, added), model)
    repeats, descriptions = find_repeats(moved, new, state, judged, compared)
    standing = _standing(moved, state.known.repeats, repeats)
    crossed = np.zeros(len(standing), np.bool_)
    limits = limits_of(model)
    search = _Search(compared, state, limits, Looking(standing, crossed))
    blocks, left_out = search.run()
    dirty_before = (standing == BEFORE) | (crossed & (standing & BEFORE != 0))
    dirty_now = (standing == NOW) | crossed
    times = (
        At(BEFORE, standing, dirty_before, moved.before.row),
        At(NOW, standing, dirty_now, moved.now.row),
    )
    whole = Together.of(blocks)
    before, now = on_all_cores(lambda at: Meetings.of(whole, at), times)
    n_dropped, pairs = before.count(), now.pairs()
    candidates = compared.score(pairs.left, pairs.right, pairs.rule)
    keys = Sorted(descriptions, search.added_now())
    delta = Delta(moved, added, repeats, keys, standing, dirty_before, n_dropped, candidates, left_out)
    return delta, compared


def limits_of(model: Model) -> tuple[Limit, ...]:
    """Which blocks a model leaves out, per rule."""
    return tuple(Limit(model.settings.blocking.hard_cap, known) for known in model.oversized)


def _standing(moved: Moved, before: Repeats, now: Repeats) -> Standing:
    """Who stands in blocks: who is there, unless another record with the same description stands for it."""
    had, has = moved.was_there.copy(), moved.now.there.copy()
    had[before.row[before.held]] = has[now.row[now.held]] = False
    return had * np.uint8(BEFORE) | has * np.uint8(NOW)


class _Search:
    """Looks up the blocks of records that enter blocks or leave them, and of those in blocks that cross the limit."""

    def __init__(self, compared: Compared, state: State, limits: tuple[Limit, ...], looking: Looking) -> None:
        self._compared = compared
        self._state = state
        self._limits = limits
        self._looking = looking
        enter = np.flatnonzero(looking.standing == NOW).astype(np.int32)
        self._enter_keys = compared.keys(enter)
        listed = self._listed_in_base(enter)
        self._entering = entries_of(self._enter_keys[:, ~listed], enter[~listed])

    def run(self) -> tuple[list[list[Blocks]], tuple[LeftOut, ...]]:
        """The blocks of each rule, and how much more is left out."""
        leave = np.flatnonzero(self._looking.standing == BEFORE).astype(np.int32)
        keys = np.concatenate([self._enter_keys, self._compared.keys(leave)], axis=1)
        wanted = on_all_cores(each_key, keys)
        found = self._look_up(wanted)
        blocks = [[part] for part, _ in found]
        crossed = np.flatnonzero(self._looking.crossed).astype(np.int32)
        if len(crossed):
            more = [
                np.setdiff1d(each_key(column), known, assume_unique=True)
                for column, known in zip(self._compared.keys(crossed), wanted, strict=True)
            ]
            for parts, (part, _) in zip(blocks, self._look_up(more), strict=True):
                parts.append(part)
        return blocks, tuple(left_out for _, left_out in found)

    def added_now(self) -> tuple[Entries, ...]:
        """Entries that the base does not have, now."""
        there = self._looking.standing & NOW != 0
        both = zip(self._state.since.keys.blocks, self._entering, strict=True)
        return tuple(on_all_cores(lambda rule: merge(rule[0].of_rows(there), rule[1]), both))

    def _look_up(self, wanted: list[Hashes]) -> list[tuple[Blocks, LeftOut]]:
        base, added = self._state.base.keys.blocks, self._state.since.keys.blocks

        def one(rule: int) -> tuple[Blocks, LeftOut]:
            layers = base[rule], added[rule], self._entering[rule]
            return look_up(layers, wanted[rule], self._limits[rule], self._looking)

        return on_all_cores(one, range(len(wanted)))

    def _listed_in_base(self, slots: Slots) -> Flags:
        """Which of some slots (k,) have entries in the base: they only stood aside for a while."""
        base = self._state.base
        listed = np.zeros(len(self._looking.standing), np.bool_)
        listed[: len(base.columns)] = True
        listed[base.repeats.row[base.repeats.held]] = False
        return listed[slots]
