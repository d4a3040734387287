"""Who is meant by one record: the same keys, comparison and weights as the monthly run, for one question at a time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.blocking import Rows
from resolver.linkage.candidates import beside, candidates, keys_of_one, left_out
from resolver.linkage.columns import encode_one, in_order
from resolver.linkage.comparison import Levels, compare
from resolver.linkage.explanation import Explanation, explain_levels
from resolver.linkage.index_files import IndexFiles, make_index, open_index
from resolver.linkage.model import Model
from resolver.linkage.patterns import Memory, new_memory, weigh
from resolver.linkage.reading_ahead import read_pages

Within = Callable[[NDArray[np.int64]], NDArray[np.bool_]]


@dataclass(frozen=True)
class Match:
    """An entity that may be meant, by the best of its records.

    Attributes:
        entity_id: The entity.
        record_key: Its record that fits best.
        match_weight: log2 of the posterior odds.
        match_probability: The same as a probability.
        explanation: Why; the example is on the left.
    """

    entity_id: int
    record_key: int
    match_weight: float
    match_probability: float
    explanation: Explanation


class MatchIndex:
    """Finds the records of a snapshot that one description may belong to. Never changes; safe for several threads."""

    def __init__(self, files: IndexFiles, records: pa.Table, model: Model) -> None:
        """Put together what `build` and `open` give.

        Args:
            files: The index.
            records: The records it was made from, sorted by `record_key`; read only for explanations.
            model: The model version it was made with.

        Raises:
            LinkageError: The records are not those of the index.
        """
        ends = slice(None, None, max(len(files) - 1, 1))
        if records.num_rows != len(files) or not np.array_equal(
            records["record_key"].to_numpy()[ends], files.record_key[ends]
        ):
            raise LinkageError("the index was not made from these records", remedy="Make it again.")
        self._files = files
        self._values = {name: _flat(records[name]) for name in records.column_names}
        self._model = model
        self._mine = local()

    @classmethod
    def build(cls, records: pa.Table, members: pa.Table, model: Model) -> "MatchIndex":
        """Index a snapshot in memory.

        Args:
            records: `records.parquet`.
            members: `members.parquet`: `record_key` and `entity_id` of the same records.
            model: The model version that made the snapshot.
        """
        return cls(make_index(records, members, model), in_order(records), model)

    @classmethod
    def open(cls, folder: Path, records: pa.Table, model: Model) -> "MatchIndex":
        """Open an index that `write_index` wrote.

        Args:
            folder: Where it lies.
            records: `records.parquet`, sorted by `record_key`; best mapped into memory.
            model: The model version that made the snapshot.

        Raises:
            LinkageError: A file is missing or damaged, or it was made from other records.
        """
        return cls(open_index(folder), records, model)

    def match(self, record: Mapping[str, Any], k: int, within: Within | None = None) -> list[Match]:
        """The entities that a description may belong to, the most probable first.

        Args:
            record: Columns of `PERSON_RECORD_SCHEMA` with plain values (`person_example`); its key does not matter.
            k: At most so many.
            within: Says which of given record keys (n,) may be looked at; None = all.

        Returns:
            Only entities above the model's `keep` threshold; ties by record key.
        """
        example = encode_one(record)
        settings = self._model.settings
        rows = candidates(
            keys_of_one(example, settings.blocking.rules), self._files, settings.blocking.hard_cap
        )
        if within is not None:
            rows = self._seen(rows, within)
        if not len(rows):
            return []
        data = beside(self._model.comparable(example), self._files, rows)
        levels = compare(data, np.zeros(len(rows), np.int32), np.arange(1, len(rows) + 1, dtype=np.int32))
        log_odds = weigh(levels, self._model.mixture, self._memory())
        best = self._best(rows, log_odds, k)
        return [self._match(record, int(rows[place]), levels[place]) for place in best]

    def read(self) -> None:
        """Read all of it once, so that the first questions do not wait for the disk page by page."""
        values = (buffer for column in self._values.values() for buffer in column.buffers() if buffer)
        read_pages([*self._files, *(np.frombuffer(buffer, np.uint8) for buffer in values)])

    def left_out(self, record: Mapping[str, Any]) -> list[str]:
        """Blocking rules by which so many records are like this one that none of them is looked at."""
        rules = self._model.settings.blocking.rules
        return [rules[n].name for n in left_out(keys_of_one(encode_one(record), rules), self._files)]

    def _memory(self) -> Memory:
        memory: Memory | None = getattr(self._mine, "memory", None)
        if memory is None:
            memory = self._mine.memory = new_memory()
        return memory

    def _best(self, rows: Rows, log_odds: NDArray[np.float64], k: int) -> list[int]:
        """Places of the best record of each of the k best entities."""
        found: dict[int, int] = {}
        for place in np.lexsort((rows, -log_odds)):
            if len(found) == k or log_odds[place] < self._model.settings.clustering.keep:
                break
            found.setdefault(int(self._files.entity_id[rows[place]]), int(place))
        return list(found.values())

    def _seen(self, rows: Rows, within: Within) -> Rows:
        """Those of some rows that may be looked at; for a hidden one, the first that repeats it and may be."""
        keys = self._files.record_key
        visible = within(keys[rows])
        instead = []
        for repeats in self._repeats(rows[~visible]):
            seen = repeats[within(keys[repeats])]
            instead.append(seen[:1])
        return np.unique(np.concatenate([rows[visible], *instead]))

    def _repeats(self, rows: Rows) -> Iterator[Rows]:
        """The rows that each of some rows stands for, of those that stand for any."""
        first, last = (np.searchsorted(self._files.stands_for, rows, side) for side in ("left", "right"))
        for place in np.flatnonzero(first < last):
            yield self._files.repeats[first[place] : last[place]]

    def _match(self, record: Mapping[str, Any], row: int, levels: Levels) -> Match:
        explanation = explain_levels(self._model, levels, record, _Values(self._values, row))
        return Match(
            int(self._files.entity_id[row]),
            int(self._files.record_key[row]),
            explanation.match_weight,
            explanation.match_probability,
            explanation,
        )


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array; one that lies in a single piece, as in a mapped file, is not copied."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


class _Values(Mapping[str, Any]):
    """One row of a table; only the columns that are asked for are read."""

    def __init__(self, columns: Mapping[str, pa.Array], row: int) -> None:
        self._columns = columns
        self._row = row

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._row].as_py()

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)
