"""Number the distinct texts of a column: what Arrow's dictionary encoding does, by hash and several times faster."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, hash_texts

_EMPTY = np.int32(-1)


@kernel
def _number(
    hashes: Hashes, slots: NDArray[np.int32], codes: NDArray[np.int32], first: NDArray[np.int32]
) -> int:
    """Number hashes in the order of their first row; `slots` holds numbers, `first` the rows; 0 gets -1."""
    mask = np.uint64(slots.shape[0] - 1)
    used = 0
    for row in range(hashes.shape[0]):
        value = hashes[row]
        if value == np.uint64(0):
            codes[row] = _EMPTY
            continue
        slot = value & mask
        while slots[slot] != _EMPTY and hashes[first[slots[slot]]] != value:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] == _EMPTY:
            slots[slot] = used
            first[used] = row
            used += 1
        codes[row] = slots[slot]
    return used


def encode_texts(column: pa.ChunkedArray) -> tuple[NDArray[np.int32], pa.Array]:
    """Number the texts of a column; two texts are one if their 64-bit hashes are (see `hashing`).

    Returns:
        int32 (n,): number of each text, -1 for null and the empty text; and the distinct texts (d,), in the order of
        their first appearance.
    """
    whole = column.combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string())
    hashes = hash_texts(whole)
    size = 16
    while size < 2 * len(hashes):
        size *= 2
    codes, first = np.empty(len(hashes), np.int32), np.empty(len(hashes), np.int32)
    used = _number(hashes, np.full(size, _EMPTY, np.int32), codes, first)
    return codes, whole.take(pa.array(first[:used]))
