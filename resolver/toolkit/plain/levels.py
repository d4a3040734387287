"""All comparisons of two records in plain values: the labelled meaning of every level, written down pair by pair.

The engine says the same in compiled loops over hashes; tests hold the two against each other on whole cities and on
records drawn at random.
"""

from collections.abc import Callable
from dataclasses import dataclass

from resolver.linkage.levels import (
    MISSING,
    Address,
    BesideNumber,
    BirthDate,
    Comparison,
    Employer,
    Household,
    IdNumber,
    Mention,
    Parents,
    Register,
    Sex,
    SourceKey,
    Spouse,
)
from resolver.toolkit.plain.dates import birth_level
from resolver.toolkit.plain.names import LookAlikes, name_level
from resolver.toolkit.plain.numbers import number_level, phone_level
from resolver.toolkit.plain.person import Person


@dataclass(frozen=True)
class Bands:
    """How common a record's values are; see `resolver.linkage.rarity`.

    Attributes:
        name: 0 rare to 3 very common.
        phone: 1 shared, 2 generic.
        employer: 1 large.
        door: 1 generic.
        number: 1 generic: the ID number says nothing.
    """

    name: int
    phone: int
    employer: int
    door: int
    number: int


@dataclass(frozen=True, eq=False)
class Known:
    """A record, and what a model knows of its values."""

    person: Person
    bands: Bands
    look_alikes: LookAlikes


def same(one: Person, other: Person, column: str) -> bool:
    """Whether both say the same in a column."""
    return one[column] == other[column] is not None


def known(one: Person, other: Person, column: str) -> bool:
    """Whether both say something in a column."""
    return one[column] is not None and other[column] is not None


def conflict(one: Person, other: Person, column: str) -> bool:
    """Whether both say something in a column, and not the same."""
    return known(one, other, column) and one[column] != other[column]


def _number(one: Known, other: Known) -> IdNumber | None:
    """Level of the ID numbers; None where they say nothing."""
    return None if one.bands.number or other.bands.number else number_level(one.person, other.person)


def _birth(one: Person, other: Person) -> BirthDate | None:
    if one.birth.day is None or other.birth.day is None:
        return None
    return birth_level(one.birth.day, other.birth.day)


def _numbers_hold_it(one: Known, other: Known) -> bool:
    """Whether the numbers say already how birth date and sex compare: one number, or two valid ones."""
    level = _number(one, other)
    return level is not None and (level <= IdNumber.READABLE_PART or level >= IdNumber.SAME_DAY_AND_PLACE)


def _birth_date(one: Known, other: Known) -> BirthDate | None:
    return None if _numbers_hold_it(one, other) else _birth(one.person, other.person)


def _sex(one: Known, other: Known) -> Sex | None:
    sexes = one.person.sex.code, other.person.sex.code
    if _numbers_hold_it(one, other) or not all(sexes):
        return None
    return Sex.SAME if sexes[0] == sexes[1] else Sex.DIFFERENT


def _beside_number(one: Known, other: Known) -> BesideNumber | None:
    number = _number(one, other)
    if number is None or number > IdNumber.READABLE_PART:
        return None
    a, b = one.person, other.person
    birth = _birth(a, b) if a.birth.own or b.birth.own else None
    if birth is not None and birth > BirthDate.YEAR_OFF:
        return BesideNumber.CONFLICTS
    if (a.sex.own or b.sex.own) and {a.sex.code, b.sex.code} == {1, 2}:
        return BesideNumber.SEX
    if birth is None:
        return None
    return BesideNumber.AGREES if birth == BirthDate.SAME else BesideNumber.NEAR


def address_level(one: Person, other: Person, generic_door: bool) -> Address | None:
    """Level of two addresses: how far down the hierarchy they agree; None if that cannot be said."""
    region = same(one, other, "region")
    if conflict(one, other, "region"):
        return Address.DIFFERENT
    if conflict(one, other, "town"):
        return Address.SAME_COUNTY if region else Address.DIFFERENT
    town = same(one, other, "town")
    if not (town or region):
        return None
    door = same(one, other, "address") and not generic_door
    if same(one, other, "village"):
        if door:
            return Address.SAME_DOOR
        return Address.OTHER_DOOR if conflict(one, other, "address") else Address.SAME_VILLAGE
    if door and town and not conflict(one, other, "village"):
        return Address.SAME_DOOR
    return Address.SAME_TOWN if town else Address.SAME_COUNTY


def employer_level(one: Person, other: Person, large: bool) -> Employer | None:
    """Level of two employers, by code or name; None if they cannot be compared."""
    columns = ("employer_code", "employer")
    if any(same(one, other, column) for column in columns):
        return Employer.SAME_LARGE if large else Employer.SAME
    return Employer.DIFFERENT if any(known(one, other, column) for column in columns) else None


def _scheme(key: str | None) -> str | None:
    """What stands before the first colon of a source's key; None without a colon."""
    before, colon, _ = (key or "").partition(":")
    return before if colon else None


def _source_key(one: Person, other: Person) -> SourceKey | None:
    if not known(one, other, "source_key") or _scheme(one["source_key"]) != _scheme(other["source_key"]):
        return None
    return SourceKey.SAME if same(one, other, "source_key") else SourceKey.DIFFERENT


def _household(one: Person, other: Person) -> Household | None:
    columns = ("household_no", "aid_household_no")
    if any(same(one, other, column) for column in columns):
        return Household.SAME
    return Household.DIFFERENT if any(known(one, other, column) for column in columns) else None


def _spouse(one: Person, other: Person) -> Spouse | None:
    if same(one, other, "spouse_id"):
        return Spouse.SAME_NUMBER
    if same(one, other, "spouse_name"):
        return Spouse.SAME_NAME
    columns = ("spouse_id", "spouse_name")
    return Spouse.DIFFERENT if any(known(one, other, column) for column in columns) else None


def _parents(one: Person, other: Person) -> Parents | None:
    same_parent = []
    for columns in (("mother_id", "mother_name"), ("father_id", "father_name")):
        if any(known(one, other, column) for column in columns):
            same_parent.append(any(same(one, other, column) for column in columns))
    if not same_parent:
        return None
    if all(same_parent):
        return Parents.SAME
    return Parents.PARTLY if any(same_parent) else Parents.DIFFERENT


def _named_by(one: Person, other: Person) -> Mention:
    """Whether `other` names the person of `one` as a relative."""
    number = one.number.text
    if number is not None and number in {other["spouse_id"], other["mother_id"], other["father_id"]}:
        return Mention.BY_NUMBER
    names = {other[f"{kin}_name"] for kin in ("spouse", "mother", "father", "kin")}
    if one["name"] is not None and one["name"] in names:
        return Mention.BY_NAME
    return Mention.NOT_MENTIONED


def _names_someone(person: Person) -> bool:
    kin = ("spouse_name", "spouse_id", "mother_name", "mother_id", "father_name", "father_id", "kin_name")
    return any(person[column] is not None for column in kin)


def _mention(one: Person, other: Person) -> Mention | None:
    if not (_names_someone(one) or _names_someone(other)):
        return None
    if same(one, other, "name"):
        return Mention.NOT_MENTIONED
    return max(_named_by(one, other), _named_by(other, one))


def _register(one: Known, other: Known) -> Register | None:
    number = _number(one, other)
    if not (one.person.registered and other.person.registered):
        return None
    if number is None or number == IdNumber.DAMAGED_DIFFERENT:
        return None
    if number <= IdNumber.READABLE_PART:
        return Register.COMPATIBLE
    in_household = same(one.person, other.person, "household_no")
    return Register.TWO_IN_HOUSEHOLD if in_household else Register.TWO_ENTRIES


PlainComparison = Callable[[Known, Known], int | None]


def _of_persons(level: Callable[[Person, Person], int | None]) -> PlainComparison:
    return lambda one, other: level(one.person, other.person)


COMPARISONS: dict[Comparison, PlainComparison] = {
    Comparison.NAME: lambda one, other: name_level(one.person, other.person, one.bands.name, one.look_alikes),
    Comparison.ID_NUMBER: _number,
    Comparison.BIRTH_DATE: _birth_date,
    Comparison.BESIDE_NUMBER: _beside_number,
    Comparison.SEX: _sex,
    Comparison.PHONE: lambda one, other: phone_level(
        one.person["phone"], other.person["phone"], one.bands.phone
    ),
    Comparison.ADDRESS: lambda one, other: address_level(one.person, other.person, one.bands.door > 0),
    Comparison.EMPLOYER: lambda one, other: employer_level(
        one.person, other.person, one.bands.employer > 0 or other.bands.employer > 0
    ),
    Comparison.SOURCE_KEY: _of_persons(_source_key),
    Comparison.HOUSEHOLD: _of_persons(_household),
    Comparison.SPOUSE: _of_persons(_spouse),
    Comparison.PARENTS: _of_persons(_parents),
    Comparison.MENTION: _of_persons(_mention),
    Comparison.REGISTER: _register,
}
"""Level of every comparison of two records; None where nothing can be said."""


def level_number(comparison: Comparison, one: Known, other: Known) -> int:
    """The level as the engine numbers it; `MISSING` where nothing can be said."""
    level = COMPARISONS[comparison](one, other)
    return MISSING if level is None else int(level)
