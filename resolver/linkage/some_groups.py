"""What is found of some touched groups: their pairs completed and their records clustered, each group by itself."""

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import components
from resolver.linkage.compared import Compared
from resolver.linkage.completion import absent_pairs
from resolver.linkage.engine import other_pairs
from resolver.linkage.grouping import Numbered, Persons, persons
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.portions import Ends
from resolver.linkage.runs import order_of_runs, places_among
from resolver.linkage.scoring import Against, Rowed, Scored, Weighed, contains, split
from resolver.linkage.slots import Flags, Slots
from resolver.linkage.sorting import pair_keys, wide_pair_keys
from resolver.linkage.state import Pairs, sorted_against
from resolver.linkage.two_numbers import kept_of_persons, seen_as

Rows = NDArray[np.int32]
P = TypeVar("P", Scored, Against)


@dataclass(frozen=True, eq=False)
class Given:
    """What is known of some groups, and what is new; rows are those of these groups.

    Attributes:
        slots: int32 (k,): slots of the rows.
        kept: Pairs that were kept, with `blocking_rule` and `levels`.
        holds: bool (m,): which of all of these are candidates as before.
        not_kept: Pairs that were not, but lay within a group, with `log_odds`.
        candidates: New candidates, sorted.
        yielded: Pairs that rules yield, new or not, of the large groups that are not settled.
        judged: Judged pairs.
        first: int32 (k,): the first row of those with the same description, if it is repeated often.
        settled: bool (k,): records in large groups of which all that is not compared afresh was in one before.
        afresh: bool (k,): records that are compared afresh.
    """

    slots: Slots
    kept: tuple[Pairs, Ends]
    holds: Flags
    not_kept: tuple[Pairs, Ends]
    candidates: Scored
    yielded: Ends
    judged: JudgedPairs
    first: Rows
    settled: Flags
    afresh: Flags


@dataclass(frozen=True, eq=False)
class Changes:
    """How the pairs of some groups differ from what they were.

    Attributes:
        stay: int32: which of the pairs that were kept are what they were.
        against_stay: int32: which of those that were not.
        fresh: Pairs kept that were not, or are by another rule; with slots for rows.
        against: Pairs within groups that are not kept, and were not there; with slots.
        by_rule: int64 (rules,): how many pairs are kept by each rule.
        n_pairs: How many are kept in all.
    """

    stay: Rows
    against_stay: Rows
    fresh: Scored
    against: Against
    by_rule: NDArray[np.int64]
    n_pairs: int


class SomeGroups:
    """Works on the rows of some groups alone."""

    def __init__(self, compared: Compared, given: Given) -> None:
        self._compared = compared
        self._given = given
        self._kept = kept_of_persons(compared.model.settings.clustering.keep)
        self._was = _sorted(given.kept[1])
        self._rule = given.kept[0].columns["blocking_rule"].take(self._was.number)
        self._others = self._known(self._rule < 0)
        pairs, ends = given.not_kept
        self._were_not = _sorted(ends)
        self._against = Against(*self._were_not[:2], pairs.columns["log_odds"].take(self._were_not.number))

    def found(self) -> tuple[Persons, Changes]:
        """Find persons, and how pairs differ from what they were."""
        given = self._given
        known = self._known(given.holds[self._was.number])
        kept, not_kept = split(given.candidates, self._kept)
        candidates = in_order([known, kept])
        more, against = self._completed(candidates, not_kept)
        missing = other_pairs(candidates, given.judged, given.first)
        missing = missing[~contains(more, missing)]
        others = self._score(missing[:, 0].copy(), missing[:, 1].copy())
        scored = in_order([candidates, in_order([more, others])])
        return self._persons(scored, against), self._changes(scored, against)

    def _known(self, chosen: Flags) -> Scored:
        """Some of the pairs that were kept, weighed by their levels, which gives their log-odds to the last bit."""
        places = np.flatnonzero(chosen)
        some = Ends(*(column.take(places) for column in self._was))
        levels = self._given.kept[0].columns["levels"].take(some.number, axis=0)
        return Scored(some.left, some.right, self._compared.weighed(levels), self._rule[places], levels)

    def _completed(self, candidates: Scored, not_kept: Against) -> tuple[Scored, Against]:
        """What else is kept in small groups, and the others within groups, sorted.

        Of the others all in small groups, in large ones those that rules yield.
        """
        component = components(len(self._given.slots), candidates.left, candidates.right)
        against = sorted_against(self._against + not_kept)
        more, less = self._looked_up(against, *absent_pairs(component, candidates.left, candidates.right))
        # of what rules yield in large ones none is kept: it would be known
        yielded = _sorted(self._given.yielded)
        new = ~_find(candidates, yielded.left, yielded.right)[1]
        large = self._looked_up(against, yielded.left[new], yielded.right[new])[1]
        large += self._within(component, not_kept)
        return more, sorted_against(sorted_against(less) + sorted_against(large))

    def _looked_up(self, against: Against, left: Rows, right: Rows) -> tuple[Scored, Against]:
        """Pairs, split into those to keep and the others; what is known to speak against is not compared again."""
        places, there = _find(against, left, right)
        more, less = split(self._score(left[~there], right[~there]), self._kept)
        known = Against(left[there], right[there], against.log_odds[places[there]])
        return more, less + known

    def _score(self, left: Rows, right: Rows) -> Scored:
        """Score pairs that no rule yielded, looking up those that were scored before."""
        known, slots = self._others, self._given.slots
        places, there = _find(known, left, right)
        left, right = left[~there], right[~there]
        fresh = replace(self._compared.score(slots[left], slots[right]), left=left, right=right)
        return in_order([known.take(places[there]), fresh])

    def _within(self, component: Rows, not_kept: Against) -> Against:
        """Candidate pairs within settled groups that are not kept: what is remembered still holds, or came now."""
        settled, afresh, was = self._given.settled, self._given.afresh, self._against
        holds = was.take(settled.take(was.left) & ~(afresh.take(was.left) | afresh.take(was.right)))
        both = holds + not_kept.take(settled[not_kept.left])
        return both.take(component.take(both.left) == component.take(both.right))

    def _persons(self, scored: Scored, against: Against) -> Persons:
        given = self._given
        columns = self._compared.layers.some(given.slots, Numbered.WORDS, Numbered.FACTS)
        said = Numbered.of(columns), seen_as(scored, len(given.slots))
        pairs = Weighed(scored.left, scored.right, scored.log_odds), Weighed(*vars(against).values())
        settings = self._compared.model.settings.clustering
        return persons(pairs, given.judged, given.first, said, settings)

    def _changes(self, scored: Scored, against: Against) -> Changes:
        slots, rules = self._given.slots, self._compared.model.settings.blocking.rules
        place, stays = _find(scored, self._was.left, self._was.right)
        stays[stays] = scored.rule[place[stays]] == self._rule[stays]  # all else follows from the records
        fresh = scored.take(np.flatnonzero(_others(len(scored), place[stays])))
        there, remains = _find(against, self._were_not.left, self._were_not.right)
        added = against.take(_others(len(against), there[remains]))
        return Changes(
            self._was.number[stays],
            self._were_not.number[remains],
            replace(fresh, left=slots[fresh.left], right=slots[fresh.right]),
            replace(added, left=slots[added.left], right=slots[added.right]),
            np.bincount(scored.rule[scored.rule >= 0], minlength=len(rules)),
            len(scored),
        )


def in_order(parts: list[Scored]) -> Scored:
    """All pairs of several results, sorted by left and right row; quick where each of two is."""
    parts = [part for part in parts if len(part)] or parts[:1]
    whole = parts[0] if len(parts) == 1 else joined(parts)
    return whole.take(order_of_runs(pair_keys(whole.left, whole.right)))


def joined(parts: list[P]) -> P:
    """The pairs of one result behind those of the other."""
    columns = (
        np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)
    )
    return type(parts[0])(*columns)


def _sorted(ends: Ends) -> Ends:
    """By left and right row."""
    order = order_of_runs(pair_keys(ends.left, ends.right))
    return Ends(*(column.take(order) for column in ends))


def _find(among: Rowed, left: Rows, right: Rows) -> tuple[Rows, Flags]:
    """Where pairs (m,) stand among others, which are sorted; and whether they do."""
    places = places_among(wide_pair_keys(among.left, among.right), wide_pair_keys(left, right))
    return places, places >= 0


def _others(n: int, places: Rows) -> Flags:
    """All of n but these places."""
    chosen = np.ones(n, np.bool_)
    chosen[places] = False
    return chosen
