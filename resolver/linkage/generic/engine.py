"""Link any table: records in; a model version, weighed pairs and clusters out. The order of records does not matter."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import Edges, cluster, weights
from resolver.linkage.generic.aliases import Aliases, learn_aliases
from resolver.linkage.generic.candidates import Candidates, Piece, find_candidates
from resolver.linkage.generic.comparison import compare_patterns
from resolver.linkage.generic.completion import pairs_to_complete
from resolver.linkage.generic.counterparts import one_to_one
from resolver.linkage.generic.frequency import Frequencies, count_frequencies
from resolver.linkage.generic.messages import messages
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.prepared import Plan, Prepared, plan, prepare
from resolver.linkage.generic.repeats import first_of_repeated
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.tally import look_up, table_of, tally
from resolver.linkage.generic.training import fit_mixture, mixture_of, weigh_patterns, with_strangers
from resolver.linkage.generic.vocabulary import count_words
from resolver.linkage.patterns import Patterns, count
from resolver.linkage.training import Estimate
from resolver.progress import Progress, silent

Rows = NDArray[np.int32]
Counted = tuple[Patterns, NDArray[np.float64]]

_SEED = 20260101
_RANDOM_PER_RECORD = 20
_LIKELY = 3.0
"""Natural log-odds from which a pair is likely enough a match to learn from."""


class Compared(NamedTuple):
    """Pairs of rows, left < right, with their levels.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        patterns: uint64 (m,).
    """

    left: Rows
    right: Rows
    patterns: Patterns


@dataclass(frozen=True)
class TableLinkage:
    """What linkage found.

    Attributes:
        model: The model version.
        pairs: Pairs kept.
        log_odds: float64 (m,), natural, of these.
        labels: int32 (n,): smallest row of each row's cluster.
        report: Counts, and seconds per step.
    """

    model: TableModel
    pairs: Compared
    log_odds: NDArray[np.float64]
    labels: Rows
    report: dict[str, Any]


@dataclass
class Steps:
    """Seconds per step, and who is told of it."""

    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    _name: str = ""
    _since: float = 0.0

    def start(self, name: str) -> None:
        """A step begins, and the one before it ends; an empty name ends the last."""
        now = perf_counter()
        if self._name:
            self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._since
        self._name, self._since = name, now
        if name:
            self.progress(name, 0, 0)


def link_table(
    table: Table, settings: TableSettings, model: TableModel | None = None, progress: Progress = silent
) -> TableLinkage:
    """Find which records of one table, or of two, are of one entity.

    Args:
        table: The records; see `table.read_tables`.
        settings: What is compared and how; those of the model if one is given.
        model: A model version; None = train one on these records.
        progress: Told of every step.

    Raises:
        SettingsError: An atom is unknown.
    """
    steps = Steps(progress)
    steps.start("blocking")
    first = first_of_repeated(table)
    candidates = find_candidates(table, settings.blocking, first, model.oversized if model else None)
    steps.start("preparing")
    data, known = prepared(table, settings, model)
    work = plan(settings)
    steps.start("comparing")
    found = compare_all(candidates, data, work)
    if model is None:
        steps.start("training")
        model, data, found = _trained(table, settings, (candidates, data, found), known)
    steps.start("weighing")
    n_candidates = sum(len(part.left) for part in found)
    found.append(_repeats(first, data, work))
    kept, log_odds = _weigh(found, model)
    found.clear()
    steps.start("clustering")
    labels = _cluster(table, kept, log_odds, model.settings)
    if not table.of_two:
        steps.start("completing")
        kept, log_odds = _completed(kept, log_odds, labels, (data, work), model)
        labels = _cluster(table, kept, log_odds, model.settings)
    steps.start("")
    report = {
        "records": len(table),
        "candidate_pairs": n_candidates,
        "pairs_kept": len(kept.left),
        "clusters": int((labels == np.arange(len(labels))).sum()),
        "blocking_rules": [asdict(rule) for rule in candidates.counts],
        "model_version": model.version,
        "messages": messages(candidates, model, n_candidates, _repeats_linked(first, labels)),
        "seconds": steps.seconds,
    }
    return TableLinkage(model, kept, log_odds, labels, report)


def prepared(
    table: Table, settings: TableSettings, model: TableModel | None
) -> tuple[Prepared, dict[str, Frequencies]]:
    """Records as the comparison reads them, and how common their values are (as the model says if there is one)."""
    known = model.frequencies if model else _frequencies(table, settings)
    return prepare(table, settings, known, model.aliases if model else Aliases.none().keys), known


def _trained(
    table: Table,
    settings: TableSettings,
    so_far: tuple[Candidates, Prepared, list[Compared]],
    known: dict[str, Frequencies],
) -> tuple[TableModel, Prepared, list[Compared]]:
    """Train on all candidates; where words are compared, once more with the aliases that were learnt."""
    candidates, data, found = so_far
    work = plan(settings)
    counted, estimate = _estimated(found, (table, data, work), settings)
    aliases = Aliases.none()
    with_words = [row for row, c in enumerate(settings.comparisons) if c.kind == "tokens"]
    if settings.training.aliases and with_words:
        aliases = learn_aliases(data, work, with_words, _likely(found, estimate))
    if len(aliases.keys):
        data = data._replace(words=data.words._replace(aliases=aliases.keys))
        found = compare_all(candidates, data, work)
        counted, estimate = _estimated(found, (table, data, work), settings)
    return _model(settings, estimate, (known, aliases), candidates, counted), data, found


def _likely(found: list[Compared], estimate: Estimate) -> tuple[Rows, Rows]:
    """Rows of the pairs that are likely matches."""
    patterns, _ = _counted(found)
    known = table_of(
        patterns, weigh_patterns(patterns, mixture_of(estimate.shares, estimate.levels), len(estimate.levels))
    )
    chosen = [look_up(known, part.patterns) > _LIKELY for part in found]
    left = [part.left[high] for part, high in zip(found, chosen, strict=True)]
    right = [part.right[high] for part, high in zip(found, chosen, strict=True)]
    return np.concatenate([np.zeros(0, np.int32), *left]), np.concatenate([np.zeros(0, np.int32), *right])


def _repeats(first: Rows, data: Prepared, work: Plan) -> Compared:
    """Pairs of repeated records with the first of their kind."""
    right = np.flatnonzero(first != np.arange(len(first))).astype(np.int32)
    left = first[right]
    return Compared(left, right, compare_patterns(data, work, left, right))


def _repeats_linked(first: Rows, labels: Rows) -> tuple[int, int]:
    """Repeated records, and those of them that are in the cluster of the first of their kind."""
    again = first != np.arange(len(first))
    return int(again.sum()), int((labels[again] == labels[first[again]]).sum())


def compare_all(candidates: Candidates, data: Prepared, work: Plan) -> list[Compared]:
    """Compare every candidate pair, in pieces, on all cores; pieces come in the order of the rules."""

    def one(piece: Piece) -> Compared:
        left, right = piece.pairs()
        return Compared(left, right, compare_patterns(data, work, left, right))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, candidates.pieces()))


def _counted(found: Iterable[Compared]) -> Counted:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return count(list(pool.map(lambda part: tally(part.patterns), found)))


def _frequencies(table: Table, settings: TableSettings) -> dict[str, Frequencies]:
    """How common the values of columns are where that matters, and words under the empty name."""
    wanted = {c.columns[0] for c in settings.comparisons if c.options.get("frequency")}
    out = {name: count_frequencies(table.columns[name]) for name in sorted(wanted)}
    out[""] = count_words([table.columns[name] for name in settings.with_words], len(table))
    return out


def _random_pairs(table: Table, data: Prepared, work: Plan, settings: TableSettings) -> Counted:
    """Patterns of pairs drawn at random, which stand for non-matches."""
    n = len(table)
    most = min(settings.training.random_pairs, _RANDOM_PER_RECORD * n) if n > 1 else 0
    drawn = np.random.default_rng(_SEED).integers(0, max(n, 1), (2, most), dtype=np.int32)
    parts = np.array_split(drawn[:, drawn[0] != drawn[1]], os.cpu_count() or 1, axis=1)

    def one(part: Rows) -> Counted:
        return tally(compare_patterns(data, work, part[0].copy(), part[1].copy()))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return count(list(pool.map(one, parts)))


def _estimated(
    found: list[Compared], compared: tuple[Table, Prepared, Plan], settings: TableSettings
) -> tuple[Counted, Estimate]:
    """Patterns of the candidates, and the mixture fitted to them."""
    counted = _counted(found)
    random = _random_pairs(*compared, settings)
    mixed = with_strangers(counted, random, len(compared[0]))
    training = settings.training
    return counted, fit_mixture(mixed, random, settings.described, training, training.prior_match)


def _model(
    settings: TableSettings,
    estimate: Estimate,
    learnt: tuple[dict[str, Frequencies], Aliases],
    candidates: Candidates,
    counted: Counted,
) -> TableModel:
    known, aliases = learnt
    return TableModel(
        settings=settings,
        shares=estimate.shares,
        levels=estimate.levels,
        frequencies=known,
        aliases=aliases.keys,
        alias_words=aliases.words,
        oversized=candidates.oversized,
        trained_on={
            "records": candidates.n,
            "pairs": float(counted[1].sum()),
            "patterns": len(counted[0]),
            "matches": float(estimate.shares[0]),
            "iterations": estimate.iterations,
        },
    )


def _weigh(found: list[Compared], model: TableModel) -> tuple[Compared, NDArray[np.float64]]:
    """Pairs whose log-odds reach the model's `keep`, sorted, and these log-odds."""
    patterns, _ = _counted(found)
    known = table_of(patterns, weigh_patterns(patterns, model.mixture, len(model.comparisons)))
    keep = model.settings.clustering.keep

    def one(part: Compared) -> tuple[Rows, Rows, Patterns, NDArray[np.float64]]:
        log_odds = look_up(known, part.patterns)
        high = log_odds >= keep
        return part.left[high], part.right[high], part.patterns[high], log_odds[high]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return _sorted_by_rows(list(pool.map(one, found)))


def _sorted_by_rows(
    parts: list[tuple[Rows, Rows, Patterns, NDArray[np.float64]]],
) -> tuple[Compared, NDArray[np.float64]]:
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0))
    left, right, shown, log_odds = (np.concatenate(column) for column in zip(nothing, *parts, strict=True))
    order = np.argsort(left.astype(np.int64) << 32 | right, kind="stable")
    return Compared(left[order], right[order], shown[order]), log_odds[order]


def _completed(
    kept: Compared,
    log_odds: NDArray[np.float64],
    labels: Rows,
    compared: tuple[Prepared, Plan],
    model: TableModel,
) -> tuple[Compared, NDArray[np.float64]]:
    """Pairs kept, and with them those inside and between first clusters that blocking overlooked."""
    pairs = np.stack(pairs_to_complete(labels, kept.left, kept.right, log_odds))
    parts = [np.ascontiguousarray(part) for part in np.array_split(pairs, os.cpu_count() or 1, axis=1)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        patterns = list(pool.map(lambda part: compare_patterns(*compared, part[0], part[1]), parts))
    more, more_odds = _weigh(
        [Compared(part[0], part[1], shown) for part, shown in zip(parts, patterns, strict=True)], model
    )
    return _sorted_by_rows([(*kept, log_odds), (*more, more_odds)])


def _cluster(table: Table, kept: Compared, log_odds: NDArray[np.float64], settings: TableSettings) -> Rows:
    if table.of_two and settings.one_to_one:
        return one_to_one(len(table), kept.left, kept.right, log_odds, settings.clustering.stop)
    edges = Edges(kept.left, kept.right, weights(log_odds, settings.clustering.clip))
    return cluster(len(table), edges, settings.clustering)
