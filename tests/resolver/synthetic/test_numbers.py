"""Numbers of the made-up city, held against slow arithmetic and python-stdnum."""

from datetime import date, timedelta

import numpy as np
import pytest
from stdnum.cn import uscc

from resolver.synthetic import numbers

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def slow_check(body: str) -> str:
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


def test_resident_numbers_have_the_check_character_of_the_standard() -> None:
    rng = np.random.default_rng(1)
    births = [
        int((date(1930, 1, 1) + timedelta(days=int(d))).strftime("%Y%m%d"))
        for d in rng.integers(0, 35_000, 500)
    ]
    codes, orders = rng.choice([371081, 379011, 810000], 500), rng.integers(0, 1000, 500)
    made = numbers.resident_numbers(codes, np.array(births), orders).to_pylist()
    for number, code, birth, order in zip(made, codes, births, orders, strict=True):
        assert number == f"{code}{birth}{order:03d}" + slow_check(f"{code}{birth}{order:03d}")
    # The example printed in GB 11643-1999.
    example = numbers.resident_numbers(np.array([110105]), np.array([19491231]), np.array([2]))
    assert example.to_pylist() == ["11010519491231002X"]


def test_order_codes_are_distinct_and_odd_for_men() -> None:
    rng = np.random.default_rng(2)
    codes, births = rng.choice([371002, 371003], 3000), rng.choice([19600101, 19600102, 19750505], 3000)
    sexes = rng.integers(1, 3, 3000)
    orders = numbers.order_codes(codes, births, sexes)
    assert len(set(zip(codes, births, orders, strict=True))) == 3000
    assert (orders % 2 == sexes % 2).all()


def test_twins_get_neighbouring_order_codes() -> None:
    same = np.full(3, 371002), np.full(3, 20200101)
    assert np.diff(numbers.order_codes(*same, np.array([1, 1, 1]))).tolist() == [2, 2]
    assert abs(int(np.diff(numbers.order_codes(same[0][:2], same[1][:2], np.array([1, 2])))[0])) == 1


@pytest.mark.parametrize("kind", ["91", "92", "93", "12", "52"])
def test_credit_codes_are_valid_with_the_organisation_code_inside(kind: str) -> None:
    serials = numbers.scattered(300, 10**8, np.random.default_rng(3))
    made = numbers.credit_codes(np.full(300, kind), np.full(300, 371002), serials).to_pylist()
    for code in made:
        assert uscc.is_valid(code)
        total = sum(int(d) * w for d, w in zip(code[8:16], (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
        assert code[16] == {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def test_registration_numbers_end_in_a_check_digit() -> None:
    for number in numbers.registration_numbers(np.full(200, 371002), np.arange(200) * 7919).to_pylist():
        product = 10
        for digit in number[:14]:
            product = ((product + int(digit)) % 10 or 10) * 2 % 11
        assert len(number) == 15
        assert (product + int(number[14])) % 10 == 1


@pytest.mark.parametrize("size", [10**5, 10**8, 10**10])
def test_scattered_numbers_never_repeat(size: int) -> None:
    made = numbers.scattered(50_000, size, np.random.default_rng(size))
    assert len(set(made.tolist())) == 50_000
    assert 0 <= made.min() <= made.max() < size


def test_mobile_numbers_are_distinct_and_have_eleven_digits() -> None:
    made = numbers.mobile_numbers(20_000, np.random.default_rng(4)).to_pylist()
    assert len(set(made)) == 20_000
    assert all(len(n) == 11 and n.isdigit() and n[0] == "1" for n in made)
