"""The comparisons of two organisation records, and their levels, as the compiled code numbers them.

The order is that of the weights' explanation; labels, starting probabilities and blocking rules stand in
`resolver/models/organisation.toml`, which must list the same keys in the same order.
"""

from enum import IntEnum


class Comparison(IntEnum):
    """Column of a comparison in a table of levels."""

    NAME = 0
    CREDIT_CODE = 1
    REGISTRATION_NO = 2
    SOURCE_KEY = 3
    REGION = 4
    ADDRESS = 5
    PHONE = 6
    REGISTER = 7


class Name(IntEnum):
    """Levels of the name: whole, without its legal form, without its place, and what is left."""

    SAME = 0
    FORM = 1
    SAME_SHARED = 2
    PLACE = 3
    PLACE_SHARED = 4
    FORMER = 5
    OTHER_PLACE = 6
    CONTAINED = 7
    ONE_CHARACTER = 8
    OTHER_NUMBER = 9
    DIFFERENT = 10


class CreditCode(IntEnum):
    """Levels of the credit code and the organisation code in it; up to `ONE_CHARACTER` they are taken for one."""

    SAME = 0
    ORGANISATION_CODE = 1
    SAME_DAMAGED = 2
    ONE_CHARACTER = 3
    DAMAGED_DIFFERENT = 4
    DIFFERENT = 5


class RegistrationNo(IntEnum):
    """Levels of the old registration number."""

    SAME = 0
    ONE_DIGIT = 1
    DIFFERENT = 2


class SourceKey(IntEnum):
    """Levels of the source's own key, within one scheme: the facility code, the pension fund's employer number."""

    SAME = 0
    DIFFERENT = 1


class Region(IntEnum):
    """Levels of the county, from the address or else the name."""

    SAME = 0
    SAME_CITY = 1
    DIFFERENT = 2


class Address(IntEnum):
    """Levels of what the address says within one county."""

    SAME = 0
    DIFFERENT = 1


class Phone(IntEnum):
    """Levels of the phone."""

    SAME = 0
    SAME_SHARED = 1
    DIFFERENT = 2


class Register(IntEnum):
    """Two entries of the business register; its numbers decide which they are."""

    COMPATIBLE = 0
    TWO_ENTRIES = 1


LEVELS: dict[Comparison, type[IntEnum]] = {
    Comparison.NAME: Name,
    Comparison.CREDIT_CODE: CreditCode,
    Comparison.REGISTRATION_NO: RegistrationNo,
    Comparison.SOURCE_KEY: SourceKey,
    Comparison.REGION: Region,
    Comparison.ADDRESS: Address,
    Comparison.PHONE: Phone,
    Comparison.REGISTER: Register,
}


def keys() -> dict[str, tuple[str, ...]]:
    """Key of every comparison -> keys of its levels, as the settings must list them."""
    return {c.name.lower(): tuple(level.name.lower() for level in LEVELS[c]) for c in Comparison}
