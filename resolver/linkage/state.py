"""What a run leaves for the next one, so that only what changed is compared and clustered again.

A full run leaves a base: all records encoded, their sorted keys, the pairs kept, the members. A run that goes on from
it leaves the base as it is, and beside it what is different since. Records are therefore numbered by slots, which
stay, and not by rows, which every record that comes in between moves on. Whether a run was a full one or not, the two
together hold the same: `arrays_in_order` gives it as a full run would have left it.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import key_columns
from resolver.linkage.columns import Columns
from resolver.linkage.descriptions import Repeats
from resolver.linkage.engine import Linkage, WholeRun
from resolver.linkage.entries import Entries, no_entries, sorted_entries
from resolver.linkage.layers import Layers, no_columns
from resolver.linkage.model import Model
from resolver.linkage.patches import Arrays, Patch, chosen_columns
from resolver.linkage.runs import order_of_runs
from resolver.linkage.scoring import Against
from resolver.linkage.slots import Numbering, Slots
from resolver.linkage.sorting import pair_keys


@dataclass(frozen=True, eq=False)
class Sorted:
    """Keys in sorted order: of descriptions, and of blocks per rule."""

    descriptions: Entries
    blocks: tuple[Entries, ...]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of slots in the order of their record keys.

    Attributes:
        left: int32 (m,): slot of the left record.
        right: int32 (m,).
        columns: What is known of each, (m,) each.
    """

    left: Slots
    right: Slots
    columns: Arrays

    def __len__(self) -> int:
        return len(self.left)

    def take(self, places: NDArray[Any]) -> "Pairs":
        """Some of them: places (k,), or flags (m,)."""
        return Pairs(self.left[places], self.right[places], chosen_columns(self.columns, places))


@dataclass(frozen=True, eq=False)
class PairChanges:
    """What is different of pairs: the places taken out, and the pairs put in."""

    patch: Patch
    added: Pairs

    @classmethod
    def none(cls, of: Pairs) -> "PairChanges":
        """Nothing is different."""
        return cls(Patch.nothing(), of.take(slice(0, 0)))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class RecordChanges:
    """What is different of records' groups and members.

    Attributes:
        patch: In places of the base: records that are gone or have changed, and where those below are put.
        slot: int32 (t,): records that came or changed, by record key.
        group: int32 (t,): a slot that stands for each one's group.
        members: Columns of the members table, (t,) each, but for `record_key`.
    """

    patch: Patch
    slot: Slots
    group: Slots
    members: Arrays


@dataclass(frozen=True, eq=False)
class Base:
    """What a run found, for n records whose rows are their slots.

    Attributes:
        columns: The records.
        group: int32 (n,): smallest row of the records that kept pairs connect with each one.
        repeats: Records with descriptions that are repeated often.
        keys: Sorted keys.
        pairs: Pairs kept, with the columns of the pairs table.
        against: Pairs within groups that were not kept, with their `log_odds`.
        members: Columns of the members table but for `record_key`; -1 for no parent.
    """

    columns: Columns
    group: Slots
    repeats: Repeats
    keys: Sorted
    pairs: Pairs
    against: Pairs
    members: Arrays


@dataclass(frozen=True, eq=False)
class Since:
    """What is different from the base.

    Attributes:
        columns: Records that came, in the order of their slots.
        gone: int32 (g,), ascending: slots whose records went.
        records: Groups and members.
        keys: Entries, sorted by key, then slot, of records that stand in blocks and have none in the base.
        pairs: Pairs kept.
        against: Pairs not kept.
    """

    columns: Columns
    gone: Slots
    records: RecordChanges
    keys: Sorted
    pairs: PairChanges
    against: PairChanges

    @classmethod
    def nothing(cls, base: Base) -> "Since":
        """Nothing is different."""
        none = np.zeros(0, np.int32)
        return cls(
            no_columns(),
            none,
            RecordChanges(Patch.nothing(), none, none, chosen_columns(base.members, none)),
            Sorted(no_entries(), tuple(no_entries() for _ in base.keys.blocks)),
            PairChanges.none(base.pairs),
            PairChanges.none(base.against),
        )


@dataclass(frozen=True, eq=False)
class Known:
    """What a run found that is small enough to be kept whole.

    Attributes:
        repeats: Records with descriptions that are repeated often, as slots.
        ambiguous: int64 (a,): record keys, ascending.
        same: int64 (s, 2): record keys judged the same.
        different: int64 (d, 2): record keys judged different.
        report: Counts.
    """

    repeats: Repeats
    ambiguous: NDArray[np.int64]
    same: NDArray[np.int64]
    different: NDArray[np.int64]
    report: dict[str, Any]


@dataclass(frozen=True, eq=False)
class State:
    """What a run found.

    Attributes:
        model_version: Of the model it used.
        base: What the last full run found, or one that wrote everything anew.
        since: What is different now.
        known: What is kept whole.
        source: File that holds the base; None = it is in memory alone.
    """

    model_version: str
    base: Base
    since: Since
    known: Known
    source: Path | None = None

    @classmethod
    def of(cls, run: WholeRun, linkage: Linkage, model: Model) -> "State":
        """The state that a full run leaves."""
        columns, scored = run.columns, run.grouped.scored
        against = sorted_against(run.against)
        record_key = np.require(columns.record_key, requirements="W")  # compiled code is for such arrays
        base = Base(
            columns=Columns(record_key, columns.words, columns.facts, columns.chars, columns.starts),
            group=run.grouped.groups,
            repeats=run.repeats,
            keys=_sorted_keys(run, model),
            pairs=Pairs(scored.left, scored.right, arrays_of(linkage.pairs)),
            against=Pairs(against.left, against.right, {"log_odds": against.log_odds}),
            members=arrays_of(linkage.members.drop_columns("record_key")),
        )
        known = Known(
            run.repeats,
            linkage.ambiguous.to_numpy(),
            record_key[run.judged.same],
            record_key[run.judged.different],
            linkage.report,
        )
        return cls(model.version, base, Since.nothing(base), known)

    @cached_property
    def numbering(self) -> Numbering:
        """Rows and slots of the run's records."""
        if not len(self.since.gone) and not len(self.since.columns):
            return Numbering.plain(self.base.columns.record_key)
        return Numbering.rebuilt(self.base.columns.record_key, self.since.columns.record_key, self.since.gone)

    @property
    def layers(self) -> Layers:
        """The records, those that went among them."""
        return Layers(self.base.columns, self.since.columns)

    def groups(self) -> Slots:
        """A slot that stands for the group of each slot: int32 (s,); of records that went, themselves."""
        group = np.arange(len(self.layers), dtype=np.int32)
        group[: len(self.base.group)] = self.base.group
        group[self.since.gone] = self.since.gone
        group[self.since.records.slot] = self.since.records.group
        return group


def joined(one: Arrays, other: Arrays) -> Arrays:
    """Columns of one, and behind them those of the other."""
    return {name: np.concatenate([column, other[name]]) for name, column in one.items()}


def _sorted_keys(run: WholeRun, model: Model) -> Sorted:
    """The keys are made again, now that the run has given back the memory of its own."""
    rows = np.arange(len(run.columns))
    repeated = run.repeats.firsts(len(rows)) != rows
    keys = key_columns(run.columns, model.settings.blocking.rules)

    def one(column: NDArray[np.uint64]) -> Entries:
        return sorted_entries(np.where(repeated, np.uint64(0), column))

    with ThreadPoolExecutor(cpu_count()) as pool:
        return Sorted(run.descriptions, tuple(_few_waiting(pool, one, keys)))


def _few_waiting(
    pool: ThreadPoolExecutor, job: Any, columns: Iterator[NDArray[np.uint64]]
) -> Iterator[Entries]:
    """Do the job for all columns, a few at a time: they take memory."""
    waiting = []
    for column in columns:
        waiting.append(pool.submit(job, column))
        if len(waiting) > (cpu_count() or 1):
            yield waiting.pop(0).result()
    for one in waiting:
        yield one.result()


def sorted_against(against: Against) -> Against:
    """The pairs by left and right row."""
    order = order_of_runs(pair_keys(against.left, against.right))
    return Against(*(column.take(order) for column in vars(against).values()))


def arrays_of(table: Any) -> Arrays:
    """Columns of a table as arrays, -1 for null."""
    return {
        name: (column.fill_null(-1) if column.null_count else column).combine_chunks().to_numpy()
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
