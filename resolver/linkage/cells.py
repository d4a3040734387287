"""The cells of person records as flat buffers: of a table, or of one record without making a table of it.

`columns` turns buffers into numbers; that it reads both through this door is why one record looked up is encoded
as it would be in the batch.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.hashing import buffers_of, hash_buffers, hash_texts, text_buffers

Buffers = tuple[NDArray[np.uint8], NDArray[np.int32]]
"""UTF-8 bytes, and n + 1 offsets; a null is a text of no bytes."""

_EPOCH = date(1970, 1, 1).toordinal()


class Cells(Protocol):
    """The cells of n records, column by column."""

    def text(self, name: str) -> Buffers:
        """A column of texts."""

    def hash_into(self, out: NDArray[np.uint64], places: Mapping[int, str], start: "Start") -> list["Job"]:
        """Write hashes of texts, 0 where there is none, into columns of `out`, uint64 (n, …).

        Args:
            out: Where to.
            places: Column of `out` -> name of the column of texts.
            start: Starts work.

        Returns:
            The work that was started.
        """

    def number(self, name: str, null: int) -> NDArray[np.int32]:
        """A column of numbers, or of dates as days since 1970-01-01: int32 (n,), with `null` where there is none."""

    def is_in(self, name: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
        """Whether each text of a column is one of the values: bool (n,)."""

    def values(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """Some rows of a column, as Python values."""


class TableCells:
    """The cells of a table."""

    def __init__(self, records: pa.Table) -> None:
        self._records = records

    def text(self, name: str) -> Buffers:
        """See `Cells`."""
        return text_buffers(self._records.column(name))

    def hash_into(self, out: NDArray[np.uint64], places: Mapping[int, str], start: "Start") -> list["Job"]:
        """See `Cells`."""

        def one(place: int, name: str) -> None:
            out[:, place] = hash_texts(self._records.column(name))

        return [start(one, place, name) for place, name in places.items()]

    def number(self, name: str, null: int) -> NDArray[np.int32]:
        """See `Cells`."""
        column = self._records.column(name).cast(pa.int32())
        return np.asarray(pc.fill_null(column, null).to_numpy(), np.int32)

    def is_in(self, name: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
        """See `Cells`."""
        column = self._records.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        found = pc.is_in(column, value_set=pa.array(values, pa.string()))
        return np.asarray(found.to_numpy(), np.bool_)

    def values(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """See `Cells`."""
        found: list[Any] = self._records.column(name).take(rows).to_pylist()
        return found


class RecordCells:
    """The cells of one record."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record

    def text(self, name: str) -> Buffers:
        """See `Cells`."""
        return buffers_of([self._record.get(name)])

    def hash_into(self, out: NDArray[np.uint64], places: Mapping[int, str], start: "Start") -> list["Job"]:
        """See `Cells`; all at once."""

        def all_of_them() -> None:
            texts = [self._record.get(name) for name in places.values()]
            out[0, list(places)] = hash_buffers(*buffers_of(texts))

        return [start(all_of_them)]

    def number(self, name: str, null: int) -> NDArray[np.int32]:
        """See `Cells`."""
        value = self._record.get(name)
        if isinstance(value, date):
            value = value.toordinal() - _EPOCH
        return np.array([null if value is None else value], np.int32)

    def is_in(self, name: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
        """See `Cells`."""
        return np.array([self._record.get(name) in values])

    def values(self, name: str, rows: NDArray[np.intp]) -> list[Any]:
        """See `Cells`."""
        return [self._record.get(name) for _ in rows]


class Job(Protocol):
    """Work that was started; a `Future` is one."""

    def result(self) -> Any:
        """What it gave, once it is done."""


Start = Callable[..., Job]
"""Starts a function with its arguments; `Executor.submit` is one."""


class _Done:
    def __init__(self, value: Any) -> None:
        self._value = value

    def result(self) -> Any:
        return self._value


def run_now(function: Callable[..., Any], *arguments: Any) -> Job:
    """Do the work at once, on this thread: what takes microseconds is not worth a thread."""
    return _Done(function(*arguments))
