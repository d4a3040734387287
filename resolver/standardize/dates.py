"""Birth dates: what is one, what only fills a form, and which day a lunar date would have been.

Reading dates from text is intake's (`resolver.feeds.dates`); this module judges and converts days.
"""

import re
import unicodedata
from datetime import date, timedelta
from functools import cache

import lunar_python
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.feeds.dates import read_moments
from resolver.identifiers.columns import Column

Days = npt.NDArray[np.int32]
"""Days since 1970-01-01, as in Arrow's date32."""

NO_DAY = np.iinfo(np.int32).min
"""Stands for "no such day" in an array of days."""

PLACEHOLDERS = frozenset(
    {date(1900, 1, 1), date(1970, 1, 1), date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 2), date(1901, 1, 1),
     date(1911, 11, 11), date(9999, 12, 31), date(2099, 12, 31), date(1800, 1, 1)}
)  # fmt: skip
"""Days that programs and clerks write when they know none. A few people are born on such a day and lose it here."""

EARLIEST = date(1870, 1, 1)
_FIRST_LUNAR_YEAR, _LAST_LUNAR_YEAR = 1870, 2100
_EPOCH_JULIAN = 2440588  # Julian day number of 1970-01-01
_NUMERALS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([元一二三四五六七八九十]{1,3})月([一二三四五六七八九十廿卅初]{1,3})[日号]?"
)


def parse(text: str) -> date | None:
    """The day in a text of any form that intake reads or in Chinese numerals (一九八〇年十二月三日), or None."""
    cleaned = unicodedata.normalize("NFKC", text).strip()
    if match := _CHINESE.fullmatch(cleaned):
        month = 1 if match[2] == "元" else _small_number(match[2])
        cleaned = f"{match[1].translate(_NUMERALS)}-{month}-{_small_number(match[3])}"
    moments = read_moments(pa.array([cleaned]))
    if not moments.read[0]:
        return None
    return date(1970, 1, 1) + timedelta(days=int(moments.seconds[0]) // 86_400)


def is_placeholder(day: date) -> bool:
    """Whether a birth date only fills a form."""
    return day in PLACEHOLDERS or day < EARLIEST


def birth_dates(column: Column, *, as_of: date | None = None) -> pa.Array:
    """Birth dates without placeholders and without days after `as_of`.

    Args:
        column: date32, timestamp (its day is taken), or text.
        as_of: The day the records are seen; None = no upper bound.

    Returns:
        date32, null where there is no birth date.
    """
    if pa.types.is_string(column.type) or pa.types.is_dictionary(column.type):
        days = pa.array([parse(text) if text else None for text in column.to_pylist()], pa.date32())
    else:
        days = column.cast(pa.date32())
    if isinstance(days, pa.ChunkedArray):
        days = pa.concat_arrays(days.chunks) if days.num_chunks else pa.array([], pa.date32())
    wrong = pc.or_(
        pc.is_in(days, pa.array(sorted(PLACEHOLDERS), pa.date32())),
        pc.less(days, pa.scalar(EARLIEST, pa.date32())),
    )
    if as_of is not None:
        wrong = pc.or_(wrong, pc.greater(days, pa.scalar(as_of, pa.date32())))
    return pc.if_else(pc.fill_null(wrong, False), pa.scalar(None, pa.date32()), days)


def solar_of_lunar(day: date, *, leap: bool = False) -> date | None:
    """The solar day of the lunar date whose year, month and day are those of `day`.

    Args:
        day: A date that may be a lunar one written down as if it were solar.
        leap: Whether the leap month of that number is meant.

    Returns:
        The solar day, 19 to 55 days later; None if that lunar month has no such day, or the year no such leap month.
    """
    solar = solar_of_lunar_days(np.array([_days(day)], np.int32), leap=leap)[0]
    return None if solar == NO_DAY else date(1970, 1, 1) + timedelta(days=int(solar))


def solar_of_lunar_days(days: Days, *, leap: bool = False) -> Days:
    """`solar_of_lunar` for an array of days; `NO_DAY` where there is none, also for `NO_DAY` itself."""
    table = _lunar_table(leap)
    start = _days(date(_FIRST_LUNAR_YEAR, 1, 1))
    place = days.astype(np.int64) - start
    inside = (place >= 0) & (place < len(table))
    return np.where(inside, table[np.where(inside, place, 0)], np.int32(NO_DAY)).astype(np.int32)


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days


@cache
def _lunar_months() -> dict[tuple[int, int], tuple[int, int]]:
    """(Lunar year, month; leap ones negative) -> (first solar day, number of days)."""
    months: dict[tuple[int, int], tuple[int, int]] = {}
    for year in range(_FIRST_LUNAR_YEAR, _LAST_LUNAR_YEAR + 1):
        for month in lunar_python.LunarYear.fromYear(year).getMonths():
            if month.getYear() == year:
                first = int(month.getFirstJulianDay() + 0.5) - _EPOCH_JULIAN
                months[year, month.getMonth()] = (first, month.getDayCount())
    return months


@cache
def _lunar_table(leap: bool) -> Days:
    """Per day from 1 January of the first year: the solar day of the lunar date of the same digits."""
    start = np.datetime64(f"{_FIRST_LUNAR_YEAR}-01-01")
    days = np.arange(start, np.datetime64(f"{_LAST_LUNAR_YEAR + 1}-01-01"))
    years = days.astype("datetime64[Y]").astype(int) + 1970
    months = days.astype("datetime64[M]").astype(int) % 12 + 1
    in_month = (days - days.astype("datetime64[M]")).astype(int)  # from 0
    sign = -1 if leap else 1
    first = np.zeros((_LAST_LUNAR_YEAR + 1 - _FIRST_LUNAR_YEAR, 13), np.int32)
    length = np.zeros_like(first)
    for (year, month), (begin, count) in _lunar_months().items():
        if month * sign > 0:
            first[year - _FIRST_LUNAR_YEAR, abs(month)], length[year - _FIRST_LUNAR_YEAR, abs(month)] = (
                begin,
                count,
            )
    rows = years - _FIRST_LUNAR_YEAR
    solar = first[rows, months] + in_month
    return np.where(in_month < length[rows, months], solar, np.int32(NO_DAY)).astype(np.int32)


def _small_number(numeral: str) -> int:
    """A number up to 39 in Chinese: 三, 初三, 十二, 廿五, 三十一."""
    numeral = numeral.removeprefix("初").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return int(numeral.translate(_NUMERALS))
    return (int(tens.translate(_NUMERALS)) if tens else 1) * 10 + (
        int(ones.translate(_NUMERALS)) if ones else 0
    )
