import pyarrow as pa
import pytest

from resolver.identifiers.columns import distinct, fixed_width, map_text

WORDS = ["a", None, "b", "a"]
FORMS = [
    pa.array(WORDS),
    pa.array(WORDS).dictionary_encode(),
    pa.chunked_array([WORDS[:1], WORDS[1:]]),
    pa.chunked_array([pa.array(WORDS[:2]).dictionary_encode(), pa.array(WORDS[2:]).dictionary_encode()]),
    pa.array(WORDS, pa.large_string()),
    pa.array(["x", *WORDS])[1:],
]


@pytest.mark.parametrize("column", FORMS)
def test_every_form_of_a_column_gives_the_same(column: pa.Array | pa.ChunkedArray) -> None:
    assert map_text(column, str.upper, pa.string()).to_pylist() == ["A", None, "B", "A"]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([], pa.string()),
        pa.chunked_array([], pa.string()),
        pa.array([], pa.string()).dictionary_encode(),
    ],
)
def test_no_rows(column: pa.Array | pa.ChunkedArray) -> None:
    assert map_text(column, str.upper, pa.string()).to_pylist() == []


def test_only_nulls() -> None:
    assert map_text(pa.array([None, None], pa.string()), str.upper, pa.string()).to_pylist() == [None, None]


def test_distinct_is_asked_once_per_value() -> None:
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return text

    map_text(pa.array(WORDS), ask, pa.string())
    assert asked == ["a", "b"]
    assert distinct(pa.array(WORDS)).indices.tolist() == [0, -1, 1, 0]


def test_fixed_width_finds_its_places() -> None:
    where, matrix = fixed_width(pa.array(["ab", "abc", None, "文", "xyz"])[1:], 3)
    assert where.tolist() == [0, 2, 3]
    assert [bytes(row) for row in matrix] == [b"abc", "文".encode(), b"xyz"]
