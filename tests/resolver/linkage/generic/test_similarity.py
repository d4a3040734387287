"""The compiled similarities against RapidFuzz, on any text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from resolver.linkage.generic.similarity import LONGEST, edit_distance, jaro_winkler, similarity

texts = st.text(alphabet="abcd王伟芳é", max_size=14)


def laid_out(one: str, other: str) -> tuple[np.ndarray, tuple[int, int], tuple[int, int]]:
    chars = np.array([0x3F, *map(ord, one + other)], np.uint32)
    return chars, (1, 1 + len(one)), (len(one), len(other))


@given(texts, texts)
def test_jaro_winkler_is_rapidfuzz_s(one: str, other: str) -> None:
    expected = JaroWinkler.similarity(one, other) if one and other else 0.0
    assert jaro_winkler(*laid_out(one, other)) == pytest.approx(expected, abs=1e-12)


@given(texts, texts)
def test_edits_are_rapidfuzz_s(one: str, other: str) -> None:
    rows = np.empty((3, LONGEST + 1), np.int32)
    assert edit_distance(*laid_out(one, other), rows) == OSA.distance(one, other)


@given(texts, texts)
def test_edits_over_length(one: str, other: str) -> None:
    rows = np.empty((3, LONGEST + 1), np.int32)
    expected = OSA.normalized_similarity(one, other) if one or other else 0.0
    assert similarity(*laid_out(one, other), rows) == pytest.approx(expected, abs=1e-12)


def test_long_texts_are_compared_by_their_beginning() -> None:
    rows = np.empty((3, LONGEST + 1), np.int32)
    assert edit_distance(*laid_out("a" * 100, "a" * 64 + "b" * 36), rows) == 0
    assert jaro_winkler(*laid_out("a" * 100, "a" * 64 + "b" * 36)) == 1.0
