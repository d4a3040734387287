import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.standardize.coded import Coded, record_keys

cells = st.none() | st.sampled_from(["", "a", "b", "王芳"])
rows = st.lists(st.tuples(cells, cells), max_size=12)


def keys_of(table: list[tuple[str | None, str | None]]) -> list[int]:
    columns = {
        name: Coded.of(pa.array([row[place] for row in table], pa.string()))
        for place, name in enumerate(["name", "former_name"])
    }
    found: list[int] = record_keys(columns, len(table)).tolist()
    return found


def test_keys_are_the_same_on_every_machine_and_in_every_version() -> None:
    assert keys_of([("王芳", None), ("a", "b"), (None, None)]) == [
        9219233102225958508,
        7275273638800494658,
        8147104208329303767,
    ]


@settings(deadline=None)
@given(rows)
def test_rows_have_the_same_key_exactly_when_they_say_the_same(
    table: list[tuple[str | None, str | None]],
) -> None:
    keys = keys_of(table)
    assert all(key >= 0 for key in keys)
    for one, key in zip(table, keys, strict=True):
        for other, other_key in zip(table, keys, strict=True):
            assert (one == other) is (key == other_key)


@settings(deadline=None)
@given(rows)
def test_a_rows_key_does_not_depend_on_the_others(table: list[tuple[str | None, str | None]]) -> None:
    assert keys_of(table[::-1]) == keys_of(table)[::-1]
    assert keys_of(table[1:]) == keys_of(table)[1:]


def test_the_columns_order_and_empty_columns_do_not_matter() -> None:
    name, empty = Coded.of(pa.array(["a"])), Coded.constant(None, pa.string(), 1)
    plain = record_keys({"name": name}, 1)
    assert record_keys({"phone": empty, "name": name}, 1) == plain
    assert record_keys({"phone": name}, 1) != plain


def test_values_that_became_equal_have_one_key() -> None:
    column = Coded(np.array([0, 1, -1, 2], np.int32), pa.array(["a", "a", None]))
    keys = record_keys({"name": column}, 4)
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert keys[0] != keys[2]


def test_otherwise() -> None:
    first = Coded.of(pa.array(["a", None, None])).map(lambda values: values)
    hollow = Coded(np.array([0, 1, 1], np.int32), pa.array(["x", None]))
    other = Coded.of(pa.array(["b", "c", None]))
    assert first.otherwise(other).take(np.arange(3)).to_pylist() == ["a", "c", None]
    assert hollow.otherwise(other).take(np.arange(3)).to_pylist() == ["x", "c", None]
    assert first.present().tolist() == [True, False, False]


def test_no_rows() -> None:
    assert record_keys({"name": Coded.of(pa.array([], pa.string()))}, 0).tolist() == []
