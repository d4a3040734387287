import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize import phones


@pytest.mark.parametrize(
    "text",
    [
        "13812341233",
        "+86 138 1234 1233",
        "0086-13812341233",
        "86 13812341233",
        "138-1234-1233",
        "１３８１２３４１２３３",
        "13812341233.0",
        "013812341233",
        "13812341233/13912342222",
        "无、13812341233",
        "13812341233(母亲)",
    ],
)
def test_mobile_numbers(text: str) -> None:
    assert phones.normalize(text) == "13812341233"


@pytest.mark.parametrize(
    "text",
    [
        "0631-5231233",
        "(0631)5231233",
        "0631 5231233",
        "+86 631 5231233",
        "06315231233转801",
        "0631-5231233-801",
    ],
)
def test_land_lines_have_their_area_code(text: str) -> None:
    assert phones.normalize(text) == "06315231233"


def test_a_land_line_without_area_code_stays_so() -> None:
    assert phones.normalize("5231233") == "5231233"
    assert phones.normalize("010-62345671") == "01062345671"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "无",
        "13000000000",
        "13800138000",
        "11111111111",
        "12345678900",
        "12345678901",
        "14412345671",
        "1381234123",
        "138123412333",
        "13812345678",
        "0631-1111111",
        "999",
        "0",
    ],
)
def test_no_numbers_and_placeholders(text: str) -> None:
    assert phones.normalize(text) is None


# Data cards and satellites: the library has some of them as mobile numbers, we have others.
DATA_CARDS = {"146", "148", "149", "161", "174"}


@settings(deadline=None)
@given(st.integers(13_000_000_000, 19_999_999_999))
def test_mobile_numbers_agree_with_the_library(number: int) -> None:
    text = str(number)
    if not phones.is_placeholder(text) and text[:3] not in DATA_CARDS:
        possible = phonenumbers.is_valid_number(phonenumbers.parse(text, "CN"))
        assert (phones.normalize(text) == text) is possible


texts = st.one_of(
    st.none(),
    st.text("0123456789-/ +()转", max_size=16),
    st.text("0123456789", min_size=11, max_size=11),
    st.sampled_from(["13800138000", "13812345678", "13900000000", "13812341233"]),
)


@settings(deadline=None)
@given(st.lists(texts, max_size=12))
def test_a_column_as_one_by_one(cells: list[str | None]) -> None:
    found = phones.normalize_column(pa.array(cells, pa.string())).to_pylist()
    assert found == [phones.normalize(text) if text is not None else None for text in cells]


@settings(deadline=None)
@given(texts)
def test_normalizing_twice_changes_nothing(text: str | None) -> None:
    once = phones.normalize(text or "")
    assert once is None or phones.normalize(once) == once
