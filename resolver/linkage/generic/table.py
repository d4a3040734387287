"""Tables as users have them: csv or Parquet files, one or two, read into columns of cleaned distinct values."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.generic.encoding import encode_texts
from resolver.linkage.hashing import Hashes, hash_texts

Codes = NDArray[np.int32]
NULL = np.int32(-1)
_BYTES_OF_A_CODE = 2.5
"""A column that takes no more bytes per record than this in a file has few values."""


@dataclass(frozen=True)
class Column:
    """A column of texts.

    Attributes:
        codes: int32 (n,): place of each record's value in `values`; -1 for none.
        values: Distinct cleaned values (d,).
        hashes: uint64 (d,), the same for the same text in any table.
    """

    codes: Codes
    values: pa.Array
    hashes: Hashes

    @property
    def row_hashes(self) -> Hashes:
        """Hash of each record's value (n,); 0 for none."""
        return of_rows(self.hashes, self.codes)


def of_rows(values: Hashes, codes: Codes) -> Hashes:
    """Values (d,) of distinct texts, for every record (n,); 0 where the record has none."""
    if len(values) == 0:
        return np.zeros(len(codes), np.uint64)
    return np.where(codes >= 0, values[codes], np.uint64(0))


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
        LinkageError: A file cannot be read, lacks a column, or names two records the same.
    """
    wanted = [*dict.fromkeys([*([record_id] if record_id else []), *columns])]
    tables = [_read(path, wanted) for path in paths]
    found = table_of(tables, columns, record_id)
    if record_id:
        _check_ids(found.record_id, tables[0].num_rows, paths, record_id)
    return found


def table_of(tables: Sequence[pa.Table], columns: Sequence[str], record_id: str = "") -> Table:
    """One table, or two to be linked, in memory; arguments as in `read_tables`."""
    table = tables[0] if len(tables) == 1 else _below(tables)
    with ThreadPoolExecutor() as pool:
        encoded = list(pool.map(lambda name: _encode(table[name]), columns))
    ids = table[record_id] if record_id else pa.chunked_array([np.arange(1, table.num_rows + 1)])
    n_left = tables[0].num_rows
    return Table(_plain(ids), dict(zip(columns, encoded, strict=True)), n_left)


def _read(path: Path, columns: Sequence[str]) -> pa.Table:
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            present = pq.read_schema(path)
            _check_columns(path, columns, present.names)
            return pq.read_table(path, columns=list(columns), read_dictionary=_of_few_values(path, columns))
        with path.open(encoding="utf-8-sig") as file:
            _check_header(path, file.readline())
        head = pyarrow.csv.open_csv(path).schema.names
        _check_columns(path, columns, head)
        return pyarrow.csv.read_csv(
            path,
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=list(columns),
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    except (OSError, UnicodeDecodeError, pa.ArrowInvalid) as error:
        raise LinkageError(
            f"cannot read {path}: {error}",
            remedy="Give a csv file in UTF-8 with a header, or a Parquet file.",
        ) from error


def _of_few_values(path: Path, columns: Sequence[str]) -> list[str]:
    """Columns of texts that the file keeps as a small dictionary: these are read as one."""
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    sizes = dict.fromkeys(columns, 0)
    for group in range(metadata.num_row_groups):
        for number in range(metadata.num_columns):
            part = metadata.row_group(group).column(number)
            if part.path_in_schema in sizes:
                sizes[part.path_in_schema] += part.total_uncompressed_size
    few = [c for c in columns if sizes[c] <= _BYTES_OF_A_CODE * metadata.num_rows]
    return [c for c in few if pa.types.is_string(schema.field(c).type)]


def _check_header(path: Path, line: str) -> None:
    if not line.strip():
        raise LinkageError(f"{path} is empty", remedy="Give a csv file with a header and records.")


def _check_columns(path: Path, wanted: Sequence[str], present: Sequence[str]) -> None:
    if missing := [c for c in wanted if c not in present]:
        raise LinkageError(
            f"{path} lacks the columns that the model names: {', '.join(missing)}; it has {', '.join(present)}",
            remedy="Correct the model, or rename the columns.",
        )


def _below(tables: Sequence[pa.Table]) -> pa.Table:
    plain = [pa.table({name: _plain(t[name]).cast(pa.string()) for name in t.column_names}) for t in tables]
    return pa.concat_tables([t.select(plain[0].column_names) for t in plain])


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _check_ids(ids: pa.ChunkedArray, n_left: int, paths: Sequence[Path], column: str) -> None:
    """Every record of a file needs a name of its own; the two files may use the same names."""
    for path, part in zip(paths, (ids[:n_left], ids[n_left:]), strict=False):
        if part.null_count:
            place = pc.index(pc.is_null(part), True).as_py() + 2
            raise LinkageError(f"{path}, line {place}: {column} is empty", remedy="Name every record.")
        if pc.count_distinct(part).as_py() < len(part):
            counts = part.value_counts()
            twice = counts.filter(pc.greater(counts.field("counts"), 1))[0]["values"]
            raise LinkageError(
                f"{path}: {column} {twice} names more than one record",
                remedy="Give every record its own name.",
            )


def _encode(column: pa.ChunkedArray) -> Column:
    """Distinct values, cleaned, and which of them each record has."""
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
        raw = column.chunk(0).dictionary if column.num_chunks else pa.array([], pa.string())
        indices = [pc.fill_null(part.indices.cast(pa.int32()), -1).to_numpy() for part in column.chunks]
        codes = np.concatenate([np.zeros(0, np.int32), *indices])
    else:
        codes, raw = encode_texts(column.cast(pa.string()))
    raw = raw.cast(pa.string())
    values = clean(raw)
    if values.null_count or not pc.all(pc.equal(values, raw)).as_py():
        again, values = encode_texts(pa.chunked_array([values]))
        codes = np.where(codes >= 0, again[codes], NULL) if len(again) else codes
    return Column(np.ascontiguousarray(codes, np.int32), values, hash_texts(values))


def clean(values: pa.Array) -> pa.Array:
    """Texts in one form: full-width to half-width (NFKC), lower case, single spaces, none at the ends; "" is null."""
    values = pc.utf8_lower(pc.utf8_normalize(values, "NFKC"))
    values = pc.utf8_trim_whitespace(pc.replace_substring_regex(values, r"\s+", " "))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
