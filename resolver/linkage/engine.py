"""The engine: records in; a model version, scored pairs and clusters out. The order of records does not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.errors import SettingsError
from resolver.linkage.ambiguity import set_apart
from resolver.linkage.blocking import Blocking, Rows, block, rule_keys
from resolver.linkage.characters import look_alikes
from resolver.linkage.clustering import FORBIDDEN, Edges, components, smallest, weights
from resolver.linkage.columns import Columns, Fact, NumberState, Word, encode
from resolver.linkage.comparison import comparable
from resolver.linkage.completion import absent_pairs
from resolver.linkage.confusions import learn_confusions
from resolver.linkage.descriptions import repeated
from resolver.linkage.hashing import Hashes
from resolver.linkage.judged import Judged, JudgedPairs, judged_pairs
from resolver.linkage.model import Model
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.rarity import count_rarity
from resolver.linkage.sample import candidate_patterns, random_shares, with_strangers
from resolver.linkage.scoring import Against, Scored, Scorer, merge, score_candidates, split
from resolver.linkage.settings import LinkageSettings, person_settings
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
        SettingsError: No blocking rule is that of the ID number alone.
    """
    settings = settings or person_settings()
    columns = encode(_sorted(records))
    rarity = count_rarity(columns, settings.values)
    blocking = _training_blocks(columns, settings)
    data = comparable(columns, rarity.bands(columns), look_alikes())
    confusions = learn_confusions(columns, data, blocking, _rule_of_one_number(settings))
    data = data._replace(look_alikes=np.union1d(data.look_alikes, confusions))
    counted = with_strangers(candidate_patterns(blocking, data, _training_pairs(blocking, settings)), data)
    random = random_shares(data, settings)
    start = starting_mixture(*counted, random, settings)
    estimate = fit(*counted, start, settings)
    return Model(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        rarity=rarity,
        confusions=confusions,
        oversized=blocking.oversized[: len(settings.blocking.rules)],
        trained_on={
            "records": len(columns),
            "pairs": round(float(counted.counts.sum())),
            "patterns": len(counted.patterns),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )


def _rule_of_one_number(settings: LinkageSettings) -> int:
    """Number of the blocking rule whose blocks hold records of one ID number.

    Raises:
        SettingsError: There is none.
    """
    for number, rule in enumerate(settings.blocking.rules):
        if rule.atoms == ("id_number",):
            return number
    raise SettingsError(
        "the blocking rules lack one with the atom id_number alone", remedy="Add it to the linkage settings."
    )


def _training_blocks(columns: Columns, settings: LinkageSettings) -> Blocking:
    """Blocks of the rules, then those of the wide rules."""
    rules, wide = settings.blocking.rules, settings.training.wide_rules
    caps = [settings.blocking.cap] * len(rules) + [settings.training.wide_cap] * len(wide)
    return block(rule_keys(columns, rules + wide), caps)


def _training_pairs(blocking: Blocking, settings: LinkageSettings) -> list[int]:
    """About how many pairs to look at, per rule."""
    pairs = [int((b.sizes * (b.sizes - 1) // 2).sum()) for b in blocking.blocks]
    candidates = pairs[: len(settings.blocking.rules)]
    share = min(1.0, settings.training.sample_pairs / max(sum(candidates), 1))
    wide = [settings.training.wide_pairs] * len(settings.training.wide_rules)
    return [int(share * n) for n in candidates] + wide


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
    columns = encode(_sorted(records))
    scorer = Scorer(model.comparable(columns), model.mixture)
    judged = judged_pairs(judgements, columns.record_key)
    first = _repeated(columns, scorer, judged, model)
    found, against, report = _score(columns, scorer, first, model, progress)
    found, against = _completed(found, against, scorer, model.settings.clustering.keep)
    scored = _with_others(found, scorer, judged, first)
    progress("clustering", 0, 0)
    labels, ambiguous = _cluster((scored, against), judged, first, _Numbered.of(columns), model)
    held = np.where(_is_among(scored, judged.same), CERTAIN, scored.log_odds)
    trees = spanning_trees(scored.left, scored.right, held, labels)
    return Linkage(
        pairs=pairs_table(scored, columns.record_key, model.settings),
        members=members_table(trees, held, labels, columns.record_key),
        ambiguous=pa.array(columns.record_key[ambiguous]),
        report={**report, **_outcome(scored, labels, ambiguous, model)},
    )


def _sorted(records: pa.Table) -> pa.Table:
    """Records by record key; those that are in order already are not copied."""
    keys = records.column("record_key").to_numpy()
    return records if (keys[1:] > keys[:-1]).all() else records.sort_by("record_key")


def _score(
    columns: Columns, scorer: Scorer, first: Rows, model: Model, progress: Progress
) -> tuple[Scored, Against, dict[str, Any]]:
    """Score the candidates: pairs kept, pairs not kept, and what to report of the blocks."""
    progress("finding candidates", 0, 0)
    settings = model.settings.blocking
    keys = rule_keys(columns, settings.rules)
    keys[first != np.arange(len(first))] = 0
    blocking = block(keys, [settings.hard_cap] * len(settings.rules), model.oversized)
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
    missing = added[~_contains(found, added)]
    return merge([found, scorer.score(missing[:, 0].copy(), missing[:, 1].copy())], scorer)


def _pair_keys(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int64]:
    return left.astype(np.int64) << 32 | right


def _contains(scored: Scored, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.isin(_pair_keys(pairs[:, 0], pairs[:, 1]), _pair_keys(scored.left, scored.right))


def _is_among(scored: Scored, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.isin(_pair_keys(scored.left, scored.right), _pair_keys(pairs[:, 0], pairs[:, 1]))


@dataclass(frozen=True)
class _Numbered:
    """What valid numbers say of who is not who.

    Attributes:
        rows: bool (n,): the row has a valid number that its record does not contradict.
        entries: uint64 (n,): the number of an entry of the household register, if valid; else 0.
    """

    rows: NDArray[np.bool_]
    entries: Hashes

    @classmethod
    def of(cls, columns: Columns) -> "_Numbered":
        state = columns.fact(Fact.NUMBER_STATE)
        valid = np.isin(state, (NumberState.VALID, NumberState.DOUBTFUL))
        entry = valid & (columns.fact(Fact.REGISTER) == 1)
        return cls(state == NumberState.VALID, np.where(entry, columns.word(Word.ID_NUMBER), np.uint64(0)))

    def apart(self, left: Rows, right: Rows, weight: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Pairs of two entries of the register whose own evidence, two valid numbers in it, is for two persons.

        Such a pair is not outvoted by what other sources mixed up (twins seen under each other's number). Evidence
        of a changed number stands in the entries themselves, so that it wins where there is some.
        """
        a, b = self.entries[left], self.entries[right]
        return np.asarray((a != 0) & (b != 0) & (a != b) & (weight < 0))


def _cluster(
    pairs: tuple[Scored, Against], judged: JudgedPairs, first: Rows, numbered: _Numbered, model: Model
) -> tuple[Rows, Rows]:
    """Cluster of every row, and the ambiguous rows; rows that are one by judgement or description are so at once."""
    scored, against = pairs
    settings = model.settings.clustering
    n = len(first)
    repeats = np.flatnonzero(first != np.arange(n)).astype(np.int32)
    left = np.concatenate([judged.same[:, 0], first[repeats]])
    right = np.concatenate([judged.same[:, 1], repeats])
    groups = smallest(components(n, left, right))
    left = np.concatenate([scored.left, against.left])
    right = np.concatenate([scored.right, against.right])
    weight = weights(np.concatenate([scored.log_odds, against.log_odds]), settings.clip)
    weight[numbered.apart(left, right, weight)] = FORBIDDEN
    weight[: len(scored)][_is_among(scored, judged.different)] = FORBIDDEN
    edges = _between_groups(left, right, weight, groups)
    with_number = np.zeros(n, np.bool_)
    with_number[groups[numbered.rows]] = True
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
