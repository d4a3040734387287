"""Tables as users have them: csv or Parquet files, one or two, read into columns of cleaned distinct values."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.generic.encoding import Column, encode
from resolver.linkage.generic.table_file import file_kind, unreadable
from resolver.linkage.hashing import hash_texts

_ROWS_AT_ONCE = 1 << 18
"""Rows of a column that are texts in memory at once: memory that is used again costs less than new memory."""
_BYTES_OF_A_CODE = 2.5
"""A column that takes no more bytes per record than this in a file has few values."""


@dataclass(frozen=True)
class Table:
    """One table, or two to be linked, one below the other.

    Attributes:
        record_id: Names of the records (n,), as the file has them.
        columns: Name -> column.
        n_left: How many of the records are of the left table.
    """

    record_id: pa.ChunkedArray
    columns: dict[str, Column]
    n_left: int

    def __len__(self) -> int:
        return len(self.record_id)

    @property
    def of_two(self) -> bool:
        """Whether there is a right table."""
        return self.n_left < len(self)


def read_tables(paths: Sequence[Path], columns: Sequence[str], record_id: str) -> Table:
    """Read one or two files.

    Args:
        paths: csv (UTF-8, with a header) or Parquet.
        columns: Columns wanted; the order of others does not matter.
        record_id: Column that names records; empty = the number of the row, from 1.

    Raises:
        LinkageError: A file is not there, cannot be read, lacks a column, or names two records the same.
    """
    wanted = [*dict.fromkeys([*([record_id] if record_id else []), *columns])]
    return _joined([_open(path, wanted) for path in paths], columns, record_id)


def table_of(tables: Sequence[pa.Table], columns: Sequence[str], record_id: str = "") -> Table:
    """One table, or two to be linked, in memory; arguments as in `read_tables`."""
    return _joined([_InMemory(table) for table in tables], columns, record_id)


class _Source(Protocol):
    """One table, column by column; columns may be asked for by several threads."""

    n: int

    def column(self, name: str) -> Iterator[pa.Array]:
        """A column, part by part."""

    def size(self, name: str) -> int:
        """About how many bytes a column has."""

    def check_ids(self, ids: pa.ChunkedArray, name: str) -> None:
        """Check that every record has a name of its own."""


def _joined(sources: Sequence[_Source], columns: Sequence[str], record_id: str) -> Table:
    """Every column is read and encoded by a job of its own, so that no more than a few are in memory as texts."""
    n = sum(source.n for source in sources)

    def ids() -> pa.ChunkedArray:
        if not record_id:
            return pa.chunked_array([np.arange(1, n + 1)])
        found = [_plain(_chunked(list(source.column(record_id)))) for source in sources]
        for source, names in zip(sources, found, strict=True):
            source.check_ids(names, record_id)
        return found[0] if len(found) == 1 else _below(found)

    def encoded(name: str) -> Column:
        try:
            return encode(chain.from_iterable(source.column(name) for source in sources), n)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
            raise LinkageError(
                f"column {name} holds what is no text, number or date: {error}",
                remedy="Write it as texts, or compare other columns.",
            ) from error

    largest_first = sorted(columns, key=lambda name: -sum(source.size(name) for source in sources))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        of_ids, jobs = pool.submit(ids), {name: pool.submit(encoded, name) for name in largest_first}
        names = of_ids.result()
        return Table(names, {name: jobs[name].result() for name in columns}, sources[0].n)


class _InMemory:
    """A table in memory, which nothing is checked of."""

    def __init__(self, table: pa.Table) -> None:
        self._table, self.n = table, table.num_rows

    def column(self, name: str) -> Iterator[pa.Array]:
        yield from self._table[name].chunks

    def size(self, name: str) -> int:
        return int(self._table[name].nbytes)

    def check_ids(self, ids: pa.ChunkedArray, name: str) -> None:
        """Whoever made the table knows."""


class _Csv(_InMemory):
    """A csv file, read at once."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        with _reading(path):
            with path.open(encoding="utf-8-sig") as file:
                _check_header(path, file.readline())
            _check_columns(path, columns, pyarrow.csv.open_csv(path).schema.names)
            options = pyarrow.csv.ConvertOptions(
                include_columns=list(columns),
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            )
            super().__init__(pyarrow.csv.read_csv(path, convert_options=options))

    def check_ids(self, ids: pa.ChunkedArray, name: str) -> None:
        _check_ids(ids, self._path, name)


class _Parquet:
    """A Parquet file, of which a column is read when it is asked for."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        with _reading(path), pq.ParquetFile(path) as file:
            _check_columns(path, columns, file.schema_arrow.names)
            self.n = file.metadata.num_rows
            self._sizes = _sizes(file, columns)
            self._few = _of_few_values(file.schema_arrow, self._sizes, self.n)

    def column(self, name: str) -> Iterator[pa.Array]:
        few = [name] if name in self._few else None
        with _reading(self._path), pq.ParquetFile(self._path, read_dictionary=few, memory_map=True) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[name], use_threads=False):
                yield batch.column(0)

    def size(self, name: str) -> int:
        return self._sizes[name]

    def check_ids(self, ids: pa.ChunkedArray, name: str) -> None:
        _check_ids(ids, self._path, name)


def _open(path: Path, columns: Sequence[str]) -> _Source:
    return _Parquet(path, columns) if file_kind(path) == "parquet" else _Csv(path, columns)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise unreadable(path, error) from error


def _sizes(file: pq.ParquetFile, columns: Sequence[str]) -> dict[str, int]:
    """Bytes that each column takes in the file before they are compressed."""
    sizes = dict.fromkeys(columns, 0)
    for group in range(file.metadata.num_row_groups):
        for number in range(file.metadata.num_columns):
            part = file.metadata.row_group(group).column(number)
            if part.path_in_schema in sizes:
                sizes[part.path_in_schema] += part.total_uncompressed_size
    return sizes


def _of_few_values(schema: pa.Schema, sizes: dict[str, int], n: int) -> list[str]:
    """Columns of texts that the file keeps as a small dictionary: these are read as one."""
    few = [name for name, size in sizes.items() if size <= _BYTES_OF_A_CODE * n]
    return [name for name in few if pa.types.is_string(schema.field(name).type)]


def _check_header(path: Path, line: str) -> None:
    if not line.strip():
        raise LinkageError(f"{path} is empty", remedy="Give a csv file with a header and records.")


def _check_columns(path: Path, wanted: Sequence[str], present: Sequence[str]) -> None:
    if missing := [c for c in wanted if c not in present]:
        raise LinkageError(
            f"{path} lacks the columns that the model names: {', '.join(missing)}; it has {', '.join(present)}",
            remedy="The file's columns must be separated by commas."
            if len(present) == 1 and any(sign in present[0] for sign in ";\t|")
            else "Correct the model, or rename the columns.",
        )
    if twice := [c for c in wanted if list(present).count(c) > 1]:
        raise LinkageError(
            f"{path} has more than one column of the name {', '.join(twice)}",
            remedy="Give every column that the model names its own name.",
        )


def _below(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    plain = [_plain(column).cast(pa.string()) for column in columns]
    return pa.chunked_array([chunk for column in plain for chunk in column.chunks], pa.string())


def _chunked(parts: list[pa.Array]) -> pa.ChunkedArray:
    """Parts of a column; none of a file without records."""
    return pa.chunked_array(parts, None if parts else pa.string())


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _check_ids(ids: pa.ChunkedArray, path: Path, column: str) -> None:
    """Every record of a file needs a name of its own; two files may use the same names."""
    if ids.null_count:
        place = pc.index(pc.is_null(ids), True).as_py() + 2
        raise LinkageError(f"{path}, line {place}: {column} is empty", remedy="Name every record.")
    if _surely_distinct(ids) or pc.count_distinct(ids).as_py() == len(ids):
        return
    counts = ids.value_counts()
    twice = counts.filter(pc.greater(counts.field("counts"), 1))[0]["values"]
    raise LinkageError(
        f"{path}: {column} {twice} names more than one record",
        remedy="Give every record its own name.",
    )


def _surely_distinct(ids: pa.ChunkedArray) -> bool:
    """Whether no two are the same, seen of numbers themselves and of hashes of texts; False if it is not known."""
    if pa.types.is_integer(ids.type):
        numbers = ids.to_numpy()
        if _ascend(numbers):
            return True
        values = np.sort(numbers)
    elif pa.types.is_string(ids.type):
        values = np.sort(np.concatenate([np.zeros(0, np.uint64), *map(hash_texts, ids.chunks)]))
    else:
        return False
    return _ascend(values)


def _ascend(values: NDArray[Any]) -> bool:
    return bool((values[1:] > values[:-1]).all())
