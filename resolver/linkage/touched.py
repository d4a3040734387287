"""Which groups of connected records a delivery touches, and what is known already of the pairs in them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.changes import Renumbering
from resolver.linkage.compared import Compared
from resolver.linkage.delta import Delta
from resolver.linkage.entries import Flags
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.model import Model
from resolver.linkage.patterns import new_memory, weigh
from resolver.linkage.scoring import Against, Scored
from resolver.linkage.state import State

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Touched:
    """Rows of groups to be looked at again. No pair that is kept, now or before, leads out of them.

    Attributes:
        before: bool (n before,): rows as numbered before, those that are gone among them.
        rows: int32 (k,): rows as numbered now, ascending.
        place: int32 (n,): where each row stands in `rows`; -1 = not touched.
    """

    before: Flags
    rows: Rows
    place: Rows

    def within(self, left: Rows, right: Rows) -> NDArray[np.intp]:
        """Which of some pairs of rows (m,), (m,) are touched at both ends."""
        return np.flatnonzero((self.place[left] >= 0) & (self.place[right] >= 0))

    def placed(self, scored: Scored) -> Scored:
        """Touched pairs with places for rows."""
        return Scored(
            self.place[scored.left], self.place[scored.right], scored.log_odds, scored.rule, scored.levels
        )


@dataclass(frozen=True)
class Known:
    """What the run before found of pairs of touched rows, and still holds; rows are places in `Touched.rows`.

    Attributes:
        kept: Candidate pairs that were kept, sorted.
        others: Pairs that no rule yielded and that were listed among those kept, sorted.
        not_kept: Pairs that were not, but lay within a group.
    """

    kept: Scored
    others: Scored
    not_kept: Against


def find_touched(compared: Compared, state: State, delta: Delta, judged: JudgedPairs, keep: float) -> Touched:
    """Find the groups that a delivery, or a judgement made or undone, touches.

    Args:
        compared: The records.
        state: What the run before left.
        delta: What is different.
        judged: Judged pairs now.
        keep: Natural log-odds from which a pair connects.
    """
    n, renumbered = len(compared), delta.moved.renumbered
    now = np.zeros(n, np.bool_)
    connects = delta.candidates.log_odds >= keep
    now[delta.candidates.left[connects]] = now[delta.candidates.right[connects]] = True
    now[_judged_otherwise(compared, state, judged)] = True
    _mark_repeats(now, state, delta)
    now[delta.moved.new] = True
    staying = renumbered >= 0
    before = delta.dirty_before | ~staying
    before[staying] |= now[renumbered[staying]]
    groups = np.zeros(len(before), np.bool_)
    groups[state.group[before]] = True
    before = groups[state.group]
    now[renumbered[before & staying]] = True
    place = np.where(now, np.cumsum(now, dtype=np.int32) - np.int32(1), np.int32(-1))
    return Touched(before, np.flatnonzero(now).astype(np.int32), place)


def _judged_otherwise(compared: Compared, state: State, judged: JudgedPairs) -> Rows:
    """Rows, as numbered now, of pairs on which there is a judgement now or was one before, but not both."""
    keys = compared.record_key
    changed = [np.zeros(0, np.int64)]
    for before, rows in ((state.same, judged.same), (state.different, judged.different)):
        whole = np.concatenate([np.unique(before, axis=0), np.unique(keys[rows], axis=0)])
        pairs, times = np.unique(whole, axis=0, return_counts=True)
        changed.append(pairs[times == 1].ravel())
    return np.flatnonzero(np.isin(keys, np.concatenate(changed))).astype(np.int32)


def _mark_repeats(now: Flags, state: State, delta: Delta) -> None:
    """Mark rows for which another row, or none, stands since the run before, and the rows that stand for them."""
    renumbered = delta.moved.renumbered
    before = np.arange(len(now), dtype=np.int32)
    held = state.repeats.held & (renumbered[state.repeats.row] >= 0)
    before[renumbered[state.repeats.row[held]]] = renumbered[state.repeats.first[held]]
    first = delta.repeats.firsts(len(now))
    changed = before != first
    now[changed] = True
    now[first[changed]] = True


def known_pairs(state: State, delta: Delta, touched: Touched, model: Model) -> Known:
    """What still holds of the pairs of touched rows."""
    place = _places(delta.moved, touched)
    chosen = np.flatnonzero(touched.before[state.left])
    left, right = state.left[chosen], state.right[chosen]
    rule = state.pairs["blocking_rule"][chosen]
    there = (place[left] >= 0) & (place[right] >= 0)
    clean = there & (rule >= 0) & ~delta.dirty_before[left] & ~delta.dirty_before[right]
    other = there & (rule < 0)
    scored = _scored(state, chosen, place, model)
    against = state.against.take(touched.before[state.against.left])
    against = Against(place[against.left], place[against.right], against.log_odds)
    return Known(
        scored.take(np.flatnonzero(clean)),
        scored.take(np.flatnonzero(other)),
        against.take((against.left >= 0) & (against.right >= 0)),
    )


def _places(moved: Renumbering, touched: Touched) -> Rows:
    """Place (n before,) of each row as numbered before; -1 where it is gone or not touched."""
    places = np.full(len(moved.renumbered), -1, np.int32)
    staying = moved.renumbered >= 0
    places[staying] = touched.place[moved.renumbered[staying]]
    return places


def _scored(state: State, chosen: NDArray[np.intp], place: Rows, model: Model) -> Scored:
    """Some of the pairs kept, weighed again by their levels, which gives their log-odds to the last bit."""
    names = [f"level_{comparison.key}" for comparison in model.settings.comparisons]
    levels = np.empty((len(chosen), len(names)), np.uint8)
    for column, name in enumerate(names):
        levels[:, column] = state.pairs[name][chosen]
    return Scored(
        place[state.left[chosen]],
        place[state.right[chosen]],
        weigh(levels, model.mixture, new_memory()),
        state.pairs["blocking_rule"][chosen],
        levels,
    )
