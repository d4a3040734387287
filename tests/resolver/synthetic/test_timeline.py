"""Days, months and periods against the calendar."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.synthetic.columns import unfold
from resolver.synthetic.timeline import (
    EPOCH,
    Timeline,
    compact_date,
    day_number,
    first_day,
    month_number,
    month_of,
    year_of,
)

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(DAYS)
def test_days_and_months_agree_with_the_calendar(day: date) -> None:
    number = np.array([day_number(day.year, day.month, day.day)])
    assert EPOCH + timedelta(days=int(number[0])) == day
    assert month_of(number)[0] == month_number(day.year, day.month)
    assert year_of(number)[0] == day.year
    assert compact_date(number)[0] == int(day.strftime("%Y%m%d"))
    assert EPOCH + timedelta(days=int(first_day(month_of(number))[0])) == day.replace(day=1)


@given(DAYS, st.integers(1, 12))
def test_a_day_is_told_in_its_month_or_with_the_history(day: date, months: int) -> None:
    timeline = Timeline(month_number(2026, 3), months)
    period = int(timeline.period_of(np.array([day_number(day.year, day.month, day.day)]))[0])
    assert period == max(0, (day.year - 2026) * 12 + day.month - 3)
    assert timeline.periods[0] == date(2026, 3, 1)
    assert EPOCH + timedelta(days=timeline.reference + 1) == EPOCH + timedelta(days=timeline.start(months))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=20), st.integers(1, 6))
def test_a_spell_is_told_once_in_every_month(spells: list[tuple[int, int]], months: int) -> None:
    timeline = Timeline(month_number(2026, 1), months)
    start = np.array([s for s, _ in spells], np.int64)
    end = np.array([e for _, e in spells], np.int64)
    rows = list(zip(*(column.tolist() for column in unfold(start, end, timeline)), strict=True))
    for spell, (first, closes) in enumerate(spells):
        for month in range(months):
            told = [
                closed
                for s, begin, last, closed in rows
                if s == spell and begin <= month and last in (-1, *range(month, 99))
            ]
            assert told == ([month >= closes] if month >= first else [])
