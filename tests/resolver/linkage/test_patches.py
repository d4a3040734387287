"""Patched columns against the obvious way."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage import patches
from resolver.linkage.patches import Patch, Patched, patched, places_of_pairs


@given(
    st.integers(0, 12),
    st.integers(0, 8),
    st.sampled_from(["u1", "i2", "i4", "i8", "f8"]),
    st.integers(0, 10**6),
)
def test_what_is_dropped_goes_and_what_is_put_comes(n: int, k: int, kind: str, seed: int) -> None:
    chance = Random(seed)
    old, new = np.arange(n).astype(kind), np.arange(100, 100 + k).astype(kind)
    dropped = sorted(chance.sample(range(n), chance.randint(0, n)))
    put = sorted(chance.randint(0, n) for _ in range(k))
    expected = []
    for place in range(n + 1):
        expected += [value for value, before in zip(new.tolist(), put, strict=True) if before == place]
        expected += [old.tolist()[place]] if place < n and place not in dropped else []
    patch = Patch(np.array(dropped, np.int64), np.array(put, np.int64))
    found = patched(old, patch, new)
    assert found.tolist() == expected
    assert found.dtype == old.dtype
    columns = Patched({"a": old}, patch, {"a": new})
    assert len(columns) == len(expected)
    for _ in range(4):
        start, stop = sorted(chance.randint(0, len(expected)) for _ in range(2))
        assert columns.rows(start, stop)["a"].tolist() == expected[start:stop]


@given(st.integers(0, 60), st.integers(0, 20), st.integers(1, 7), st.integers(0, 10**6))
def test_many_runs_are_copied_some_at_a_time(n: int, k: int, at_once: int, seed: int) -> None:
    chance = Random(seed)
    patch = Patch(
        np.array(sorted(chance.sample(range(n), chance.randint(0, n))), np.int64),
        np.array(sorted(chance.randint(0, n) for _ in range(k)), np.int64),
    )
    old, new = {"a": np.arange(n)}, {"a": np.arange(100, 100 + k)}
    expected = Patched(old, patch, new).all()["a"].tolist()
    with pytest.MonkeyPatch.context() as limited:
        limited.setattr(patches, "_RUNS_AT_ONCE", at_once)
        start, stop = sorted(chance.randint(0, len(expected)) for _ in range(2))
        assert Patched(old, patch, new).rows(start, stop)["a"].tolist() == expected[start:stop]


def test_arrays_that_cannot_be_written_to() -> None:
    old = np.arange(3)
    old.flags.writeable = False
    assert patched(old, Patch(np.array([1]), np.array([3])), np.array([9])).tolist() == [0, 2, 9]


def test_nothing_differs() -> None:
    assert patched(np.arange(3), Patch.nothing(), np.zeros(0, np.int64)).tolist() == [0, 1, 2]


pairs = st.sets(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40)


@pytest.mark.parametrize("between", [0, 1])
@given(pairs, pairs)
def test_where_pairs_stand(between: int, known: set[tuple[int, int]], wanted: set[tuple[int, int]]) -> None:
    """Both of rows of the base (`between` 1), or of records that stand just before these (0)."""
    left, right = (np.array([pair[end] for pair in sorted(known)], np.int32) for end in (0, 1))
    sought = [[2 * pair[end] + between for pair in sorted(wanted)] for end in (0, 1)]
    one, other = (np.array(ends, np.int64) for ends in sought)
    doubled = [(2 * a + 1, 2 * b + 1) for a, b in sorted(known)]
    expected = [sum(pair < mine for pair in doubled) for mine in zip(*sought, strict=True)]
    assert places_of_pairs(left, right, (one, other)).tolist() == expected
