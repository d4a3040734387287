"""Link any table: records in; a model version, weighed pairs and clusters out. The order of records does not matter."""

from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

import numpy as np

from resolver.linkage.clustering import Edges, cluster, weights
from resolver.linkage.generic import completion
from resolver.linkage.generic.candidates import Candidates, find_candidates
from resolver.linkage.generic.comparing import Compared, Comparing
from resolver.linkage.generic.counterparts import one_to_one
from resolver.linkage.generic.messages import messages
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.pieces import Piece, Rows, list_pieces
from resolver.linkage.generic.repeats import first_of_repeated
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.trainer import Trained, comparing_with, train_table
from resolver.linkage.generic.weighing import Weighed, together, weigh, weigh_compared
from resolver.memory import allowed
from resolver.progress import Progress, silent

_LEAST_ROOM = 1 << 18
"""Bytes below which work on the disk would be in pieces too small."""


@dataclass(frozen=True)
class TableLinkage:
    """What linkage found.

    Attributes:
        model: The model version.
        pairs: Pairs kept.
        labels: int32 (n,): smallest row of each row's cluster.
        report: Counts, and seconds per step.
    """

    model: TableModel
    pairs: Weighed
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
    table: Table,
    settings: TableSettings,
    model: TableModel | None = None,
    progress: Progress = silent,
    memory: int | None = None,
) -> TableLinkage:
    """Find which records of one table, or of two, are of one entity.

    Args:
        table: The records; see `table.read_tables`.
        settings: What is compared and how; those of the model if one is given.
        model: A model version; None = train one on these records.
        progress: Told of every step.
        memory: Bytes of memory that records and pairs may take while they are compared; default a quarter of what this
            run may take (`memory.allowed`). What exceeds it goes to the disk (`TMPDIR`), with the same result.

    Raises:
        SettingsError: An atom is unknown, or `GUIYI_MEMORY` is no size.
        LinkageError: There is no space on the disk.
    """
    steps = Steps(progress)
    steps.start("blocking")
    first = first_of_repeated(table)
    candidates = find_candidates(table, settings.blocking, first, model.oversized if model else None)
    room = max(allowed() // 4 if memory is None else memory, _LEAST_ROOM)
    steps.start("training" if model is None else "preparing")
    trained: Trained | None = None
    if model is None:
        trained = train_table(table, settings, candidates, room // 2)
        model, comparing = trained.model, trained.comparing
    else:
        comparing = comparing_with(table, model, room // 2)
    weighing = Weighing(comparing, model, room // 4)
    steps.start("comparing")
    pairs, n_candidates = weighing.candidates(candidates, trained)
    pairs = weighing.together(pairs, weighing.rows(*_repeats(first)))
    steps.start("clustering")
    pairs, labels = _clustered(table, weighing, pairs)
    steps.start("")
    report = {
        "records": len(table),
        "candidate_pairs": n_candidates,
        "pairs_kept": len(pairs.left),
        "clusters": int((labels == np.arange(len(labels), dtype=np.int32)).sum()),
        "blocking_rules": [asdict(rule) for rule in candidates.counts],
        "model_version": model.version,
        "messages": messages(
            table, model.settings, candidates, (n_candidates, *_repeats_linked(first, labels))
        ),
        "seconds": steps.seconds,
    }
    return TableLinkage(model, pairs, labels, report)


@dataclass(frozen=True)
class Weighing:
    """Compares and weighs pairs with a model version.

    Attributes:
        comparing: The records as its comparisons read them.
        model: The model version.
        room: Bytes of memory that pairs kept may take.
    """

    comparing: Comparing
    model: TableModel
    room: int

    def candidates(self, candidates: Candidates, trained: Trained | None) -> tuple[Weighed, int]:
        """Weigh the candidates, as training compared them if it did; also how many there are."""
        keep = self.model.settings.clustering.keep
        if trained is not None:
            counted = trained.counted
            pairs = weigh_compared(trained.found, counted, self.model.mixture, keep, self.room)
            return pairs, int(counted[1].sum())
        counts: list[int] = []

        def compare(piece: Piece) -> Compared:
            part = self.comparing(piece)
            counts.append(int(part.counts.sum()))
            return part

        return weigh(candidates.pieces(), compare, self.model.mixture, keep, self.room), sum(counts)

    def rows(self, left: Rows, right: Rows) -> Weighed:
        """Compare and weigh pairs of rows (m,), (m,)."""
        keep = self.model.settings.clustering.keep
        return weigh(list_pieces(left, right), self.comparing, self.model.mixture, keep, self.room)

    def together(self, pairs: Weighed, more: Weighed) -> Weighed:
        """Pairs and more of them, sorted."""
        return together([pairs, more], self.room) if len(more.left) else pairs


def _repeats(first: Rows) -> tuple[Rows, Rows]:
    """Repeated records (m,), each behind the first of its kind (m,)."""
    again = np.flatnonzero(first != np.arange(len(first), dtype=np.int32)).astype(np.int32)
    return first[again], again


def _repeats_linked(first: Rows, labels: Rows) -> tuple[int, int]:
    """Repeated records, and those of them that are in the cluster of the first of their kind."""
    again = first != np.arange(len(first), dtype=np.int32)
    return int(again.sum()), int((labels[again] == labels[first[again]]).sum())


def _clustered(table: Table, weighing: Weighing, pairs: Weighed) -> tuple[Weighed, Rows]:
    """Pairs, and those within clusters and between neighbouring ones that were not compared; labels (n,)."""
    settings = weighing.model.settings
    labels = _cluster(table, pairs, settings)
    if table.of_two:
        return pairs, labels
    more = completion.pairs_to_complete(labels, pairs.left, pairs.right, pairs.log_odds)
    completed = weighing.rows(*more)
    pairs = weighing.together(pairs, completed)
    limited = pairs._replace(log_odds=completion.limited(pairs, completed))
    return pairs, _cluster(table, limited, settings)


def _cluster(table: Table, pairs: Weighed, settings: TableSettings) -> Rows:
    if table.of_two and settings.one_to_one:
        return one_to_one(len(table), pairs.left, pairs.right, pairs.log_odds, settings.clustering.stop)
    edges = Edges(pairs.left, pairs.right, weights(pairs.log_odds, settings.clustering.clip))
    return cluster(len(table), edges, settings.clustering)
