"""Two ID numbers, and two phones, in plain strings; distances are rapidfuzz's."""

import re

from rapidfuzz.distance import Hamming, Levenshtein, Prefix

from resolver.linkage.columns import NumberState
from resolver.linkage.levels import IdNumber, Phone
from resolver.toolkit.plain.dates import is_one_date, is_swap_of_neighbours
from resolver.toolkit.plain.person import Number, Person

_READABLE = 14
_PLACE, _HEAD = slice(6), slice(14)
_PHONE_DIGITS = 16
_PHONE = re.compile(r"[0-9]{0,15}[0-9X]")
SHARED, GENERIC = 1, 2


def number_level(one: Person, other: Person) -> IdNumber | None:
    """Level of two ID numbers; None if they cannot be compared."""
    a, b = one.number, other.number
    if a.text is None or b.text is None:
        return None
    if a.text == b.text:
        same = {NumberState.ROUNDED: IdNumber.READABLE_PART, NumberState.DAMAGED: IdNumber.SAME_DAMAGED}
        return same.get(a.state, IdNumber.SAME)
    states = {a.state, b.state}
    if NumberState.OTHER_DOCUMENT in states:
        return None
    if states & {NumberState.DAMAGED, NumberState.ROUNDED}:
        return _damaged(a, b)
    if NumberState.DOUBTFUL in states:
        return IdNumber.DOUBTFUL_DIFFERENT
    return _two_valid(one, other)


def _damaged(one: Number, other: Number) -> IdNumber:
    """Level of two different numbers of which at least one is not valid."""
    shorter, longer = sorted((one.digits, other.digits), key=len)
    if not shorter:
        return IdNumber.DAMAGED_DIFFERENT
    common = Prefix.similarity(shorter, longer)
    if NumberState.ROUNDED in (one.state, other.state) and common >= _READABLE:
        return IdNumber.READABLE_PART
    if len(shorter) == len(longer):
        return _equally_long(shorter, longer)
    if len(longer) == len(shorter) + 1 and len(shorter) >= 8 and Levenshtein.distance(shorter, longer) == 1:
        return IdNumber.LENGTH
    cut = len(shorter) >= _READABLE and longer.startswith(shorter)
    return IdNumber.READABLE_PART if cut else IdNumber.DAMAGED_DIFFERENT


def _equally_long(one: str, other: str) -> IdNumber:
    if Hamming.distance(one, other) == 1:
        return IdNumber.ONE_DIGIT if one[-1] == other[-1] else IdNumber.LENGTH
    return IdNumber.TRANSPOSED if is_swap_of_neighbours(one, other) else IdNumber.DAMAGED_DIFFERENT


def _two_valid(one: Person, other: Person) -> IdNumber:
    """Level of two different valid numbers that agree with their own records."""
    a, b = one.number, other.number
    if a.digits[_HEAD] == b.digits[_HEAD]:
        return IdNumber.SAME_DAY_AND_PLACE
    if a.day == b.day:
        return IdNumber.SAME_DAY
    days = one.birth.day, other.birth.day
    if a.digits[_PLACE] != b.digits[_PLACE] or days[0] is None or days[1] is None:
        return IdNumber.DIFFERENT
    return IdNumber.NEAR_DAY if is_one_date(days[0], days[1]) else IdNumber.DIFFERENT


def phone_level(one: str | None, other: str | None, band: int) -> Phone | None:
    """Level of two phones; None if one is missing or the phone says nothing (`band`: how many people have it)."""
    if one is None or other is None:
        return None
    if one == other:
        return {SHARED: Phone.SAME_SHARED, GENERIC: None}.get(band, Phone.SAME)
    if not (_is_plain(one) and _is_plain(other)):
        return Phone.DIFFERENT
    a, b = one.ljust(_PHONE_DIGITS, "0"), other.ljust(_PHONE_DIGITS, "0")
    near = Hamming.distance(a, b) == 1 or is_swap_of_neighbours(a, b)
    return Phone.ONE_DIGIT if near else Phone.DIFFERENT


def _is_plain(phone: str) -> bool:
    """Whether a phone is some digits (the last may be X), not all of them 0."""
    return _PHONE.fullmatch(phone) is not None and set(phone) != {"0"}
