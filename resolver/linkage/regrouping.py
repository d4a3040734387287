"""Complete and cluster the groups of records that a delivery touches, from what is known of them and what is new."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import components
from resolver.linkage.compared import Compared
from resolver.linkage.completion import LARGEST, absent_pairs
from resolver.linkage.cores import on_all_cores
from resolver.linkage.delta import Delta, limits_of
from resolver.linkage.engine import Grouped, grouping, other_pairs
from resolver.linkage.entries import Candidates, all_pairs, each_key, entries_of, no_entries
from resolver.linkage.grouping import Numbered
from resolver.linkage.hashing import Hashes
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.runs import order_of_runs, places_among
from resolver.linkage.scoring import Against, Scored, contains, split
from resolver.linkage.slots import Flags
from resolver.linkage.sorting import pair_keys, wide_pair_keys
from resolver.linkage.state import Base, sorted_against
from resolver.linkage.touched import Known, Touched
from resolver.linkage.touched_blocks import NOW, Looking, look_up

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Regrouped:
    """What was found of the touched rows; rows are places in `Touched.slots`.

    Attributes:
        grouped: Pairs kept, and persons.
        against: Pairs not kept, sorted.
    """

    grouped: Grouped
    against: Against


@dataclass(frozen=True, eq=False)
class _Found:
    """Candidates kept, sorted, and the groups that they connect.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        component: int32 (k,): of each touched row.
    """

    left: Rows
    right: Rows
    component: Rows

    @classmethod
    def of(cls, n: int, one: Scored, other: Scored) -> "_Found":
        """From two results, each sorted, among n rows."""
        left, right = np.concatenate([one.left, other.left]), np.concatenate([one.right, other.right])
        order = order_of_runs(pair_keys(left, right))
        left, right = left[order], right[order]
        return cls(left, right, components(n, left, right))


class Regrouping:
    """Works on touched rows alone."""

    def __init__(self, compared: Compared, base: Base, delta: Delta, touched: Touched, known: Known) -> None:
        self._compared = compared
        self._base = base
        self._delta = delta
        self._touched = touched
        self._known = known
        self._keep = compared.model.settings.clustering.keep
        self._first = _firsts(delta, touched)
        self._afresh = (delta.standing == NOW) | delta.dirty_before

    def run(self, judged: JudgedPairs) -> Regrouped:
        """Find pairs and persons; judged pairs are those of all records, as slots."""
        kept, not_kept = self._candidates()
        found = _Found.of(len(self._touched.slots), self._known.kept, kept)
        more, against = self._completed(found, not_kept)
        judged = self._placed(judged)
        missing = other_pairs(found, judged, self._first)
        missing = missing[~contains(more, missing)]
        others = self._score(missing[:, 0].copy(), missing[:, 1].copy())
        scored = in_order([self._known.kept, in_order([kept, in_order([more, others])])])
        numbered = Numbered.of(self._compared.layers.some(self._touched.slots))
        settings = self._compared.model.settings.clustering
        grouped = grouping((scored, against), judged, self._first, numbered, settings)
        return Regrouped(grouped, against)

    def _candidates(self) -> tuple[Scored, Against]:
        """New candidates, those kept and the others, sorted."""
        candidates = self._delta.candidates
        inside = self._touched.within(candidates.left, candidates.right)
        return split(in_order([self._touched.placed(candidates.take(inside))]), self._keep)

    def _completed(self, found: "_Found", not_kept: Against) -> tuple[Scored, Against]:
        """What else is kept in small groups, and the others within groups, sorted.

        Of the others all in small groups, in large ones those that rules yield.
        """
        against = sorted_against(self._known.not_kept + not_kept)
        more, less = self._looked_up(against, *absent_pairs(found.component, found.left, found.right))
        settled = self._settled(found.component)
        # of what rules yield in large ones none is kept: it would be known
        large = self._looked_up(against, *self._yielded(found, settled))[1]
        large += self._within(settled, found.component, not_kept)
        return more, sorted_against(sorted_against(less) + sorted_against(large))

    def _looked_up(self, against: Against, left: Rows, right: Rows) -> tuple[Scored, Against]:
        """Pairs, split into those to keep and the others; what is known to speak against is not compared again."""
        places, there = _find(against.left, against.right, left, right)
        more, less = split(self._score(left[~there], right[~there]), self._keep)
        known = Against(left[there], right[there], against.log_odds[places[there]])
        return more, less + known

    def _score(self, left: Rows, right: Rows) -> Scored:
        """Score pairs that no rule yielded, looking up those that were scored before."""
        known = self._known.others
        places, there = _find(known.left, known.right, left, right)
        slots = self._touched.slots
        fresh = self._compared.score(slots[left[~there]], slots[right[~there]])
        return in_order([known.take(places[there]), self._touched.placed(fresh)])

    def _settled(self, component: Rows) -> Flags:
        """Records in large groups (k,) of which all that is not compared afresh was in one large group before."""
        touched, slots = self._touched, self._touched.slots
        places = _in_large(component)
        if not len(places):
            return np.zeros(len(component), np.bool_)
        stays = places[~self._afresh[slots[places]]]
        group, n = touched.group[slots[stays]], int(component.max()) + 1
        least, most = np.full(n, len(touched.group), np.int32), np.full(n, -1, np.int32)
        np.minimum.at(least, component[stays], group)
        np.maximum.at(most, component[stays], group)
        sizes = np.bincount(touched.group[touched.before.nonzero()[0]], minlength=len(touched.group))
        one = np.flatnonzero(least == most)
        settled = np.zeros(n, np.bool_)
        settled[one[sizes[least[one]] > LARGEST]] = True
        return np.asarray(settled[component])

    def _within(self, settled: Flags, component: Rows, not_kept: Against) -> Against:
        """Candidate pairs within settled groups that are not kept: what is remembered still holds, or came now."""
        was, slots = self._known.not_kept, self._touched.slots
        holds = was.take(settled[was.left])
        holds = holds.take(~(self._afresh[slots[holds.left]] | self._afresh[slots[holds.right]]))
        both = holds + not_kept.take(settled[not_kept.left])
        return both.take(component[both.left] == component[both.right])

    def _yielded(self, found: "_Found", settled: Flags) -> tuple[Rows, Rows]:
        """Candidate pairs within large groups that are not kept; but for those settled.

        Some of them may have lain between two groups before, so that nothing of them was remembered.
        """
        component = found.component
        places = _in_large(component)
        places = places[~settled[places]]
        if not len(places):
            return places, places
        yielded = self._candidates_among(places)
        left, right = places[yielded.left], places[yielded.right]
        new = component[left] == component[right]
        new &= ~_find(found.left, found.right, left, right)[1]
        return left[new], right[new]

    def _candidates_among(self, places: Rows) -> Candidates:
        """Candidate pairs among some places, numbered by their order."""
        keys = self._compared.keys(self._touched.slots[places])
        keys[:, self._first[places] != places] = 0
        entries = entries_of(keys)
        left_out = on_all_cores(lambda rule: self._left_out(rule, entries[rule].key), range(len(entries)))
        return all_pairs(entries, len(places), left_out)

    def _left_out(self, rule: int, keys: Hashes) -> Hashes:
        """Which of some keys (k,), ascending, are those of blocks that are left out; of those that yield pairs."""
        keys = each_key(keys[1:][keys[1:] == keys[:-1]])
        layers = self._base.keys.blocks[rule], self._delta.keys.blocks[rule], no_entries()
        crossed = np.zeros(len(self._delta.standing), np.bool_)
        looking = Looking(self._delta.standing, crossed)
        blocks, _ = look_up(layers, keys, limits_of(self._compared.model)[rule], looking)
        left_out: Hashes = keys[blocks.is_open & NOW == 0]
        return left_out

    def _placed(self, judged: JudgedPairs) -> JudgedPairs:
        place = self._touched.place
        same, different = place[judged.same], place[judged.different]
        return JudgedPairs(same[(same >= 0).all(axis=1)], different[(different >= 0).all(axis=1)])


def _in_large(component: Rows) -> Rows:
    """Rows in groups of which not every pair is compared."""
    return np.flatnonzero(np.bincount(component, minlength=1)[component] > LARGEST).astype(np.int32)


def _firsts(delta: Delta, touched: Touched) -> Rows:
    """The place of the first record with each place's description where it stands for it; else the place itself."""
    first = np.arange(len(touched.slots), dtype=np.int32)
    held = delta.repeats.held & (touched.place[delta.repeats.row] >= 0)
    first[touched.place[delta.repeats.row[held]]] = touched.place[delta.repeats.first[held]]
    return first


def in_order(parts: list[Scored]) -> Scored:
    """All pairs of several results, sorted by left and right row; quick where each of two is."""
    parts = [part for part in parts if len(part)] or parts[:1]
    together = (
        parts[0]
        if len(parts) == 1
        else Scored(
            np.concatenate([part.left for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.log_odds for part in parts]),
            np.concatenate([part.rule for part in parts]),
            np.concatenate([part.levels for part in parts]),
        )
    )
    return together.take(order_of_runs(pair_keys(together.left, together.right)))


def _find(known_left: Rows, known_right: Rows, left: Rows, right: Rows) -> tuple[Rows, NDArray[np.bool_]]:
    """Where pairs (m,) stand among known ones, which are sorted; and whether they do."""
    places = places_among(wide_pair_keys(known_left, known_right), wide_pair_keys(left, right))
    return places, places >= 0
