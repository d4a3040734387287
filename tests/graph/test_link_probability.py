"""The weakest link between two records, against networkx walking the tree edge by edge."""

import itertools
from random import Random

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.link_probability import NO_RECORD, SpanningForest, weakest_links

_Edge = tuple[int, int, float]


def members(trees: list[tuple[int, list[_Edge]]]) -> pa.Table:
    """Tables of `members` from roots and edges (child, parent, probability), parents first."""
    rows: list[tuple[int, int | None, float, int]] = []
    for root, edges in trees:
        depth = {root: 0}
        rows.append((root, None, 1.0, 0))
        for child, parent, probability in edges:
            depth[child] = depth[parent] + 1
            rows.append((child, parent, probability, depth[child]))
    types = {
        "record_key": pa.int64(), "parent_record_key": pa.int64(), "link_probability": pa.float64(),
        "depth": pa.int16(),
    }  # fmt: skip
    return pa.table(
        {name: pa.array([row[i] for row in rows], type_) for i, (name, type_) in enumerate(types.items())}
    )


@st.composite
def forests(draw: st.DrawFn) -> list[tuple[int, list[_Edge]]]:
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4))
    keys = draw(st.permutations(range(0, 7 * sum(sizes), 7)))
    trees, used = [], 0
    for size in sizes:
        own = keys[used : used + size]
        used += size
        edges = [
            (own[i], own[draw(st.integers(0, i - 1))], draw(st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0])))
            for i in range(1, size)
        ]
        trees.append((own[0], edges))
    return trees


def walked(trees: list[tuple[int, list[_Edge]]], left: int, right: int) -> tuple[float, int, int]:
    graph = nx.Graph()
    for root, edges in trees:
        graph.add_node(root)
        graph.add_weighted_edges_from(edges)
    if left == right:
        return 1.0, NO_RECORD, NO_RECORD
    if not nx.has_path(graph, left, right):
        return 0.0, NO_RECORD, NO_RECORD
    path = nx.shortest_path(graph, left, right)
    return min((graph.edges[a, b]["weight"], min(a, b), max(a, b)) for a, b in itertools.pairwise(path))


@settings(max_examples=80, deadline=None)
@given(forests(), st.randoms(use_true_random=False))
def test_against_networkx(trees: list[tuple[int, list[_Edge]]], random: Random) -> None:
    table = members(trees)
    order = list(range(table.num_rows))
    random.shuffle(order)
    forest = SpanningForest.of_members(table.take(order))
    keys = table["record_key"].to_pylist()
    pairs = [(a, b) for a in keys for b in keys]
    found = weakest_links(forest, np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
    expected = [walked(trees, a, b) for a, b in pairs]
    assert found.probability.tolist() == [probability for probability, _, _ in expected]
    assert found.record_key_l.tolist() == [low for _, low, _ in expected]
    assert found.record_key_r.tolist() == [high for _, _, high in expected]


def test_a_record_the_forest_lacks_is_linked_to_nothing() -> None:
    forest = SpanningForest.of_members(members([(1, [(2, 1, 0.9)])]))
    links = weakest_links(forest, np.array([1, 99, 99, 1]), np.array([99, 1, 99, 2]))
    assert links.probability.tolist() == [0.0, 0.0, 0.0, 0.9]


@pytest.mark.parametrize("key", [0, 5])
def test_an_empty_forest(key: int) -> None:
    links = weakest_links(SpanningForest.of_members(members([])), np.array([key]), np.array([key]))
    assert links.probability.tolist() == [0.0]


def test_a_long_chain() -> None:
    n = 20_000
    chain = [(i, i - 1, 0.99 if i != 777 else 0.4) for i in range(1, n)]
    forest = SpanningForest.of_members(members([(0, chain)]))
    links = weakest_links(forest, np.array([n - 1, n - 1]), np.array([0, 777]))
    assert links.probability.tolist() == [0.4, 0.99]
    assert (links.record_key_l[0], links.record_key_r[0]) == (776, 777)
