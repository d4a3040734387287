"""Rows of a feed -> records: the distinct descriptions of persons and organisations in it, and which row gives which.

A record is one description by one source: its own key of the person and the standardised identity values. Twelve
monthly payments that say the same are one record.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from resolver.feeds.contract import Contract
from resolver.standardize import person_columns
from resolver.standardize.coded import Coded, record_keys
from resolver.standardize.organisation_columns import organisation_columns
from resolver.standardize.schema import (
    ORGANISATION_RECORD_SCHEMA,
    PERSON_RECORD_SCHEMA,
    ROW_RECORD_SCHEMA,
    WORD,
)
from resolver.standardize.source import Source

_DERIVED = frozenset({"surname", "given", "core"})  # follow from the name, so the key need not hold them
_NEEDED = {
    "person": ("name", "id_number"),
    "organisation": (
        "name",
        "credit_code",
        "damaged_code",
        "organisation_code",
        "registration_no",
        "source_key",
    ),
}
_SCHEMAS = {"person": PERSON_RECORD_SCHEMA, "organisation": ORGANISATION_RECORD_SCHEMA}


@dataclass(frozen=True)
class Extracted:
    """Records and the rows that gave them.

    Attributes:
        persons: `PERSON_RECORD_SCHEMA`, distinct, sorted by `record_key`.
        organisations: `ORGANISATION_RECORD_SCHEMA`, distinct, sorted by `record_key`.
        row_records: `ROW_RECORD_SCHEMA`; sorted by `row_id`, then role in the order of the contract.
    """

    persons: pa.Table
    organisations: pa.Table
    row_records: pa.Table


def extract_records(rows: pa.Table, contract: Contract, *, as_of: date) -> Extracted:
    """The records in the rows of one feed.

    A role without name and number (an organisation: without any code either) in a row gives no record there.

    Args:
        rows: `row_id` and the contract's columns as archived, of any number of deliveries; columns may be absent and
            may be dictionary-encoded.
        contract: The feed's contract.
        as_of: Reference date: numbers and birth dates of later days are damaged ones.

    Raises:
        SettingsError: The contract names an identity attribute that records do not have.
    """
    tables: dict[str, list[pa.Table]] = {"person": [], "organisation": []}
    links: list[pa.Table] = []
    for role in contract.entities:
        source = Source(rows, contract, role)
        if role.kind == "person":
            columns = person_columns.person_columns(source, as_of)
        else:
            columns = organisation_columns(source)
        records, link = _records(source, columns)
        tables[role.kind].append(records)
        links.append(link)
    return Extracted(
        _distinct(tables["person"], PERSON_RECORD_SCHEMA),
        _distinct(tables["organisation"], ORGANISATION_RECORD_SCHEMA),
        _sorted_links(links),
    )


def merge_records(parts: Iterable[Extracted]) -> Extracted:
    """The records of several feeds, or of one feed taken in several pieces, as one; the order does not matter."""
    parts = list(parts)
    return Extracted(
        _distinct([part.persons for part in parts], PERSON_RECORD_SCHEMA),
        _distinct([part.organisations for part in parts], ORGANISATION_RECORD_SCHEMA),
        _sorted_links([part.row_records for part in parts]),
    )


def _records(source: Source, columns: dict[str, Coded]) -> tuple[pa.Table, pa.Table]:
    """Distinct records of one role, and row -> record."""
    described = np.zeros(len(source.rows), np.bool_)
    for name in _NEEDED[source.role.kind]:
        described |= columns[name].present()
    rows = np.flatnonzero(described)
    keys = record_keys(_keyed(columns, source), len(source.rows))[rows]
    unique, first = np.unique(keys, return_index=True)
    row_ids = source.rows.column("row_id").take(pa.array(rows)).combine_chunks()
    role = Coded.constant(source.role.role, pa.string(), len(keys)).take(np.arange(len(keys)))
    link = pa.table([row_ids, role.cast(WORD), pa.array(keys)], schema=ROW_RECORD_SCHEMA)
    return _table(columns, source, unique, rows[first]), link


def _keyed(columns: dict[str, Coded], source: Source) -> dict[str, Coded]:
    named = {"feed": source.contract.feed, "role": source.role.role}
    constants = {name: Coded.constant(word, pa.string(), len(source.rows)) for name, word in named.items()}
    return constants | {name: column for name, column in columns.items() if name not in _DERIVED}


def _table(
    columns: dict[str, Coded],
    source: Source,
    keys: np.ndarray[tuple[int], np.dtype[np.int64]],
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> pa.Table:
    schema = _SCHEMAS[source.role.kind]
    words = {"feed": source.contract.feed, "role": source.role.role}
    arrays = {
        name: pa.DictionaryArray.from_arrays(np.zeros(len(rows), np.int32), pa.array([word]))
        for name, word in words.items()
    }
    arrays["record_key"] = pa.array(keys, pa.int64())
    for field in schema:
        if field.name not in arrays:
            arrays[field.name] = columns[field.name].take(rows)
    return pa.table([arrays[name] for name in schema.names], schema=schema)


def _distinct(tables: list[pa.Table], schema: pa.Schema) -> pa.Table:
    """The tables' rows, one per record key, sorted by it; words encoded in the order of their first use."""
    if not tables:
        return schema.empty_table()
    whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
    _, first = np.unique(whole.column("record_key").to_numpy(), return_index=True)
    return _with_fresh_words(whole.take(pa.array(first)))


def _sorted_links(links: list[pa.Table]) -> pa.Table:
    if not links:
        return ROW_RECORD_SCHEMA.empty_table()
    whole = pa.concat_tables(links).unify_dictionaries().combine_chunks()
    order = np.argsort(whole.column("row_id").to_numpy(), kind="stable")
    return _with_fresh_words(whole.take(pa.array(order)))


def _with_fresh_words(table: pa.Table) -> pa.Table:
    """Dictionaries that depend on the rows alone, not on what they were merged from."""
    for place, field in enumerate(table.schema):
        if field.type == WORD:
            words = table.column(place).cast(pa.string()).dictionary_encode()
            table = table.set_column(place, field, words)
    return table.combine_chunks()
