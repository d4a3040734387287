from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.synthetic.amendments import Amendment, amended

DAY = date(2026, 10, 1)


def facts(*who: int) -> dict[str, pa.Table]:
    count = len(who)
    columns = {
        "fact": pa.array(range(count), pa.int64()),
        "patient": pa.array(who, pa.int64()),
        "amount": pa.array([10.0 * n for n in range(count)]),
        "bill": pa.array([f"b{n}" if n % 2 else None for n in range(count)], pa.string()),
        "day": pa.array([DAY] * count),
    }
    return {"J05": pa.table(columns), "W01": pa.table({"fact": pa.array([0], pa.int64())})}


def amend(kind: Any, who: int, values: dict[str, Any] | None = None, **rest: Any) -> Amendment:
    return Amendment("J05", kind, "patient", who, values or {}, **rest)


def test_values_change_in_all_rows_about_someone() -> None:
    table = amended(facts(1, 2, 1), [amend("set", 1, {"amount": 99.0, "bill": "x", "day": None})])["J05"]
    assert table["amount"].to_pylist() == [99.0, 10.0, 99.0]
    assert table["bill"].to_pylist() == ["x", "b1", "x"]
    assert table["day"].to_pylist() == [None, DAY, None]


def test_where_narrows_and_null_is_a_value() -> None:
    table = amended(facts(1, 1, 1), [amend("set", 1, {"amount": -1.0}, where={"bill": None})])["J05"]
    assert table["amount"].to_pylist() == [-1.0, 10.0, -1.0]


def test_rows_are_dropped_and_told_twice_and_numbered_anew() -> None:
    steps = [amend("drop", 2), amend("repeat", 1, {"bill": "again"}, last=True)]
    table = amended(facts(1, 2, 1), steps)["J05"]
    assert table["patient"].to_pylist() == [1, 1, 1]
    assert table["amount"].to_pylist() == [0.0, 20.0, 20.0]
    assert table["bill"].to_pylist() == [None, None, "again"]
    assert table["fact"].to_pylist() == [0, 1, 2]


def test_a_repeated_row_is_the_one_before_it_was_amended() -> None:
    steps = [amend("set", 1, {"amount": 5.0}), amend("repeat", 1, last=True)]
    assert amended(facts(1), steps)["J05"]["amount"].to_pylist() == [5.0, 0.0]


@pytest.mark.parametrize(
    ("amendment", "words"),
    [
        (amend("set", 7, {"amount": 1.0}), "no row about patient 7"),
        (amend("set", 1, {"sum": 1.0}), "no column sum"),
        (amend("drop", 1, where={"bill": "none"}), "no row about"),
    ],
)
def test_an_amendment_of_nothing_is_a_mistake(amendment: Amendment, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        amended(facts(1, 2), [amendment])


@given(st.lists(st.integers(0, 4), min_size=1, max_size=20), st.integers(0, 4))
def test_others_are_left_alone(who: list[int], one: int) -> None:
    before = facts(*who)
    steps = [amend("set", one, {"amount": -1.0}), amend("drop", one, where={"bill": None})]
    possible = one in who and any(w == one and n % 2 == 0 for n, w in enumerate(who))
    if not possible:
        with pytest.raises(ValueError, match="no row"):
            amended(before, steps)
        return
    after = amended(before, steps)
    slow = [row for row in before["J05"].to_pylist() if row["patient"] != one or row["bill"] is not None]
    slow = [{**row, "amount": -1.0} if row["patient"] == one else row for row in slow]
    assert [{k: v for k, v in row.items() if k != "fact"} for row in after["J05"].to_pylist()] == [
        {k: v for k, v in row.items() if k != "fact"} for row in slow
    ]
    assert after["W01"] is before["W01"]
