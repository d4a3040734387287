"""Medical-insurance code of a facility 定点医药机构编码: H (hospital, clinic) or P (pharmacy) and eleven characters.

The first six of the eleven are the county's code; there is no check digit.
"""

import re
from dataclasses import dataclass
from typing import Literal

from resolver.identifiers import county_codes, number_text

_FORM = re.compile(r"[HP][0-9]{6}[0-9A-Z]{5}")


@dataclass(frozen=True)
class FacilityCode:
    """What a code says: the code itself, what kind of facility, and the county's code if it is one."""

    number: str
    kind: Literal["hospital", "pharmacy"]
    county: str | None


def normalize(text: str) -> str | None:
    """The twelve characters, or None if the form is another."""
    cleaned = number_text.clean(text)
    return cleaned if _FORM.fullmatch(cleaned) else None


def is_valid(text: str) -> bool:
    """Whether `text` has the form of a facility's code."""
    return normalize(text) is not None


def parse(text: str) -> FacilityCode | None:
    """What a well-formed code says, or None."""
    code = normalize(text)
    if code is None:
        return None
    county = code[1:7]
    return FacilityCode(
        code, "hospital" if code[0] == "H" else "pharmacy", county if county_codes.exists(county) else None
    )
