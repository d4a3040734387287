"""The engine: records in; a model version, scored pairs and clusters out. The order of records does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.ambiguity import set_apart
from resolver.linkage.blocking import Blocking, Rows, block, rule_keys
from resolver.linkage.characters import look_alikes
from resolver.linkage.clustering import FORBIDDEN, Edges, components, smallest, weights
from resolver.linkage.columns import Columns, Fact, NumberState, encode
from resolver.linkage.comparison import Comparable, comparable
from resolver.linkage.completion import absent_pairs
from resolver.linkage.descriptions import repeated
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.model import Model
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.rarity import Rarity, count_rarity
from resolver.linkage.sample import Counted, candidate_patterns, random_shares, with_strangers
from resolver.linkage.scoring import Against, Scored, Scorer, merge, score_candidates, split
from resolver.linkage.settings import LinkageSettings, TrainingSettings, person_settings
from resolver.linkage.spanning import spanning_trees
from resolver.linkage.tables import members_table, pairs_table
from resolver.linkage.training import fit, starting_mixture
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


def train(records: pa.Table, settings: LinkageSettings | None = None) -> Model:
    """Make a model version from the records themselves, without labels.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`, in any order, one row a record.
        settings: What is compared and how; default `person.toml`.

    Raises:
        LinkageError: A column is missing.
    """
    settings = settings or person_settings()
    columns = encode(records.sort_by("record_key"))
    rarity = count_rarity(columns, settings.values)
    data = _comparable(columns, rarity)
    keys = rule_keys(columns, settings.blocking.rules)
    blocking = block(keys, settings.blocking.cap)
    counted = _training_pairs(columns, data, blocking, settings.training)
    random = random_shares(data, settings)
    start = starting_mixture(*counted, random, settings)
    estimate = fit(*counted, start, settings)
    return Model(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        rarity=rarity,
        oversized=blocking.oversized,
        trained_on={
            "records": len(columns),
            "pairs": round(float(counted.counts.sum())),
            "patterns": len(counted.patterns),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )


def _training_pairs(
    columns: Columns, data: Comparable, candidates: Blocking, settings: TrainingSettings
) -> Counted:
    """Patterns of candidate pairs, and of pairs that the wide rules add to them."""
    wide = block(rule_keys(columns, settings.wide_rules), settings.wide_cap)
    both = candidates + wide
    total = max(sum(int((b.sizes * (b.sizes - 1) // 2).sum()) for b in candidates.blocks), 1)
    share = min(1.0, settings.sample_pairs / total)
    most = [int(share * (b.sizes * (b.sizes - 1) // 2).sum()) for b in candidates.blocks]
    counted = candidate_patterns(both, data, most + [settings.wide_pairs] * len(wide.blocks))
    return with_strangers(counted, data)


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
    columns = encode(records.sort_by("record_key"))
    scorer = Scorer(_comparable(columns, model.rarity), model.mixture)
    judged = judged_pairs(judgements, columns.record_key)
    first = _repeated(columns, scorer, judged, model)
    progress("finding candidates", 0, 0)
    settings = model.settings.blocking
    keys = rule_keys(columns, settings.rules)
    keys[first != np.arange(len(first))] = 0
    blocking = block(keys, settings.hard_cap, model.oversized)
    threshold = model.settings.clustering.keep
    found, against = score_candidates(
        blocking, scorer, threshold, lambda done, of: progress("comparing pairs", done, of)
    )
    candidates = len(found) + len(against)
    found, against = _completed(found, against, scorer, threshold)
    scored = _with_others(found, scorer, judged, first)
    progress("clustering", 0, 0)
    numbered = columns.fact(Fact.NUMBER_STATE) == NumberState.VALID
    labels, ambiguous = _cluster((scored, against), judged, first, numbered, model)
    held = np.where(_is_among(scored, judged.same), CERTAIN, scored.log_odds)
    trees = spanning_trees(scored.left, scored.right, held, labels)
    return Linkage(
        pairs=pairs_table(scored, columns.record_key, model.settings),
        members=members_table(trees, held, labels, columns.record_key),
        ambiguous=pa.array(columns.record_key[ambiguous]),
        report=_report(blocking, candidates, scored, labels, ambiguous, model),
    )


def _comparable(columns: Columns, rarity: Rarity) -> Comparable:
    return comparable(columns, rarity.bands(columns), look_alikes())


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
    missing = added[~_contains(found, added)]
    return merge([found, scorer.score(missing[:, 0].copy(), missing[:, 1].copy())], scorer)


def _pair_keys(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right


def _contains(scored: Scored, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.isin(_pair_keys(pairs[:, 0], pairs[:, 1]), _pair_keys(scored.left, scored.right))


def _is_among(scored: Scored, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.isin(_pair_keys(scored.left, scored.right), _pair_keys(pairs[:, 0], pairs[:, 1]))


def _cluster(
    pairs: tuple[Scored, Against], judged: JudgedPairs, first: Rows, numbered: NDArray[np.bool_], model: Model
) -> tuple[Rows, Rows]:
    """Cluster of every row, and the ambiguous rows; rows that are one by judgement or description are so at once."""
    scored, against = pairs
    settings = model.settings.clustering
    n = len(first)
    repeats = np.flatnonzero(first != np.arange(n)).astype(np.int32)
    left = np.concatenate([judged.same[:, 0], first[repeats]])
    right = np.concatenate([judged.same[:, 1], repeats])
    groups = smallest(components(n, left, right))
    weight = weights(scored.log_odds, settings.clip)
    weight[_is_among(scored, judged.different)] = FORBIDDEN
    edges = _between_groups(
        np.concatenate([scored.left, against.left]),
        np.concatenate([scored.right, against.right]),
        np.concatenate([weight, weights(against.log_odds, settings.clip)]),
        groups,
    )
    with_number = np.zeros(n, np.bool_)
    with_number[groups[numbered]] = True
    labels = cluster_numbered_first(edges, with_number, settings)[groups]
    labels, ambiguous = set_apart(labels, edges, settings)
    return smallest(labels[groups]), ambiguous


def _between_groups(left: Rows, right: Rows, weight: NDArray[np.int64], groups: Rows) -> Edges:
    """Edges between groups of rows; the strongest of several stands for them, but a forbidden one beats all."""
    a, b = groups[left], groups[right]
    left, right = np.minimum(a, b), np.maximum(a, b)
    apart = left != right
    left, right, weight = left[apart], right[apart], weight[apart]
    rank = np.where(weight == FORBIDDEN, np.iinfo(np.int64).max, weight)
    order = np.lexsort((-rank, right, left))
    left, right, weight = left[order], right[order], weight[order]
    new = np.ones(len(left), np.bool_)
    new[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return Edges(left[new], right[new], weight[new])


def _report(
    blocking: Blocking, candidates: int, scored: Scored, labels: Rows, ambiguous: Rows, model: Model
) -> dict[str, Any]:
    rules = model.settings.blocking.rules
    return {
        "model_version": model.version,
        "records": len(labels),
        "candidate_pairs": candidates,
        "pairs_kept": len(scored),
        "clusters": len(np.unique(labels)),
        "ambiguous_records": len(ambiguous),
        "pairs_kept_by_rule": {
            rule.name: int((scored.rule == number).sum()) for number, rule in enumerate(rules)
        },
        "oversized_blocks": {
            rule.name: {
                "keys": len(blocking.oversized[number]),
                "records": blocking.left_out[number],
                "outgrown": int((~np.isin(blocking.oversized[number], model.oversized[number])).sum()),
            }
            for number, rule in enumerate(rules)
            if len(blocking.oversized[number])
        },
    }
