"""Working days in China, for deadlines: announced years, and a provisional rule for those to come.

The days off of a year are announced in the autumn before it; see `working_days.toml`. A deadline that falls into a
year not announced yet is counted by the statutory days of 全国年节及纪念日放假办法 (2024), and says so.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from lunar_python import Lunar, Solar

from resolver.errors import SettingsError

_DAY = timedelta(days=1)
_SOLAR_DAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_LUNAR_DAYS = ((1, 1), (1, 2), (1, 3), (5, 5), (8, 15))


@dataclass(frozen=True)
class Deadline:
    """The last day of a period of working days.

    Attributes:
        day: The day.
        provisional: A year on the way is not announced yet: the day may still move.
    """

    day: date
    provisional: bool


def deadline(start: date, working_days: int) -> Deadline:
    """The last of so many working days after a day; the day itself does not count (民法典 201).

    Raises:
        ValueError: `working_days` is below 1.
    """
    if working_days < 1:
        raise ValueError(f"a period has at least one working day, not {working_days}")
    day, provisional = start, False
    while working_days:
        day += _DAY
        working_days -= is_working_day(day)
        provisional |= day.year not in _years()
    return Deadline(day, provisional)


def is_working_day(day: date) -> bool:
    """Whether offices work on a day; provisionally so in a year that is not announced yet (`is_announced`)."""
    announced = _years().get(day.year)
    if announced is None:
        return day.weekday() < 5 and day not in _statutory_days(day.year)
    return day in announced.worked or (day.weekday() < 5 and day not in announced.off)


def is_announced(year: int) -> bool:
    """Whether the days off of a year are known."""
    return year in _years()


@dataclass(frozen=True)
class _Year:
    off: frozenset[date]
    worked: frozenset[date]


@cache
def _years() -> Mapping[int, _Year]:
    text = (resources.files("resolver.parameters") / "working_days.toml").read_text("utf-8")
    return parse_years(tomllib.loads(text), "working_days.toml")


def parse_years(raw: Mapping[str, Mapping[str, list[str]]], where: str) -> dict[int, _Year]:
    """The years of a parsed file.

    Raises:
        SettingsError: A day is no day, lies in another year, or is off and worked at once.
    """
    years = {}
    for name, year in raw.items():
        try:
            off = frozenset(day for text in year["off"] for day in _days(text))
            worked = frozenset(day for text in year["worked"] for day in _days(text))
        except (KeyError, ValueError) as error:
            raise SettingsError(f"{where}, year {name}: {error}", remedy="Correct the file.") from error
        wrong = sorted(day for day in off | worked if str(day.year) != name) or sorted(off & worked)
        if wrong:
            raise SettingsError(
                f"{where}, year {name}: {wrong[0]} cannot be there", remedy="Correct the file."
            )
        years[int(name)] = _Year(off, worked)
    return years


def _days(text: str) -> list[date]:
    """The days of `2026-10-01` or `2026-10-01/2026-10-07`."""
    first, _, last = text.partition("/")
    start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    return [start + n * _DAY for n in range((end - start).days + 1)]


@cache
def _statutory_days(year: int) -> frozenset[date]:
    """The days off by law: 元旦, 春节 with its eve, 清明, 劳动节, 端午, 中秋, 国庆."""
    days = {date(year, month, day) for month, day in _SOLAR_DAYS}
    days |= {_solar(Lunar.fromYmd(year, month, day).getSolar()) for month, day in _LUNAR_DAYS}
    days.add(_solar(Lunar.fromYmd(year, 1, 1).getSolar()) - _DAY)
    days.add(_solar(Lunar.fromYmd(year, 3, 1).getJieQiTable()["清明"]))
    return frozenset(days)


def _solar(day: Solar) -> date:
    return date(day.getYear(), day.getMonth(), day.getDay())
