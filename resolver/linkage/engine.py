"""The engine: records and a model version in, scored pairs and clusters out. The order of records does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.linkage.blocking import Blocking, Rows, block_records
from resolver.linkage.clustering import components
from resolver.linkage.columns import Columns, encode, in_order
from resolver.linkage.completion import absent_pairs
from resolver.linkage.descriptions import repeated
from resolver.linkage.grouping import Numbered, group
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.model import Model
from resolver.linkage.scoring import (
    Against,
    Scored,
    Scorer,
    contains,
    is_among,
    merge,
    score_candidates,
    split,
)
from resolver.linkage.spanning import spanning_trees
from resolver.linkage.tables import members_table, pairs_table
from resolver.progress import Progress, silent

CERTAIN = 50.0
"""Natural log-odds with which a pair judged the same holds an entity together."""


@dataclass(frozen=True)
class Linkage:
    """What linkage found.

    Attributes:
        pairs: Scored candidate pairs that were kept, as in `docs/data.md`.
        members: `tables.MEMBERS_SCHEMA`, sorted by `record_key`; `cluster` is the smallest record key in it.
        ambiguous: Record keys, ascending, of records that fit two clusters almost equally and were kept apart.
        report: Counts for people and for the manifest.
    """

    pairs: pa.Table
    members: pa.Table
    ambiguous: pa.Array
    report: dict[str, Any]


def link(
    records: pa.Table, model: Model, judgements: Sequence[Judged] = (), progress: Progress = silent
) -> Linkage:
    """Find which records are of one person.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
        model: A model version.
        judgements: Human decisions that hold, none undone; those about other records are left aside.
        progress: Told how far it is.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    progress("preparing records", 0, 0)
    columns = encode(in_order(records))
    scorer = Scorer(len(columns), model.comparison(columns), model.mixture)
    judged = judged_pairs(judgements, columns.record_key)
    first = _repeated(columns, scorer, judged, model)
    found, against, report = _score(columns, scorer, first, model, progress)
    found, against = _completed(found, against, scorer, model.settings.clustering.keep)
    scored = _with_others(found, scorer, judged, first)
    progress("clustering", 0, 0)
    labels, ambiguous = group(
        (scored, against), judged, first, Numbered.of(columns), model.settings.clustering
    )
    held = np.where(is_among(scored, judged.same), CERTAIN, scored.log_odds)
    trees = spanning_trees(scored.left, scored.right, held, labels)
    return Linkage(
        pairs=pairs_table(scored, columns.record_key, model.settings),
        members=members_table(trees, held, labels, columns.record_key),
        ambiguous=pa.array(columns.record_key[ambiguous]),
        report={**report, **_outcome(scored, labels, ambiguous, model)},
    )


def _score(
    columns: Columns, scorer: Scorer, first: Rows, model: Model, progress: Progress
) -> tuple[Scored, Against, dict[str, Any]]:
    """Score the candidates: pairs kept, pairs not kept, and what to report of the blocks."""
    progress("finding candidates", 0, 0)
    settings = model.settings.blocking
    caps = [settings.hard_cap] * len(settings.rules)
    repeats = first != np.arange(len(first))
    blocking = block_records(columns, settings.rules, caps, model.oversized, repeats)
    found, against = score_candidates(
        blocking,
        scorer,
        model.settings.clustering.keep,
        lambda done, of: progress("comparing pairs", done, of),
    )
    report = {"candidate_pairs": len(found) + len(against), "oversized_blocks": _oversized(blocking, model)}
    return found, against, report


def _repeated(columns: Columns, scorer: Scorer, judged: JudgedPairs, model: Model) -> Rows:
    """First row of each row's description where it is repeated often and surely speaks of one person; else the row."""
    first = repeated(columns)
    rows = np.arange(len(first), dtype=np.int32)
    first[np.isin(rows, judged.different)] = rows[np.isin(rows, judged.different)]
    several = np.flatnonzero(first != rows).astype(np.int32)
    doubtful = several[scorer.score(first[several], several).log_odds <= model.settings.clustering.clip / 2]
    first[doubtful] = doubtful
    return first


def _completed(found: Scored, against: Against, scorer: Scorer, keep: float) -> tuple[Scored, Against]:
    """Compare the pairs within small groups of connected records that no rule yielded; leave out what is not within."""
    component = components(scorer.n_records, found.left, found.right)
    against = against.take(component[against.left] == component[against.right])
    known = np.concatenate([found.left, against.left]), np.concatenate([found.right, against.right])
    more, less = split(scorer.score(*absent_pairs(component, *known)), keep)
    return merge([found, more], scorer), against + less


def _with_others(found: Scored, scorer: Scorer, judged: JudgedPairs, first: Rows) -> Scored:
    """Candidates, and with them the pairs that no blocking rule yields: judged ones, repeated descriptions."""
    repeats = np.flatnonzero(first != np.arange(len(first))).astype(np.int32)
    added = np.concatenate([judged.same, judged.different, np.stack([first[repeats], repeats], axis=1)])
    missing = added[~contains(found, added)]
    return merge([found, scorer.score(missing[:, 0].copy(), missing[:, 1].copy())], scorer)


def _outcome(scored: Scored, labels: Rows, ambiguous: Rows, model: Model) -> dict[str, Any]:
    rules = model.settings.blocking.rules
    return {
        "model_version": model.version,
        "records": len(labels),
        "pairs_kept": len(scored),
        "clusters": len(np.unique(labels)),
        "ambiguous_records": len(ambiguous),
        "pairs_kept_by_rule": {
            rule.name: int((scored.rule == number).sum()) for number, rule in enumerate(rules)
        },
    }


def _oversized(blocking: Blocking, model: Model) -> dict[str, dict[str, int]]:
    """Per rule with blocks left out: how many keys and records, and how many keys outgrew the limit since training."""
    return {
        rule.name: {
            "keys": len(blocking.oversized[number]),
            "records": blocking.left_out[number],
            "outgrown": int((~np.isin(blocking.oversized[number], model.oversized[number])).sum()),
        }
        for number, rule in enumerate(model.settings.blocking.rules)
        if len(blocking.oversized[number])
    }
