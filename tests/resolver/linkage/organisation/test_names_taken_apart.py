import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.organisation.names import Parts, number, parts
from resolver.standardize import organisations


def taken(text: str) -> Parts:
    name = organisations.parse(text)
    assert name is not None
    return parts(name.name, name.core)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("威海海润渔具有限公司", ("威海", "海润渔具", "")),
        ("山东省威海市环翠区海润渔具有限责任公司", ("山东威海环翠", "海润渔具", "")),
        ("海润渔具", ("", "海润渔具", "")),
        ("海润(威海)渔具有限公司", ("威海", "海润渔具", "")),
        ("海润渔具(有限公司)", ("", "海润渔具", "")),
        ("威海仁和大药房第三药店", ("威海", "仁和大药房第3药店", "仁和大药房第#药店")),
        ("威海仁和大药房第１５药店", ("威海", "仁和大药房第15药店", "仁和大药房第#药店")),
    ],
)
def test_place_core_and_number(text: str, expected: tuple[str, str, str]) -> None:
    assert taken(text) == expected


def test_variant_characters_are_folded() -> None:
    assert taken("鑫昇商贸").core == taken("鑫升商贸").core


_UNITS = "零一二三四五六七八九"


def _spoken(value: int) -> str:
    """A number below a thousand as it is said: 105 is 一百零五."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = _UNITS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _UNITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_UNITS[ones] if ones or not text else "")


@given(st.integers(0, 999))
def test_a_number_is_the_same_however_it_is_written(value: int) -> None:
    assert number(_spoken(value)) == number(f"{value}") == number(f"00{value}") == str(value)
    assert number("".join(_UNITS[int(digit)] for digit in str(value))) == str(value)
