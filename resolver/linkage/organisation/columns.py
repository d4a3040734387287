"""Organisation records as columns of numbers, made once: everything that comparing two records reads."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.identifiers.columns import distinct
from resolver.linkage.hashing import Hashes, hash_texts, mix_columns
from resolver.linkage.organisation.names import parts

_NEEDED = (
    "record_key", "feed", "source_key", "name", "core", "former_name", "region", "credit_code", "damaged_code",
    "organisation_code", "registration_no", "address", "phone",
)  # fmt: skip

_REGISTER_FEED = "W08"
"""The business register 企业个体工商户登记: the one feed in which an organisation should stand once."""

_CANCELLATIONS = "W09"
_CHANGES = "W10"


class Flag(IntEnum):
    """Columns of `Columns.flags`."""

    VALID = 0  # the credit code is valid
    LOCATED = 1  # the county is that of an address, not only read from the name
    REGISTERED = 2  # an entry of the business register
    CANCELLED = 3  # the register says that the organisation is gone 注销、吊销
    OF_REGISTRY = 4  # the register itself, its cancellations and changes


class Word(IntEnum):
    """Columns of `Columns.words`: hashes, 0 = null."""

    NAME = 0
    FORMER_NAME = 1
    PLACE_AND_CORE = 2  # the name without its legal form
    CORE = 3
    NUMBERLESS = 4
    CREDIT_CODE = 5  # valid, or else as it was written
    ORGANISATION_CODE = 6  # of its own, or that inside a valid credit code
    REGISTRATION_NO = 7
    SOURCE_KEY = 8
    SCHEME = 9
    REGION = 10
    CITY = 11
    ADDRESS = 12
    PHONE = 13


class Spelt(IntEnum):
    """Columns of `Columns.texts`: numbers of texts that are looked at character by character."""

    PLACE = 0
    CORE = 1
    CODE = 2
    REGISTRATION_NO = 3


@dataclass(frozen=True)
class Columns:
    """Organisation records, sorted by `record_key`.

    Attributes:
        record_key: int64 (n,).
        words: uint64 (n, len(Word)).
        texts: int32 (n, len(Spelt)): number of a text; -1 for none. A place that a name leaves out is an empty text.
        values: The texts.
        flags: bool (n, len(Flag)).
    """

    record_key: NDArray[np.int64]
    words: NDArray[np.uint64]
    texts: NDArray[np.int32]
    values: pa.StringArray
    flags: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.record_key)

    def word(self, word: Word) -> Hashes:
        """One column of hashes (n,)."""
        return np.ascontiguousarray(self.words[:, word])

    @property
    def numbered(self) -> NDArray[np.bool_]:
        """Records (n,) with a code, valid or not, or a registration number."""
        numbers = [Word.CREDIT_CODE, Word.ORGANISATION_CODE, Word.REGISTRATION_NO]
        return np.asarray((self.words[:, numbers] != 0).any(axis=1))

    @property
    def placeless(self) -> NDArray[np.bool_]:
        """Records (n,) whose name leaves out its place."""
        place = pc.index(self.values, "").as_py()
        return np.asarray((place >= 0) & (self.texts[:, Spelt.PLACE] == place))

    def cut(self, spelt: Spelt, how: Callable[[pa.Array], pa.Array]) -> Hashes:
        """Hashes (n,) of what `how` leaves of every distinct text; 0 where that is null or there is no text."""
        hashes = np.append(hash_texts(how(self.values)), np.uint64(0))
        return np.asarray(hashes[self.texts[:, spelt]])


def encode(records: pa.Table) -> Columns:
    """Make columns of records.

    Args:
        records: Columns of `ORGANISATION_RECORD_SCHEMA`, in any order, one row a record.

    Raises:
        LinkageError: A column is missing.
    """
    if missing := sorted(set(_NEEDED) - set(records.column_names)):
        raise LinkageError(
            f"organisation records lack the columns {', '.join(missing)}",
            remedy="Give records as `resolver.standardize` makes them.",
        )
    records = records.select(list(_NEEDED)).sort_by("record_key").combine_chunks()
    place, core, numberless = _names(records)
    code = pc.coalesce(records["credit_code"], records["damaged_code"])
    inside = pc.utf8_slice_codeunits(records["credit_code"], 8, 17)
    region, feed = records["region"], records["feed"].cast(pa.string())
    texts = {Spelt.PLACE: place, Spelt.CORE: core, Spelt.CODE: code}
    numbers, values = _number([*texts.values(), records["registration_no"]])
    region_hash = hash_texts(region)
    words = {
        Word.NAME: hash_texts(records["name"]),
        Word.FORMER_NAME: hash_texts(_former_names(records)),
        Word.PLACE_AND_CORE: hash_texts(pc.binary_join_element_wise(place, core, "|")),
        Word.CORE: hash_texts(core),
        Word.NUMBERLESS: hash_texts(numberless),
        Word.CREDIT_CODE: hash_texts(code),
        Word.ORGANISATION_CODE: hash_texts(pc.coalesce(inside, records["organisation_code"])),
        Word.REGISTRATION_NO: hash_texts(records["registration_no"]),
        Word.SOURCE_KEY: hash_texts(records["source_key"]),
        Word.SCHEME: hash_texts(pc.replace_substring_regex(records["source_key"], ":.*$", "")),
        Word.REGION: region_hash,
        Word.CITY: hash_texts(pc.utf8_slice_codeunits(region, 0, 4)),
        Word.ADDRESS: mix_columns(region_hash, hash_texts(records["address"])),
        Word.PHONE: hash_texts(records["phone"]),
    }
    flags = {
        Flag.VALID: records["credit_code"].is_valid(),
        Flag.LOCATED: records["address"].is_valid(),
        Flag.REGISTERED: pc.equal(feed, _REGISTER_FEED),
        Flag.CANCELLED: pc.equal(feed, _CANCELLATIONS),
        Flag.OF_REGISTRY: pc.is_in(feed, pa.array([_REGISTER_FEED, _CANCELLATIONS, _CHANGES])),
    }
    return Columns(
        record_key=records["record_key"].to_numpy(),
        words=np.stack([words[word] for word in Word], axis=1),
        texts=numbers,
        values=values,
        flags=np.stack([np.asarray(flags[flag], np.bool_) for flag in Flag], axis=1),
    )


def _former_names(records: pa.Table) -> pa.ChunkedArray:
    """Former name of every record: its own, or else what the records with its code say (of several the smallest).

    One department alone tells of a change of name. What still bears the old name would have that one record for it and
    all others of the firm, under the new name, against it.
    """
    own, codes = records["former_name"], records["credit_code"]
    said = pa.table({"code": codes, "former": own})
    said = said.filter(pc.and_(codes.is_valid(), own.is_valid()))
    said = said.group_by("code").aggregate([("former", "min")]).combine_chunks()
    place = pc.index_in(codes, said["code"].combine_chunks(), skip_nulls=True)
    return pc.coalesce(own, said["former_min"].take(place))


def _names(records: pa.Table) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Place, core and numberless core of every record's name; null where there is no name."""
    found = distinct(
        pc.binary_join_element_wise(records["name"], pc.coalesce(records["core"], records["name"]), "|")
    )
    taken = [parts(*text.split("|")) for text in found.values.to_pylist()]
    columns = [pa.array([part[i] for part in taken], pa.string()) for i in range(3)]
    place, core, numberless = (found.spread(column) for column in columns)
    return place, core, numberless


def _number(columns: list[pa.Array | pa.ChunkedArray]) -> tuple[NDArray[np.int32], pa.StringArray]:
    """Numbers (n, columns) of texts, -1 for null, and the distinct texts of all columns."""
    chunks = [
        c for column in columns for c in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    found = distinct(pa.chunked_array(chunks, pa.string()))
    return np.ascontiguousarray(found.indices.reshape(len(columns), -1).T), found.values
