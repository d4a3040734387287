from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.identifiers import person_number

GOOD = "11010519491231002X"  # the standard's own example


def as_matrix(numbers: list[str]) -> np.ndarray:
    return np.frombuffer("".join(numbers).encode(), np.uint8).reshape(-1, 18)


def test_the_standards_examples() -> None:
    assert person_number.flaw(GOOD) == "none"
    assert person_number.flaw("440524188001010014") == "none"


@pytest.mark.parametrize(
    ("number", "flaw"),
    [
        ("110105194912310021", "checksum"),
        ("11010519491231002x", "format"),
        ("1101051949123100X2", "format"),
        ("11010519490229002X", "format"),  # 29 February of a common year
        ("00000019491231002X", "format"),
        ("110105194912310000", "rounded"),
        ("371002198001011000", "rounded"),
        ("1101051949123100", "format"),
        ("", "format"),
    ],
)
def test_flaws(number: str, flaw: str) -> None:
    assert person_number.flaw(number) == flaw


def test_an_order_of_zeros_was_never_issued() -> None:
    first17 = "37100219800101000"
    number = first17 + person_number.check_character(first17)
    assert number[-1] != "0"
    assert person_number.flaw(number) == "format"


def test_trap_34_the_leap_day_is_a_birth_date_in_leap_years_only() -> None:
    for year, good in (("2000", True), ("1996", True), ("1900", False), ("1997", False)):
        first17 = f"371002{year}0229123"
        assert (person_number.flaw(first17 + person_number.check_character(first17)) == "none") is good


def test_nobody_is_born_after_the_day_the_number_was_seen() -> None:
    assert person_number.flaw(GOOD, on=date(1949, 12, 31)) == "none"
    assert person_number.flaw(GOOD, on=date(1949, 12, 30)) == "format"


def test_no_single_digit_nor_transposition_goes_unseen() -> None:
    for place in range(17):
        for digit in "0123456789":
            changed = GOOD[:place] + digit + GOOD[place + 1 :]
            assert changed == GOOD or person_number.flaw(changed) != "none"
        if place < 16:
            swapped = GOOD[:place] + GOOD[place + 1] + GOOD[place] + GOOD[place + 2 :]
            assert swapped == GOOD or person_number.flaw(swapped) != "none"


bodies = st.one_of(
    st.text("0123456789", min_size=17, max_size=17),
    st.builds(
        lambda place, day, order: f"{place}{day:%Y%m%d}{order:03d}",
        st.sampled_from(["371002", "379011", "371081", "810000", "830000", "911840", "371000", "123456"]),
        st.dates(date(1850, 1, 1), date(2030, 12, 31)),
        st.integers(0, 999),
    ),
    st.builds(
        lambda month, day: f"3710021980{month:02d}{day:02d}120", st.integers(0, 20), st.integers(0, 40)
    ),
)
numbers = st.builds(
    lambda body, last: body + (person_number.check_character(body) if last == "right" else last),
    bodies,
    st.sampled_from(["right", "right", "right", "0", "5", "X", "x", "A"]),
)


@settings(deadline=None)
@given(st.lists(numbers, min_size=1, max_size=20), st.none() | st.dates(date(1950, 1, 1), date(2030, 1, 1)))
def test_many_at_once_as_one_by_one(found: list[str], on: date | None) -> None:
    flaws = [person_number.FLAWS[flaw] for flaw in person_number.flaws(as_matrix(found), on=on)]
    assert flaws == [person_number.flaw(number, on=on) for number in found]


def test_no_numbers() -> None:
    assert len(person_number.flaws(np.empty((0, 18), np.uint8))) == 0
