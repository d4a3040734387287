"""Choosing one value, or all distinct values, from the records of each entity; over columns, never record by record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.errors import LinkageError

Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_NONE = np.iinfo(np.int64).max
_BITS = 12
_MOST = (1 << _BITS) - 1  # counts and months are told apart up to here
_FIRST_YEAR = 1900


@dataclass(frozen=True)
class Choice:
    """For every entity the position of the record chosen (in `Grouped.records`); -1 where none could be."""

    positions: Integers

    def take(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The column's value in the record chosen; null where none was."""
        return column.take(pa.array(self.positions, mask=self.positions < 0))


@dataclass(frozen=True)
class Grouped:
    """Records ordered by entity, then by record key.

    Attributes:
        records: The records.
        entity_ids: Distinct entity ids, ascending.
        starts: Position of each entity's first record.
        group: For each record the position of its entity in `entity_ids`.
        months_ago: For each record how long before the newest possible month it was last seen; less is newer.
        rarity: For each record a number that is smaller the more rows point to it.
    """

    records: pa.Table
    entity_ids: Integers
    starts: Integers
    group: Integers
    months_ago: Integers
    rarity: Integers

    @classmethod
    def of(cls, records: pa.Table, members: pa.Table, recency: pa.Table) -> "Grouped":
        """Order records by entity.

        Args:
            records: With `record_key`.
            members: `record_key`, `entity_id`; every record has one.
            recency: `record_key`, `last_period` date32, `n_rows`; records left out count as never seen.

        Raises:
            LinkageError: A record has no entity.
        """
        keys = _integers(records.column("record_key"))
        entity = _lookup(members, "entity_id", keys)
        if (entity < 0).any():
            lost = keys[entity < 0]
            raise LinkageError(f"record {lost[0]} has no entity ({len(lost)} such records)")
        order = np.lexsort((keys, entity))
        entity_ids, starts, group = np.unique(entity[order], return_index=True, return_inverse=True)
        keys = keys[order]
        last = recency.column("last_period")
        months = pc.add(pc.multiply(pc.subtract(pc.year(last), _FIRST_YEAR), 12), pc.month(last))
        seen = _lookup(recency.append_column("months", months), "months", keys)
        rows = _lookup(recency, "n_rows", keys)
        return cls(
            records.take(pa.array(order)), entity_ids, starts, group, _descending(seen), _descending(rows)
        )

    def tier(self, feeds: Sequence[str]) -> Integers:
        """Per record the place of its feed in `feeds`; their number for all others."""
        place = pc.index_in(self.words("feed"), pa.array(feeds))
        return _integers(pc.fill_null(place, len(feeds)))

    def words(self, column: str) -> pa.ChunkedArray:
        """A dictionary column as plain strings."""
        return self.records.column(column).cast(pa.string())

    def choose(self, usable: pa.ChunkedArray | Mask, *ranks: Integers) -> Choice:
        """The usable record with the smallest ranks, the first rank counting most; then the smallest record key."""
        usable = np.asarray(usable, dtype=bool)
        place = np.arange(len(self.group)) - self.starts[self.group]
        packed = np.zeros(len(self.group), dtype=np.int64)
        used_bits = 0
        for rank in (*ranks, place):
            bits = int(rank.max(initial=0)).bit_length()
            packed = packed << bits | rank
            used_bits += bits
        if used_bits > 63:
            raise LinkageError("an entity has too many records to choose among")
        packed[~usable] = _NONE
        if not len(packed):
            return Choice(np.empty(0, dtype=np.int64))
        best = np.minimum.reduceat(packed, self.starts)
        within = best & ((1 << int(place.max()).bit_length()) - 1)
        return Choice(np.where(best == _NONE, -1, self.starts + within))

    def frequency(self, column: str, usable: pa.ChunkedArray) -> Integers:
        """Per record a number that is smaller the more usable records of its entity have the same value."""
        encoded = self.records.column(column).combine_chunks().dictionary_encode()
        codes = _integers(pc.fill_null(encoded.indices, 0))
        mask = np.asarray(usable, dtype=bool)
        pairs = self.group[mask] * max(1, len(encoded.dictionary)) + codes[mask]
        _, which, counts = np.unique(pairs, return_inverse=True, return_counts=True)
        frequency = np.zeros(len(codes), dtype=np.int64)
        frequency[mask] = counts[which]
        return _descending(frequency)

    def distinct(self, values: pa.Array | pa.ChunkedArray, group: Integers | None = None) -> pa.ListArray:
        """Per entity the distinct values that are not null, sorted by code point.

        Args:
            values: Strings.
            group: Entity position of each value; None when the values are parallel to the records.
        """
        plain = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        encoded = plain.dictionary_encode()
        valid = np.asarray(encoded.is_valid())
        words = encoded.dictionary
        order = np.asarray(pc.sort_indices(words))
        place = np.empty(len(words), dtype=np.int64)
        place[order] = np.arange(len(words))
        codes = place[_integers(encoded.indices.drop_null())]
        group = (self.group if group is None else group)[valid]
        size = max(1, len(words))
        pairs = np.sort(group * size + codes)
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]
        offsets = np.searchsorted(pairs // size, np.arange(len(self.entity_ids) + 1))
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), words.take(pa.array(order[pairs % size]))
        )

    def any(self, flags: Mask) -> Mask:
        """Per entity whether a flag is set on any of its records."""
        return np.bincount(self.group[flags], minlength=len(self.entity_ids)) > 0

    def counts(self) -> Integers:
        """Per entity its number of records."""
        return np.bincount(self.group, minlength=len(self.entity_ids))


def _descending(values: Integers) -> Integers:
    return _MOST - np.clip(values, 0, _MOST)


def _lookup(table: pa.Table, column: str, keys: Integers) -> Integers:
    """`column` of the rows with these record keys; -1 where there is none."""
    known = _integers(table.column("record_key"))
    values = _integers(table.column(column))
    if not len(known):
        return np.full(len(keys), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    position = order[np.minimum(np.searchsorted(known, keys, sorter=order), len(known) - 1)]
    return np.where(known[position] == keys, values[position], -1)


def _integers(column: Any) -> Integers:
    return np.asarray(column, dtype=np.int64)
