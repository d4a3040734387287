"""The layout that the resident number, the residence permits and the foreign permanent card share (GB 11643-1999).

Place (6), birth date (8), order within both (3, odd = male), check character (ISO 7064 MOD 11-2). Only the place
differs: a county's code of any time since 1981; 810000, 820000 or 830000 on the residence permits of people from
Hong Kong, Macao and Taiwan; 9, province and country on the foreign permanent card.
"""

from datetime import date
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from resolver.identifiers import county_codes

RESIDENCE_PERMIT_CODES = ("810000", "820000", "830000")
EARLIEST_YEAR = 1870  # nobody of that age was alive when numbers were first issued, in 1984
ROUNDED_TAIL = "000"  # a spreadsheet keeps fifteen digits of a number and writes zeros for the rest

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
_PROVINCES = (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53,
              54, 61, 62, 63, 64, 65)  # fmt: skip
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0], np.int64)

Flaw = Literal["none", "checksum", "format", "rounded"]
FLAWS: tuple[Flaw, ...] = ("none", "checksum", "format", "rounded")


def check_character(first17: str) -> str:
    """The check character of seventeen digits (ISO 7064 MOD 11-2)."""
    return CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(first17, WEIGHTS, strict=True)) % 11]


def flaw(number: str, *, on: date | None = None) -> Flaw:
    """What is wrong with an eighteen-character number.

    Args:
        number: Cleaned text.
        on: The day it was seen: nobody is born later. None = any day.

    Returns:
        `none`; `format` (length, characters, place, birth date or order that cannot be); `rounded` (a
        spreadsheet cut the last digits off); `checksum`.
    """
    if (
        len(number) != 18
        or not number.isascii()
        or not number[:17].isdigit()
        or number[17] not in "0123456789X"
    ):
        return "format"
    if not possible_places()[int(number[:6])]:
        return "format"
    born = birth_date(number)
    if born is None or born.year < EARLIEST_YEAR or (on is not None and born > on):
        return "format"
    good = number[17] == check_character(number[:17])
    if number.endswith(ROUNDED_TAIL) and (not good or number[14:17] == "000"):
        return "rounded"
    if number[14:17] == "000":
        return "format"
    return "none" if good else "checksum"


def flaws(numbers: npt.NDArray[np.uint8], *, on: date | None = None) -> npt.NDArray[np.uint8]:
    """`flaw` of many numbers at once.

    Args:
        numbers: ASCII codes, shape (n, 18), upper case.
        on: As in `flaw`.

    Returns:
        Positions in `FLAWS`, shape (n,), uint8.
    """
    digits = numbers.astype(np.int64) - ord("0")
    body = digits[:, :17]
    digital = ((body >= 0) & (body <= 9)).all(axis=1)
    last = numbers[:, 17]
    digital &= ((last >= ord("0")) & (last <= ord("9"))) | (last == ord("X"))
    body = np.where(digital[:, None], body, 0)
    place = body[:, :6] @ np.array([100000, 10000, 1000, 100, 10, 1])
    possible = digital & possible_places()[place] & _dates_are_possible(body[:, 6:14], on)
    expected = np.frombuffer(CHECK_CHARACTERS.encode(), np.uint8)[(body @ np.array(WEIGHTS)) % 11]
    good = expected == last
    no_order = (body[:, 14:17] == 0).all(axis=1)
    tail = (body[:, 15:17] == 0).all(axis=1) & (last == ord("0"))
    result = np.where(good, 0, 1).astype(np.uint8)
    result[no_order] = 2
    result[tail & (~good | no_order)] = 3
    result[~possible] = 2
    return result


@cache
def possible_places() -> npt.NDArray[np.bool_]:
    """Whether six digits can be the place of a number: bool, shape (1 000 000,)."""
    table = county_codes.known_counties().copy()
    table[[int(code) for code in RESIDENCE_PERMIT_CODES]] = True
    for province in _PROVINCES:  # of the foreign permanent card: 9, province, any country
        table[900_000 + province * 1000 : 900_000 + (province + 1) * 1000] = True
    return table


def birth_date(number: str) -> date | None:
    """The birth date in an eighteen-character number; None when it is no calendar day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _dates_are_possible(digits: npt.NDArray[np.int64], on: date | None) -> npt.NDArray[np.bool_]:
    """Whether eight digits each are a calendar day from `EARLIEST_YEAR` to `on`; shape (n, 8) -> (n,)."""
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month = digits[:, 4] * 10 + digits[:, 5]
    day = digits[:, 6] * 10 + digits[:, 7]
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = _DAYS[np.minimum(month, 13)] + (leap & (month == 2))
    possible = (year >= EARLIEST_YEAR) & (day >= 1) & (day <= length)
    if on is not None:
        possible &= year * 10000 + month * 100 + day <= on.year * 10000 + on.month * 100 + on.day
    return np.asarray(possible)
