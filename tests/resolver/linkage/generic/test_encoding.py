"""Columns as codes of distinct cleaned values, against a slow definition."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.generic.encoding import Column, clean, encode
from resolver.linkage.generic.frequency import from_counts
from resolver.linkage.generic.numbering import Numbering
from resolver.linkage.hashing import hash_texts

texts = st.one_of(
    st.none(),
    st.text("aB 王\u3000Ａ\t'", max_size=5),
    st.text(max_size=4),
    st.sampled_from(["x", "y", "王伟", ""]),
)


def encoded(column: pa.ChunkedArray) -> Column:
    return encode(column.chunks, len(column))


def slow_clean(values: list[str | None]) -> list[str | None]:
    return clean(pa.array(values, pa.string())).to_pylist()


@given(st.lists(texts, max_size=40), st.integers(1, 5), st.booleans())
def test_texts(values: list[str | None], chunks: int, as_dictionary: bool) -> None:
    cut = np.array_split(np.arange(len(values)), chunks)
    column = pa.chunked_array([[values[i] for i in part] for part in cut], pa.string())
    found = encoded(column.dictionary_encode() if as_dictionary else column)
    spelt = found.values.to_pylist()
    assert [spelt[c] if c >= 0 else None for c in found.codes] == slow_clean(values)
    assert len(set(spelt)) == len(spelt)
    assert found.hashes.tolist() == hash_texts(found.values).tolist()
    assert found.counts.tolist() == [slow_clean(values).count(text) for text in spelt]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, None, 3, -1], ["3", None, "3", "-1"]),
        ([date(1990, 1, 2), date(1990, 1, 2), None], ["1990-01-02", "1990-01-02", None]),
        ([["B", "a"], None, ["B", "a"]], ["b;a", None, "b;a"]),
        ([1.5, None, 1.5], ["1.5", None, "1.5"]),
        ([True, None], ["true", None]),
    ],
)
def test_other_types(values: list[Any], expected: list[str | None]) -> None:
    found = encoded(pa.chunked_array([pa.array(values)]))
    spelt = found.values.to_pylist()
    assert [spelt[c] if c >= 0 else None for c in found.codes] == expected


def test_a_slice_of_a_column() -> None:
    column = pa.chunked_array([pa.array(["a", None, "b", "a", "c"]).slice(1, 3)])
    found = encoded(column)
    assert found.codes.tolist() == [-1, 0, 1]
    assert found.values.to_pylist() == ["b", "a"]


@pytest.mark.parametrize("parts", [1, 3, 40])
@pytest.mark.parametrize("expected", [0, 150_000])
def test_many_hashes_make_the_table_grow(parts: int, expected: int) -> None:
    drawn = np.random.default_rng(1).integers(1, 60_000, 150_000).astype(np.uint64)
    hashes = drawn * np.uint64(0x9E3779B97F4A7C15)
    hashes[::7] = 0
    numbering = Numbering(expected)
    found = [(part, *numbering.add(part)) for part in np.array_split(hashes, parts)]
    codes = np.concatenate([numbers for _, numbers, _ in found])
    of_number = np.concatenate([part[first] for part, _, first in found])
    assert (codes[::7] == -1).all()
    assert (of_number[codes[codes >= 0]] == hashes[codes >= 0]).all()
    assert len(of_number) == numbering.used == len(np.unique(hashes)) - 1
    assert all((np.diff(first) > 0).all() for _, _, first in found)


@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 4)), max_size=50, unique_by=lambda t: t[0])
)
def test_how_rare_values_are(rows: list[tuple[int, int]]) -> None:
    hashes = np.array([r[0] for r in rows], np.uint64)
    counts = np.array([r[1] for r in rows], np.int64)
    known = from_counts(hashes, counts, 1000)
    expected = [known.unseen if c < 2 else -np.log2(c / 1000) for _, c in rows]
    assert known.of(hashes).tolist() == pytest.approx(expected, rel=1e-6)
    assert known.of(hashes ^ np.uint64(1 << 40)).shape == hashes.shape
