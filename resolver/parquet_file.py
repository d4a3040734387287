"""Parquet files whose bytes depend on their content alone, and which are on disk when the call returns."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.sliced_table import SlicedTable

ROWS_PER_GROUP = 1 << 20  # bounds the memory of a write; DuckDB works on row groups in parallel


def write_parquet(table: pa.Table | SlicedTable, path: Path) -> None:
    """Write a table (zstd). Equal values give equal bytes, whatever the chunks and dictionaries.

    Schema metadata (such as pandas leaves) is dropped.

    Raises:
        OSError: It cannot be written.
    """
    sliced = table if isinstance(table, SlicedTable) else SlicedTable.of(table)
    schema = sliced.schema.remove_metadata()
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for group in sliced.slices(ROWS_PER_GROUP):
                columns = [_canonical(column) for column in group.columns]
                writer.write_table(pa.table(columns, schema=schema), row_group_size=ROWS_PER_GROUP)
        file.flush()
        os.fsync(file.fileno())


def bring_to_disk(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, would outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _canonical(column: pa.ChunkedArray) -> pa.Array:
    """One chunk; a dictionary holds just the values used, in the order of their first use."""
    if not pa.types.is_dictionary(column.type):
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    plain = column.cast(column.type.value_type).combine_chunks()
    return plain.dictionary_encode().cast(column.type)
