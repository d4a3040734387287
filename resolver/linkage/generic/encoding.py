"""A column of any file as codes of distinct cleaned texts.

Texts are numbered by hash, several times as fast as Arrow does it; numbers and days are numbered before they become
texts; and texts are cleaned only where a look at their bytes says that cleaning could change something.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.generic.numbering import NULL, Codes, Numbering
from resolver.linkage.hashing import Hashes, hash_buffers, text_buffers


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


def encode(parts: Iterable[pa.Array], n: int) -> Column:
    """Number the distinct values of a column, and clean them; an empty text is null.

    Args:
        parts: The column in parts, which need not be of one type; none is looked at again.
        n: How many records there are.
    """
    codes, raw, numbering = _number_texts(parts, n)
    hashes, dirty = numbering.hashes.copy(), _dirty(raw)
    if not dirty.any():
        return Column(codes, raw, hashes)
    cleaned = clean(raw.filter(pa.array(dirty)))
    marks = _hashes_of(cleaned)
    hashes[dirty], values = marks, pc.replace_with_mask(raw, pa.array(dirty), cleaned)
    _, new = numbering.add(marks)
    if len(new) == len(marks):  # no two values have become one
        return Column(codes, values, hashes)
    again, first = Numbering(len(raw)).add(hashes)
    return Column(np.append(again, NULL)[codes], values.take(pa.array(first)), hashes[first])


def _number_texts(parts: Iterable[pa.Array], n: int) -> tuple[Codes, pa.Array, Numbering]:
    """Number texts; two are one if their 64-bit hashes are (see `hashing`).

    Returns:
        int32 (n,): number of each text, -1 for null and the empty text; the distinct texts (d,); and their numbering.
    """
    numbering, codes, at = Numbering(n), np.empty(n, np.int32), 0
    texts = [pa.array([], pa.string())]
    for part in parts:
        spelt, indices = _texts_of(part)
        numbers, first = numbering.add(_hashes_of(spelt))
        codes[at : at + len(part)] = numbers if indices is None else _numbers_at(numbers, indices)
        at += len(part)
        texts.append(spelt if len(first) == len(spelt) else spelt.take(pa.array(first)))
    return codes, pa.concat_arrays(texts), numbering


def _texts_of(part: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """A part of a column as texts, or as some texts and which of them each record has."""
    kind = part.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        part = pc.binary_join(part.cast(pa.list_(pa.string())), ";")
    elif pa.types.is_integer(kind) or pa.types.is_date(kind):
        part = part.dictionary_encode()
    if pa.types.is_dictionary(part.type):
        return part.dictionary.cast(pa.string()), part.indices
    return part.cast(pa.string()), None


def _numbers_at(numbers: Codes, indices: pa.Array) -> Codes:
    """The numbers (d,) at indices (m,); -1 for a null."""
    places = pc.fill_null(indices.cast(pa.int32()), len(numbers)).to_numpy()
    found: Codes = np.append(numbers, NULL)[places]
    return found


def _hashes_of(part: pa.Array) -> Hashes:
    """Hashes of texts (n,), as `hashing.hash_texts`, without a copy of the texts."""
    if len(part) == 0:
        return np.zeros(0, np.uint64)
    _, offset_buffer, data_buffer = part.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[part.offset : part.offset + len(part) + 1]
    data = np.zeros(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    out = hash_buffers(data, offsets)
    if part.null_count:
        out[pc.is_null(part).to_numpy(zero_copy_only=False)] = 0
    return out


def _dirty(values: pa.Array) -> NDArray[np.bool_]:
    """Which texts (d,) `clean` may change."""
    data, offsets = text_buffers(values)
    out = np.zeros(len(values), np.bool_)
    _mark_dirty(data, offsets, _KINDS, out)
    return out


def _kind_of(byte: int) -> int:
    """0 for a byte that `clean` leaves alone wherever it stands, 1 for one it may change, 2 for a space.

    Left alone are small ASCII letters, signs, and characters from U+4000 to U+9FFF: none of these has another form
    (NFKC) or a small letter. A byte that goes on with a character (from 0x80 to 0xBF) is as the first one says.
    """
    if byte == 0x20:
        return 2
    if byte < 0x80:
        return int(byte < 0x20 or 0x41 <= byte <= 0x5A or byte == 0x7F)
    return int(byte >= 0xC0 and not 0xE4 <= byte <= 0xE9)


_KINDS = np.array([_kind_of(byte) for byte in range(256)], np.uint8)


@kernel
def _mark_dirty(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], kinds: NDArray[np.uint8], out: NDArray[np.bool_]
) -> None:
    """Mark texts with a byte that may change, with a space in front or behind, and with two spaces together."""
    for row in range(out.shape[0]):
        found, behind = np.uint8(0), np.uint8(2)
        for position in range(offsets[row], offsets[row + 1]):
            kind = kinds[data[position]]
            found |= kind & (behind | np.uint8(1))
            behind = kind
        out[row] = found | (behind & np.uint8(2)) != 0


def clean(values: pa.Array) -> pa.Array:
    """Texts in one form: full-width to half-width (NFKC), lower case, single spaces, none at the ends; "" is null."""
    values = pc.utf8_lower(pc.utf8_normalize(values, "NFKC"))
    values = pc.utf8_trim_whitespace(pc.replace_substring_regex(values, r"\s+", " "))
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)
