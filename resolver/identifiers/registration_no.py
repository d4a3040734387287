"""Business registration number 工商注册号 of fifteen digits (GS 15-2006), in use until the credit code of 2015.

Registration office (6), sequence (8), check digit (ISO 7064 MOD 11,10).
"""

import re

from resolver.identifiers import number_text

_FORM = re.compile(r"[0-9]{15}")


def check_digit(first14: str) -> str:
    """The check digit of fourteen digits."""
    product = 10
    for digit in first14:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def normalize(text: str) -> str | None:
    """The fifteen digits, or None unless the check digit is right."""
    cleaned = number_text.clean(text)
    if not _FORM.fullmatch(cleaned) or number_text.is_filler(cleaned):
        return None
    return cleaned if cleaned[14] == check_digit(cleaned[:14]) else None


def is_valid(text: str) -> bool:
    """Whether `text` is a registration number with the right check digit."""
    return normalize(text) is not None
