"""Unified social credit code 统一社会信用代码 (GB 32100-2015).

Authority (1), kind (1), region (6), organisation code (9, with its own check character), check character (mod 31).
Digits and capitals without I, O, S, V and Z. The first characters may be letters: N1 is a rural collective.
"""

import re
from dataclasses import dataclass

from resolver.identifiers import number_text, organisation_code

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True)
class CreditCode:
    """What a well-formed code says.

    Attributes:
        number: The eighteen characters.
        authority: Registering authority, e.g. `9` market regulation.
        kind: Kind within the authority, e.g. `1` company, `2` sole trader.
        region: Six-digit code of where it was registered.
        organisation_code: The nine characters of the old organisation code.
    """

    number: str
    authority: str
    kind: str
    region: str
    organisation_code: str


def check_character(first17: str) -> str:
    """The check character of the first seventeen."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def normalize(text: str) -> str | None:
    """The eighteen characters, or None unless both check characters are right."""
    cleaned = number_text.clean(text)
    if not _FORM.fullmatch(cleaned) or number_text.is_filler(cleaned):
        return None
    if cleaned[16] != organisation_code.check_character(cleaned[8:16]):
        return None
    return cleaned if cleaned[17] == check_character(cleaned[:17]) else None


def is_valid(text: str) -> bool:
    """Whether `text` is a credit code with both check characters right."""
    return normalize(text) is not None


def parse(text: str) -> CreditCode | None:
    """What a well-formed code says, or None."""
    code = normalize(text)
    return CreditCode(code, code[0], code[1], code[2:8], code[8:17]) if code else None
