"""Days and months as whole numbers, and the months in which departments deliver.

A *day* is counted from 1970-01-01, a *month* from 1970-01, a *second* from 1970-01-01 00:00 (Asia/Shanghai wall
clock), all as int64 arrays, so that whole columns of lives can be calculated at once.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

NEVER = 1_000_000
"""A day after all days: still alive, still open."""
NO_MONTH = 100_000
"""A month after all months."""
DAY = 86_400
EPOCH = date(1970, 1, 1)


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01."""
    return (date(year, month, day) - EPOCH).days


def date_of(day: int) -> date:
    """A day as a date."""
    return EPOCH + timedelta(days=int(day))


def time_of(second: int) -> datetime:
    """A second as a time of the wall clock."""
    return datetime.combine(EPOCH, time.min) + timedelta(seconds=int(second))


def month_number(year: int, month: int) -> int:
    """Months since 1970-01."""
    return (year - 1970) * 12 + month - 1


def month_of(days: Ints) -> Ints:
    """The month in which each day lies; `NEVER` gives a month after all deliveries."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_day(months: Ints) -> Ints:
    """The first day of each month."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def year_of(days: Ints) -> Ints:
    """The calendar year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def compact_date(days: Ints) -> Ints:
    """Each day as the number YYYYMMDD."""
    months = month_of(days)
    return (months // 12 + 1970) * 10_000 + (months % 12 + 1) * 100 + days - first_day(months) + 1


@dataclass(frozen=True)
class Timeline:
    """The months of delivery. The first one also carries everything that happened before it.

    Attributes:
        first: Month number of the first delivery.
        months: How many monthly deliveries there are.
    """

    first: int
    months: int

    @property
    def last(self) -> int:
        """Month number of the newest delivery."""
        return self.first + self.months - 1

    @property
    def reference(self) -> int:
        """The reference date as a day: the end of the newest month."""
        return self.end(self.months - 1)

    @property
    def periods(self) -> list[date]:
        """First day of each month of delivery, oldest first."""
        return [EPOCH + timedelta(days=self.start(k)) for k in range(self.months)]

    def start(self, period: int) -> int:
        """First day of a period."""
        return int(first_day(np.array([self.first + period], np.int64))[0])

    def end(self, period: int) -> int:
        """Last day of a period."""
        return self.start(period + 1) - 1

    def ends(self, periods: Ints) -> Ints:
        """Last day of each period."""
        return first_day(self.first + periods + 1) - 1

    def period_of(self, days: Ints) -> Ints:
        """The delivery that first tells of a day; `months` and more: not delivered yet."""
        return self.period_of_month(month_of(days))

    def period_of_month(self, months: Ints) -> Ints:
        """The delivery that first tells of a month."""
        return np.maximum(months - self.first, 0)
