import pytest

from resolver.synthetic.written_numbers import is_malformed


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002×",
        " 11010519491231002X ",
        "110105491231002", "", "无", "不详", "E12345678", "H0123456789", "CHN110101199001", "05819121",
    ],
)  # fmt: skip
def test_numbers_that_no_rule_may_call_wrong(number):
    assert not is_malformed(number)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021", "110105194912310X", "1101051949123100200X", "11010519491231020X", "3.71002199001010E+17",
        "371002199001010000", "3710021990010112X4",
    ],
)  # fmt: skip
def test_numbers_that_break_their_scheme(number):
    assert is_malformed(number)
