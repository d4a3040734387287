"""Linkage that goes on from the run before: what a delivery did not touch is taken over, not compared again.

The result is that of a full run, to the last bit: what is known of a pair depends on the model and its two records
alone, and what is found of a group of connected records depends on that group alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from resolver.linkage.assembly import Found, next_state
from resolver.linkage.delivered import Delivered
from resolver.linkage.delta import find_delta
from resolver.linkage.engine import Linkage, in_tables, link_whole
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.model import Model
from resolver.linkage.reading_ahead import read_ahead
from resolver.linkage.regrouping import Regrouping
from resolver.linkage.slots import Moved
from resolver.linkage.state import State
from resolver.linkage.touched import Renewed, find_touched, level_names
from resolver.linkage.whole_state import arrays_of_base, linkage_of
from resolver.progress import Progress, silent

MOST_CHANGED = 0.25
"""Share of records new or gone from which a full run costs no more."""


@dataclass(frozen=True)
class Run:
    """A run and what the next one needs.

    Attributes:
        linkage: What was found.
        state: What the next run goes on from.
        facts: `mode`; of a full run the `reason`, of an incremental one `records_new`, `records_gone`,
            `pairs_compared` and `groups_clustered`.
    """

    linkage: Linkage
    state: State
    facts: dict[str, Any]


def link_from(
    before: State | None,
    records: pa.Table,
    model: Model,
    judgements: Sequence[Judged] = (),
    progress: Progress = silent,
) -> Run:
    """Find which records are of one person, going on from the run before if that used the same model version.

    Args:
        before: What that run left; None = there was none, or it cannot be used.
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record. A record key stands for the same
            values as before.
        model: A model version.
        judgements: Human decisions that hold, none undone.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    delivered = Delivered(records)
    reason = _why_full(before, delivered, model)
    if before is not None and not reason:
        return link_changes(before, delivered, model, judgements, progress)
    run = link_whole(records, model, judgements, progress)
    linkage = in_tables(run, model)
    return Run(linkage, State.of(run, linkage, model), {"mode": "full", "reason": reason})


def _why_full(before: State | None, delivered: Delivered, model: Model) -> str:
    """Why a run cannot, or had better not, go on from the one before; empty if it may."""
    if before is None:
        return "there is no run of this software version to go on from"
    if before.model_version != model.version:
        return f"the run before used model version {before.model_version}"
    moved = Moved.of(before.numbering, delivered.record_key)
    changed = len(moved.new) + len(moved.gone)
    return f"{changed} records are new or gone" if changed > MOST_CHANGED * len(delivered) else ""


def link_changes(
    before: State,
    delivered: Delivered,
    model: Model,
    judgements: Sequence[Judged] = (),
    progress: Progress = silent,
) -> Run:
    """As `link_from`, but always incremental.

    Args:
        before: What the run before left.
        delivered: The records.
        model: The model version that `before` was made with.
        judgements: Human decisions that hold, none undone.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    state, facts = _followed(before, delivered, model, judgements, progress)
    return Run(linkage_of(state, delivered.record_key), state, facts)


def _followed(
    before: State,
    delivered: Delivered,
    model: Model,
    judgements: Sequence[Judged],
    progress: Progress,
) -> tuple[State, dict[str, Any]]:
    """What the next run goes on from, and facts about this one; what else it took is given back with this call."""
    progress("comparing what changed", 0, 0)
    # records and their keys are asked for first
    named = sorted(arrays_of_base(before.base), key=lambda one: not one[0].startswith(("columns.", "keys.")))
    read_ahead(array for _, array in named)
    moved = Moved.of(before.numbering, delivered.record_key)
    rows, slot = judged_pairs(judgements, delivered.record_key), moved.now.slot
    judged = JudgedPairs(slot[rows.same], slot[rows.different])
    delta, compared = find_delta(moved, delivered, before, judged, model)
    touched = find_touched(before, delta, judged, model.settings.clustering.keep)
    progress("clustering what changed", 0, 0)
    base, since = before.base, before.since
    kept = Renewed.of(base.pairs, since.pairs, touched.before, ["blocking_rule"], level_names(model))
    not_kept = Renewed.of(base.against, since.against, touched.before, ["log_odds"])
    regrouped = Regrouping(compared, before.base, delta, touched, (kept.pairs, not_kept.pairs)).run(judged)
    found = Found(compared, delta, touched, kept, not_kept, regrouped)
    return next_state(before, found, judged), {
        "mode": "incremental",
        "records_new": len(moved.new),
        "records_gone": len(moved.gone),
        "pairs_compared": compared.n_pairs,
        "groups_clustered": found.n_groups,
    }
