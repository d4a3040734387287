"""The columns of person records, standardised from one role of a feed."""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.identifiers import credit_code, disability_certificate, identity_number, number_text
from resolver.identifiers.columns import as_text, map_text
from resolver.standardize import addresses, dates, names, organisations, phones, regions
from resolver.standardize.coded import Coded
from resolver.standardize.schema import PERSON_RECORD_SCHEMA
from resolver.standardize.source import Source

ATTRIBUTES = frozenset(PERSON_RECORD_SCHEMA.names) - {
    "record_key", "feed", "role", "source_key", "surname", "given", "pinyin", "id_status", "town", "village",
}  # fmt: skip
"""What a contract may say of a person."""

_DIGITS_OF_AN_ID = r"[0-9０-９]{14}"
_TWO_HAN = r"^\p{Han}[\p{Han} 　·]*\p{Han}$"
OTHER_NAMES = ("former_name", "spouse_name", "mother_name", "father_name", "kin_name")
OTHER_NUMBERS = ("spouse_id", "mother_id", "father_id")
HOUSEHOLDS = ("household_no", "aid_household_no")


def person_columns(source: Source, as_of: date) -> dict[str, Coded]:
    """Every column of the person record but `record_key`, `feed` and `role`, for all rows of the source.

    Raises:
        SettingsError: The contract names an attribute that a person record does not have.
    """
    source.check(ATTRIBUTES)
    name_text, number_texts = _unshift(source.text("name"), source.text("id_number"))
    number_texts = _from_certificate(source, number_texts)
    columns = {"source_key": source.source_key(), **name_text.map(names.parse_column).fields()}
    columns |= _identity(source, number_texts, as_of)
    columns |= {name: source.text(name).map(names.normalize_column) for name in OTHER_NAMES}
    columns |= {name: source.text(name).map(_numbers_only) for name in OTHER_NUMBERS}
    columns |= {name: source.text(name).map(_text_by(plain_key)) for name in HOUSEHOLDS}
    columns["sex"] = _sex(source)
    columns["birth_date"] = _birth_date(source, as_of)
    columns["phone"] = source.text("phone").map(phones.normalize_column)
    address = source.text("address").map(addresses.parse_column).fields()
    columns |= {part: address[part] for part in ("town", "village", "address")}
    region = source.text("region").map(_text_by(regions.today))
    columns["region"] = address["region"].otherwise(region)
    columns["employer"] = source.text("employer").map(organisations.normalize_column)
    columns["employer_code"] = source.text("employer_code").map(_text_by(credit_code.normalize))
    return columns


def _text_by(function: Callable[[str], str | None]) -> Callable[[pa.Array], pa.Array]:
    return partial(map_text, function=function, result=pa.string())


def plain_key(text: str) -> str | None:
    """A household's number without space and width; None where it is none."""
    cleaned = number_text.clean(text)
    return None if number_text.is_missing(cleaned) else cleaned


def _numbers_only(values: pa.Array) -> pa.Array:
    return identity_number.classify_column(values).field("number")


def _identity(source: Source, numbers: Coded, as_of: date) -> dict[str, Coded]:
    stated = source.column("id_type")
    if stated is None:
        found = numbers.map(partial(identity_number.classify_column, as_of=as_of)).fields()
    else:
        per_row = numbers.take(np.arange(len(source.rows)))
        rows = identity_number.classify_column(per_row, stated, as_of=as_of).flatten()
        found = {
            field.name: Coded.of(child)
            for field, child in zip(identity_number.COLUMN_TYPE, rows, strict=True)
        }
    status = found["status"].otherwise(Coded.constant("missing", pa.string(), len(source.rows)))
    return {"id_number": found["number"], "id_type": found["id_type"], "id_status": status}


def may_be_shifted(name: str) -> bool:
    """Whether a name holds what may be an ID number, so that `person_columns` looks which cell is which."""
    return re.search(_DIGITS_OF_AN_ID, name) is not None


def _unshift(name: Coded, number: Coded) -> tuple[Coded, Coded]:
    """Put a number that stands in the name column, and the name beside it, where they belong."""
    suspicious = pc.match_substring_regex(name.values, _DIGITS_OF_AN_ID)
    if not pc.any(suspicious).as_py():
        return name, number
    statuses = identity_number.classify_column(name.values).field("status")
    is_number = pc.is_in(statuses, pa.array(["valid", "legacy"]))
    shifted = _per_row(name, pc.and_(suspicious, is_number))
    names_there = _per_row(number, pc.match_substring_regex(number.values, _TWO_HAN))
    move = shifted & (names_there | ~number.present())
    nothing = np.full(len(move), -1, np.int32)
    from_number = Coded(np.where(move, number.indices, nothing).astype(np.int32), number.values)
    from_name = Coded(np.where(move, name.indices, nothing).astype(np.int32), name.values)
    stay_name = Coded(np.where(move, nothing, name.indices).astype(np.int32), name.values)
    stay_number = Coded(np.where(move, nothing, number.indices).astype(np.int32), number.values)
    return stay_name.otherwise(from_number), stay_number.otherwise(from_name)


def _per_row(column: Coded, flags: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known = np.append(pc.fill_null(flags, False).to_numpy(zero_copy_only=False), False)
    return np.asarray(known[column.indices], np.bool_)


def _from_certificate(source: Source, numbers: Coded) -> Coded:
    """A disability certificate's number holds the holder's: it stands in where that is missing."""
    key = source.key_column()
    if source.role.source_key_scheme != "disability_certificate" or key is None:
        return numbers

    def embedded(text: str) -> str | None:
        certificate = disability_certificate.parse(text)
        return certificate.id_number if certificate else None

    holders = Coded.of(as_text(key)).map(_text_by(embedded))
    return numbers.map(_text_by(_unless_missing)).otherwise(holders)


def _unless_missing(text: str) -> str | None:
    return None if number_text.is_missing(number_text.clean(text)) else text


def _sex(source: Source) -> Coded:
    column = source.column("sex")
    if column is None:
        fixed = source.role.fixed.get("sex")
        return Coded.constant(int(fixed) if fixed else None, pa.int8(), len(source.rows))
    return Coded.of(column.cast(pa.int8()))


def _birth_date(source: Source, as_of: date) -> Coded:
    column = source.column("birth_date")
    if column is None:
        return Coded.constant(None, pa.date32(), len(source.rows))
    days = column if pa.types.is_dictionary(column.type) else column.cast(pa.date32())
    return Coded.of(days).map(partial(dates.birth_dates, as_of=as_of))
