"""Dates of the lunar calendar written down as if they were solar ones: a birthday 19 to 55 days early."""

from functools import cache

import numpy as np
from lunar_python import LunarYear
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

FIRST_YEAR, LAST_YEAR = 1890, 2050
NO_DAY = np.int32(-(2**31))
"""Stands for a missing date, and for a lunar date that the solar calendar does not have (30 February)."""

_UNIX_EPOCH_JULIAN = 2440588  # Julian day number of 1970-01-01
_FIRST = int(np.datetime64(f"{FIRST_YEAR + 1}-01-01").astype(int))


@cache
def lunar_as_solar() -> NDArray[np.int32]:
    """For each solar day, its lunar date read as a solar one.

    Returns:
        int32 (n,): element k belongs to the day `_FIRST + k` since 1970-01-01; days since 1970-01-01, or `NO_DAY`.
    """
    last = int(np.datetime64(f"{LAST_YEAR}-01-01").astype(int))
    table = np.full(last - _FIRST, NO_DAY, np.int32)
    for year in range(FIRST_YEAR, LAST_YEAR):
        for month in LunarYear.fromYear(year).getMonthsInYear():
            first = int(month.getFirstJulianDay()) - _UNIX_EPOCH_JULIAN - _FIRST
            days = np.arange(month.getDayCount())
            written = np.datetime64(f"{month.getYear():04d}-{abs(month.getMonth()):02d}-01") + days
            same_month = written.astype("datetime64[M]") == written[:1].astype("datetime64[M]")
            inside = (first + days >= 0) & (first + days < len(table)) & same_month
            table[first + days[inside]] = written[inside].astype(np.int32)
    return table


@kernel
def lunar_of(day: int, table: NDArray[np.int32]) -> np.int32:
    """What a clerk who wrote the lunar date would have written for a solar day, by `lunar_as_solar`."""
    place = day - _FIRST
    return table[place] if 0 <= place < table.shape[0] else NO_DAY


@kernel
def _look_up(days: NDArray[np.int32], table: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    for row in range(days.shape[0]):
        out[row] = lunar_of(days[row], table)


def written_lunar(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """What a clerk who wrote the lunar date would have written for each solar day (n,); `NO_DAY` if nothing."""
    out = np.empty(len(days), np.int32)
    _look_up(days, lunar_as_solar(), out)
    return out
