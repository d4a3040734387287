"""Everything that a state holds, in the order of record keys: base and changes put together."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.columns import Columns
from resolver.linkage.engine import Linkage
from resolver.linkage.entries import Entries, merge
from resolver.linkage.patches import Arrays, Patched, patched, patched_columns
from resolver.linkage.slots import Slots
from resolver.linkage.state import Base, PairChanges, Pairs, State
from resolver.linkage.tables import MEMBERS_SCHEMA
from resolver.sliced_table import SlicedTable

Named = tuple[str, NDArray[Any]]


def linkage_of(state: State, record_key: NDArray[np.int64]) -> Linkage:
    """The tables that a state holds, given the keys (n,) of its records, ascending."""
    base, since = state.base, state.since
    pairs = Patched(base.pairs.columns, since.pairs.patch, since.pairs.added.columns)
    members = patched_columns(base.members, since.records.patch, since.records.members)
    columns = {name: pa.array(column) for name, column in members.items()}
    parent = members["parent_record_key"]
    columns["parent_record_key"] = pa.array(parent, mask=parent < 0)
    columns["record_key"] = pa.array(record_key)
    return Linkage(
        kept=SlicedTable(
            pa.schema([(name, pa.from_numpy_dtype(old.dtype)) for name, old in base.pairs.columns.items()]),
            len(pairs),
            lambda start, stop: pa.table(pairs.rows(start, stop)),
        ),
        members=pa.table({name: columns[name] for name in MEMBERS_SCHEMA.names}, schema=MEMBERS_SCHEMA),
        ambiguous=pa.array(state.known.ambiguous),
        report=state.known.report,
    )


def arrays_in_order(state: State) -> Iterator[Named]:
    """Every array of the base that a full run would have left, by name; made one after the other, to save memory."""
    if not len(state.since.records.slot) and not len(state.since.records.patch.dropped):
        yield from arrays_of_base(state.base)
        return
    numbering, layers = state.numbering, state.layers
    columns = layers.take(numbering.slot)
    yield from _arrays_of_columns(columns)
    del columns
    base, since, row = state.base, state.since, numbering.row
    yield "group", row[state.groups()[numbering.slot]]
    order = np.argsort(row[state.known.repeats.row])
    yield "repeats.row", row[state.known.repeats.row[order]]
    yield "repeats.first", row[state.known.repeats.first[order]]
    yield "repeats.held", state.known.repeats.held[order]
    yield from _arrays_of_pairs("pairs", base.pairs, since.pairs, row)
    yield from _arrays_of_pairs("against", base.against, since.against, row)
    members = patched_columns(base.members, since.records.patch, since.records.members)
    yield from ((f"members.{name}", column) for name, column in members.items())
    del members
    stands = row.copy()
    yield from _arrays_of_keys(0, base.keys.descriptions, since.keys.descriptions, stands)
    stands[state.known.repeats.row[state.known.repeats.held]] = -1
    for number, (old, new) in enumerate(zip(base.keys.blocks, since.keys.blocks, strict=True)):
        yield from _arrays_of_keys(number + 1, old, new, stands)


def arrays_of_base(base: Base) -> Iterator[Named]:
    """Every array of a base, by name."""
    yield from _arrays_of_columns(base.columns)
    yield "group", base.group
    for name, array in base.repeats._asdict().items():
        yield f"repeats.{name}", array
    for name, pairs in (("pairs", base.pairs), ("against", base.against)):
        yield from _named_pairs(name, pairs.left, pairs.right, pairs.columns)
    yield from ((f"members.{name}", column) for name, column in base.members.items())
    for number, entries in enumerate((base.keys.descriptions, *base.keys.blocks)):
        yield f"keys.{number}.key", entries.key
        yield f"keys.{number}.row", entries.row


def _arrays_of_columns(columns: Columns) -> Iterator[Named]:
    yield from ((f"columns.{name}", array) for name, array in vars(columns).items())


def _arrays_of_pairs(name: str, base: Pairs, changes: PairChanges, row: Slots) -> Iterator[Named]:
    left = patched(base.left, changes.patch, changes.added.left)
    right = patched(base.right, changes.patch, changes.added.right)
    columns = patched_columns(base.columns, changes.patch, changes.added.columns)
    yield from _named_pairs(name, row[left], row[right], columns)


def _named_pairs(name: str, left: Slots, right: Slots, columns: Arrays) -> Iterator[Named]:
    yield f"{name}.left", left
    yield f"{name}.right", right
    yield from ((f"{name}.columns.{column}", array) for column, array in columns.items())


def _arrays_of_keys(number: int, base: Entries, added: Entries, row: Slots) -> Iterator[Named]:
    base, added = base.of_rows(row >= 0), added.of_rows(row >= 0)
    order = np.lexsort((row[added.row], added.key))
    merged = merge(Entries(base.key, row[base.row]), Entries(added.key[order], row[added.row[order]]))
    yield f"keys.{number}.key", merged.key
    yield f"keys.{number}.row", merged.row
