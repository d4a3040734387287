"""Put what was found of touched records beside what is taken over of the others: what is different from the base."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compared import Compared
from resolver.linkage.delta import Delta
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.patches import (
    Arrays,
    Patch,
    Places,
    chosen_columns,
    patched_columns,
    places_of_pairs,
)
from resolver.linkage.regrouping import Regrouped
from resolver.linkage.scoring import Rowed, Scored
from resolver.linkage.slots import Slots
from resolver.linkage.sorting import Order, order_of, pair_order, wide_pair_keys
from resolver.linkage.state import (
    Known,
    PairChanges,
    Pairs,
    RecordChanges,
    Since,
    State,
    arrays_of,
    joined,
)
from resolver.linkage.tables import members_table, pairs_table
from resolver.linkage.touched import Renewed, Touched

Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Found:
    """Everything that an incremental run found.

    Attributes:
        compared: The records.
        delta: What is different.
        touched: The records looked at again.
        kept: Their pairs that were kept before.
        not_kept: Their pairs that were not.
        regrouped: What was found of them.
    """

    compared: Compared
    delta: Delta
    touched: Touched
    kept: Renewed
    not_kept: Renewed
    regrouped: Regrouped

    @property
    def n_groups(self) -> int:
        """How many groups were clustered again."""
        groups = self.regrouped.groups
        return int((groups == np.arange(len(groups))).sum())


def next_state(before: State, found: Found, judged: JudgedPairs) -> State:
    """What the next run goes on from.

    Args:
        before: What this one went on from.
        found: What it found.
        judged: Judged pairs, as slots.
    """
    delta, moved = found.delta, found.delta.moved
    order = _Order(before, found)
    with ThreadPoolExecutor(cpu_count()) as pool:
        kept, not_kept = pool.submit(order.kept), pool.submit(order.not_kept)
        records = pool.submit(order.records)
    since = Since(
        columns=delta.added,
        gone=np.flatnonzero(~moved.now.there).astype(np.int32),
        records=records.result(),
        keys=delta.keys,
        pairs=kept.result(),
        against=not_kept.result(),
    )
    keys = moved.now.record_key
    ambiguous = _ambiguous(before, found)
    known = Known(
        repeats=delta.repeats,
        ambiguous=ambiguous,
        same=keys[moved.now.row[judged.same]],
        different=keys[moved.now.row[judged.different]],
        report=_report(before, found) | {"ambiguous_records": len(ambiguous)},
    )
    return State(before.model_version, before.base, since, known, before.source)


class _Order:
    """Knows where records and pairs stand between those of the base."""

    def __init__(self, before: State, found: Found) -> None:
        self._before = before
        self._found = found
        base = before.base.columns.record_key
        self._added = np.searchsorted(base, found.delta.added.record_key)

    def _between(self, slots: Slots) -> Places:
        """Twice the row in the base (k,) of some slots, and one more; even for what stands between two rows."""
        first = len(self._before.base.columns)
        between = slots.astype(np.int64) * 2 + 1
        late = np.flatnonzero(slots >= first)
        between[late] = self._added[slots[late] - first] * 2
        return between

    def records(self) -> RecordChanges:
        """Groups and members that are different from the base."""
        found, before = self._found, self._before.since.records
        slots, persons = found.touched.slots, found.regrouped.persons
        record_key = found.delta.moved.now.record_key[found.delta.moved.now.row[slots]]
        table = members_table(persons.trees, persons.labels, record_key)
        stays = ~found.touched.before[before.slot]
        slot = np.concatenate([before.slot[stays], slots])
        group = np.concatenate([before.group[stays], slots[found.regrouped.groups]])
        members = joined(chosen_columns(before.members, stays), arrays_of(table.drop_columns("record_key")))
        order = order_of(found.delta.moved.now.row[slot].astype(np.uint64))
        slot = slot[order]
        dropped = found.touched.before[: len(self._before.base.columns)].copy()
        dropped[before.patch.dropped] = True
        patch = Patch(np.flatnonzero(dropped), self._between(slot) // 2)
        return RecordChanges(patch, slot, group[order], chosen_columns(members, order))

    def kept(self) -> PairChanges:
        """Pairs kept that are different from the base."""
        found, before, changes = self._found, self._before, self._found.regrouped.changes
        rows, order = self._in_order(changes.fresh)
        new, key = changes.fresh.take(order), found.delta.moved.now.record_key
        table = pairs_table(
            Scored(*rows, new.log_odds, new.rule, new.levels), key, found.compared.model.settings
        )
        pairs = Pairs(new.left, new.right, arrays_of(table))
        return self._changes(before.base.pairs, before.since.pairs, (found.kept, changes.stay), pairs)

    def not_kept(self) -> PairChanges:
        """Pairs not kept that are different from the base."""
        found, before, changes = self._found, self._before, self._found.regrouped.changes
        _, order = self._in_order(changes.against)
        left, right, log_odds = (column[order] for column in vars(changes.against).values())
        pairs, renewed = Pairs(left, right, {"log_odds": log_odds}), (found.not_kept, changes.against_stay)
        return self._changes(before.base.against, before.since.against, renewed, pairs)

    def _in_order(self, pairs: Rowed) -> tuple[tuple[Rows, Rows], Order]:
        """The rows of pairs of slots, sorted, and the places of the pairs in that order."""
        row = self._found.delta.moved.now.row
        left, right = row[pairs.left], row[pairs.right]
        order = pair_order(left, right)
        return (left[order], right[order]), order

    def _changes(
        self, base: Pairs, before: PairChanges, renewed: tuple[Renewed, Rows], new: Pairs
    ) -> PairChanges:
        """Pairs that are different from the base: those that were and still are, and new ones, sorted.

        Args:
            base: Pairs of the base.
            before: What was different from it.
            renewed: The pairs that were found anew, and which of them are what they were.
            new: Those that are not.
        """
        found, stay_same = renewed
        same, n = np.zeros(len(found.pairs), np.bool_), len(found.base)
        same[stay_same] = True
        there = ~found.added
        there[np.flatnonzero(found.added)] = same[n:]
        stay = np.flatnonzero(there)
        put = places_of_pairs(base.left, base.right, (self._between(new.left), self._between(new.right)))
        row = self._found.delta.moved.now.row
        was = before.added
        there_now = wide_pair_keys(row[was.left[stay]], row[was.right[stay]])
        places = np.searchsorted(there_now, wide_pair_keys(row[new.left], row[new.right]))
        among = Patch(np.flatnonzero(~there), np.append(stay, len(was))[places])
        columns: Arrays = {"": before.patch.put, "left": was.left, "right": was.right, **was.columns}
        others: Arrays = {"": put, "left": new.left, "right": new.right, **new.columns}
        together = patched_columns(columns, among, others)
        dropped = np.concatenate([before.patch.dropped, found.base[~same[:n]]])
        dropped.sort()
        patch = Patch(dropped, together.pop(""))
        return PairChanges(patch, Pairs(together.pop("left"), together.pop("right"), together))


def _ambiguous(before: State, found: Found) -> NDArray[np.int64]:
    moved, touched = found.delta.moved, found.touched
    slots = moved.before.slots_of(before.known.ambiguous)
    new = touched.slots[found.regrouped.persons.ambiguous]
    keys = moved.now.record_key[moved.now.row[new]]
    return np.sort(np.concatenate([before.known.ambiguous[~touched.before[slots]], keys]))


def _report(before: State, found: Found) -> dict[str, Any]:
    was, delta = before.known.report, found.delta
    rules = found.compared.model.settings.blocking.rules
    changes, labels = found.regrouped.changes, found.regrouped.persons.labels
    less = _by_rule(found.kept.pairs.columns["blocking_rule"], len(rules))
    clusters = int((labels == np.arange(len(labels))).sum())
    return was | {
        "candidate_pairs": was["candidate_pairs"] - delta.n_dropped + len(delta.candidates),
        "oversized_blocks": _oversized(was["oversized_blocks"], [rule.name for rule in rules], delta),
        "records": len(delta.moved.now.record_key),
        "pairs_kept_by_rule": {
            rule.name: was["pairs_kept_by_rule"][rule.name] + int(changes.by_rule[number] - less[number])
            for number, rule in enumerate(rules)
        },
        "pairs_kept": was["pairs_kept"] - len(found.kept.pairs) + changes.n_pairs,
        "clusters": was["clusters"] - _clusters_before(before, found) + clusters,
    }


def _clusters_before(before: State, found: Found) -> int:
    """How many clusters the touched records were in: each has one record that is its name."""
    base, since, touched = before.base, before.since.records, found.touched.before
    rows = np.flatnonzero(touched[: len(base.columns)])
    rows = np.setdiff1d(rows, since.patch.dropped, assume_unique=True)
    mine = np.flatnonzero(touched[since.slot])
    layers = before.layers
    names = layers.record_keys(since.slot[mine]) == since.members["cluster"][mine]
    return int((base.columns.record_key[rows] == base.members["cluster"][rows]).sum() + names.sum())


def _by_rule(rule: NDArray[np.int16], rules: int) -> Places:
    return np.bincount(rule[rule >= 0], minlength=rules)


def _oversized(was: dict[str, Any], names: list[str], delta: Delta) -> dict[str, Any]:
    found = {}
    for name, more in zip(names, delta.left_out, strict=True):
        counts = {what: was.get(name, {}).get(what, 0) + value for what, value in more._asdict().items()}
        if counts["keys"]:
            found[name] = counts
    return found
