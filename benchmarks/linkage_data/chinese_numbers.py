"""Dates, identity numbers and phones, and what happens to them when they are typed."""

from functools import cache

import numpy as np
from lunar_python import Solar
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Digits = NDArray[np.int8]

_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.array([1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2])  # GB 11643; 10 is written X
_PREFIXES = np.array([130, 131, 132, 133, 135, 136, 137, 138, 139, 150, 151, 152, 155, 156, 157, 158, 159, 176, 177,
                      178, 180, 182, 183, 185, 186, 187, 188, 189, 198])  # fmt: skip


def parts(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Year, month, day of days since 1970."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    years = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    return years, months.astype(np.int64) % 12 + 1, (dates - months).astype(np.int64) + 1


def days_of(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970; a day that the month does not have becomes its 28th."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    return months.astype("datetime64[D]").astype(np.int64) + np.where(day > length, 28, day) - 1


def mistake_dates(days: Ints, rng: np.random.Generator) -> Ints:
    """Every date wrong: one digit, day and month swapped, another year, New Year's Day, or the lunar date."""
    year, month, day = parts(days)
    kind = rng.choice(5, len(days), p=(0.45, 0.15, 0.15, 0.10, 0.15))
    place = rng.integers(0, 4, len(days))
    sign = rng.choice((-1, 1), len(days))
    wrong_day = np.where(place == 0, day + 10 * sign, day + sign * rng.integers(1, 5, len(days)))
    one_digit = (kind == 0) & (place < 3)
    day2 = np.where(one_digit, np.clip(wrong_day, 1, 31), day)
    month2 = np.where(
        (kind == 0) & (place == 3), (month + sign * rng.integers(1, 4, len(days)) - 1) % 12 + 1, month
    )
    swapped = (kind == 1) & (day <= 12)
    month2, day2 = np.where(swapped, day, month2), np.where(swapped, month, day2)
    year2 = np.where(kind == 2, year + sign * rng.choice((1, 1, 2, 10), len(days)), year)
    new_year = kind == 3
    out = days_of(year2, np.where(new_year, 1, month2), np.where(new_year, 1, day2))
    for row in np.flatnonzero(kind == 4).tolist():
        out[row] = _lunar(int(year[row]), int(month[row]), int(day[row]))
    return out


@cache
def _lunar(year: int, month: int, day: int) -> int:
    """The day of the civil calendar with the same numbers as this one's lunar date, as if no one had converted it."""
    lunar = Solar.fromYmd(year, month, day).getLunar()
    numbers = np.array([lunar.getYear()]), np.array([abs(lunar.getMonth())]), np.array([lunar.getDay()])
    return int(days_of(*numbers)[0])


def numbers_of(counties: NDArray[np.str_], days: Ints, order: Ints) -> Digits:
    """Resident identity numbers: int8 (n, 18), the check digit last (10 stands for X)."""
    year, month, day = parts(days)
    out = np.empty((len(days), 18), np.int8)
    out[:, :6] = np.ascontiguousarray(counties, "<U6").view(np.uint32).reshape(-1, 6) - 48
    whole = (year * 10_000 + month * 100 + day) * 1000 + order
    out[:, 6:17] = whole[:, None] // 10 ** np.arange(10, -1, -1) % 10
    return checked(out)


def checked(numbers: Digits) -> Digits:
    """The same numbers with their right check digits."""
    numbers[:, 17] = _CHECKS[(numbers[:, :17] * _WEIGHTS).sum(axis=1) % 11]
    return numbers


def mistype(numbers: Digits, rng: np.random.Generator) -> Digits:
    """Every number with one typing error: another digit, two neighbours swapped, or a wrong last place."""
    out = numbers.copy()
    kind = rng.choice(3, len(out), p=(0.60, 0.30, 0.10))
    rows, place = np.arange(len(out)), rng.integers(0, 17, len(out))
    place = np.where(kind == 2, 17, place)
    hit = (out[rows, place] + rng.integers(1, 10, len(out))) % 10
    left = np.minimum(place, 15)
    swap = np.flatnonzero(kind == 1)
    out[rows, place] = np.where(kind == 1, out[rows, place], hit)
    out[swap, left[swap]], out[swap, left[swap] + 1] = out[swap, left[swap] + 1], out[swap, left[swap]]
    return out


def as_text(numbers: Digits) -> NDArray[np.str_]:
    """Numbers as text of 18 characters."""
    points = np.where(numbers == 10, ord("X"), numbers + 48).astype(np.uint32)
    return np.ascontiguousarray(points).view("<U18").ravel()


def draw_phones(count: int, rng: np.random.Generator) -> Ints:
    """Mobile numbers of eleven digits."""
    return rng.choice(_PREFIXES, count) * 10**8 + rng.integers(0, 10**8, count)


def mistype_phones(phones: Ints, rng: np.random.Generator) -> Ints:
    """Every number with one digit of the last eight wrong."""
    unit = 10 ** rng.integers(0, 8, len(phones))
    digit = phones // unit % 10
    return (phones + ((digit + rng.integers(1, 10, len(phones))) % 10 - digit) * unit).astype(np.int64)
