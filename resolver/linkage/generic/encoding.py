"""A column of any file as codes of distinct cleaned texts.

Texts are numbered by hash, several times as fast as Arrow does it; numbers and days are numbered before they become
texts; and texts are cleaned only where a look at their bytes says that cleaning could change something.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import Hashes, hash_bytes, hash_texts, text_buffers

Codes = NDArray[np.int32]
NULL = np.int32(-1)
_FREE = np.uint64(0)
_FIRST_SLOTS = 1 << 14
_AHEAD = 64
"""Rows whose slots are fetched together, so that their waits for memory overlap."""


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

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many records have each value (d,)."""
        out = np.zeros(len(self.hashes), np.int64)
        _count(self.codes, out)
        return out

    @property
    def row_hashes(self) -> Hashes:
        """Hash of each record's value (n,); 0 for none."""
        return of_rows(self.hashes, self.codes)


@kernel
def _count(codes: Codes, out: NDArray[np.int64]) -> None:
    for row in range(codes.shape[0]):
        if codes[row] >= 0:
            out[codes[row]] += 1


def of_rows(values: Hashes, codes: Codes) -> Hashes:
    """Values (d,) of distinct texts, for every record (n,); 0 where the record has none."""
    out = np.empty(len(codes), np.uint64)
    _of_rows(values, codes, out)
    return out


@kernel
def _of_rows(values: Hashes, codes: Codes, out: Hashes) -> None:
    for row in range(codes.shape[0]):
        out[row] = values[codes[row]] if codes[row] >= 0 else np.uint64(0)


def encode(column: pa.ChunkedArray) -> Column:
    """Number the distinct values of a column, and clean them; an empty text is null."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    elif pa.types.is_integer(kind) or pa.types.is_date(kind):
        column = column.dictionary_encode()
    if pa.types.is_dictionary(column.type):
        codes, raw = _of_dictionary(column)
        hashes = hash_texts(raw)
    else:
        codes, raw, hashes = _encode_texts(column.cast(pa.string()))
    dirty = _dirty(raw)
    if not dirty.any():
        return Column(codes, raw, hashes)
    cleaned = clean(raw.filter(pa.array(dirty)))
    values = pc.replace_with_mask(raw, pa.array(dirty), cleaned)
    again, values, hashes = _encode_texts(pa.chunked_array([values]))
    return Column(np.where(codes >= 0, again[codes], NULL), values, hashes)


def _of_dictionary(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    column = column.unify_dictionaries()
    raw = column.chunk(0).dictionary.cast(pa.string()) if column.num_chunks else pa.array([], pa.string())
    indices = [pc.fill_null(part.indices.cast(pa.int32()), NULL).to_numpy() for part in column.chunks]
    return np.concatenate([np.zeros(0, np.int32), *indices]), raw


def _encode_texts(column: pa.ChunkedArray) -> tuple[Codes, pa.Array, Hashes]:
    """Number texts; two are one if their 64-bit hashes are (see `hashing`).

    Returns:
        int32 (n,): number of each text, -1 for null and the empty text; the distinct texts (d,), in the order of
        their first appearance; their hashes.
    """
    hashes = np.empty(len(column), np.uint64)
    ends = np.cumsum([0] + [len(chunk) for chunk in column.chunks])
    for chunk, start, stop in zip(column.chunks, ends, ends[1:], strict=False):
        _hash_chunk(chunk, hashes[start:stop])
    codes, first = number_hashes(hashes)
    cuts = np.searchsorted(first, ends)
    parts = [
        chunk.take(pa.array(first[a:b] - np.int32(start)))
        for chunk, start, a, b in zip(column.chunks, ends, cuts, cuts[1:], strict=False)
    ]
    values = pa.concat_arrays(parts) if parts else pa.array([], pa.string())
    return codes, values, hashes[first]


def _hash_chunk(chunk: pa.Array, out: Hashes) -> None:
    """Hashes of texts (n,), as `hashing.hash_texts`, without a copy of the texts."""
    _, offset_buffer, data_buffer = chunk.buffers()
    if len(chunk) == 0:
        return
    offsets = np.frombuffer(offset_buffer, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    _hash_texts(data, offsets, out)
    if chunk.null_count:
        out[pc.is_null(chunk).to_numpy(zero_copy_only=False)] = 0


@kernel
def _hash_texts(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: Hashes) -> None:
    for row in range(out.shape[0]):
        out[row] = hash_bytes(data, offsets[row], offsets[row + 1])


def number_hashes(hashes: Hashes) -> tuple[Codes, Codes]:
    """Number hashes (n,) in the order of their first row; 0 gets -1.

    Returns:
        int32 (n,): the numbers; int32 (d,): the first row of each.
    """
    n = len(hashes)
    codes, first = np.empty(n, np.int32), np.empty(n, np.int32)
    slots, done, used = _FIRST_SLOTS, 0, 0
    while True:
        table = np.zeros(slots, np.uint64), np.empty(slots, np.int32)
        _enter(hashes, first[:used], table)
        done, used, _ = _number(hashes, table, (codes, first), (done, used))
        if done == n:
            return codes, first[:used].copy()
        # As many more as there were up to here: a table that grows step by step is filled again and again.
        slots = max(4 * slots, 1 << (2 * used * n // done).bit_length())


@kernel
def _enter(hashes: Hashes, first: Codes, table: tuple[Hashes, Codes]) -> None:
    keys, numbers = table
    mask = np.uint64(keys.shape[0] - 1)
    for number in range(first.shape[0]):
        value = hashes[first[number]]
        slot = value & mask
        while keys[slot] != _FREE:
            slot = (slot + np.uint64(1)) & mask
        keys[slot], numbers[slot] = value, number


@kernel
def _number(
    hashes: Hashes, table: tuple[Hashes, Codes], out: tuple[Codes, Codes], begun: tuple[int, int]
) -> tuple[int, int, np.uint64]:
    """Number hashes until the table is half full; returns how many rows are done and how many numbers there are.

    The third number returned only keeps the loop that fetches slots ahead from being left out.
    """
    keys, numbers = table
    codes, first = out
    done, used = begun
    mask, most, seen = np.uint64(keys.shape[0] - 1), keys.shape[0] // 2, np.uint64(0)
    for start in range(done, hashes.shape[0], _AHEAD):
        if used + _AHEAD > most:
            return start, used, seen
        stop = min(start + _AHEAD, hashes.shape[0])
        for row in range(start, stop):
            seen ^= keys[hashes[row] & mask]
        for row in range(start, stop):
            value = hashes[row]
            slot = value & mask
            while keys[slot] != value and keys[slot] != _FREE:
                slot = (slot + np.uint64(1)) & mask
            if value == _FREE:
                codes[row] = NULL
                continue
            if keys[slot] == _FREE:
                keys[slot], numbers[slot] = value, used
                first[used] = row
                used += 1
            codes[row] = numbers[slot]
    return hashes.shape[0], used, seen


def _dirty(values: pa.Array) -> NDArray[np.bool_]:
    """Which texts (d,) `clean` may change."""
    data, offsets = text_buffers(values)
    out = np.zeros(len(values), np.bool_)
    _mark_dirty(data, offsets, out)
    return out


@kernel
def _mark_dirty(data: NDArray[np.uint8], offsets: NDArray[np.int32], out: NDArray[np.bool_]) -> None:
    """Mark all but texts of small ASCII letters, signs, single spaces inside, and characters from U+4000 to U+9FFF.

    Among these characters none has another form (NFKC) or a small letter.
    """
    for row in range(out.shape[0]):
        behind = np.uint8(0x20)
        for position in range(offsets[row], offsets[row + 1]):
            byte = data[position]
            if byte == 0x20:
                out[row] |= behind == 0x20
            elif byte < 0x80:
                out[row] |= byte < 0x20 or 0x41 <= byte <= 0x5A or byte == 0x7F
            elif byte >= 0xC0:
                out[row] |= not 0xE4 <= byte <= 0xE9
            behind = byte
        out[row] |= behind == 0x20


def clean(values: pa.Array) -> pa.Array:
    """Texts in one form: full-width to half-width (NFKC), lower case, single spaces, none at the ends; "" is null."""
    values = pc.utf8_lower(pc.utf8_normalize(values, "NFKC"))
    values = pc.utf8_trim_whitespace(pc.replace_substring_regex(values, r"\s+", " "))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
