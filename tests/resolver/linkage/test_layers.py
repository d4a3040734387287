"""Records of both layers, side by side."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.linkage.columns import Columns, Fact, Word, encode
from resolver.linkage.layers import Layers, both, no_columns


@pytest.fixture(scope="module")
def encoded(small_town: tuple[pa.Table, Any]) -> Columns:
    return encode(small_town[0].slice(0, 200))


@pytest.fixture(scope="module")
def layers(small_town: tuple[pa.Table, Any]) -> Layers:
    town = small_town[0]
    return Layers(encode(town.slice(0, 120)), both(encode(town.slice(120, 50)), encode(town.slice(170, 30))))


def names(columns: Columns) -> list[list[int]]:
    spans = zip(columns.starts[:-1].tolist(), columns.starts[1:].tolist(), strict=True)
    return [columns.chars[start:stop].tolist() for start, stop in spans]


@pytest.mark.parametrize("slots", [[], [5], [119, 120], [199, 0, 130, 119, 130], list(range(200))])
def test_slots_are_taken_from_both(layers: Layers, encoded: Columns, slots: list[int]) -> None:
    chosen = np.array(slots, np.int32)
    taken = layers.take(chosen)
    assert len(layers) == 200
    for name in ("record_key", "words", "facts"):
        assert np.array_equal(getattr(taken, name), getattr(encoded, name)[chosen]), name
    assert names(taken) == [names(encoded)[slot] for slot in slots]
    assert np.array_equal(layers.record_keys(chosen), encoded.record_key[chosen])
    words, facts = (Word.SOUND, Word.NAME), (Fact.SEX, Fact.BIRTH)
    some = layers.some(chosen, words, facts)
    assert all(np.array_equal(some.word(word), encoded.word(word)[chosen]) for word in words)
    assert all(np.array_equal(some.fact(fact), encoded.fact(fact)[chosen]) for fact in facts)


def test_without_a_second_layer(encoded: Columns) -> None:
    taken = Layers(encoded, no_columns()).take(np.array([3, 1], np.int32))
    assert names(taken) == [names(encoded)[3], names(encoded)[1]]
