"""One person record from what somebody typed, value by value, for a match by example.

The columns of a feed are standardised all at once (`person_columns`), which costs milliseconds however few the rows
are. Here the same functions are called on single texts; the tests hold the two against each other. A form that is
rare among what people type goes through the columns, so that it is understood in one place only.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.errors import LinkageError
from resolver.feeds.cells import NULLS, OUTER_SPACE, read_cells
from resolver.feeds.contract import Column, Contract, EntityRole
from resolver.identifiers import credit_code, identity_number
from resolver.standardize import addresses, names, organisations, person_columns, phones, regions
from resolver.standardize.dates import is_placeholder
from resolver.standardize.schema import PERSON_RECORD_SCHEMA
from resolver.standardize.source import Source

EXAMPLE_FEED = "example"
"""Feed and role of a record that no department sent."""

Record = dict[str, Any]
"""A person record: the columns of `PERSON_RECORD_SCHEMA` but the key, with plain Python values; None = not known."""

_READ = {"sex": "sex", "birth_date": "date"}  # the types of attributes that are not kept as text
_PLAIN_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_PLAIN_SEX = {"男": 1, "女": 2, "1": 1, "2": 2}
_LEFT_TO_STATED = (
    "travel_permit",
    "passport",
    "unknown",
)  # kinds of number that a stated kind decides between


def person_example(values: Mapping[str, str]) -> Record:
    """One person record from text that somebody typed.

    Args:
        values: Identity attribute (`name`, `id_number`, `sex`, `birth_date`, `phone`, `address`, `employer`, …) ->
            text in any form that a department's file may have; empty = not known.

    Returns:
        Every column of `PERSON_RECORD_SCHEMA` but `record_key`; feed and role are `example`.

    Raises:
        LinkageError: An attribute is not one of a person record.
    """
    unknown = sorted(set(values) - person_columns.ATTRIBUTES)
    if unknown:
        raise LinkageError(
            f"a person has no attribute {', '.join(unknown)}",
            remedy="Known are: " + ", ".join(sorted(person_columns.ATTRIBUTES)),
        )
    texts = {name: text for name, value in values.items() if (text := _trimmed(value)) is not None}
    if person_columns.may_be_shifted(texts.get("name", "")):
        return by_columns(values)
    record: Record = {name: None for name in PERSON_RECORD_SCHEMA.names if name != "record_key"}
    record |= {"feed": EXAMPLE_FEED, "role": EXAMPLE_FEED, **_identity(texts)}
    for name, text in texts.items():
        if name in _FORMS:
            record[name] = _FORMS[name](text)
    if "name" in texts and (parsed := names.parse(texts["name"])) is not None:
        record |= {part: getattr(parsed, part) for part in ("name", "surname", "given", "pinyin")}
    if "address" in texts:
        record |= _address(texts["address"], record["region"])
    return record


def by_columns(values: Mapping[str, str]) -> Record:
    """The same as `person_example` by way of a table with one row: slower, and understands every form."""
    role = EntityRole("person", EXAMPLE_FEED, {name: name for name in values}, {})
    contract = _contract(role)
    cells = {
        name: read_cells(pa.array([_trimmed(text)], pa.string()), contract.columns[name]).values
        for name, text in values.items()
    }
    source = Source(pa.table({"row_id": pa.array([0], pa.int64()), **cells}), contract, role)
    columns = person_columns.person_columns(source, date.max)
    row = np.zeros(1, np.int64)
    record = {name: column.take(row)[0].as_py() for name, column in columns.items()}
    return {"feed": EXAMPLE_FEED, "role": EXAMPLE_FEED, **record}


def _contract(role: EntityRole) -> Contract:
    columns = {name: Column(name, name, _READ.get(name, "text")) for name in role.values}
    return Contract(
        feed=EXAMPLE_FEED, title="", title_en="", view="", department="", basis="", kind="event", default_extent="full",
        natural_key=(), natural_key_else=(), valid_from="", valid_to="", columns=columns, entities=(role,),
    )  # fmt: skip


def _trimmed(text: str) -> str | None:
    """As `cells.trim`; half a surrogate pair, which no file can hold, becomes a question mark."""
    text = text.encode("utf-8", "replace").decode().strip(OUTER_SPACE)
    return None if not text or text in NULLS else text


def _identity(texts: Mapping[str, str]) -> Record:
    text = texts.get("id_number")
    found = identity_number.classify(text, as_of=date.max)
    stated = identity_number.stated_type(texts["id_type"]) if "id_type" in texts else None
    if stated is not None and found.id_type in _LEFT_TO_STATED:
        found = identity_number.classify(text, stated=stated, as_of=date.max)
    return {"id_number": found.number, "id_type": found.id_type, "id_status": found.status}


def _address(text: str, region: str | None) -> Record:
    parts = addresses.parse(text)
    return {
        "region": parts.region or region,
        "town": parts.town,
        "village": parts.village,
        "address": parts.address,
    }


def _birth_date(text: str) -> date | None:
    plain = _PLAIN_DAY.fullmatch(text)
    day: date | None
    try:
        day = date(int(plain[1]), int(plain[2]), int(plain[3])) if plain else _cell(text, "date")
    except ValueError:  # the calendar has no such day
        return None
    return None if day is None or is_placeholder(day) else day


def _sex(text: str) -> int | None:
    return _PLAIN_SEX.get(text) or _cell(text, "sex")


def _cell(text: str, kind: str) -> Any:
    return read_cells(pa.array([text], pa.string()), Column(kind, kind, kind)).values[0].as_py()


_FORMS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(person_columns.OTHER_NAMES, names.normalize),
    **dict.fromkeys(person_columns.OTHER_NUMBERS, lambda text: identity_number.classify(text).number),
    **dict.fromkeys(person_columns.HOUSEHOLDS, person_columns.plain_key),
    "sex": _sex,
    "birth_date": _birth_date,
    "phone": phones.normalize,
    "region": regions.today,
    "employer": organisations.normalize,
    "employer_code": credit_code.normalize,
}
"""Attribute -> its standard form from a text; name, number and address are made of more than one column."""
