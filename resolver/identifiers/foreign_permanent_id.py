"""Foreign permanent resident card number 外国人永久居留身份证号.

Until November 2023 three letters of the country and twelve digits; since then eighteen characters: 9, province
(2), country (3), birth date (8), order (3), check character as in the resident number. Old cards stay good.
"""

import re
from dataclasses import dataclass
from datetime import date

from resolver.identifiers import number_text, person_number

_OLD = re.compile(r"[A-Z]{3}[0-9]{12}")


@dataclass(frozen=True)
class ForeignPermanentId:
    """What a number says.

    Attributes:
        number: Fifteen or eighteen characters.
        birth_date: Known from numbers of eighteen characters only.
    """

    number: str
    birth_date: date | None


def normalize(text: str) -> str | None:
    """The canonical form of a well-formed number, old or new; None for anything else."""
    cleaned = number_text.clean(text)
    if cleaned.startswith("9"):
        return cleaned if person_number.flaw(cleaned) == "none" else None
    return cleaned if _OLD.fullmatch(cleaned) else None


def is_valid(text: str, *, on: date | None = None) -> bool:
    """Whether `text` is a well-formed number of somebody born not later than `on`."""
    number = normalize(text)
    return number is not None and (len(number) == 15 or person_number.flaw(number, on=on) == "none")


def parse(text: str) -> ForeignPermanentId | None:
    """What a well-formed number says, or None."""
    number = normalize(text)
    if number is None:
        return None
    return ForeignPermanentId(number, person_number.birth_date(number) if len(number) == 18 else None)
