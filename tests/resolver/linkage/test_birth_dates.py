from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_python import Solar

from resolver.linkage.dates import birth_levels, date_digits, date_inside
from resolver.linkage.levels import BirthDate
from resolver.linkage.lunar import NO_DAY, written_lunar

DATES = st.dates(date(1900, 1, 1), date(2040, 12, 31))


def days(*dates: date) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([(d - date(1970, 1, 1)).days for d in dates], np.int32)


def level(one: date, other: date) -> BirthDate:
    return BirthDate(birth_levels(days(one), days(other))[0])


@given(DATES)
def test_lunar_dates_are_those_of_the_calendar_package(day: date) -> None:
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    try:
        written = date(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay())
    except ValueError:  # 30 February
        assert written_lunar(days(day))[0] == NO_DAY
    else:
        assert written_lunar(days(day))[0] == days(written)[0]


@given(DATES)
def test_digits_of_a_date(day: date) -> None:
    assert f"{date_digits(days(day))[0]:08x}" == f"{day:%Y%m%d}"


@given(st.lists(st.integers(-700_000, 3_500_000), min_size=1))
def test_digits_of_any_day_are_those_of_numpy(listed: list[int]) -> None:
    written = [str(day) for day in np.array(listed, "datetime64[D]")]
    expected = [int(day.replace("-", ""), 16) if day < "8000" and len(day) == 10 else 0 for day in written]
    assert date_digits(np.array([*listed, NO_DAY], np.int32)).tolist() == [*expected, 0]


@given(st.text("0123456789", min_size=8, max_size=8) | DATES.map("{:%Y%m%d}".format))
def test_the_date_inside_a_number(text: str) -> None:
    packed = int(f"371002{text}12", 16)
    try:
        expected = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        expected = None
    found = date_inside(np.array([packed], np.uint64))[0]
    if expected is None or not 1880 <= expected.year < 2100:
        assert found == NO_DAY
    else:
        assert found == days(expected)[0]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (date(1980, 3, 4), date(1980, 3, 4), BirthDate.SAME),
        (date(1987, 2, 10), date(1987, 1, 13), BirthDate.LUNAR),
        (date(1980, 3, 4), date(1980, 4, 3), BirthDate.SWAPPED),
        (date(1980, 3, 4), date(1970, 3, 4), BirthDate.ONE_DIGIT),
        (date(1980, 3, 12), date(1980, 3, 21), BirthDate.TRANSPOSED),
        (date(1999, 3, 4), date(2000, 3, 4), BirthDate.YEAR_OFF),
        (date(1980, 3, 4), date(1980, 7, 25), BirthDate.SAME_YEAR),
        (date(1980, 3, 4), date(1961, 7, 25), BirthDate.DIFFERENT),
        (date(2016, 2, 29), date(2006, 2, 28), BirthDate.ONE_DIGIT),
        (date(2016, 2, 29), date(2006, 3, 1), BirthDate.ONE_DIGIT),
        (date(1996, 2, 29), date(1969, 2, 28), BirthDate.TRANSPOSED),
        (date(2000, 2, 29), date(1999, 2, 28), BirthDate.YEAR_OFF),
        (date(1960, 2, 29), date(1900, 2, 28), BirthDate.ONE_DIGIT),
        (date(2016, 2, 29), date(2012, 2, 28), BirthDate.DIFFERENT),  # 2012 has a 29th
        (date(2016, 2, 29), date(1985, 2, 28), BirthDate.DIFFERENT),
        (date(2016, 2, 28), date(2006, 3, 1), BirthDate.DIFFERENT),
    ],
)
def test_levels(one: date, other: date, expected: BirthDate) -> None:
    assert level(one, other) == level(other, one) == expected


@given(DATES, DATES)
def test_levels_do_not_depend_on_the_order(one: date, other: date) -> None:
    assert level(one, other) == level(other, one)


@given(DATES, st.integers(1, 400))
def test_only_one_day_is_the_same(one: date, apart: int) -> None:
    assert level(one, one + timedelta(days=apart)) != BirthDate.SAME
