"""Link organisation records: by the engine of persons, with a model of their own.

records ─► columns ─► candidate pairs ─► levels ─► log-odds ─► clusters ─► members
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.ambiguity import as_near_elsewhere, held_against, near_misses, set_apart
from resolver.linkage.blocking import Blocking, block, expand, parts
from resolver.linkage.clustering import FORBIDDEN, all_weights, components, smallest
from resolver.linkage.completion import absent_pairs
from resolver.linkage.grouping import between_groups
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.organisation.atoms import rule_keys
from resolver.linkage.organisation.cancelled import cancelled_by_name
from resolver.linkage.organisation.columns import Columns, Word, encode
from resolver.linkage.organisation.levels import Comparison, CreditCode, Register
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.scoring import (
    Against,
    Kept,
    Scored,
    Scorer,
    at_least,
    contains,
    is_among,
    merge,
    split,
)
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.spanning import spanning_trees
from resolver.linkage.tables import members_table

Rows = NDArray[np.int32]
_CERTAIN = 40.0
"""Natural log-odds of a pair that was judged to be one."""


@dataclass(frozen=True)
class OrganisationLinkage:
    """What linkage found.

    Attributes:
        members: `tables.MEMBERS_SCHEMA`, sorted by `record_key`.
        ambiguous: Record keys, ascending, of records that fit two clusters almost equally, or nearly came to another.
        report: Counts.
    """

    members: pa.Table
    ambiguous: pa.Array
    report: dict[str, Any]


def link_organisations(
    records: pa.Table, model: OrganisationModel, judgements: Sequence[Judged] = ()
) -> OrganisationLinkage:
    """Find which records are of one organisation.

    Args:
        records: Columns of `ORGANISATION_RECORD_SCHEMA`, in any order, one row a record.
        model: A model version.
        judgements: Human decisions that hold, none undone; those about other records are left aside.

    Raises:
        LinkageError: A column is missing, or judgements contradict one another.
    """
    columns = encode(records)
    judged = judged_pairs(judgements, columns.record_key)
    scorer = Scorer(len(columns), model.comparison(columns), model.mixture)
    found, against = _scored(columns, scorer, judged, model)
    levels = np.concatenate([found.levels, scorer.score(against.left, against.right).levels])
    labels, ambiguous = _group(columns, (found, against), _of_two(levels), judged, model.settings.clustering)
    held = np.where(is_among(found, judged.same), _CERTAIN, found.log_odds)
    trees = spanning_trees(found.left, found.right, held, labels)
    report = {
        "model_version": model.version,
        "records": len(columns),
        "candidate_pairs": len(found) + len(against),
        "pairs_kept": len(found),
        "clusters": int((labels == np.arange(len(labels))).sum()),
        "ambiguous_records": len(ambiguous),
    }
    members = members_table(trees, labels, columns.record_key)
    return OrganisationLinkage(members, pa.array(columns.record_key[ambiguous]), report)


def _scored(
    columns: Columns, scorer: Scorer, judged: JudgedPairs, model: OrganisationModel
) -> tuple[Scored, Against]:
    """Pairs kept: candidates, what stands between their groups, and judged ones; and pairs that were not kept."""
    settings = model.settings
    rules, kept = settings.blocking.rules, at_least(settings.clustering.keep)
    blocking = block(rule_keys(columns, rules), [settings.blocking.hard_cap] * len(rules), model.oversized)
    found, against = _candidates(blocking, scorer, kept)
    component = components(len(columns), found.left, found.right)
    against = against.take(component[against.left] == component[against.right])
    known = np.concatenate([found.left, against.left]), np.concatenate([found.right, against.right])
    more, less = split(scorer.score(*absent_pairs(component, *known)), kept)
    found = merge([found, more], scorer)
    named = np.unique(np.concatenate([judged.same, judged.different]), axis=0)
    missing = named[~contains(found, named)]
    found = merge([found, scorer.score(missing[:, 0].copy(), missing[:, 1].copy())], scorer)
    return found, against + less


def _candidates(blocking: Blocking, scorer: Scorer, kept: Kept) -> tuple[Scored, Against]:
    """Score the candidates on all cores: organisations are few enough for all of their pairs to be held in memory."""

    def one(piece: tuple[int, slice]) -> tuple[Scored, Against]:
        return split(scorer.score(*expand(blocking, *piece), piece[0]), kept)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(one, parts(blocking)))
    nothing = split(scorer.score(np.zeros(0, np.int32), np.zeros(0, np.int32)), kept)[1]
    return merge([some for some, _ in done], scorer), sum((others for _, others in done), nothing)


def _of_two(levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Pairs (m,) of records that name themselves two organisations: by valid codes, or as entries of the register."""
    two_codes = levels[:, Comparison.CREDIT_CODE] == CreditCode.DIFFERENT
    return np.asarray(two_codes | (levels[:, Comparison.REGISTER] == Register.TWO_ENTRIES))


def _group(
    columns: Columns,
    pairs: tuple[Scored, Against],
    of_two: NDArray[np.bool_],
    judged: JudgedPairs,
    settings: ClusteringSettings,
) -> tuple[Rows, Rows]:
    """Cluster of every row, and the ambiguous rows.

    Records with codes come together first, then the others join them: a record with nothing but a name that two
    firms bear must not be the bridge over which these become one. Nor do two records that name themselves two
    organisations meet because of others, unless they themselves are, all told, more likely one; but for an entry of
    the register without any number: it may be the firm's own under its former or later name, and is flagged. A name
    that several bear weighs about nothing, so a firm that just does not do by itself is still a rival of one that
    just does.
    """
    found, against = pairs
    n = len(columns)
    groups = smallest(components(n, judged.same[:, 0].copy(), judged.same[:, 1].copy()))
    left = np.concatenate([found.left, against.left])
    right = np.concatenate([found.right, against.right])
    weight = all_weights([found.log_odds, against.log_odds], settings.clip)
    numbered = columns.numbered
    weight[of_two & numbered[left] & numbered[right] & (weight < 0)] = FORBIDDEN
    weight[: len(found)][is_among(found, judged.different)] = FORBIDDEN
    edges = between_groups(left, right, weight, groups)
    coded = np.zeros(n, np.bool_)
    coded[groups[columns.word(Word.ORGANISATION_CODE) != 0]] = True
    labels = cluster_numbered_first(edges, coded, settings)[groups]
    nameless = np.zeros(n, np.bool_)
    labels, ambiguous = set_apart(labels, edges, nameless, settings, settings.stop - settings.rival)
    two = between_groups(left[of_two], right[of_two], weight[of_two], groups)
    doubtful = [
        ambiguous,
        near_misses(labels, edges, settings),
        as_near_elsewhere(labels, edges, coded, settings),
        held_against(labels, two, settings),
    ]
    rows, labels = np.isin(groups, np.concatenate(doubtful)), smallest(labels[groups])
    rows[cancelled_by_name(labels, columns)] = True
    return labels, np.flatnonzero(rows).astype(np.int32)
