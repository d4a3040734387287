from datetime import date, timedelta

import lunar_python
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import dates


@pytest.mark.parametrize(
    "text",
    [
        "1980-12-23",
        "1980/12/23",
        "1980.12.23",
        "19801223",
        "1980年12月23日",
        "１９８０年１２月２３日",
        "1980-12-23 00:00:00",
        "29578",
        "一九八〇年十二月二十三日",
        "一九八○年十二月廿三",
    ],
)
def test_every_form_is_one_day(text: str) -> None:
    assert dates.parse(text) == date(1980, 12, 23)


@pytest.mark.parametrize("text", ["", "不详", "1980-02-30", "80年", "1980-13-01"])
def test_what_is_no_day(text: str) -> None:
    assert dates.parse(text) is None


def test_chinese_numerals() -> None:
    assert dates.parse("二〇〇〇年元月初三") == date(2000, 1, 3)
    assert dates.parse("一九四九年十月一日") == date(1949, 10, 1)
    assert dates.parse("一九九九年三月三十一日") == date(1999, 3, 31)


def test_trap_21_placeholders_are_no_birth_dates() -> None:
    days = pa.array(
        [date(1900, 1, 1), date(1970, 1, 1), date(1970, 1, 2), None, date(1700, 1, 1)], pa.date32()
    )
    assert dates.birth_dates(days).to_pylist() == [None, None, date(1970, 1, 2), None, None]


def test_nobody_is_born_after_the_reference_date() -> None:
    days = pa.chunked_array([pa.array([date(2024, 1, 1), date(2024, 1, 2)], pa.date32())])
    assert dates.birth_dates(days, as_of=date(2024, 1, 1)).to_pylist() == [date(2024, 1, 1), None]


def test_birth_times_and_texts_are_days() -> None:
    times = pa.array([1_700_000_000, None], pa.timestamp("s"))
    assert dates.birth_dates(times).to_pylist() == [date(2023, 11, 14), None]
    assert dates.birth_dates(pa.array(["1980年1月2日", None, ""])).to_pylist() == [
        date(1980, 1, 2),
        None,
        None,
    ]


def test_trap_20_the_solar_day_of_a_lunar_date() -> None:
    assert dates.solar_of_lunar(date(1980, 1, 1)) == date(1980, 2, 16)
    assert dates.solar_of_lunar(date(2023, 2, 10)) == date(2023, 3, 1)
    assert dates.solar_of_lunar(date(2023, 2, 10), leap=True) == date(2023, 3, 31)
    assert dates.solar_of_lunar(date(2024, 2, 10), leap=True) is None
    assert dates.solar_of_lunar(date(1980, 12, 31)) is None  # no lunar month has 31 days


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2090, 1, 1)))
def test_agrees_with_the_calendar_package(solar: date) -> None:
    lunar = lunar_python.Solar.fromYmd(solar.year, solar.month, solar.day).getLunar()
    try:
        written = date(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay())
    except ValueError:  # 30 February
        return
    assert dates.solar_of_lunar(written, leap=lunar.getMonth() < 0) == solar
    assert timedelta(days=19) <= solar - written <= timedelta(days=55)


def test_many_days_at_once() -> None:
    days = np.array(
        [3652, dates.NO_DAY, 10_000_000, -200_000], np.int32
    )  # 1980-01-01, none, and outside the table
    found = dates.solar_of_lunar_days(days)
    assert found.tolist() == [3652 + 46, dates.NO_DAY, dates.NO_DAY, dates.NO_DAY]


def test_placeholder() -> None:
    assert dates.is_placeholder(date(1900, 1, 1))
    assert not dates.is_placeholder(date(1980, 1, 1))
