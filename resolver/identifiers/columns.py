"""Work once per distinct value instead of once per row.

Names, numbers and places repeat in every column of a departments' file; what a function does to a value is
done once and then spread over the rows. Input may be a plain or dictionary-encoded Arrow array, chunked or not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Column: TypeAlias = pa.Array | pa.ChunkedArray


@dataclass(frozen=True)
class Distinct:
    """A column as its distinct values and where they stand.

    Attributes:
        values: Distinct values, without null; in order of first appearance.
        indices: Per row, the position in `values`; -1 for null. int32.
    """

    values: pa.Array
    indices: npt.NDArray[np.int32]

    def spread(self, results: pa.Array) -> pa.Array:
        """One result per row, from one result per distinct value; null stays null."""
        return results.take(pa.array(self.indices, mask=self.indices < 0))


def distinct(column: Column) -> Distinct:
    """The distinct values of a column; dictionary-encoded input is used as it is."""
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    if len(encoded) == 0:  # Arrow cannot combine no chunks of a dictionary of dates
        values = encoded.type.value_type
        return Distinct(pa.array([], values), np.zeros(0, np.int32))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # older Arrow gives one chunk
        encoded = encoded.chunk(0)
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return Distinct(encoded.dictionary, indices)


def map_text(column: Column, function: Callable[[str], Any], result: pa.DataType) -> pa.Array:
    """Apply `function` to every distinct text of `column`.

    Args:
        column: Text, plain or dictionary-encoded.
        function: Text -> a Python value of the result's type, or None.
        result: Arrow type of the result.

    Returns:
        One value per row; null where the column is null or the function gives None.
    """
    found = distinct(as_text(column))
    return found.spread(pa.array([function(text) for text in found.values.to_pylist()], result))


def as_text(column: Column) -> Column:
    """The column as text: unchanged when it is, else cast (large strings, numbers, dictionaries of these)."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return column if pa.types.is_string(kind) else column.cast(pa.string())


def fixed_width(values: pa.Array, width: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """The values of exactly `width` bytes as a matrix of bytes.

    Args:
        values: Text, not dictionary-encoded; nulls are left out.
        width: Bytes of UTF-8.

    Returns:
        Positions in `values` (int64), and a matrix (positions × width, uint8).
    """
    fits = pc.fill_null(pc.equal(pc.binary_length(values), width), False)
    where = np.flatnonzero(fits.to_numpy(zero_copy_only=False))
    chosen = values.take(pa.array(where)).cast(pa.binary(width) if len(where) else pa.binary())
    if not len(where):
        return where, np.empty((0, width), np.uint8)
    start = chosen.offset * width
    flat = np.frombuffer(chosen.buffers()[1], np.uint8, count=len(where) * width, offset=start)
    return where, flat.reshape(-1, width)
