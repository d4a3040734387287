"""Disability certificate number 残疾人证号: the holder's resident number, kind of disability, grade.

Kind: 1 sight, 2 hearing, 3 speech, 4 limb, 5 intellect, 6 mind, 7 multiple. Grade 1 (severest) to 4. A reissued
certificate adds B and its count. So the certificate is a check on the identity number, and a link to it.
"""

import re
from dataclasses import dataclass

from resolver.identifiers import number_text, resident_id

_FORM = re.compile(r"([0-9]{17}[0-9X])([1-7])([1-4])(?:B?([0-9]{1,2}))?")


@dataclass(frozen=True)
class DisabilityCertificate:
    """What a well-formed number says.

    Attributes:
        number: The whole number.
        id_number: The holder's resident number.
        kind: 1 to 7; see the module's text.
        grade: 1 to 4.
        reissue: How often it was reissued; 0 = never.
    """

    number: str
    id_number: str
    kind: int
    grade: int
    reissue: int


def normalize(text: str) -> str | None:
    """The canonical form, or None unless the resident number inside is well-formed."""
    certificate = parse(text)
    return certificate.number if certificate else None


def is_valid(text: str) -> bool:
    """Whether `text` is a certificate's number around a well-formed resident number."""
    return parse(text) is not None


def parse(text: str) -> DisabilityCertificate | None:
    """What a well-formed number says, or None."""
    match = _FORM.fullmatch(number_text.clean(text))
    if match is None:
        return None
    id_number = resident_id.normalize(match[1])
    if id_number is None:
        return None
    reissue = int(match[4] or 0)
    number = id_number + match[2] + match[3] + (f"B{reissue}" if reissue else "")
    return DisabilityCertificate(number, id_number, int(match[2]), int(match[3]), reissue)
