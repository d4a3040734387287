"""Which groups of connected records a delivery touches, and what is known already of the pairs in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.delta import Delta
from resolver.linkage.descriptions import Repeats
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.model import Model
from resolver.linkage.patches import Flags, Places
from resolver.linkage.scoring import Scored
from resolver.linkage.slots import Slots
from resolver.linkage.state import PairChanges, Pairs, State
from resolver.linkage.two_numbers import kept_of_persons

Rows = NDArray[np.int32]
_AT_ONCE = 1 << 15
"""Rows that stay in the nearest cache while they are filled column by column."""


@dataclass(frozen=True, eq=False)
class Touched:
    """Records of groups to be looked at again. No pair that is kept, now or before, leads out of them.

    Attributes:
        before: bool (s,): slots of those that were there before, those that are gone among them.
        slots: int32 (k,): slots of those that are there, by record key.
        place: int32 (s,): where each slot stands in `slots`; -1 = not touched.
        group: int32 (s,): a slot that stands for the group of each slot before; new ones for themselves.
    """

    before: Flags
    slots: Slots
    place: Rows
    group: Slots

    def inside(self, scored: Scored) -> Scored:
        """Those of some pairs of slots that are touched at both ends, with places for slots."""
        n = len(scored)
        left, right, number = (np.empty(n, np.int32) for _ in range(3))
        n = _inside((scored.left, scored.right), self.place, (left, right, number))
        number = number[:n]
        columns: list[NDArray[Any]] = [scored.log_odds, scored.rule, scored.levels]
        return Scored(left[:n], right[:n], *on_all_cores(lambda column: column.take(number, axis=0), columns))


@kernel
def _inside(pairs: tuple[Slots, Slots], place: Rows, out: tuple[Rows, Rows, Rows]) -> int:
    """List the pairs of which both slots have a place: these, and which pair it is."""
    found = 0
    for pair in range(pairs[0].shape[0]):
        left, right = place[pairs[0][pair]], place[pairs[1][pair]]
        if left >= 0 and right >= 0:
            out[0][found], out[1][found], out[2][found] = left, right, pair
            found += 1
    return found


@dataclass(frozen=True, eq=False)
class Renewed:
    """Pairs of touched records that are found anew, and the others.

    Attributes:
        base: int64 (d,), ascending: places in the base of those that were not dropped before.
        added: bool (a,): which of those added since.
        pairs: All of these as they were, with some of the columns.
    """

    base: Places
    added: Flags
    pairs: Pairs

    @classmethod
    def of(
        cls,
        base: Pairs,
        changes: PairChanges,
        before: Flags,
        names: Sequence[str],
        levels: Sequence[str] = (),
    ) -> "Renewed":
        """Pairs whose left record is touched, and so the right one.

        Args:
            base: Pairs of the base.
            changes: What is different from these.
            before: bool (s,): touched slots.
            names: The columns to take.
            levels: Columns to take side by side as one, `levels`, uint8 (m, as many).
        """
        places = np.empty(len(base), np.int64)
        places = places[: _touched_places(base.left, changes.patch.dropped, before, places)]
        added = before[changes.added.left]

        def column(old: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
            return np.concatenate([old.take(places), new[added]])

        of_base, since = base.columns, changes.added.columns
        pairs = [(base.left, changes.added.left), (base.right, changes.added.right)]
        pairs += [(of_base[name], since[name]) for name in names]
        left, right, *columns = on_all_cores(lambda both: column(*both), pairs)
        found = dict(zip(names, columns, strict=True))
        if levels:
            sides = [(of_base[name], since[name]) for name in levels]
            found["levels"] = _side_by_side(sides, places, np.flatnonzero(added))
        return cls(places, added, Pairs(left, right, found))


def _side_by_side(
    columns: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]], places: Places, added: Places
) -> NDArray[np.uint8]:
    """Some values of columns as they were, and behind them some that came, in rows (m, columns)."""
    out = np.empty((len(places) + len(added), len(columns)), np.uint8)

    def part(start: int) -> None:
        some = places[start : start + _AT_ONCE]
        for number, (column, _) in enumerate(columns):
            out[start : start + len(some), number] = column.take(some)

    on_all_cores(part, range(0, len(places), _AT_ONCE))
    for number, (_, column) in enumerate(columns):
        out[len(places) :, number] = column.take(added)
    return out


@kernel
def _touched_places(left: Slots, dropped: Places, before: Flags, out: Places) -> int:
    """List the places of pairs whose left record is touched and that are not dropped."""
    found, drop = 0, 0
    for place in range(left.shape[0]):
        if drop < dropped.shape[0] and dropped[drop] == place:
            drop += 1
        elif before[left[place]]:
            out[found] = place
            found += 1
    return found


@dataclass(frozen=True, eq=False)
class Known:
    """What the run before found of pairs of touched records, by the rows that these have now in `Touched.slots`.

    Attributes:
        pairs: What they were.
        left: int32 (m,): rows; -1 = the record is gone.
        right: int32 (m,).
    """

    pairs: Pairs
    left: Rows
    right: Rows

    @classmethod
    def of(cls, pairs: Pairs, touched: Touched) -> "Known":
        """By rows."""
        left, right = on_all_cores(touched.place.take, (pairs.left, pairs.right))
        return cls(pairs, left, right)

    def hold(self, delta: Delta) -> Flags:
        """Which of them (m,), all of them kept, are candidates as before."""
        out = np.empty(len(self.left), np.bool_)
        pairs = self.pairs
        ends = pairs.left, pairs.right, self.left, self.right
        _hold(ends, pairs.columns["blocking_rule"], delta.dirty_before, out)
        return out


@kernel
def _hold(ends: tuple[Slots, Slots, Rows, Rows], rule: NDArray[np.int16], dirty: Flags, out: Flags) -> None:
    for pair in range(out.shape[0]):
        there = min(ends[2][pair], ends[3][pair]) >= 0 and rule[pair] >= 0
        out[pair] = there and not dirty[ends[0][pair]] and not dirty[ends[1][pair]]


def level_names(model: Model) -> list[str]:
    """Columns of pairs kept that hold their levels."""
    return [f"level_{comparison.key}" for comparison in model.settings.comparisons]


def find_touched(state: State, delta: Delta, judged: JudgedPairs, keep: float) -> Touched:
    """Find the groups that a delivery, or a judgement made or undone, touches.

    Args:
        state: What the run before left.
        delta: What is different.
        judged: Judged pairs now, as slots.
        keep: Natural log-odds from which a pair connects, whatever it says.
    """
    moved = delta.moved
    now = np.zeros(len(moved.now.row), np.bool_)
    connects = kept_of_persons(keep)(delta.candidates)
    now[delta.candidates.left[connects]] = now[delta.candidates.right[connects]] = True
    now[_judged_otherwise(state, delta, judged)] = True
    _mark_repeats(now, state.known.repeats, delta)
    now[moved.new] = True
    before = delta.dirty_before.copy()
    before[moved.gone] = True
    before |= now & moved.was_there
    group = np.append(state.groups(), moved.new)
    groups = np.zeros(len(group), np.bool_)
    groups[group[before]] = True
    before = groups[group] & moved.was_there
    now |= before & moved.now.there
    slots = moved.now.in_order(np.flatnonzero(now).astype(np.int32))
    place = np.full(len(now), -1, np.int32)
    place[slots] = np.arange(len(slots), dtype=np.int32)
    return Touched(before, slots, place, group)


def _judged_otherwise(state: State, delta: Delta, judged: JudgedPairs) -> Slots:
    """Slots of pairs on which there is a judgement now or was one before, but not both."""
    now = delta.moved.now
    changed = [np.zeros(0, np.int64)]
    for before, slots in ((state.known.same, judged.same), (state.known.different, judged.different)):
        whole = np.concatenate([np.unique(before, axis=0), np.unique(now.record_key[now.row[slots]], axis=0)])
        pairs, times = np.unique(whole, axis=0, return_counts=True)
        changed.append(pairs[times == 1].ravel())
    return now.slots_of(np.concatenate(changed))


def _mark_repeats(now: Flags, before: Repeats, delta: Delta) -> None:
    """Mark records for which another one, or none, stands since the run before, and those that stand for them."""
    stood, stands = _standing_for(before), _standing_for(delta.repeats)
    changed = np.setxor1d(stood, stands, assume_unique=True) >> 32
    changed = changed[delta.moved.now.there[changed]]
    now[changed] = True
    row, first = stands >> 32, stands & 0xFFFFFFFF
    now[first[np.isin(row, changed)]] = True


def _standing_for(repeats: Repeats) -> NDArray[np.int64]:
    return repeats.row[repeats.held].astype(np.int64) << 32 | repeats.first[repeats.held]
