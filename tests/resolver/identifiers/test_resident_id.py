from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from resolver.identifiers import person_number, resident_id

GOOD = "11010519491231002X"


def number(county: str, born: str, order: str) -> str:
    first17 = county + born + order
    return first17 + person_number.check_character(first17)


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２Ｘ",
        "11010519491231002Х",  # Cyrillic
        "11010519491231002×",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "'11010519491231002X",
        "\ufeff11010519491231002X\u200b",
        "110105491231002",
    ],
)
def test_traps_3_and_7_every_way_of_writing_is_one_number(text: str) -> None:
    assert resident_id.normalize(text) == GOOD


@pytest.mark.parametrize("county", ["371002", "371003", "371081", "370632", "379011", "370811", "370802"])
def test_trap_9_a_code_younger_than_its_holder_is_good(county: str) -> None:
    assert resident_id.is_valid(number(county, "19520301", "011"))


@pytest.mark.parametrize("county", ["810000", "820000", "830000"])
def test_trap_10_residence_permits(county: str) -> None:
    permit = number(county, "19700101", "012")
    assert resident_id.is_valid(permit)
    assert resident_id.is_residence_permit(permit)


@pytest.mark.parametrize(
    "text", ["", "王芳", "911840198001010019", "370000198001010013", GOOD[:-1], GOOD + "1", "371002"]
)
def test_other_text_is_no_number(text: str) -> None:
    assert resident_id.normalize(text) is None
    assert resident_id.parse(text) is None


def test_parse() -> None:
    assert resident_id.parse(GOOD) == resident_id.ResidentId(
        GOOD, "110105", date(1949, 12, 31), 2, legacy=False
    )
    legacy = resident_id.parse("110105491231002")
    assert legacy is not None
    assert legacy.legacy
    assert legacy.number == GOOD


def test_orders_of_centenarians_are_of_the_century_before() -> None:
    assert (resident_id.from_legacy("110105991231998") or "")[6:10] == "1899"
    assert (resident_id.from_legacy("110105991231995") or "")[6:10] == "1999"


def test_a_number_from_the_future_is_not_valid() -> None:
    child = number("371002", "20240301", "011")
    assert resident_id.is_valid(child)
    assert not resident_id.is_valid(child, on=date(2024, 2, 29))


@settings(deadline=None)
@given(
    st.dates(date(1990, 1, 1), date(2020, 1, 1)),
    st.integers(1, 999),
    st.sampled_from(["371002", "371082", "370881"]),
)
def test_agrees_with_stdnum_where_the_code_existed(born: date, order: int, county: str) -> None:
    found = number(county, f"{born:%Y%m%d}", f"{order:03d}")
    assert ric.is_valid(found)
    assert resident_id.is_valid(found)


@settings(deadline=None)
@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = resident_id.normalize(text)
    assert once is None or resident_id.normalize(once) == once
