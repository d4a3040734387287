"""64-bit hashes of values: two values are compared by hash, so that no dictionary has to be shared or kept.

0 is the hash of null. Two different values of a table of a hundred million share a hash with a chance of 3 in
10,000; a model that is kept refers to values by these hashes too, so they never depend on the data.
"""

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Hashes = NDArray[np.uint64]

_OFFSET = np.uint64(0xCBF29CE484222325)
_PRIME = np.uint64(0x100000001B3)
_M1 = np.uint64(0xFF51AFD7ED558CCD)
_M2 = np.uint64(0xC4CEB9FE1A85EC53)
_S33 = np.uint64(33)
_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def finish(value: np.uint64) -> np.uint64:
    """Spread the bits of a hash (the finaliser of MurmurHash3); never 0."""
    value ^= value >> _S33
    value *= _M1
    value ^= value >> _S33
    value *= _M2
    value ^= value >> _S33
    return value if value != _ZERO else _ONE


@kernel
def mix(one: np.uint64, other: np.uint64) -> np.uint64:
    """Hash of an ordered pair of hashes; 0 (null) if either is."""
    if _ZERO in (one, other):
        return _ZERO
    return finish(one * _PRIME + (other ^ _GOLDEN))


@kernel
def hash_bytes(data: NDArray[np.uint8], start: int, stop: int) -> np.uint64:
    """FNV-1a of `data[start:stop]`, finished; 0 for no bytes."""
    if stop <= start:
        return _ZERO
    value = _OFFSET
    for position in range(start, stop):
        value = (value ^ np.uint64(data[position])) * _PRIME
    return finish(value)


@kernel
def _hash_texts(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: Hashes) -> None:
    for row in range(out.shape[0]):
        out[row] = hash_bytes(data, offsets[row], offsets[row + 1])


@kernel
def _mix_columns(one: Hashes, other: Hashes, out: Hashes) -> None:
    for row in range(out.shape[0]):
        out[row] = mix(one[row], other[row])


def text_buffers(column: pa.ChunkedArray | pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """UTF-8 bytes and n + 1 offsets of a text column; a null is a text of no bytes."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    column = pc.fill_null(column.cast(pa.string()), "")
    _, offset_buffer, data_buffer = column.buffers()
    if len(column) == 0 or offset_buffer is None:
        return np.zeros(0, np.uint8), np.zeros(len(column) + 1, np.int32)
    offsets = np.frombuffer(offset_buffer, np.int32)[column.offset : column.offset + len(column) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    return data, offsets


def hash_texts(column: pa.ChunkedArray | pa.Array) -> Hashes:
    """Hash of every text of a column (n,); null and the empty text are 0."""
    return hash_buffers(*text_buffers(column))


def buffers_of(texts: Sequence[str | None]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """UTF-8 bytes and n + 1 offsets of some texts, without a column in between; None is a text of no bytes."""
    parts = [(text or "").encode() for text in texts]
    ends = accumulate(map(len, parts), initial=0)
    return np.frombuffer(b"".join(parts), np.uint8), np.fromiter(ends, np.int32, len(parts) + 1)


def hash_buffers(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> Hashes:
    """Hash of every text (n,) of the UTF-8 bytes and n + 1 offsets of a column; no bytes are 0."""
    out = np.empty(len(offsets) - 1, np.uint64)
    _hash_texts(data, offsets, out)
    return out


@kernel
def hash_number(value: int) -> np.uint64:
    """Hash of an integer; a negative one means null and is 0."""
    if value < 0:
        return _ZERO
    spread = (np.uint64(value) + _ONE) * _GOLDEN
    spread = (spread ^ (spread >> np.uint64(29))) * _M1
    spread ^= spread >> np.uint64(32)
    return spread if spread != _ZERO else _ONE


@kernel
def _hash_numbers(values: NDArray[np.int64], out: Hashes) -> None:
    for row in range(out.shape[0]):
        out[row] = hash_number(values[row])


def hash_numbers(values: NDArray[np.int64]) -> Hashes:
    """Hash of every integer (n,); negative ones mean null and are 0."""
    out = np.empty(len(values), np.uint64)
    _hash_numbers(values, out)
    return out


def mix_columns(first: Hashes, *others: Hashes) -> Hashes:
    """Hash of the tuple of several columns' hashes (n,); 0 where any of them is 0."""
    out = first
    for other in others:
        mixed = np.empty_like(out)
        _mix_columns(out, other, mixed)
        out = mixed
    return out
