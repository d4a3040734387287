"""Birth certificate number 出生医学证明编号: a letter for the edition and nine digits; no check digit."""

import re

from resolver.identifiers import number_text

_FORM = re.compile(r"[A-Z][0-9]{9}")


def normalize(text: str) -> str | None:
    """The ten characters, or None if the form is another."""
    cleaned = number_text.clean(text)
    return cleaned if _FORM.fullmatch(cleaned) and not number_text.is_filler(cleaned[1:]) else None


def is_valid(text: str) -> bool:
    """Whether `text` has the form of a birth certificate's number."""
    return normalize(text) is not None
