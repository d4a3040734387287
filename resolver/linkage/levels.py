"""The comparisons of two person records, and their levels, as the compiled code numbers them.

The order is that of the weights' explanation; labels, starting probabilities and blocking rules stand in
`resolver/models/person.toml`, which must list the same keys in the same order.
"""

from enum import IntEnum

MISSING = 255
"""Level of a comparison for which one of the records has nothing to say: it is neutral."""


class Comparison(IntEnum):
    """Column of a comparison in a table of levels."""

    NAME = 0
    ID_NUMBER = 1
    BIRTH_DATE = 2
    BESIDE_NUMBER = 3
    SEX = 4
    PHONE = 5
    ADDRESS = 6
    EMPLOYER = 7
    SOURCE_KEY = 8
    HOUSEHOLD = 9
    SPOUSE = 10
    PARENTS = 11
    MENTION = 12
    REGISTER = 13


class Name(IntEnum):
    """Levels of the name; the first four are ordered by rarity and must stay first."""

    SAME_RARE = 0
    SAME_UNCOMMON = 1
    SAME_COMMON = 2
    SAME_VERY_COMMON = 3
    VARIANT = 4
    FORMER = 5
    HOMOPHONE = 6
    LOOK_ALIKE = 7
    ORDER = 8
    SHORTENED = 9
    ONE_CHARACTER = 10
    GIVEN_ONLY = 11
    SURNAME_ONLY = 12
    DIFFERENT = 13


class IdNumber(IntEnum):
    """Levels of the ID number; up to `READABLE_PART` it is taken for one number written twice."""

    SAME = 0
    SAME_DAMAGED = 1
    ONE_DIGIT = 2
    TRANSPOSED = 3
    LENGTH = 4
    READABLE_PART = 5
    DAMAGED_DIFFERENT = 6
    DOUBTFUL_DIFFERENT = 7
    SAME_DAY_AND_PLACE = 8
    SAME_DAY = 9
    NEAR_DAY = 10
    DIFFERENT = 11


class BirthDate(IntEnum):
    """Levels of the birth date; up to `YEAR_OFF` it is taken for one date written in two ways."""

    SAME = 0
    LUNAR = 1
    SWAPPED = 2
    ONE_DIGIT = 3
    TRANSPOSED = 4
    YEAR_OFF = 5
    SAME_YEAR = 6
    DIFFERENT = 7


class BesideNumber(IntEnum):
    """Levels of birth date and sex when the numbers are taken for one."""

    AGREES = 0
    NEAR = 1
    SEX = 2
    CONFLICTS = 3


class Sex(IntEnum):
    """Levels of the sex."""

    SAME = 0
    DIFFERENT = 1


class Phone(IntEnum):
    """Levels of the phone."""

    SAME = 0
    SAME_SHARED = 1
    ONE_DIGIT = 2
    DIFFERENT = 3


class Address(IntEnum):
    """Levels of the address: how far down the hierarchy it agrees."""

    SAME_DOOR = 0
    SAME_VILLAGE = 1
    OTHER_DOOR = 2
    SAME_TOWN = 3
    SAME_COUNTY = 4
    DIFFERENT = 5


class Employer(IntEnum):
    """Levels of the employer."""

    SAME = 0
    SAME_LARGE = 1
    DIFFERENT = 2


class SourceKey(IntEnum):
    """Levels of the source's own key, within one scheme."""

    SAME = 0
    DIFFERENT = 1


class Household(IntEnum):
    """Levels of the household number."""

    SAME = 0
    DIFFERENT = 1


class Spouse(IntEnum):
    """Levels of the spouse given."""

    SAME_NUMBER = 0
    SAME_NAME = 1
    DIFFERENT = 2


class Parents(IntEnum):
    """Levels of the parents given."""

    SAME = 0
    PARTLY = 1
    DIFFERENT = 2


class Mention(IntEnum):
    """Whether one record is the relative whom the other one names."""

    NOT_MENTIONED = 0
    BY_NAME = 1
    BY_NUMBER = 2


class Register(IntEnum):
    """Two entries of the household register."""

    COMPATIBLE = 0
    TWO_ENTRIES = 1
    TWO_IN_HOUSEHOLD = 2


LEVELS: dict[Comparison, type[IntEnum]] = {
    Comparison.NAME: Name,
    Comparison.ID_NUMBER: IdNumber,
    Comparison.BIRTH_DATE: BirthDate,
    Comparison.BESIDE_NUMBER: BesideNumber,
    Comparison.SEX: Sex,
    Comparison.PHONE: Phone,
    Comparison.ADDRESS: Address,
    Comparison.EMPLOYER: Employer,
    Comparison.SOURCE_KEY: SourceKey,
    Comparison.HOUSEHOLD: Household,
    Comparison.SPOUSE: Spouse,
    Comparison.PARENTS: Parents,
    Comparison.MENTION: Mention,
    Comparison.REGISTER: Register,
}


def keys() -> dict[str, tuple[str, ...]]:
    """Key of every comparison -> keys of its levels, as the settings must list them."""
    return {c.name.lower(): tuple(level.name.lower() for level in LEVELS[c]) for c in Comparison}
