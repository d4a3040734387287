from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.clustering import components
from resolver.linkage.completion import LARGEST, absent_pairs


@given(st.integers(0, 12), st.data())
def test_every_pair_of_a_group_that_is_not_there_is_found(n: int, data: st.DataObject) -> None:
    every = list(combinations(range(n), 2))
    chosen = sorted(data.draw(st.lists(st.sampled_from(every), unique=True))) if every else []
    pairs = np.array(chosen, np.int32).reshape(-1, 2)
    left, right = pairs[:, 0].copy(), pairs[:, 1].copy()
    component = components(n, left, right)
    found = list(zip(*(part.tolist() for part in absent_pairs(component, left, right)), strict=True))
    expected = [(a, b) for a, b in every if component[a] == component[b] and (a, b) not in chosen]
    assert found == expected


def test_large_groups_are_left_as_they_are() -> None:
    n = LARGEST + 1
    left, right = np.arange(n - 1, dtype=np.int32), np.arange(1, n, dtype=np.int32)
    found = absent_pairs(components(n, left, right), left, right)
    assert len(found[0]) == 0
    found = absent_pairs(components(n - 1, left[:-1], right[:-1]), left[:-1], right[:-1])
    assert len(found[0]) == LARGEST * (LARGEST - 1) // 2 - (LARGEST - 1)
