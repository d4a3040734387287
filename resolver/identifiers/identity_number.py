"""A person's identity number of whatever kind: which kind it is, its canonical form, and what is wrong with it.

Departments write all kinds into one column. A well-formed number tells its kind; a stated kind (证件类型) decides
only between those that have no check digit.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.identifiers import (
    disability_certificate,
    foreign_permanent_id,
    number_text,
    passport,
    person_number,
    resident_id,
    travel_permit,
)
from resolver.identifiers.columns import Column, as_text, distinct, fixed_width

IdType = Literal["resident", "residence_permit", "foreign_permanent", "travel_permit", "passport", "unknown"]
IdStatus = Literal["valid", "legacy", "checksum", "format", "rounded", "placeholder", "missing"]

COLUMN_TYPE = pa.struct([("number", pa.string()), ("id_type", pa.string()), ("status", pa.string())])
"""What `classify_column` gives per row."""

_TYPES: tuple[IdType, ...] = get_args(IdType)
_STATUS_OF_FLAW = pa.array(["valid", "checksum", "format", "rounded"])  # in the order of person_number.FLAWS
_STATED: tuple[tuple[IdType, tuple[str, ...]], ...] = (
    ("passport", ("护照", "PASSPORT")),
    ("travel_permit", ("通行证", "回乡证", "台胞证")),
    ("foreign_permanent", ("永久居留",)),
    ("residence_permit", ("港澳台居民居住证",)),
    ("resident", ("身份证", "户口簿")),
)
_DIGIT = re.compile(r"[0-9]")
_SCIENTIFIC = re.compile(r"([0-9])\.?([0-9]*)E\+?(1[4-9])")
_KEPT_DIGITS = 15  # a spreadsheet keeps so many; fewer say little more than the county


@dataclass(frozen=True)
class IdentityNumber:
    """A number as understood.

    Attributes:
        number: Canonical form; a damaged one as cleaned; None when missing, a placeholder, without a single
            digit, or when a spreadsheet left too few.
        id_type: Its kind; None when there is no number.
        status: What is wrong with it, if anything.
    """

    number: str | None
    id_type: IdType | None
    status: IdStatus


_MISSING = IdentityNumber(None, None, "missing")
_PLACEHOLDER = IdentityNumber(None, None, "placeholder")


def stated_type(text: str) -> IdType | None:
    """The kind that a department's word for it (证件类型) means, or None."""
    word = text.upper()
    for id_type, marks in _STATED:
        if any(mark in word for mark in marks):
            return id_type
    return None


def classify(text: str | None, *, stated: IdType | None = None, as_of: date | None = None) -> IdentityNumber:
    """Understand one identity number.

    Args:
        text: As the department wrote it.
        stated: The kind the department says it is.
        as_of: The day it was seen; a number with a later birth date is malformed. None = any day.
    """
    cleaned = number_text.clean(text) if text else ""
    if number_text.is_missing(cleaned):
        return _MISSING
    if number_text.is_filler(cleaned):
        return _PLACEHOLDER
    if not _DIGIT.search(cleaned):
        return IdentityNumber(None, None, "format")  # words: a column was shifted
    if len(cleaned) == 18 and cleaned[:17].isdigit():
        return _eighteen(cleaned, as_of)
    if (long := resident_id.from_legacy(cleaned)) is not None:
        return IdentityNumber(long, "resident", "legacy")
    if (certificate := disability_certificate.parse(cleaned)) is not None:
        return IdentityNumber(certificate.id_number, "resident", "valid")
    if (match := _SCIENTIFIC.fullmatch(cleaned)) is not None:
        digits = match[1] + match[2]
        whole = digits.ljust(int(match[3]) + 1, "0") if len(digits) >= _KEPT_DIGITS else None
        return IdentityNumber(whole, "resident", "rounded")
    if 14 <= len(cleaned) <= 20 and cleaned[:-1].isdigit():
        return IdentityNumber(cleaned, "resident", "format")
    return _without_check(cleaned, stated)


def classify_column(
    numbers: Column, stated: Column | None = None, *, as_of: date | None = None
) -> pa.StructArray:
    """`classify` over a column, once per distinct number.

    Args:
        numbers: Identity numbers as text.
        stated: The stated kinds as text, or None.
        as_of: As in `classify`.

    Returns:
        `COLUMN_TYPE` per row; never null: a null number has status `missing`.
    """
    found = distinct(as_text(numbers))
    result = _with_missing(found.spread(_classify_distinct(found.values, as_of)))
    if stated is None:
        return result
    kinds = distinct(as_text(stated))
    meant = [stated_type(word) for word in kinds.values.to_pylist()]
    told = np.array([_TYPES.index(kind) if kind else -1 for kind in meant] + [-1], np.int8)[kinds.indices]
    open_ = pc.is_in(result.field("id_type"), pa.array(["travel_permit", "passport", "unknown"]))
    rows = np.flatnonzero(open_.to_numpy(zero_copy_only=False) & (told >= 0))
    if not len(rows):
        return result
    pairs, inverse = np.unique(
        found.indices[rows].astype(np.int64) * len(_TYPES) + told[rows], return_inverse=True
    )
    texts = found.values.take(pa.array(pairs // len(_TYPES))).to_pylist()
    again = _as_struct(
        [
            classify(text, stated=_TYPES[kind], as_of=as_of)
            for text, kind in zip(texts, (pairs % len(_TYPES)).tolist(), strict=True)
        ]
    )
    where = np.arange(len(result))
    where[rows] = len(result) + inverse
    return pa.concat_arrays([result, again]).take(pa.array(where))


def _eighteen(cleaned: str, as_of: date | None) -> IdentityNumber:
    flaw = person_number.flaw(cleaned, on=as_of)
    id_type: IdType = "resident"
    if resident_id.is_residence_permit(cleaned):
        id_type = "residence_permit"
    elif cleaned[0] == "9" and flaw != "format":  # a malformed one is more likely a mistyped resident number
        id_type = "foreign_permanent"
    return IdentityNumber(cleaned, id_type, "valid" if flaw == "none" else flaw)


def _without_check(cleaned: str, stated: IdType | None) -> IdentityNumber:
    if (number := foreign_permanent_id.normalize(cleaned)) is not None:
        return IdentityNumber(number, "foreign_permanent", "valid")
    if stated == "passport" and passport.is_valid(cleaned):
        return IdentityNumber(cleaned, "passport", "valid")
    if (number := travel_permit.normalize(cleaned)) is not None:
        return IdentityNumber(number, "travel_permit", "valid")
    if passport.is_valid(cleaned):
        return IdentityNumber(cleaned, "passport", "valid")
    return IdentityNumber(cleaned, stated or "unknown", "format")


def _classify_distinct(values: pa.Array, as_of: date | None) -> pa.StructArray:
    """One struct per distinct text: numpy for those of eighteen ASCII characters, `classify` for the rest."""
    where, characters = fixed_width(values, 18)
    regular = ((characters[:, :17] >= ord("0")) & (characters[:, :17] <= ord("9"))).all(axis=1)
    body = characters[:, :17].astype(np.int16)
    steps = (body[:, 1:] - body[:, :-1]) % 10
    regular &= (steps != 0).any(axis=1) & (steps != 1).any(axis=1)  # repeated or counting up: a placeholder
    where, characters = (
        where[regular],
        np.where(characters[regular] == ord("x"), ord("X"), characters[regular]),
    )
    others = np.setdiff1d(np.arange(len(values)), where, assume_unique=True)
    slow = _as_struct([classify(text, as_of=as_of) for text in values.take(pa.array(others)).to_pylist()])
    both = pa.concat_arrays([_eighteens(characters.astype(np.uint8), as_of), slow])
    order = np.empty(len(values), np.int64)
    order[np.concatenate([where, others])] = np.arange(len(values))
    return both.take(pa.array(order))


def _eighteens(
    characters: np.ndarray[tuple[int, int], np.dtype[np.uint8]], as_of: date | None
) -> pa.StructArray:
    flaws = person_number.flaws(characters, on=as_of)
    place = (characters[:, :6].astype(np.int64) - ord("0")) @ np.array([100000, 10000, 1000, 100, 10, 1])
    permits = np.isin(place, [int(code) for code in person_number.RESIDENCE_PERMIT_CODES])
    foreign = (characters[:, 0] == ord("9")) & (flaws != person_number.FLAWS.index("format"))
    kind = np.where(foreign, 2, np.where(permits, 1, 0))
    flat = np.ascontiguousarray(characters)
    numbers = pa.FixedSizeBinaryArray.from_buffers(pa.binary(18), len(flat), [None, pa.py_buffer(flat)])
    return pa.StructArray.from_arrays(
        [
            numbers.cast(pa.binary()).cast(pa.string()),
            pa.array(_TYPES).take(pa.array(kind)),
            _STATUS_OF_FLAW.take(pa.array(flaws)),
        ],
        fields=list(COLUMN_TYPE),
    )


def _as_struct(found: list[IdentityNumber]) -> pa.StructArray:
    return pa.StructArray.from_arrays(
        [
            pa.array([one.number for one in found], pa.string()),
            pa.array([one.id_type for one in found], pa.string()),
            pa.array([one.status for one in found], pa.string()),
        ],
        fields=list(COLUMN_TYPE),
    )


def _with_missing(result: pa.StructArray) -> pa.StructArray:
    number, id_type, status = result.flatten()
    return pa.StructArray.from_arrays(
        [number, id_type, pc.fill_null(status, "missing")], fields=list(COLUMN_TYPE)
    )
