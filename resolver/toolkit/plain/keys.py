"""Blocking keys in plain values: what a rule asks two records to have in common, as the values themselves."""

from collections.abc import Callable, Hashable

from resolver.linkage.characters import WILDCARD
from resolver.linkage.columns import NumberState
from resolver.linkage.settings import BlockingRule
from resolver.toolkit.plain.person import Person

Key = Hashable | None


def _text(*columns: str) -> Callable[[Person], Key]:
    """The first of some columns in which the record says something."""
    return lambda person: next((person[c] for c in columns if person[c] is not None), None)


def _sound(person: Person) -> Key:
    if person.sound is not None:
        return "sound", person.sound
    return ("folded", person.folded) if person.folded else None


def _two_characters(other: int) -> Callable[[Person], Key]:
    """The first character of the name and another one, if there are two and both can be read."""

    def atom(person: Person) -> Key:
        pair = person.folded[:1] + person.folded[other] if len(person.folded) > 1 else ""
        return pair if pair and chr(WILDCARD) not in pair else None

    return atom


def _birth_part(form: str) -> Callable[[Person], Key]:
    return lambda person: person.birth.day and person.birth.day.strftime(form)


def _birth_day(person: Person) -> Key:
    """Month and day; one key for the end of February, where a 29th is written so for years that have none."""
    day = person.birth.day
    if day is None:
        return None
    return (2, 29) if (day.month, day.day) in ((2, 28), (3, 1)) else (day.month, day.day)


def _number_part(least: int, most: int, part: slice) -> Callable[[Person], Key]:
    """Digits of an ID number that is none of another document, if there are enough of them."""

    def atom(person: Person) -> Key:
        number = person.number
        numeric = number.state not in (NumberState.NONE, NumberState.OTHER_DOCUMENT)
        return number.digits[part] if numeric and least <= len(number.digits) <= most else None

    return atom


def _village(person: Person) -> Key:
    place, village = person["town"] or person["region"], person["village"]
    return (place, village) if place and village else None


ATOMS: dict[str, Callable[[Person], Key]] = {
    "name": _text("name"),
    "sound": _sound,
    "folded": lambda person: person.folded or None,
    "letters": lambda person: person.letters,
    "name_head": _two_characters(1),
    "name_ends": _two_characters(-1),
    "surname": _text("surname"),
    "given": _text("given"),
    "former_name": _text("former_name", "name"),
    "birth": lambda person: person.birth.day,
    "number_date": lambda person: person.number.day or person.birth.day,
    "birth_year": _birth_part("%Y"),
    "birth_month": _birth_part("%Y-%m"),
    "birth_day": _birth_day,
    "sex": lambda person: person.sex.code or None,
    "id_number": lambda person: person.number.text,
    "number_head": _number_part(14, 32, slice(14)),
    "number_tail": _number_part(18, 18, slice(10, 18)),
    "phone": _text("phone"),
    "region": _text("region"),
    "village": _village,
    "employer": _text("employer", "employer_code"),
    "source_key": _text("source_key"),
    "household": _text("household_no"),
    "aid_household": _text("aid_household_no"),
    "spouse": _text("spouse_name", "spouse_id"),
    "mother": _text("mother_name", "mother_id"),
    "father": _text("father_name", "father_id"),
}
"""As `resolver.linkage.atoms`, with values in the place of hashes; None where the record has nothing to say."""


def rule_key(person: Person, rule: BlockingRule) -> Key:
    """Values of all atoms of a rule; None where one is missing."""
    values = tuple(ATOMS[name](person) for name in rule.atoms)
    return None if None in values else values
