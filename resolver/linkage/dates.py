"""Compare birth dates: which two dates may be one date written in two ways."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled
from resolver.linkage.levels import BirthDate
from resolver.linkage.lunar import NO_DAY, written_lunar

Days = NDArray[np.int32]


def date_digits(days: Days) -> NDArray[np.int32]:
    """Days since 1970-01-01 (n,) as YYYYMMDD, four bits a digit; 0 for `NO_DAY`."""
    known = days != NO_DAY
    dates = np.where(known, days, 0).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64) % 12 + 1
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    value = year * 10000 + month * 100 + (dates - months).astype(np.int64) + 1
    packed = np.zeros(len(days), np.int64)
    for place in range(8):
        packed |= value // 10**place % 10 << 4 * place
    return np.where(known & (year < 8000), packed, 0).astype(np.int32)


def date_inside(digits: NDArray[np.uint64]) -> Days:
    """Days since 1970-01-01 of digits 7 to 14 of packed ID numbers (n,); `NO_DAY` if they are no date."""
    value = np.zeros(len(digits), np.int64)
    for place in range(6, 14):
        value = value * 10 + ((digits >> np.uint64(60 - 4 * place)) & np.uint64(15)).astype(np.int64)
    year, month, day = value // 10000, value // 100 % 100, value % 100
    ok = (year >= 1880) & (year < 2100) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(ok, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]").astype(np.int64) + np.where(ok, day, 1) - 1
    exists = ok & (days.astype("datetime64[D]").astype("datetime64[M]") == months)
    return np.where(exists, days, NO_DAY).astype(np.int32)


@compiled
def _swapped(one: int, other: int) -> bool:
    """Whether packed dates have the same year, and the month of each is the day of the other."""
    same_year = one >> 16 == other >> 16
    return same_year and (one >> 8) & 0xFF == other & 0xFF and one & 0xFF == (other >> 8) & 0xFF


@compiled
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


@compiled
def _year(packed: int) -> int:
    year = packed >> 16
    return (year >> 12) * 1000 + ((year >> 8) & 15) * 100 + ((year >> 4) & 15) * 10 + (year & 15)


@compiled
def birth_level(days: tuple[int, int], digits: tuple[int, int], lunar: tuple[int, int]) -> int:
    """Level of two known birth dates, each given as days, packed digits, and days of its lunar date read as solar."""
    if days[0] == days[1]:
        return BirthDate.SAME.value
    if days[0] == lunar[1] or days[1] == lunar[0]:
        return BirthDate.LUNAR.value
    if _swapped(digits[0], digits[1]):
        return BirthDate.SWAPPED.value
    by_digits = _digits_level(digits[0], digits[1])
    if by_digits != BirthDate.DIFFERENT:
        return by_digits
    years_apart = _year(digits[0]) - _year(digits[1])
    if abs(years_apart) == 1 and (digits[0] & 0xFFFF) == (digits[1] & 0xFFFF):
        return BirthDate.YEAR_OFF.value
    return BirthDate.SAME_YEAR.value if years_apart == 0 else BirthDate.DIFFERENT.value


@compiled
def _birth_levels(days: Days, digits: Days, lunar: Days, out: NDArray[np.uint8]) -> None:
    for row in range(out.shape[0]):
        out[row] = birth_level(
            (days[0, row], days[1, row]), (digits[0, row], digits[1, row]), (lunar[0, row], lunar[1, row])
        )


def birth_levels(one: Days, other: Days) -> NDArray[np.uint8]:
    """Level of each pair of known dates (n,), (n,) in days -> uint8 (n,)."""
    days = np.stack([one, other])
    digits = np.stack([date_digits(one), date_digits(other)])
    lunar = np.stack([written_lunar(one), written_lunar(other)])
    out = np.empty(len(one), np.uint8)
    _birth_levels(days, digits, lunar, out)
    return out
