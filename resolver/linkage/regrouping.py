"""Complete and cluster the groups of records that a delivery touches, from what is known of them and what is new."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import components
from resolver.linkage.compared import Compared
from resolver.linkage.completion import LARGEST, absent_pairs
from resolver.linkage.delta import Delta, limits_of
from resolver.linkage.engine import Grouped, grouping, other_pairs
from resolver.linkage.entries import NO_LIMIT, Candidates, Limit, entries_of, sizes_of, touched_pairs
from resolver.linkage.grouping import Numbered
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.scoring import Against, Scored, split
from resolver.linkage.sorting import pair_order
from resolver.linkage.state import sorted_against
from resolver.linkage.touched import Known, Touched

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Regrouped:
    """What was found of the touched rows; rows are places in `Touched.rows`.

    Attributes:
        grouped: Pairs kept, and persons.
        against: Pairs not kept, sorted.
    """

    grouped: Grouped
    against: Against


class Regrouping:
    """Works on touched rows alone."""

    def __init__(self, compared: Compared, delta: Delta, touched: Touched, known: Known) -> None:
        self._compared = compared
        self._delta = delta
        self._touched = touched
        self._known = known
        self._keep = compared.model.settings.clustering.keep
        self._firsts = delta.repeats.firsts(len(compared))

    def run(self, judged: JudgedPairs) -> Regrouped:
        """Find pairs and persons; judged pairs are those of all rows, as numbered now."""
        found, against = self._pairs()
        judged = self._placed(judged)
        first = self._touched.place[self._firsts[self._touched.rows]]
        missing = other_pairs(found, judged, first)
        scored = in_order([found, self._score(missing[:, 0].copy(), missing[:, 1].copy())])
        numbered = self._delta.numbered
        mine = {field.name: getattr(numbered, field.name)[self._touched.rows] for field in fields(numbered)}
        settings = self._compared.model.settings.clustering
        grouped = grouping((scored, against), judged, first, Numbered(**mine), settings)
        return Regrouped(grouped, sorted_against(against))

    def _pairs(self) -> tuple[Scored, Against]:
        """Pairs kept, and the others within groups: all others in small ones, in large ones those that rules yield."""
        candidates = self._delta.candidates
        inside = self._touched.within(candidates.left, candidates.right)
        kept, not_kept = split(self._touched.placed(candidates.take(inside)), self._keep)
        found = in_order([self._known.kept, kept])
        against = sorted_against(self._known.not_kept + not_kept)
        component = components(len(self._touched.rows), found.left, found.right)
        wanted = absent_pairs(component, found.left, found.right)
        more, less = self._looked_up(against, *wanted)
        large = self._looked_up(against, *self._yielded(component, found))[
            1
        ]  # none is kept: it would be known
        return in_order([found, more]), less + large

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
        rows = self._touched.rows
        fresh = self._compared.score(rows[left[~there]], rows[right[~there]])
        return in_order([known.take(places[there]), self._touched.placed(fresh)])

    def _yielded(self, component: Rows, found: Scored) -> tuple[Rows, Rows]:
        """Candidate pairs within large groups that are not kept.

        Some of them may have lain between two groups before, so that nothing of them was remembered.
        """
        places = np.flatnonzero(np.bincount(component, minlength=1)[component] > LARGEST).astype(np.int32)
        if not len(places):
            return places, places
        yielded = self._candidates_among(places)
        left, right = places[yielded.left], places[yielded.right]
        new = component[left] == component[right]
        new &= ~_find(found.left, found.right, left, right)[1]
        return left[new], right[new]

    def _candidates_among(self, places: Rows) -> Candidates:
        """Candidate pairs among some places, numbered by their order."""
        rows = self._touched.rows[places]
        keys = self._compared.keys(rows)
        keys[self._firsts[rows] != rows] = 0
        limits = []
        for rule, limit in enumerate(limits_of(self._compared.model)):
            own = np.unique(keys[:, rule])
            outgrown = own[sizes_of(self._delta.keys.blocks[rule], own) > limit.cap]
            limits.append(Limit(NO_LIMIT, np.union1d(limit.known, outgrown)))
        return touched_pairs(entries_of(keys), np.ones(len(rows), np.bool_), limits)

    def _placed(self, judged: JudgedPairs) -> JudgedPairs:
        place = self._touched.place
        same, different = place[judged.same], place[judged.different]
        return JudgedPairs(same[(same >= 0).all(axis=1)], different[(different >= 0).all(axis=1)])


def in_order(parts: list[Scored]) -> Scored:
    """All pairs of several results, sorted by left and right row."""
    together = Scored(
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.log_odds for part in parts]),
        np.concatenate([part.rule for part in parts]),
        np.concatenate([part.levels for part in parts]),
    )
    return together.take(pair_order(together.left, together.right))


def _pair(left: Rows, right: Rows) -> NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right


def _find(
    known_left: Rows, known_right: Rows, left: Rows, right: Rows
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where pairs (m,) stand among known ones, which are sorted; and whether they do."""
    known, wanted = _pair(known_left, known_right), _pair(left, right)
    if not len(known):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return places, known[places] == wanted
