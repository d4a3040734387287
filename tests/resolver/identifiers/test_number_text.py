import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.identifiers import number_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("１２３ａ", "123A"),
        ("12 34-56", "123456"),
        ("12х", "12X"),
        ("123.0", "123"),
        ("3.71E+17", "3.71E+17"),
        ("\t'12\u200b", "12"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert number_text.clean(text) == cleaned


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = number_text.clean(text)
    assert number_text.clean(once) == once


@pytest.mark.parametrize(
    ("text", "filler"),
    [
        ("1111", True),
        ("123456", True),
        ("890123", True),
        ("123456789X", True),
        ("12345", False),
        ("371002", False),
        ("ABCDEF", False),
    ],
)
def test_is_filler(text: str, filler: bool) -> None:
    assert number_text.is_filler(text) is filler
