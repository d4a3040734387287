"""Organisation code 组织机构代码 (GB 11714-1997): eight characters and a check character, mod 11.

Replaced in 2015 by the unified credit code, which holds it at positions 9 to 17.
"""

import re

from resolver.identifiers import number_text

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_FORM = re.compile(r"[0-9A-Z]{8}[0-9X]")


def check_character(first8: str) -> str:
    """The check character of eight digits or capitals."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first8, _WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def normalize(text: str) -> str | None:
    """The nine characters without hyphen, or None if they are not an organisation code."""
    cleaned = number_text.clean(text)
    if not _FORM.fullmatch(cleaned) or number_text.is_filler(cleaned):
        return None
    return cleaned if cleaned[8] == check_character(cleaned[:8]) else None


def is_valid(text: str) -> bool:
    """Whether `text` is an organisation code with the right check character."""
    return normalize(text) is not None
