"""Examples of rules: what can be read, and what is refused."""

from typing import Any

import pytest

from graph.rule_example import parse_examples


def example(**values: Any) -> dict[str, Any]:
    return {"what": "a", "rows": "W01 deceased=1 death_time=@", "raises": ["2024-01-01"], **values}


def test_each_value_makes_its_rows() -> None:
    (parsed,) = parse_examples(
        [example(silent=["2024-01-02"], rows='W01 name="a b" death_time=@\n\nW29 insured=1')]
    )
    cases = {value: (rows, raises) for value, rows, raises in parsed.cases()}
    rows, raises = cases["2024-01-01"]
    assert raises
    assert not cases["2024-01-02"][1]
    assert [row.view for row in rows] == ["W01", "W29"]
    assert rows[0].values == {"name": "a b", "death_time": "2024-01-01"}


def test_without_a_value() -> None:
    (parsed,) = parse_examples([{"what": "a", "rows": "W01 deceased=1", "silent": True}])
    assert parsed.expected == {"": False}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"what": ""}, "needs what and rows"),
        ({"rows": 3}, "needs what and rows"),
        ({"colour": 1}, "'colour' is not known"),
        ({"raises": []}, "lists the values of @"),
        ({"raises": True}, "lists the values of @"),
        ({"raises": "2024-01-01"}, "must be true or a list"),
        ({"raises": [1]}, "must be true or a list"),
        ({"rows": "W01 deceased=1"}, "lists the values of @"),
        ({"rows": "W01 @"}, "is not a view and column=value"),
        ({"rows": "W01 a=@ a=2"}, "each column once"),
        ({"rows": 'W01 a="@'}, "No closing quotation"),
    ],
)
def test_what_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_examples([example(**values)])
