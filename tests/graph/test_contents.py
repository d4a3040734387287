"""The hash of a graph depends on neither order nor history."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graph.contents import GraphHash, hash_of

NUMBERS = st.lists(st.integers(0, 2**60 - 1), max_size=8, unique=True)


def array(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@given(NUMBERS, NUMBERS, st.integers(0, 8))
def test_neither_order_nor_batches_matter(nodes: list[int], edges: list[int], split: int) -> None:
    whole = hash_of([array(nodes)], [array(edges)])
    assert hash_of([array(nodes[:split]), array(nodes[split:])[::-1]], [array(edges)[::-1]]) == whole
    assert str(GraphHash.parse(whole)) == whole


@given(NUMBERS, NUMBERS, NUMBERS)
def test_it_is_carried_forward(before: list[int], closed: list[int], opened: list[int]) -> None:
    before = sorted({*before, *closed} - set(opened))
    after = sorted({*before, *opened} - set(closed))
    opened, closed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    for kind in ("nodes", "edges"):
        start = GraphHash().plus(**{kind: array(before)})
        moved = start.minus(**{kind: array(closed)}).plus(**{kind: array(opened)})
        assert moved == GraphHash().plus(**{kind: array(after)})
        assert (moved == start) == (before == after)


@given(NUMBERS.filter(bool))
def test_nodes_and_edges_differ(numbers: list[int]) -> None:
    assert hash_of([array(numbers)], []) != hash_of([], [array(numbers)])
    assert hash_of([array(numbers)], []) != hash_of([array([*numbers, 5])], [])
