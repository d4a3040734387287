import pytest
from stdnum.cn import uscc

from resolver.identifiers import credit_code, organisation_code

GOOD = "91110000600037341L"


def code(head: str) -> str:
    """A code with both check characters right from its first sixteen."""
    body = head + organisation_code.check_character(head[8:16])
    return body + credit_code.check_character(body)


def test_parse() -> None:
    assert credit_code.parse(" 91110000-600037341l") == credit_code.CreditCode(
        GOOD, "9", "1", "110000", "600037341"
    )


@pytest.mark.parametrize("head", ["N1371002MA3ABCD1", "Y2371002MA3ABCD1", "93371002MA3ABCD1"])
def test_letters_in_the_first_positions_are_good(head: str) -> None:
    assert credit_code.is_valid(code(head))


def test_agrees_with_stdnum_on_codes_that_it_accepts() -> None:
    for serial in range(200):
        assert uscc.is_valid(code(f"91371002MA3C{serial:04d}"))


@pytest.mark.parametrize("place", range(18))
def test_no_single_wrong_character_goes_unseen(place: int) -> None:
    for character in credit_code.ALPHABET:
        changed = GOOD[:place] + character + GOOD[place + 1 :]
        assert changed == GOOD or not credit_code.is_valid(changed)


def test_the_inner_check_character_counts() -> None:
    body = "91110000600037342"  # wrong organisation code, right outer check
    assert uscc.is_valid(body + credit_code.check_character(body))
    assert not credit_code.is_valid(body + credit_code.check_character(body))


@pytest.mark.parametrize("text", ["", "无", "9111000060003734IL", GOOD[:-1], "0" * 18])
def test_others(text: str) -> None:
    assert credit_code.parse(text) is None
