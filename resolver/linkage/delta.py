"""What a delivery touches: which records are new, gone, or to be compared afresh, and the candidate pairs of these.

A pair of which neither record changed keeps what was found of it, with two exceptions. A block that crosses the limit
on its size takes its pairs with it or brings them, so its records are compared afresh; and a record whose description
comes to be repeated often leaves its blocks, or comes back to them.
"""

from collections.abc import Sequence
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
from resolver.linkage.runs import numbered, places_among
from resolver.linkage.scoring import Scored
from resolver.linkage.slots import Flags, Moved, Rows, Slots
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
    whole, left_out = search.run()
    dirty_before = (standing == BEFORE) | (crossed & (standing & BEFORE != 0))
    dirty_now = (standing == NOW) | crossed
    times = (
        At(BEFORE, standing, dirty_before, moved.before.row),
        At(NOW, standing, dirty_now, moved.now.row),
    )
    before, now = on_all_cores(lambda at: Meetings.of(whole, at), times)
    n_dropped, pairs = before.n_pairs(), now.pairs()
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
        enter, leave = (np.flatnonzero(looking.standing == when).astype(np.int32) for when in (NOW, BEFORE))
        self._changed = np.concatenate([enter, leave])
        self._keys = compared.keys(self._changed)
        late = np.flatnonzero(~self._listed_in_base(enter))
        self._entering = entries_of(self._keys[:, late], enter[late])

    def run(self) -> tuple[Together, tuple[LeftOut, ...]]:
        """The blocks of all rules, and how much more is left out."""
        wanted, blocks = zip(*on_all_cores(_numbered, self._keys), strict=True)
        found = self._look_up(wanted)
        parts, left_out = [part for part, _ in found], tuple(more for _, more in found)
        block, known = _moved(blocks, _firsts(wanted, 0)), self._changed
        stays = self._looking.standing == BEFORE | NOW
        crossed = np.flatnonzero(self._looking.crossed & stays).astype(np.int32)
        if len(crossed):
            keys = self._compared.keys(crossed)
            more = [
                np.setdiff1d(each_key(column), there, assume_unique=True)
                for column, there in zip(keys, wanted, strict=True)
            ]
            parts += [part for part, _ in self._look_up(more)]
            sides = (wanted, 0), (more, sum(map(len, wanted)))
            one, other = (
                _moved([*map(places_among, side, keys)], _firsts(side, start)) for side, start in sides
            )
            known = np.concatenate([known, crossed])
            block = np.concatenate([block, np.maximum(one, other)], axis=1)
        return Together.of(parts, known, np.ascontiguousarray(block.T)), left_out

    def added_now(self) -> tuple[Entries, ...]:
        """Entries that the base does not have, now."""
        there = self._looking.standing & NOW != 0
        both = zip(self._state.since.keys.blocks, self._entering, strict=True)
        return tuple(on_all_cores(lambda rule: merge(rule[0].of_rows(there), rule[1]), both))

    def _look_up(self, wanted: Sequence[Hashes]) -> list[tuple[Blocks, LeftOut]]:
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


def _numbered(keys: Hashes) -> tuple[Hashes, Rows]:
    """Every key but 0 once, ascending, and the place (m,) of each key among these; -1 for 0."""
    each, places = numbered(keys)
    none = int(len(each) > 0 and each[0] == 0)
    return each[none:], places - np.int32(none)


def _firsts(wanted: Sequence[Hashes], start: int) -> Rows:
    """The number of each rule's first block (rules, 1), given that of the first rule's."""
    sizes = [len(keys) for keys in wanted]
    return (start + np.cumsum([0, *sizes[:-1]]))[:, None].astype(np.int32)


def _moved(places: Sequence[Rows], first: Rows) -> Rows:
    """Blocks (rules, k) numbered through all rules; -1 = none."""
    of_rule = np.stack(places)
    return np.where(of_rule < 0, np.int32(-1), of_rule + first)
