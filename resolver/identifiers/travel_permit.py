"""Travel permits to the mainland: 回乡证 (Hong Kong, Macao) and 台胞证 (Taiwan).

回乡证: H or M and eight digits, then two for the issue of the card on older ones. 台胞证: eight digits; older cards
ten, the last two for the issue, and a letter. The eight digits stay the person's from card to card.
"""

import re
from dataclasses import dataclass
from typing import Literal

from resolver.identifiers import number_text

_HONG_KONG_MACAO = re.compile(r"([HM][0-9]{8})(?:[0-9]{2})?")
_TAIWAN = re.compile(r"([0-9]{8})(?:[0-9]{2}(?:\(?[A-Z]\)?)?)?")


@dataclass(frozen=True)
class TravelPermit:
    """A permit's number without the issue of the card, and whose it is."""

    number: str
    origin: Literal["hong_kong", "macao", "taiwan"]


def normalize(text: str) -> str | None:
    """The number without the issue of the card, or None."""
    permit = parse(text)
    return permit.number if permit else None


def is_valid(text: str) -> bool:
    """Whether `text` has the form of a permit's number; there is no check digit."""
    return parse(text) is not None


def parse(text: str) -> TravelPermit | None:
    """What the number says, or None."""
    cleaned = number_text.clean(text)
    if number_text.is_filler(cleaned.lstrip("HM")):
        return None
    if match := _HONG_KONG_MACAO.fullmatch(cleaned):
        return TravelPermit(match[1], "hong_kong" if cleaned[0] == "H" else "macao")
    if match := _TAIWAN.fullmatch(cleaned):
        return TravelPermit(match[1], "taiwan")
    return None
