import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.clustering import components, smallest
from resolver.linkage.spanning import spanning_trees


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, dict[tuple[int, int], float]]:
    n = draw(st.integers(1, 9))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    chosen = sorted(draw(st.lists(st.sampled_from(pairs), unique=True))) if pairs else []
    strengths = draw(st.lists(st.integers(-9, 9), min_size=len(chosen), max_size=len(chosen)))
    return n, {pair: float(w) for pair, w in zip(chosen, strengths, strict=True)}


@given(graphs())
def test_trees_are_maximal_and_rooted_in_the_smallest_row(
    graph: tuple[int, dict[tuple[int, int], float]],
) -> None:
    n, weighted = graph
    pairs = np.array(list(weighted), np.int32).reshape(-1, 2)
    left, right = pairs[:, 0].copy(), pairs[:, 1].copy()
    weight = np.array(list(weighted.values()), np.float64)
    labels = smallest(components(n, left, right))
    tree = spanning_trees(left, right, weight, labels)
    reference = nx.Graph()
    reference.add_nodes_from(range(n))
    reference.add_weighted_edges_from((a, b, w) for (a, b), w in weighted.items())
    best = nx.maximum_spanning_tree(reference)
    assert sum(tree.weight[tree.parent >= 0]) == sum(w for *_, w in best.edges(data="weight"))
    for row in range(n):
        root, weakest, depth = row, np.inf, 0
        while tree.parent[root] >= 0:
            weakest = min(weakest, tree.weight[root])
            root, depth = int(tree.parent[root]), depth + 1
        assert root == labels[row]
        assert tree.weakest[row] == weakest
        assert tree.depth[row] == depth
