"""Passport numbers, of any country: lenient, for there is no common form and no check digit on the page.

Six to nine characters with at least five digits; the Chinese ones are a letter or two and seven or eight digits.
"""

import re

from resolver.identifiers import number_text

_LENIENT = re.compile(r"(?=(?:[A-Z]*[0-9]){5})(?=.*[A-Z])[A-Z0-9]{6,10}")


def normalize(text: str) -> str | None:
    """The number in capitals and digits, or None if it cannot be one."""
    cleaned = number_text.clean(text)
    return cleaned if _LENIENT.fullmatch(cleaned) else None


def is_valid(text: str) -> bool:
    """Whether `text` may be a passport's number."""
    return normalize(text) is not None
