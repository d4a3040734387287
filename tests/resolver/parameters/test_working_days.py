from datetime import date, timedelta

import pytest

from resolver.errors import SettingsError
from resolver.parameters.working_days import deadline, is_announced, is_working_day, parse_years


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        (date(2025, 9, 26), 10, date(2025, 10, 16)),  # a worked Sunday, then eight days off
        (date(2026, 2, 10), 10, date(2026, 3, 2)),  # two worked Saturdays around the Spring Festival
        (date(2026, 11, 2), 1, date(2026, 11, 3)),
        (date(2026, 10, 30), 1, date(2026, 11, 2)),  # over a weekend
    ],
)
def test_a_deadline_in_announced_years(start: date, days: int, last: date) -> None:
    found = deadline(start, days)
    assert found.day == last
    assert not found.provisional


def test_a_deadline_into_a_year_to_come_is_provisional() -> None:
    assert not is_announced(2027)
    found = deadline(date(2026, 12, 28), 10)
    assert found.provisional
    assert found.day == date(2027, 1, 12)  # 29-31 December and, without New Year's Day, 4-8 and 11-12 January
    assert deadline(date(2026, 12, 20), 5).provisional is False


def test_statutory_days_of_a_year_to_come_are_off() -> None:
    eve, festival = date(2027, 2, 5), date(2027, 2, 6)  # 除夕 and 初一, a Friday and a Saturday
    assert not is_working_day(eve)
    assert not is_working_day(festival)
    assert not is_working_day(date(2027, 4, 5))  # 清明
    assert not is_working_day(date(2027, 6, 9))  # 端午
    assert not is_working_day(date(2027, 9, 15))  # 中秋
    assert not is_working_day(date(2027, 10, 1))
    assert is_working_day(date(2027, 2, 10))


def test_announced_and_provisional_years_differ_only_by_moved_days() -> None:
    """The law's days are off in announced years, too: the rule for years to come is no invention."""
    provisional = parse_years({}, "x")
    assert provisional == {}
    for year, law in ((2025, ("2025-01-28", "2025-04-04", "2025-05-31", "2025-10-06")),
                      (2026, ("2026-02-16", "2026-04-05", "2026-06-19", "2026-09-25"))):  # fmt: skip
        for text in law:
            assert not is_working_day(date.fromisoformat(text)), text
        days = [date(year, 1, 1) + timedelta(n) for n in range(365)]
        assert 245 <= sum(is_working_day(day) for day in days) <= 252


@pytest.mark.parametrize(
    ("year", "words"),
    [
        ({"off": ["2028-01-32"], "worked": []}, "year 2028"),
        ({"off": ["2027-12-31/2028-01-01"], "worked": []}, "2027-12-31 cannot be there"),
        ({"off": ["2028-01-01"], "worked": ["2028-01-01"]}, "2028-01-01 cannot be there"),
        ({"off": []}, "worked"),
    ],
)
def test_a_wrong_year_is_named(year: dict[str, list[str]], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_years({"2028": year}, "x.toml")


def test_a_period_has_a_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        deadline(date(2026, 1, 1), 0)
