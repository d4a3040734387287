"""What linkage found in a table, as files: pairs, clusters, the model version."""

from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.engine import TableLinkage
from resolver.linkage.generic.table import Table
from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import unpack
from resolver.linkage.scoring import match_probability, match_weight

Rows = NDArray[np.int32]


def pairs_of(table: Table, linkage: TableLinkage) -> pa.Table:
    """Pairs kept: `record_id_l`, `record_id_r`, `match_weight` (log2 of the odds), `match_probability`."""
    ids = table.record_id.combine_chunks()
    return pa.table(
        {
            "record_id_l": ids.take(pa.array(linkage.pairs.left)),
            "record_id_r": ids.take(pa.array(linkage.pairs.right)),
            "match_weight": match_weight(linkage.pairs.log_odds),
            "match_probability": match_probability(linkage.pairs.log_odds),
        }
    )


def with_levels(pairs: pa.Table, linkage: TableLinkage) -> pa.Table:
    """Pairs with the level of every comparison, as `level_<comparison>`; null where a record says nothing."""
    comparisons = linkage.model.comparisons
    levels = unpack(linkage.pairs.patterns, len(comparisons))
    for place, comparison in enumerate(comparisons):
        keys = pa.array([level.key for level in comparison.levels])
        codes = pa.array(levels[:, place].astype(np.int32), mask=levels[:, place] == MISSING)
        pairs = pairs.append_column(f"level_{comparison.key}", pa.DictionaryArray.from_arrays(codes, keys))
    return pairs


def clusters_of(table: Table, linkage: TableLinkage) -> pa.Table:
    """`record_id`, `entity_id` (from 1, in the order of each entity's first record), `table` if there are two."""
    first = linkage.labels == np.arange(len(linkage.labels), dtype=np.int32)
    number = np.cumsum(first).astype(np.int64)
    columns = {"record_id": table.record_id, "entity_id": number[linkage.labels]}
    if table.of_two:
        columns["table"] = np.where(np.arange(len(table)) < table.n_left, "left", "right")
    return pa.table(columns)


def make_folder(folder: Path) -> None:
    """Make the folder for the result if it is not there, and see that files can be written into it.

    Raises:
        LinkageError: It cannot be made, is a file, or may not be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
    except FileExistsError as error:
        raise LinkageError(
            f"{folder} is a file, or a link that leads nowhere", remedy="Name a folder for the result."
        ) from error
    except OSError as error:
        raise _unwritable(folder, error) from error


def write_linkage(folder: Path, table: Table, linkage: TableLinkage, *, levels: bool = False) -> None:
    """Write `pairs.parquet`, `clusters.parquet` and the model version (`<version>.json`) into a folder.

    Raises:
        LinkageError: It cannot be written.
    """

    def pairs() -> None:
        found = pairs_of(table, linkage)
        _write(with_levels(found, linkage) if levels else found, folder / "pairs.parquet")

    def clusters() -> None:
        _write(clusters_of(table, linkage), folder / "clusters.parquet")

    def model() -> None:
        linkage.model.write(folder)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        on_all_cores(lambda write: write(), (model, pairs, clusters))
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> LinkageError:
    return LinkageError(
        f"cannot write to {folder}: {error.strerror or error}",
        remedy="Check the path, its rights and the free space, then try again.",
    )


def _write(table: pa.Table, file: Path) -> None:
    """Write a table, whole or not at all; only what has few values as a dictionary, whole numbers as differences."""
    few = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    whole = {field.name: "DELTA_BINARY_PACKED" for field in table.schema if pa.types.is_integer(field.type)}
    partial = file.with_suffix(".partial")
    pq.write_table(table, partial, compression="lz4", use_dictionary=few, column_encoding=whole)
    partial.replace(file)


def n_links(linkage: TableLinkage) -> int:
    """Pairs kept whose records are in one cluster."""
    return int((linkage.labels[linkage.pairs.left] == linkage.labels[linkage.pairs.right]).sum())
