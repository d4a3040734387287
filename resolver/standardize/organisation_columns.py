"""The columns of organisation records, standardised from one role of a feed."""

import pyarrow as pa
import pyarrow.compute as pc

from resolver.identifiers import credit_code, number_text, organisation_code
from resolver.identifiers.columns import map_text
from resolver.standardize import addresses, organisations, phones
from resolver.standardize.coded import Coded
from resolver.standardize.schema import ORGANISATION_RECORD_SCHEMA
from resolver.standardize.source import Source

ATTRIBUTES = frozenset(ORGANISATION_RECORD_SCHEMA.names) - {
    "record_key", "feed", "role", "source_key", "core", "region", "damaged_code",
}  # fmt: skip
"""What a contract may say of an organisation."""

_OLD_NUMBER_DIGITS = 15
_CODE_LENGTHS = range(8, 21)  # of what was meant for a code, a character or two lost or gained


def organisation_columns(source: Source) -> dict[str, Coded]:
    """Every column of the organisation record but `record_key`, `feed` and `role`, for all rows of the source.

    A credit-code cell may hold the older number of the same firm: an organisation code (9) or a registration
    number (15 digits); it goes where it belongs. What looks like a code and is none is kept as the damaged code: it may
    be a key away from the right one.

    Raises:
        SettingsError: The contract names an attribute that an organisation record does not have.
    """
    source.check(ATTRIBUTES)
    name = source.text("name").map(organisations.parse_column).fields()
    code = source.text("credit_code")
    located = source.text("address").map(addresses.parse_column)
    address = located.fields()
    return {
        "source_key": source.source_key(),
        "name": name["name"],
        "core": name["core"],
        "former_name": source.text("former_name").map(organisations.normalize_column),
        "region": address["region"].otherwise(name["region"]),
        "credit_code": code.map(lambda values: map_text(values, credit_code.normalize, pa.string())),
        "damaged_code": code.map(lambda values: map_text(values, _damaged_code, pa.string())),
        "organisation_code": source.text("organisation_code")
        .map(_organisation_codes)
        .otherwise(code.map(_organisation_codes)),
        "registration_no": source.text("registration_no")
        .map(lambda values: map_text(values, _registration_no, pa.string()))
        .otherwise(code.map(lambda values: map_text(values, _old_number, pa.string()))),
        "address": located.map(_whole_address),
        "phone": source.text("phone").map(phones.normalize_column),
    }


def _whole_address(parts: pa.StructArray) -> pa.Array:
    """Town, village and door as one text; null without a door: whole villages are nobody's address.

    Records of persons keep them apart. Of an organisation the door alone would make neighbours of all that have the
    number 5 somewhere in a county.
    """
    town, village, door = (pc.struct_field(parts, name) for name in ("town", "village", "address"))
    whole = pc.binary_join_element_wise(pc.fill_null(town, ""), pc.fill_null(village, ""), door, "")
    return whole.cast(pa.string())


def _organisation_codes(values: pa.Array) -> pa.Array:
    def inside(text: str) -> str | None:
        code = credit_code.parse(text)
        return code.organisation_code if code else organisation_code.normalize(text)

    return map_text(values, inside, pa.string())


def _damaged_code(text: str) -> str | None:
    cleaned = number_text.clean(text)
    if not (cleaned.isascii() and cleaned.isalnum() and len(cleaned) in _CODE_LENGTHS):
        return None
    if number_text.is_missing(cleaned) or number_text.is_filler(cleaned) or _old_number(cleaned):
        return None
    valid = credit_code.normalize(cleaned) or organisation_code.normalize(cleaned)
    return None if valid else cleaned


def _registration_no(text: str) -> str | None:
    cleaned = number_text.clean(text)
    return None if number_text.is_missing(cleaned) or number_text.is_filler(cleaned) else cleaned


def _old_number(text: str) -> str | None:
    number = _registration_no(text)
    return number if number and len(number) == _OLD_NUMBER_DIGITS and number.isdigit() else None
