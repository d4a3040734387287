"""Compare birth dates: which two dates may be one date written in two ways."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.levels import BirthDate
from resolver.linkage.lunar import NO_DAY, written_lunar

Days = NDArray[np.int32]

DAY_BEFORE, LEAP_DAY, DAY_AFTER = 0x0228, 0x0229, 0x0301
"""Packed months and days: the leap day, and what becomes of it in a year that has none."""


@kernel
def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day of days since 1970-01-01 (Hinnant, "chrono-compatible low-level date algorithms", 2013)."""
    days += 719_468  # since 0000-03-01: a leap day is then the last of its year
    era = days // 146_097
    of_era = days - era * 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + era * 400 + (1 if month <= 2 else 0), month, day


@kernel
def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a date; the inverse of `_civil`."""
    year -= 1 if month <= 2 else 0
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


@kernel
def packed_date(days: int) -> int:
    """Days since 1970-01-01 as YYYYMMDD, four bits a digit; 0 for `NO_DAY`, and from the year 8000 on."""
    if days == NO_DAY:
        return 0
    year, month, day = _civil(days)
    if year >= 8000:
        return 0
    value, packed = year * 10_000 + month * 100 + day, 0
    for place in range(8):
        packed |= value % 10 << 4 * place
        value //= 10
    return packed


@kernel
def _date_digits(days: Days, out: Days) -> None:
    for row in range(days.shape[0]):
        out[row] = packed_date(days[row])


def date_digits(days: Days) -> Days:
    """`packed_date` of each of some days (n,)."""
    out = np.empty(len(days), np.int32)
    _date_digits(days, out)
    return out


@kernel
def day_inside(digits: np.uint64) -> int:
    """Days since 1970-01-01 of digits 7 to 14 of a packed ID number; `NO_DAY` if they are no date."""
    value = 0
    for place in range(6, 14):
        value = value * 10 + int((digits >> np.uint64(60 - 4 * place)) & np.uint64(15))
    year, month, day = value // 10_000, value // 100 % 100, value % 100
    if 1880 <= year < 2100 and 1 <= month <= 12 and 1 <= day <= 31:
        days = _days(year, month, day)
        if _civil(days) == (year, month, day):
            return days
    return int(NO_DAY)


@kernel
def _date_inside(digits: NDArray[np.uint64], out: Days) -> None:
    for row in range(digits.shape[0]):
        out[row] = day_inside(digits[row])


def date_inside(digits: NDArray[np.uint64]) -> Days:
    """`day_inside` of each of some packed ID numbers (n,)."""
    out = np.empty(len(digits), np.int32)
    _date_inside(digits, out)
    return out


@kernel
def _swapped(one: int, other: int) -> bool:
    """Whether packed dates have the same year, and the month of each is the day of the other."""
    same_year = one >> 16 == other >> 16
    return same_year and (one >> 8) & 0xFF == other & 0xFF and one & 0xFF == (other >> 8) & 0xFF


@kernel
def _digits_level(one: int, other: int) -> int:
    """Level of two different packed dates by their digits."""
    different, first, last = 0, -1, -1
    for place in range(8):
        if (one >> 4 * place) & 15 != (other >> 4 * place) & 15:
            different += 1
            last = place if last < 0 else last
            first = place
    if different == 1:
        return BirthDate.ONE_DIGIT.value
    crossed = (one >> 4 * first) & 15 == (other >> 4 * last) & 15
    crossed = crossed and (one >> 4 * last) & 15 == (other >> 4 * first) & 15
    if different == 2 and first == last + 1 and crossed:
        return BirthDate.TRANSPOSED.value
    return BirthDate.DIFFERENT.value


@kernel
def _year(packed: int) -> int:
    year = packed >> 16
    return (year >> 12) * 1000 + ((year >> 8) & 15) * 100 + ((year >> 4) & 15) * 10 + (year & 15)


@kernel
def _as_typed(packed: int, other: int) -> int:
    """A packed date beside another one as it was typed: a 29 February whose year was mistyped into one without it.

    What reads it takes the last day of the month for it, or runs on into March.
    """
    if other & 0xFFFF == LEAP_DAY and packed & 0xFFFF in (DAY_BEFORE, DAY_AFTER):
        year = _year(packed)
        if year % 4 != 0 or (year % 100 == 0 and year % 400 != 0):
            return packed & ~0xFFFF | LEAP_DAY
    return packed


@kernel
def birth_level(days: tuple[int, int], digits: tuple[int, int], lunar: tuple[int, int]) -> int:
    """Level of two known birth dates, each given as days, packed digits, and days of its lunar date read as solar."""
    if days[0] == days[1]:
        return BirthDate.SAME.value
    if days[0] == lunar[1] or days[1] == lunar[0]:
        return BirthDate.LUNAR.value
    if _swapped(digits[0], digits[1]):
        return BirthDate.SWAPPED.value
    one, other = _as_typed(digits[0], digits[1]), _as_typed(digits[1], digits[0])
    by_digits = _digits_level(one, other)
    if by_digits != BirthDate.DIFFERENT:
        return by_digits
    years_apart = _year(one) - _year(other)
    if abs(years_apart) == 1 and (one & 0xFFFF) == (other & 0xFFFF):
        return BirthDate.YEAR_OFF.value
    return BirthDate.SAME_YEAR.value if years_apart == 0 else BirthDate.DIFFERENT.value


@kernel
def _birth_levels(days: Days, digits: Days, lunar: Days, out: NDArray[np.uint8]) -> None:
    for row in range(out.shape[0]):
        out[row] = birth_level(
            (days[0, row], days[1, row]), (digits[0, row], digits[1, row]), (lunar[0, row], lunar[1, row])
        )


def birth_levels(one: Days, other: Days) -> NDArray[np.uint8]:
    """Level of each pair of known dates (n,), (n,) in days -> uint8 (n,)."""
    days = _two(one, other)
    digits = _two(date_digits(one), date_digits(other))
    lunar = _two(written_lunar(one), written_lunar(other))
    out = np.empty(len(one), np.uint8)
    _birth_levels(days, digits, lunar, out)
    return out


def _two(one: Days, other: Days) -> Days:
    """Both columns (2, n); for one pair looked up, `np.stack` costs ten times as much."""
    out = np.empty((2, len(one)), np.int32)
    out[0], out[1] = one, other
    return out
