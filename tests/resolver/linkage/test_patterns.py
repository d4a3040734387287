import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import Mixture, count, log_odds_of, new_memory, pack, unpack, weigh

LEVELS = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(0, 30), st.just(14)),
    elements=st.one_of(st.integers(0, 14), st.just(MISSING)),
)


def mixture(seed: int = 1) -> Mixture:
    rng = np.random.default_rng(seed)
    levels = np.log(rng.dirichlet(np.ones(15), (16, 14)))
    padded = np.concatenate([levels, np.zeros((16, 14, 1))], axis=2)
    return Mixture(np.log(rng.dirichlet(np.ones(16))), padded)


@given(LEVELS)
def test_levels_survive_packing(levels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    assert (unpack(pack(levels), 14) == levels).all()


@given(LEVELS)
def test_weights_are_those_of_the_formula(levels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    classes = mixture()
    found = weigh(levels, classes, new_memory())
    for row, log_odds in zip(levels, found, strict=True):
        each = [
            math.exp(share + sum(table[place, level] for place, level in enumerate(row) if level != MISSING))
            for share, table in zip(classes.log_share, classes.log_level, strict=True)
        ]
        assert math.isclose(log_odds, math.log(each[0] / sum(each[1:])), rel_tol=1e-9, abs_tol=1e-9)


def test_a_crowded_memory_still_gives_the_right_weights() -> None:
    classes = mixture()
    rng = np.random.default_rng(2)
    levels = rng.integers(0, 15, (200_000, 14), dtype=np.uint8)
    memory = new_memory()
    first, again = weigh(levels, classes, memory), weigh(levels, classes, memory)
    assert (first == again).all()
    patterns = pack(levels[:50])
    assert first[:50].tolist() == [log_odds_of(p, classes, 14) for p in patterns]


def test_counts_are_added_up() -> None:
    one = (np.array([3, 5], np.uint64), np.array([1.0, 2.0]))
    other = (np.array([5, 7], np.uint64), np.array([0.5, 4.0]))
    patterns, counts = count([one, other])
    assert patterns.tolist() == [3, 5, 7]
    assert counts.tolist() == [1.0, 2.5, 4.0]
    assert count([])[0].tolist() == []
