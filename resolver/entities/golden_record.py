"""Golden records: of all that the departments say about one person or organisation, the values that survive.

| value                           | chosen, the first that decides                                                  |
|---------------------------------|---------------------------------------------------------------------------------|
| name                            | fully legible · W07 · W29 · most records · newest                               |
| sex, birth date                 | W07 · W29 · most records · newest                                               |
| type and number of the document | valid, else legacy, else damaged · W07 · W29 · most records · newest            |
| phone                           | newest; never the informant's on a death or cremation certificate               |
| region, town, village, address  | of one record: W07 · W29 · most parts given · newest; never an enterprise's     |
| name, code of an organisation   | W08 · most records · newest                                                     |
| its region and address          | of one record: W08 · most parts given · newest                                  |
| its facility code, phone        | newest                                                                          |

W07 is the household register (户籍人员), W29 the insured population (参保人口信息), W08 the register of enterprises
(企业个体工商户登记). Within W07, W29 and W08 the newest record decides, not the most frequent value. What is still
equal goes to the record with more rows, then to the smaller record key, so the order of arrival does not matter.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.entities.survivorship import Choice, Grouped, Integers

_VALUES = {
    "name": pa.string(),
    "sex": pa.int8(),
    "birth_date": pa.date32(),
    "id_type": pa.string(),
    "id_number": pa.string(),
    "phone": pa.string(),
    "region": pa.string(),
    "town": pa.string(),
    "village": pa.string(),
    "address": pa.string(),
    "employer_id": pa.int64(),
}
GOLDEN_SCHEMA = pa.schema(
    [
        ("person_id", pa.int64()),
        *_VALUES.items(),
        *((f"{value}_record_key", pa.int64()) for value in _VALUES),
        ("former_names", pa.list_(pa.string())),
        ("phones", pa.list_(pa.string())),
        ("id_numbers", pa.list_(pa.string())),
        ("n_records", pa.int32()),
        ("ambiguous", pa.bool_()),
    ]
)
GOLDEN_ORGANISATION_SCHEMA = pa.schema(
    [
        ("organisation_id", pa.int64()),
        ("kind", pa.string()),
        ("name", pa.string()),
        ("credit_code", pa.string()),
        ("facility_code", pa.string()),
        ("region", pa.string()),
        ("address", pa.string()),
        ("phone", pa.string()),
        ("n_records", pa.int32()),
        ("ambiguous", pa.bool_()),
    ]
)
_REGISTERS = ("W07", "W29")
_ENTERPRISES = ("W08",)
_ADDRESS = ("region", "town", "village", "address")
_ILLEGIBLE = r"[?？□〓*＊\x{E000}-\x{F8FF}]"  # a rare character that a system could not write
_NUMBER_QUALITY = ("valid", "legacy", "checksum", "format", "rounded")  # best first; others are no numbers
_INFORMED_BY_OTHERS = pa.array(["deceased"])
_ACTS_FOR_FIRM = pa.array(["representative"])
_FACILITY_SCHEME = "facility_code:"
_PERSON_COLUMNS = (
    "record_key", "feed", "role", "name", "former_name", "sex", "birth_date", "id_type", "id_number", "id_status",
    "phone", *_ADDRESS,
)  # fmt: skip
_ORGANISATION_COLUMNS = (
    "record_key", "feed", "role", "source_key", "name", "region", "credit_code", "address", "phone",
)  # fmt: skip


def golden_records(
    records: pa.Table, members: pa.Table, recency: pa.Table, ambiguous: pa.Array | None = None
) -> pa.Table:
    """One golden record per person. Which value survives is said in the module's text.

    Args:
        records: Person records (`PERSON_RECORD_SCHEMA`).
        members: `record_key`, `entity_id`.
        recency: `record_key`, `last_period` date32, `n_rows`: newest period and number of the record's rows.
        ambiguous: Record keys of which clustering found that nothing decides whose they are.

    Returns:
        `GOLDEN_SCHEMA`, sorted by `person_id`; `employer_id` is null, the pipeline fills it in.

    Raises:
        LinkageError: A record has no entity.
    """
    grouped = Grouped.of(records.select(_PERSON_COLUMNS), members, recency)
    choices = _person_choices(grouped)
    table = grouped.records
    columns: dict[str, object] = {"person_id": pa.array(grouped.entity_ids)}
    for value in _VALUES:
        if value in choices:
            columns[value] = choices[value].take(table.column(value))
            present = pc.is_valid(columns[value])
            source = choices[value].take(table.column("record_key"))
            columns[f"{value}_record_key"] = pc.if_else(present, source, None)
        else:
            columns[value] = columns[f"{value}_record_key"] = pa.nulls(len(grouped.entity_ids), pa.int64())
    phones = pc.if_else(_own_phone(grouped), table.column("phone"), None)
    proven = pc.is_in(table.column("id_status"), pa.array(["valid", "legacy"]))
    columns["former_names"] = _former_names(grouped, choices["name"])
    columns["phones"] = grouped.distinct(phones)
    columns["id_numbers"] = grouped.distinct(pc.if_else(proven, table.column("id_number"), None))
    columns["n_records"] = pa.array(grouped.counts(), pa.int32())
    columns["ambiguous"] = _ambiguous(grouped, ambiguous)
    return pa.table([columns[name] for name in GOLDEN_SCHEMA.names], schema=GOLDEN_SCHEMA)


def golden_organisations(
    records: pa.Table, members: pa.Table, recency: pa.Table, ambiguous: pa.Array | None = None
) -> pa.Table:
    """One golden record per organisation; arguments as of `golden_records`, for organisation records.

    An organisation is a `facility` when any of its records names it as one, else an `employer`.

    Returns:
        `GOLDEN_ORGANISATION_SCHEMA`, sorted by `organisation_id`.

    Raises:
        LinkageError: A record has no entity.
    """
    grouped = Grouped.of(records.select(_ORGANISATION_COLUMNS), members, recency)
    table = grouped.records
    source = table.column("source_key")
    coded = pc.fill_null(pc.starts_with(source, _FACILITY_SCHEME), False)
    newest = (grouped.months_ago, grouped.rarity)
    codes = pc.replace_substring(source, _FACILITY_SCHEME, "", max_replacements=1)
    place = _place(grouped, _ENTERPRISES, ("region", "address"), usable=None)
    is_facility = grouped.any(np.asarray(pc.equal(grouped.words("role"), "facility")) | np.asarray(coded))
    columns = {
        "organisation_id": pa.array(grouped.entity_ids),
        "kind": pa.array(np.where(is_facility, "facility", "employer")),
        "name": _registered(grouped, "name", _ENTERPRISES).take(table.column("name")),
        "credit_code": _registered(grouped, "credit_code", _ENTERPRISES).take(table.column("credit_code")),
        "facility_code": grouped.choose(coded, *newest).take(codes),
        "region": place.take(table.column("region")),
        "address": place.take(table.column("address")),
        "phone": grouped.choose(pc.is_valid(table.column("phone")), *newest).take(table.column("phone")),
        "n_records": pa.array(grouped.counts(), pa.int32()),
        "ambiguous": _ambiguous(grouped, ambiguous),
    }
    return pa.table(
        [columns[name] for name in GOLDEN_ORGANISATION_SCHEMA.names], schema=GOLDEN_ORGANISATION_SCHEMA
    )


def _ambiguous(grouped: Grouped, record_keys: pa.Array | None) -> pa.Array:
    """Which entities have any of these records."""
    wanted = pa.array([], pa.int64()) if record_keys is None else record_keys
    return pa.array(grouped.any(np.asarray(pc.is_in(grouped.records.column("record_key"), wanted))))


def _person_choices(grouped: Grouped) -> dict[str, Choice]:
    table = grouped.records
    illegible = pc.match_substring_regex(table.column("name"), _ILLEGIBLE)
    quality = pc.index_in(table.column("id_status"), pa.array(_NUMBER_QUALITY))
    has_number = pc.and_(pc.is_valid(table.column("id_number")), pc.is_valid(quality))
    number = _registered(grouped, "id_number", _REGISTERS, usable=has_number, quality=_integers(quality))
    own = pc.invert(pc.is_in(grouped.words("role"), _ACTS_FOR_FIRM))
    place = _place(grouped, _REGISTERS, _ADDRESS, usable=own)
    return {
        "name": _registered(grouped, "name", _REGISTERS, quality=_integers(illegible)),
        "sex": _registered(grouped, "sex", _REGISTERS),
        "birth_date": _registered(grouped, "birth_date", _REGISTERS),
        "id_type": number,
        "id_number": number,
        "phone": grouped.choose(_own_phone(grouped), grouped.months_ago, grouped.rarity),
        **dict.fromkeys(_ADDRESS, place),
    }


def _registered(
    grouped: Grouped,
    column: str,
    registers: tuple[str, ...],
    *,
    usable: pa.ChunkedArray | None = None,
    quality: Integers | None = None,
) -> Choice:
    """The value in the best register, else the one most records have; values of better quality before all."""
    usable = pc.is_valid(grouped.records.column(column)) if usable is None else usable
    tier = grouped.tier(registers)
    frequency = np.where(tier < len(registers), 0, grouped.frequency(column, usable))
    ranks = (tier, frequency, grouped.months_ago, grouped.rarity)
    return grouped.choose(usable, *(ranks if quality is None else (quality, *ranks)))


def _place(
    grouped: Grouped, registers: tuple[str, ...], parts: tuple[str, ...], usable: pa.ChunkedArray | None
) -> Choice:
    """One record for all parts of an address: parts of two addresses would make a third that nobody has."""
    given = np.sum([_integers(pc.is_valid(grouped.records.column(part))) for part in parts], axis=0)
    some = given > 0
    if usable is not None:
        some &= np.asarray(usable, dtype=bool)
    return grouped.choose(
        some, grouped.tier(registers), len(parts) - given, grouped.months_ago, grouped.rarity
    )


def _own_phone(grouped: Grouped) -> pa.ChunkedArray:
    informed = pc.is_in(grouped.words("role"), _INFORMED_BY_OTHERS)
    return pc.and_(pc.is_valid(grouped.records.column("phone")), pc.invert(informed))


def _former_names(grouped: Grouped, surviving: Choice) -> pa.ListArray:
    """Former names as stated, and other names in the household register: elsewhere another name is an error."""
    table = grouped.records
    registered = pc.if_else(pc.equal(grouped.words("feed"), _REGISTERS[0]), table.column("name"), None)
    names = pa.concat_arrays([*table.column("former_name").chunks, *registered.chunks])
    group = np.concatenate([grouped.group, grouped.group])
    current = surviving.take(table.column("name")).combine_chunks().take(pa.array(group))
    other = pc.fill_null(pc.not_equal(names, current), True)
    return grouped.distinct(pc.if_else(other, names, None), group)


def _integers(flags: pa.ChunkedArray) -> Integers:
    return np.asarray(pc.fill_null(flags.cast(pa.int64()), 0), dtype=np.int64)
