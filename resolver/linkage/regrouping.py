"""Complete and cluster the groups of records that a delivery touches, from what is known of them and what is new.

Rows are places in `Touched.slots` here.
"""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import connected
from resolver.linkage.compared import Compared
from resolver.linkage.completion import LARGEST
from resolver.linkage.cores import on_all_cores
from resolver.linkage.delta import Delta, limits_of
from resolver.linkage.entries import Candidates, all_pairs, each_key, entries_of, no_entries
from resolver.linkage.grouping import Persons
from resolver.linkage.hashing import Hashes
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.portions import Portion, Portions
from resolver.linkage.scoring import Scored
from resolver.linkage.slots import Flags
from resolver.linkage.some_groups import Changes, Given, SomeGroups, in_order, joined
from resolver.linkage.state import Base, Pairs
from resolver.linkage.touched import Known, Touched
from resolver.linkage.touched_blocks import NOW, Looking, look_up
from resolver.linkage.two_numbers import kept_of_persons

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Regrouped:
    """What was found of the touched rows.

    Attributes:
        groups: int32 (k,): smallest row of the group of rows that pairs kept connect with each row.
        persons: Whose the records are.
        changes: How pairs differ from what they were.
    """

    groups: Rows
    persons: Persons
    changes: Changes


class Regrouping:
    """Works on touched rows alone."""

    def __init__(
        self, compared: Compared, base: Base, delta: Delta, touched: Touched, before: tuple[Pairs, Pairs]
    ) -> None:
        """Prepare.

        Args:
            compared: The records.
            base: What a full run left.
            delta: What is different.
            touched: The touched rows.
            before: Their pairs that were kept, and those that were not.
        """
        self._compared = compared
        self._base = base
        self._delta = delta
        self._touched = touched
        self._before = tuple(Known.of(pairs, touched) for pairs in before)
        self._first = _firsts(delta, touched)
        self._afresh = ((delta.standing == NOW) | delta.dirty_before)[touched.slots]

    def run(self, judged: JudgedPairs) -> Regrouped:
        """Find pairs and persons; judged pairs are those of all records, as slots."""
        kept, not_kept = self._before
        judged, n = self._placed(judged), len(self._touched.slots)
        candidates = self._touched.inside(self._delta.candidates)
        connects = kept_of_persons(self._compared.model.settings.clustering.keep)(candidates)
        holds = kept.hold(self._delta)
        left = np.concatenate([kept.left[holds], candidates.left[connects]])
        component = connected(n, left, np.concatenate([kept.right[holds], candidates.right[connects]]))
        groups = self._with_others(component, judged)
        settled = self._settled(component)
        portions = Portions.of(groups, left)
        known: list[Known | Scored] = [kept, not_kept, candidates]
        jobs = [lambda: portions.spread(*self._yielded(component, settled))]  # takes longest
        jobs += [partial(portions.spread, some.left, some.right) for some in known]
        of_rules, *others = on_all_cores(lambda job: job(), jobs)
        found = Persons.room(n)

        def one(portion: Portion) -> Changes:
            was_kept, was_not, new = map(portion.of, others)
            rows = portion.rows
            given = Given(
                self._touched.slots[rows],
                (kept.pairs, was_kept),
                holds,
                (not_kept.pairs, was_not),
                in_order([replace(candidates.take(new.number), left=new.left, right=new.right)]),
                portion.of(of_rules),
                JudgedPairs(portion.among(judged.same), portion.among(judged.different)),
                portion.place[self._first[rows]],
                settled[rows],
                self._afresh[rows],
            )
            persons, changes = SomeGroups(self._compared, given).found()
            found.put(rows, persons)
            return changes

        return Regrouped(groups, found, _together(portions.each(one)))

    def _with_others(self, component: Rows, judged: JudgedPairs) -> Rows:
        """Groups (k,), given those that candidates connect: judged pairs and repeated descriptions connect too."""
        repeats = np.flatnonzero(self._first != np.arange(len(self._first))).astype(np.int32)
        more = np.concatenate([judged.same, judged.different, np.stack([self._first[repeats], repeats], 1)])
        if not len(more):
            return component
        rows = np.arange(len(component), dtype=np.int32)
        return connected(
            len(rows), np.concatenate([component, more[:, 0]]), np.concatenate([rows, more[:, 1]])
        )

    def _settled(self, component: Rows) -> Flags:
        """Records in large groups (k,) of which all that is not compared afresh was in one large group before."""
        touched, slots = self._touched, self._touched.slots
        places = _in_large(component)
        if not len(places):
            return np.zeros(len(component), np.bool_)
        stays = places[~self._afresh[places]]
        group, n = touched.group[slots[stays]], int(component.max()) + 1
        least, most = np.full(n, len(touched.group), np.int32), np.full(n, -1, np.int32)
        np.minimum.at(least, component[stays], group)
        np.maximum.at(most, component[stays], group)
        sizes = np.bincount(touched.group[touched.before.nonzero()[0]], minlength=len(touched.group))
        one = np.flatnonzero(least == most)
        settled = np.zeros(n, np.bool_)
        settled[one[sizes[least[one]] > LARGEST]] = True
        return np.asarray(settled[component])

    def _yielded(self, component: Rows, settled: Flags) -> tuple[Rows, Rows]:
        """Candidate pairs within large groups, but for those settled: some of them kept, and of the others some known.

        Some may have lain between two groups before, so that nothing of them was remembered.
        """
        places = _in_large(component)
        places = places[~settled[places]]
        if not len(places):
            return places, places
        found = self._candidates_among(places)
        left, right = places[found.left], places[found.right]
        within = component[left] == component[right]
        return left[within], right[within]

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


def _together(parts: list[Changes]) -> Changes:
    """The changes of all groups."""
    return Changes(
        np.concatenate([part.stay for part in parts]),
        np.concatenate([part.against_stay for part in parts]),
        joined([part.fresh for part in parts]),
        joined([part.against for part in parts]),
        np.sum([part.by_rule for part in parts], axis=0),
        sum(part.n_pairs for part in parts),
    )
