"""What the edges between clusters come to, against going through them one by one."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage import between as module
from resolver.linkage.between import between
from resolver.linkage.clustering import FORBIDDEN, Edges


@given(st.integers(0, 10**6), st.sampled_from([1, 1 << 14]))
def test_sums_and_extremes_of_each_pair_of_clusters(seed: int, few: int) -> None:
    """Also where there are more pairs than there is room for at first."""
    chance = Random(seed)
    n = chance.randint(1, 14)
    labels = [chance.randint(0, row) for row in range(n)]
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n) if chance.random() < 0.6]
    weighted = [(a, b, chance.choice([FORBIDDEN, -5, 0, 3, 9])) for a, b in pairs]
    expected: dict[tuple[int, int], list[int]] = {}
    for a, b, weight in weighted:
        if labels[a] != labels[b]:
            one, other = sorted((labels[a], labels[b]))
            expected.setdefault((one, other), []).append(weight)
    left, right, weights = (
        np.array([edge[place] for edge in weighted], kind)
        for place, kind in enumerate((np.int32, np.int32, np.int64))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FEW", few)
        found = between(np.array(labels, np.int32), Edges(left, right, weights))
    assert [list(row) for row in zip(*(column.tolist() for column in found), strict=True)] == [
        [one, other, sum(values), len(values), min(values), max(values)]
        for (one, other), values in sorted(expected.items())
    ]
