from datetime import date

import pyarrow as pa

from resolver.standardize import dates


def test_trap_21_placeholders_are_no_birth_dates() -> None:
    days = pa.array(
        [date(1900, 1, 1), date(1970, 1, 1), date(1970, 1, 2), None, date(1700, 1, 1)], pa.date32()
    )
    assert dates.birth_dates(days).to_pylist() == [None, None, date(1970, 1, 2), None, None]


def test_nobody_is_born_after_the_reference_date() -> None:
    days = pa.chunked_array([pa.array([date(2024, 1, 1), date(2024, 1, 2)], pa.date32())])
    assert dates.birth_dates(days, as_of=date(2024, 1, 1)).to_pylist() == [date(2024, 1, 1), None]


def test_birth_times_are_days() -> None:
    times = pa.array([1_700_000_000, None], pa.timestamp("s"))
    assert dates.birth_dates(times).to_pylist() == [date(2023, 11, 14), None]


def test_no_rows() -> None:
    assert len(dates.birth_dates(pa.chunked_array([], pa.date32()))) == 0


def test_is_placeholder() -> None:
    assert dates.is_placeholder(date(1900, 1, 1))
    assert dates.is_placeholder(date(1800, 1, 1))
    assert not dates.is_placeholder(date(1980, 1, 1))
