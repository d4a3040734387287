"""The best paths against a look at all paths, on random graphs."""

from collections.abc import Collection, Sequence
from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.best_paths import best_paths, explore
from graph.evidence import UNIT, edge_cost, node_cost
from graph.schema import EDGES
from graph.view import PathBounds

NODES = st.integers(0, 8)
EDGES_DRAWN = st.dictionaries(
    st.tuples(NODES, NODES).filter(lambda e: e[0] < e[1]), st.sampled_from([1, 500, 1000, 3000]), max_size=22
)


def drawn(edges: dict[tuple[int, int], int]) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(9))
    graph.add_edges_from((a, b, {"cost": cost}) for (a, b), cost in edges.items())
    return graph


def reference(
    graph: nx.Graph, ends: tuple[int, int], longest: int, max_degree: int
) -> list[tuple[int, int, list[int]]]:
    passable = graph.subgraph(n for n in graph if n in ends or graph.degree[n] <= max_degree)
    found = []
    for nodes in nx.all_simple_paths(passable, *ends, cutoff=longest):
        cost = sum(graph[x][y]["cost"] for x, y in pairwise(nodes))
        cost += sum(node_cost(graph.degree[n]) for n in nodes[1:-1])
        found.append((cost, len(nodes) - 1, nodes))
    return sorted(found)


@settings(deadline=None)
@given(
    EDGES_DRAWN,
    st.tuples(NODES, NODES).filter(lambda e: e[0] != e[1]),
    st.integers(1, 6),
    st.builds(PathBounds, st.integers(1, 7), st.integers(1, 8), st.integers(1, 12)),
    st.booleans(),
)
def test_the_best_paths_of_the_length_searched(
    edges: dict[tuple[int, int], int], ends: tuple[int, int], k: int, bounds: PathBounds, picks: bool
) -> None:
    graph = drawn(edges)
    asked: list[tuple[int, bool]] = []

    def others(nodes: Sequence[int], at_most: int | None) -> dict[int, list[int]]:
        asked.extend((node, at_most is None) for node in nodes)
        return {node: sorted(graph.neighbors(node))[:at_most] for node in nodes}

    def among(node: int, nodes: Collection[int]) -> list[int]:
        return [other for other in nodes if graph.has_edge(node, other)]

    around = explore(*ends, others, bounds, among if picks else None)
    costs = {pair: cost for pair, cost in edges.items() if set(pair) <= set(around.degrees)}
    found = best_paths(ends, around, costs, k)
    expected = reference(graph, ends, around.searched, bounds.max_degree)[:k]
    assert found == [(cost, nodes) for cost, _, nodes in expected]
    assert around.searched <= bounds.max_length
    assert len(asked) == len(set(asked))
    read = [node for node, whole in asked if whole]
    assert len(read) <= (1 if picks else 2)  # of two supernodes one is read
    assert set(read) <= {end for end in ends if graph.degree[end] > bounds.max_nodes}
    if bounds.max_nodes == 12 and bounds.max_length <= 2:
        assert around.searched == bounds.max_length  # two ends; at most nine nodes beside them


@settings(deadline=None)
@given(EDGES_DRAWN, st.tuples(NODES, NODES).filter(lambda e: e[0] != e[1]))
def test_the_costs_are_those_of_networkx(edges: dict[tuple[int, int], int], ends: tuple[int, int]) -> None:
    """Without limits, and with the cost of a node laid half on each edge beside it."""
    graph = drawn(edges)
    through = {n: 0 if n in ends else node_cost(graph.degree[n]) for n in graph}
    for a, b, values in graph.edges(data=True):
        values["weight"] = 2 * values["cost"] + through[a] + through[b]
    around = explore(
        *ends, lambda nodes, _: {n: sorted(graph.neighbors(n)) for n in nodes}, PathBounds(9, 99, 99)
    )
    costs = {pair: cost for pair, cost in edges.items() if set(pair) <= set(around.degrees)}
    found = [cost for cost, _ in best_paths(ends, around, costs, 4)]
    paths = nx.shortest_simple_paths(graph, *ends, weight="weight") if nx.has_path(graph, *ends) else iter(())
    expected = [nx.path_weight(graph, path, "weight") // 2 for path, _ in zip(paths, range(4), strict=False)]
    assert found == expected


def test_what_edges_and_nodes_cost() -> None:
    assert edge_cost("SPOUSE_OF", 1.0) == UNIT
    assert edge_cost("SPOUSE_OF", 0.5) == edge_cost("SPOUSE_OF", None) == 2 * UNIT
    assert edge_cost("SPOUSE_OF", 0.0) == edge_cost("SPOUSE_OF", 1e-9) == 11 * UNIT
    assert [node_cost(n) for n in (1, 2, 3, 5, 50_000)] == [0, 0, UNIT, 2 * UNIT, 15_610]
    assert all(edge_cost(name, 1.0) > 0 for name in EDGES)
