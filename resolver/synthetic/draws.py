"""Random numbers that belong to a key, not to a sequence.

Every draw is a hash of the seed, what is drawn and the thing it is drawn for. So a stored identity is written in the
same way in every feed and month of its register, whatever the order or the size of the pieces it is worked in.
"""

import hashlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Keys = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def salt(*parts: object) -> np.uint64:
    """A 64-bit number for a label, the same in every process."""
    text = "\x1f".join(str(part) for part in parts).encode("utf-8")
    return np.uint64(int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little"))


def mix(*parts: npt.NDArray[np.int64] | Keys | np.uint64) -> Keys:
    """One key from several columns or labels (splitmix64, Steele, Lea and Flood 2014).

    Args:
        parts: int64 or uint64 arrays of one length, or single labels; at least one array.
    """
    state = np.asarray(0x9E3779B97F4A7C15, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = _finish(state ^ np.asarray(part).astype(np.uint64))
    return state


def uniform(keys: Keys, label: str) -> Floats:
    """One number in [0, 1) for every key; independent between labels."""
    return (mix(keys, salt(label)) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def pick(keys: Keys, label: str, n: int) -> Ints:
    """One whole number in 0 … n-1 for every key."""
    return (uniform(keys, label) * n).astype(np.int64)


def text_keys(column: pa.Array | pa.ChunkedArray) -> Keys:
    """A key for every text of a column (FNV-1a over its UTF-8 bytes, then mixed); null is like an empty text."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    array = pa.concat_arrays([array.cast(pa.large_string())])
    buffers = array.buffers()
    n = len(array)
    ends = np.frombuffer(buffers[1], dtype=np.int64)[: n + 1]
    start, length = ends[:-1], np.diff(ends)
    data = np.frombuffer(buffers[2] or b"", dtype=np.uint8)
    hashed = np.full(n, 0xCBF29CE484222325, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for position in range(int(length.max(initial=0))):
            here = np.flatnonzero(length > position)
            byte = data[start[here] + position].astype(np.uint64)
            hashed[here] = (hashed[here] ^ byte) * np.uint64(0x100000001B3)
    return mix(hashed)


def _finish(value: Keys | np.uint64) -> Keys:
    z = np.asarray(value, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)
