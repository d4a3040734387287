import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from resolver.linkage.sorting import descending, order_of, pair_order


def is_stable_order(keys: np.ndarray, order: np.ndarray) -> bool:  # type: ignore[type-arg]
    return bool((order == np.argsort(keys, kind="stable")).all()) and order.dtype == np.int32


SHAPES = {
    "hashes": lambda rng, m: rng.integers(0, 2**64, m, dtype=np.uint64),
    "few values": lambda rng, m: rng.integers(0, 5, m, dtype=np.uint64),
    "one value": lambda _, m: np.full(m, 7, np.uint64),
    "alike in front": lambda rng, m: rng.integers(0, 2**30, m, dtype=np.uint64) | np.uint64(1 << 63),
    "alike but for one": lambda rng, m: np.where(
        np.arange(m) == m // 2, np.uint64(1 << 63), rng.integers(0, 2**40, m, dtype=np.uint64)
    ),
    "shared and single": lambda rng, m: np.where(
        rng.random(m) < 0.5, np.uint64(3 << 60), rng.integers(0, 2**64, m, dtype=np.uint64)
    ),
    "falling": lambda _, m: np.arange(m, 0, -1).astype(np.uint64) << np.uint64(20),
    "low bits zero": lambda rng, m: rng.integers(0, 2**12, m, dtype=np.uint64) << np.uint64(50),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("m", [0, 1, 2, 511, 513, 5_000, 60_000])
def test_orders_are_those_of_a_stable_sort(shape: str, m: int) -> None:
    keys = SHAPES[shape](np.random.default_rng(m), m)
    before = keys.copy()
    assert is_stable_order(keys, order_of(keys))
    assert (keys == before).all()


@given(st.integers(513, 900), st.integers(1, 64), st.integers(0, 2**32))
def test_any_width_of_keys(m: int, bits: int, seed: int) -> None:
    keys = np.random.default_rng(seed).integers(0, 2**bits, m, dtype=np.uint64)
    assert is_stable_order(keys, order_of(keys))


@pytest.mark.parametrize("n", [2, 1_000, 2**31 - 1])
def test_pairs_are_sorted_by_left_then_right(n: int) -> None:
    rng = np.random.default_rng(n)
    left, right = rng.integers(0, n, (2, 3_000), dtype=np.int32)
    assert (pair_order(left, right) == np.lexsort((right, left))).all()
    assert len(pair_order(left[:0], right[:0])) == 0


@given(hnp.arrays(np.float64, st.integers(0, 50), elements=st.floats(allow_nan=False)))
def test_the_largest_number_comes_first(values: np.ndarray) -> None:  # type: ignore[type-arg]
    assert (order_of(descending(values)) == np.argsort(-values, kind="stable")).all()
