"""Telephone numbers 电话: digits only, mobile (11) or area code and number; placeholders are no number.

Own rules by the numbering plan (工信部《电信网编号计划》, 2017), because a column of a million takes a general
library minutes; the tests hold them against `phonenumbers`.
"""

import re
import unicodedata

import numpy as np
import pyarrow as pa

from resolver.identifiers.columns import Column, as_text, distinct, fixed_width

_MOBILE = re.compile(r"1(?:3[0-9]|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])[0-9]{8}")
_AREA = r"(?:10|2[0-57-9]|[3-9][0-9]{2})"
_WITH_AREA = re.compile(rf"0?({_AREA})([2-8][0-9]{{6,7}})")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_COUNTRY = re.compile(r"^(?:\+86|0086|\(\+?86\)|86(?=1[3-9][0-9]{9}$))")
_BETWEEN = re.compile(r"[/、,;|\\&]|或|和|\s{2,}|\n")
_EXTENSION = re.compile(r"(?:转|分机|EXT\.?|X|#|(?<=[0-9]{7})[-–—*])[0-9]{1,5}$")
_NOT_DIGITS = re.compile(r"[^0-9+()]")
_MOBILE_PREFIXES = np.zeros(1000, np.bool_)
_MOBILE_PREFIXES[[p for p in range(130, 200) if _MOBILE.fullmatch(f"{p}00000000")]] = True
_PLACEHOLDERS = frozenset({"13800138000", "13800138001", "13800138002"})
_LISTED = np.array(sorted(int(number) for number in _PLACEHOLDERS), np.int64)
_COUNTING = frozenset({"12345678900", "12345678901", "2345678", "23456789"})
_PLACEHOLDER_TAILS = frozenset({"00000000", "12345678", "11111111"})


def normalize(text: str) -> str | None:
    """The number in digits, or None if it is none or a placeholder.

    Of several in one cell (`a/b`) the first plausible one; country code and extension go. A land line without area
    code stays so: the same seven digits in two cities are two numbers, so compare it as weak.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip().upper()
    for part in _BETWEEN.split(cleaned):
        number = _plausible(part)
        if number is not None:
            return number
    return None


def is_placeholder(number: str) -> bool:
    """Whether digits were typed to get past a form."""
    return (
        number in _PLACEHOLDERS
        or len(set(number)) <= 1
        or (len(number) == 11 and number[3:] in _PLACEHOLDER_TAILS)
        or (len(set(number[-7:])) == 1 and len(number) < 11)
        or number in _COUNTING
    )


def normalize_column(column: Column) -> pa.Array:
    """`normalize` over a column of text; plain mobile numbers are recognised all at once."""
    found = distinct(as_text(column))
    return found.spread(_normalize_distinct(found.values))


def _normalize_distinct(values: pa.Array) -> pa.Array:
    where, characters = fixed_width(values, 11)
    digits = characters.astype(np.int16) - ord("0")
    plain = ((digits >= 0) & (digits <= 9)).all(axis=1)
    prefix = np.where(plain, digits[:, 0] * 100 + digits[:, 1] * 10 + digits[:, 2], 0)
    plain &= _MOBILE_PREFIXES[prefix]
    tail = np.where(plain[:, None], digits[:, 3:], 0)
    steps = tail[:, 1:] - tail[:, :-1]
    doubtful = (steps == 0).all(axis=1) | (steps == 1).all(axis=1)
    doubtful |= np.isin(
        np.where(plain[:, None], digits, 0).astype(np.int64) @ 10 ** np.arange(10, -1, -1), _LISTED
    )
    where = where[plain & ~doubtful]
    others = np.setdiff1d(np.arange(len(values)), where, assume_unique=True)
    slow = pa.array([normalize(text) for text in values.take(pa.array(others)).to_pylist()], pa.string())
    order = np.empty(len(values), np.int64)
    order[np.concatenate([where, others])] = np.arange(len(values))
    return pa.concat_arrays([values.take(pa.array(where)), slow]).take(pa.array(order))


def _plausible(part: str) -> str | None:
    number = _NOT_DIGITS.sub("", _EXTENSION.sub("", part.replace(" ", "").removesuffix(".0")))
    number = _COUNTRY.sub("", number).translate({ord(c): None for c in "+()"})
    if number.startswith("0") and _MOBILE.fullmatch(number[1:]):
        number = number[1:]
    if is_placeholder(number):
        return None
    if _MOBILE.fullmatch(number) or _LOCAL.fullmatch(number):
        return number
    if match := _WITH_AREA.fullmatch(number):
        return None if is_placeholder(match[2]) else f"0{match[1]}{match[2]}"
    return None
