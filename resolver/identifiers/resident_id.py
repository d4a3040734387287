"""Resident identity number 公民身份号码 (GB 11643-1999), and the residence permits of the same form.

Eighteen characters; until 1999 fifteen, with a two-digit year and no check character. The residence permits of
people from Hong Kong, Macao and Taiwan (港澳台居民居住证) have the codes 810000, 820000 and 830000.

The county's code may be of any time since 1981 and need not have existed when the person was born: numbers were
first issued in 1984. A valid number may still be another person's, and its birth date need not be the true one.
"""

from dataclasses import dataclass
from datetime import date

from resolver.identifiers import number_text, person_number

_CENTENARIANS = frozenset({"996", "997", "998", "999"})  # orders of fifteen-digit numbers


@dataclass(frozen=True)
class ResidentId:
    """What a well-formed number says.

    Attributes:
        number: The eighteen characters.
        county: Six-digit code of the county that issued it, as it was then.
        birth_date: Birth date on record.
        sex: 1 male, 2 female.
        legacy: Whether it came as fifteen digits.
    """

    number: str
    county: str
    birth_date: date
    sex: int
    legacy: bool


def from_legacy(number: str) -> str | None:
    """The eighteen-character form of a fifteen-digit number, or None if it is not one."""
    if len(number) != 15 or not (number.isascii() and number.isdigit()):
        return None
    century = "18" if number[12:] in _CENTENARIANS else "19"
    first17 = number[:6] + century + number[6:]
    long = first17 + person_number.check_character(first17)
    return long if _is_resident(long) else None


def normalize(text: str) -> str | None:
    """The canonical eighteen-character form of a well-formed number, old or new; None for anything else."""
    cleaned = number_text.clean(text)
    return cleaned if _is_resident(cleaned) else from_legacy(cleaned)


def is_valid(text: str, *, on: date | None = None) -> bool:
    """Whether `text` is a well-formed number, old or new, of somebody born not later than `on`."""
    number = normalize(text)
    return number is not None and person_number.flaw(number, on=on) == "none"


def parse(text: str) -> ResidentId | None:
    """What a well-formed number says, or None."""
    number = normalize(text)
    born = person_number.birth_date(number) if number is not None else None
    if number is None or born is None:
        return None
    sex = 1 if int(number[16]) % 2 else 2
    return ResidentId(number, number[:6], born, sex, legacy=len(number_text.clean(text)) == 15)


def is_residence_permit(number: str) -> bool:
    """Whether an eighteen-character number is a residence permit's (Hong Kong, Macao, Taiwan)."""
    return number.startswith(person_number.RESIDENCE_PERMIT_CODES)


def _is_resident(number: str) -> bool:
    return not number.startswith("9") and person_number.flaw(number) == "none"
