import pytest

from resolver.identifiers import registration_no


def test_trap_22_the_standards_example() -> None:
    assert registration_no.normalize("110108 000000016") == "110108000000016"


def test_no_single_wrong_digit_goes_unseen() -> None:
    good = "110108000000016"
    for place in range(15):
        for digit in "0123456789":
            changed = good[:place] + digit + good[place + 1 :]
            assert changed == good or not registration_no.is_valid(changed)


@pytest.mark.parametrize("text", ["", "1101080000000", "000000000000000", "企独鲁威总字第000016号"])
def test_others(text: str) -> None:
    assert not registration_no.is_valid(text)
