# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.feeds.dates import read_moments

DAY_FORMS = (
    "{y:04}-{m:02}-{d:02}", "{y:04}/{m}/{d}", "{y:04}.{m}.{d}", "{y:04}年{m}月{d}日", "{y:04}年{m:02}月{d:02}日",
    "{y:04}{m:02}{d:02}", "{y:04}-{m}-{d}", "{y:04}年 {m}月 {d}日",
)  # fmt: skip
CLOCK_FORMS = (
    " {h:02}:{mi:02}:{s:02}", "T{h:02}:{mi:02}:{s:02}", " {h}:{mi}:{s}", " {h:02}:{mi:02}:{s:02}.0",
    " {h}时{mi}分{s}秒", " {h:02}:{mi:02}:{s:02}+08:00", "T{h:02}:{mi:02}:{s:02}.123+0800",
)  # fmt: skip


def read(text: str) -> datetime | None:
    moments = read_moments(pa.array([text]))
    if not moments.read[0]:
        assert moments.seconds[0] == 0
        return None
    return datetime(1970, 1, 1) + timedelta(seconds=int(moments.seconds[0]))


@given(st.dates(date(1800, 1, 1), date(2200, 12, 31)))
@settings(deadline=None)
def test_a_date_is_read_in_every_form(day: date) -> None:
    texts = [form.format(y=day.year, m=day.month, d=day.day) for form in DAY_FORMS]
    moments = read_moments(pa.array(texts))
    assert moments.read.all(), texts
    assert (moments.seconds == (day - date(1970, 1, 1)).days * 86_400).all()


@given(st.datetimes(datetime(1800, 1, 1), datetime(2200, 12, 31)))
@settings(deadline=None)
def test_a_moment_is_read_in_every_form(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    parts = {"y": moment.year, "m": moment.month, "d": moment.day}
    parts |= {"h": moment.hour, "mi": moment.minute, "s": moment.second}
    texts = [(day + clock).format(**parts) for day in DAY_FORMS[:5] for clock in CLOCK_FORMS]
    texts += [moment.strftime("%Y%m%d%H%M%S").rjust(14, "0"), (DAY_FORMS[5] + CLOCK_FORMS[0]).format(**parts)]
    moments = read_moments(pa.array(texts))
    assert moments.read.all(), [t for t, ok in zip(texts, moments.read, strict=True) if not ok]
    assert set(moments.seconds.tolist()) == {int((moment - datetime(1970, 1, 1)).total_seconds())}


@given(st.dates(date(1927, 5, 18), date(2099, 12, 31)), st.integers(0, 86_399))
@settings(deadline=None)
def test_an_excel_serial_is_its_day_and_second(day: date, second: int) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert read(str(serial)) == datetime(day.year, day.month, day.day)
    wanted = datetime(day.year, day.month, day.day) + timedelta(seconds=second)
    assert read(f"{serial + second / 86_400:.9f}") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-10", datetime(2026, 10, 1)),
        ("202610", datetime(2026, 10, 1)),
        ("2026年10月", datetime(2026, 10, 1)),
        ("2026年1月份", datetime(2026, 1, 1)),
        ("2026.1", datetime(2026, 1, 1)),
        ("2023年1月2日3时4分", datetime(2023, 1, 2, 3, 4)),
        ("2023-01-02 3:04", datetime(2023, 1, 2, 3, 4)),
        ("202301020304", datetime(2023, 1, 2, 3, 4)),
        ("20230102 030405", datetime(2023, 1, 2, 3, 4, 5)),
        ("2023-01-02 24:00:00", datetime(2023, 1, 3)),
        ("2023-01-02T20:04:05Z", datetime(2023, 1, 3, 4, 4, 5)),
        ("2023-01-02T00:00:00+09:00", datetime(2023, 1, 1, 23)),
        ("2024-02-29", datetime(2024, 2, 29)),
        ("9999-12-31", datetime(9999, 12, 31)),
        ("44928.127", datetime(2023, 1, 2, 3, 2, 53)),
        ("2023年1月2日13时4分5秒", datetime(2023, 1, 2, 13, 4, 5)),
        ("9000", datetime(1924, 8, 21)),
    ],
)  # fmt: skip
def test_forms(text: str, wanted: datetime) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "abc", "2023-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "23/1/2", "1/2/2023", "1980", "2026",
        "20231301", "2023-01-02 25:00", "2023-01-02 24:01", "2023-01-02 12:60", "1799-12-31", "0000-00-00", "12",
        "371002198001011234", "99999", "2023-01-02 x", "x2023-01-02", "2023-1-2-3", "2023-1-113:00", "202613",
    ],
)  # fmt: skip
def test_what_is_no_date_is_not_guessed_at(text: str) -> None:
    assert read(text) is None


def test_a_column_of_all_kinds_keeps_its_order() -> None:
    texts = ["44928", "x", "2023-01-02", "202301", "20230102", "2023年1月2日"]
    moments = read_moments(pa.array(texts))
    days = (moments.seconds // 86_400).astype("datetime64[D]")
    assert moments.read.tolist() == [True, False, True, True, True, True]
    assert days[moments.read].tolist() == np.array(
        ["2023-01-02", "2023-01-02", "2023-01-01", "2023-01-02", "2023-01-02"], "datetime64[D]"
    ).tolist()  # fmt: skip


def test_no_texts_no_moments() -> None:
    assert len(read_moments(pa.array([], pa.string())).seconds) == 0


def test_every_zone_is_told_in_shanghai_time() -> None:
    moment = datetime(2023, 6, 1, 12, tzinfo=UTC)
    for hours in range(-12, 15):
        local = moment + timedelta(hours=hours)
        sign = "-" if hours < 0 else "+"
        text = f"{local:%Y-%m-%dT%H:%M:%S}{sign}{abs(hours):02}:00"
        assert read(text) == datetime(2023, 6, 1, 20), text
