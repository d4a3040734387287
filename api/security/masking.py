"""What a caller who may not see a number sees instead (GB/T 39725: fields that identify a person, level 4)."""

import re

_EMBEDDED = re.compile(
    r"\d{6}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]"
    r"|(?<![0-9A-Za-z])\d{8}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}(?![0-9A-Za-z])"  # of 15 digits, until 1999
)
_MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])")


def masked_number(number: str) -> str:
    """An identity number with its middle hidden: 371002********0017.

    The county, which is public of almost everyone nearby, and the last four digits, by which a person can confirm
    a number over the counter, stay; a number of another form keeps its first and last two characters.
    """
    if len(number) >= 15:
        return number[:6] + "*" * (len(number) - 10) + number[-4:]
    if len(number) > 4:
        return number[:2] + "*" * (len(number) - 4) + number[-2:]
    return "*" * len(number)


def masked_phone(phone: str) -> str:
    """A phone with its middle hidden: 138****5678."""
    if len(phone) < 8:
        return "*" * len(phone)
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def masked_embedded(text: str) -> str:
    """The text with every resident number and mobile phone in it masked.

    Certificates and keys of some sources carry a number inside, and people type both into free text.
    """
    without_numbers = _EMBEDDED.sub(lambda found: masked_number(found[0]), text)
    return _MOBILE.sub(lambda found: masked_phone(found[0]), without_numbers)
