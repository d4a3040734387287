"""Put what was found of touched records into what is taken over of the others: the state and the tables of the run."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.changes import Splice, spliced
from resolver.linkage.clustering import components, smallest
from resolver.linkage.compared import Compared
from resolver.linkage.delta import Delta
from resolver.linkage.engine import Linkage
from resolver.linkage.judged import JudgedPairs
from resolver.linkage.regrouping import Regrouped
from resolver.linkage.scoring import Against, Scored
from resolver.linkage.state import Columns, State, columns_of
from resolver.linkage.tables import MEMBERS_SCHEMA, members_table, pairs_table
from resolver.linkage.touched import Touched

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Found:
    """Everything that an incremental run found."""

    compared: Compared
    delta: Delta
    touched: Touched
    regrouped: Regrouped

    @cached_property
    def scored(self) -> Scored:
        """Pairs kept of touched rows, as rows are numbered now."""
        scored, rows = self.regrouped.grouped.scored, self.touched.rows
        return Scored(rows[scored.left], rows[scored.right], scored.log_odds, scored.rule, scored.levels)

    @cached_property
    def groups(self) -> Rows:
        """Smallest place of the group of each touched row."""
        scored = self.regrouped.grouped.scored
        return smallest(components(len(self.touched.rows), scored.left, scored.right))

    @property
    def n_groups(self) -> int:
        """How many groups were clustered again."""
        return int((self.groups == np.arange(len(self.groups))).sum())


def next_state(before: State, found: Found, judged: JudgedPairs) -> State:
    """What the next run goes on from: that of the run before, with what was found of touched rows put in its place."""
    record_key, touched, scored = found.compared.record_key, found.touched, found.scored
    per_row = Splice(np.flatnonzero(touched.before), touched.rows.astype(np.int64))
    renumbered = found.delta.moved.renumbered
    (left, right), per_pair = _spliced_pairs(
        (before.left, before.right), (scored.left, scored.right), touched, renumbered
    )
    grouped = found.regrouped.grouped
    members = members_table(grouped.trees, grouped.held, grouped.labels, record_key[touched.rows])
    new_pairs = columns_of(pairs_table(scored, record_key, found.compared.model.settings))
    members_now = _spliced_columns(before.members, per_row, columns_of(members))
    ambiguous = _ambiguous(before, touched, record_key[touched.rows[grouped.ambiguous]])
    dropped_rules = before.pairs["blocking_rule"][per_pair.dropped]
    return State(
        model_version=before.model_version,
        record_key=record_key,
        numbered=found.delta.numbered,
        group=spliced(renumbered[before.group], per_row, touched.rows[found.groups]),
        repeats=found.delta.repeats,
        keys=found.delta.keys,
        left=left,
        right=right,
        pairs=_spliced_columns(before.pairs, per_pair, new_pairs),
        against=_against(before.against, found),
        members=members_now,
        ambiguous=ambiguous,
        same=record_key[judged.same],
        different=record_key[judged.different],
        report=_report(before, found, dropped_rules)
        | {
            "pairs_kept": len(left),
            "clusters": int((members_now["cluster"] == record_key).sum()),
            "ambiguous_records": len(ambiguous),
        },
    )


def linkage_of(state: State) -> Linkage:
    """The tables that a state holds."""
    parent = state.members["parent_record_key"]
    members = {name: pa.array(column) for name, column in state.members.items()}
    members["parent_record_key"] = pa.array(parent, mask=parent < 0)
    return Linkage(
        pairs=pa.table({name: pa.array(column) for name, column in state.pairs.items()}),
        members=pa.table(members, schema=MEMBERS_SCHEMA),
        ambiguous=pa.array(state.ambiguous),
        report=state.report,
    )


def _spliced_columns(old: Columns, splice: Splice, new: Columns) -> Columns:
    def one(name: str) -> NDArray[Any]:
        return spliced(old[name], splice, new[name])

    with ThreadPoolExecutor(cpu_count()) as pool:
        return dict(zip(old, pool.map(one, old), strict=True))


def _spliced_pairs(
    old: tuple[Rows, Rows], new: tuple[Rows, Rows], touched: Touched, renumbered: Rows
) -> tuple[tuple[Rows, Rows], Splice]:
    """Pairs of rows, sorted, with new ones, sorted, in the place of those of touched rows."""
    gone = touched.before[old[0]]
    left, right = renumbered[old[0]], renumbered[old[1]]
    stay = _pair(left[~gone], right[~gone])
    at = np.searchsorted(stay, _pair(*new)) + np.arange(len(new[0]))
    splice = Splice(np.flatnonzero(gone), at)
    return (spliced(left, splice, new[0]), spliced(right, splice, new[1])), splice


def _pair(left: Rows, right: Rows) -> NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right


def _against(before: Against, found: Found) -> Against:
    rows, new = found.touched.rows, found.regrouped.against
    (left, right), splice = _spliced_pairs(
        (before.left, before.right),
        (rows[new.left], rows[new.right]),
        found.touched,
        found.delta.moved.renumbered,
    )
    return Against(left, right, spliced(before.log_odds, splice, new.log_odds))


def _ambiguous(before: State, touched: Touched, new: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.searchsorted(before.record_key, before.ambiguous)
    return np.sort(np.concatenate([before.ambiguous[~touched.before[rows]], new]))


def _report(before: State, found: Found, dropped_rules: NDArray[np.int16]) -> dict[str, Any]:
    """Counts, but for those that `next_state` sees at once."""
    rules, delta = found.compared.model.settings.blocking.rules, found.delta
    was = before.report["pairs_kept_by_rule"]
    new = found.scored.rule
    more = np.bincount(new[new >= 0], minlength=len(rules))
    less = np.bincount(dropped_rules[dropped_rules >= 0], minlength=len(rules))
    return {
        "candidate_pairs": before.report["candidate_pairs"] - delta.n_dropped + len(delta.candidates),
        "oversized_blocks": {
            rule.name: left_out._asdict()
            for rule, left_out in zip(rules, delta.left_out, strict=True)
            if left_out.keys
        },
        "model_version": before.model_version,
        "records": len(found.compared),
        "pairs_kept_by_rule": {
            rule.name: was[rule.name] + int(more[number] - less[number]) for number, rule in enumerate(rules)
        },
    }
