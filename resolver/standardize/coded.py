"""A column of records as distinct values and, per row, which of them: standardise once, hash once, take what is needed.

Also the record key: the same description must have the same key in every month, on every machine, whatever came
before it in the file. So each distinct value is hashed by BLAKE2b, each hash is mixed with its column's, and a row's
key is the mixed sum; a null adds nothing, an empty text does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from resolver.identifiers.columns import Column, distinct

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Coded:
    """A column as codes.

    Attributes:
        indices: Per row, the position in `values`; -1 = null. int32.
        values: The values; they may repeat and may hold nulls.
    """

    indices: npt.NDArray[np.int32]
    values: pa.Array

    @classmethod
    def of(cls, column: Column) -> "Coded":
        """A column of any type, coded by its distinct values."""
        found = distinct(column)
        return cls(found.indices, found.values)

    @classmethod
    def constant(cls, value: object, kind: pa.DataType, length: int) -> "Coded":
        """The same value in every row; None = null."""
        return cls(np.zeros(length, np.int32), pa.array([value], kind))

    def map(self, function: Callable[[pa.Array], pa.Array]) -> "Coded":
        """The same rows with other values: `function` gets the values and gives as many."""
        return Coded(self.indices, function(self.values))

    def fields(self) -> dict[str, "Coded"]:
        """A struct column as one column per field."""
        children = zip(self.values.type, self.values.flatten(), strict=True)
        return {field.name: Coded(self.indices, child) for field, child in children}

    def present(self) -> npt.NDArray[np.bool_]:
        """Per row, whether there is a value."""
        valid = np.append(self.values.is_valid().to_numpy(zero_copy_only=False), False)
        return np.asarray(valid[self.indices], np.bool_)  # index -1 is the False at the end

    def otherwise(self, other: "Coded") -> "Coded":
        """This value where there is one, else the other's."""
        indices = np.where(other.indices < 0, np.int32(-1), other.indices + np.int32(len(self.values)))
        indices = np.where(self.present(), self.indices, indices).astype(np.int32)
        return Coded(indices, pa.concat_arrays([self.values, other.values.cast(self.values.type)]))

    def take(self, rows: npt.NDArray[np.int64]) -> pa.Array:
        """The values of some rows."""
        indices = self.indices[rows]
        return self.values.take(pa.array(indices, mask=indices < 0))


def record_keys(columns: Mapping[str, Coded], length: int) -> npt.NDArray[np.int64]:
    """One key per row of all its values.

    Args:
        columns: Column name -> values; the order does not matter.
        length: Number of rows.

    Returns:
        Non-negative int64, shape (length,).
    """
    total = np.zeros(length, np.uint64)
    for name, column in columns.items():
        salt = np.frombuffer(blake2b(name.encode(), digest_size=8).digest(), "<u8")[0]
        found = distinct(column.values)  # values repeat where many texts standardise to one
        hashes = np.append(
            _mix(_hashes(found.values) ^ salt), np.uint64(0)
        )  # index -1, null, is the 0 at the end
        total += np.append(hashes[found.indices], np.uint64(0))[column.indices]
    return (_mix(total) >> np.uint64(1)).astype(np.int64)


def _hashes(values: pa.Array) -> Hashes:
    """BLAKE2b of each value's text, 64 bits, little-endian on every machine; no nulls."""
    texts = values.cast(pa.string()).cast(pa.binary()).to_pylist()
    joined = b"".join([blake2b(text, digest_size=8).digest() for text in texts])
    return np.frombuffer(joined, "<u8").astype(np.uint64)


def _mix(value: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood, 2014): every input bit changes half the output's."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
