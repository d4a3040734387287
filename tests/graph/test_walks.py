"""Walks against networkx on random graphs."""

from collections.abc import Callable, Sequence

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.walks import Beside, Bounds, Neighbours, PathSearch, walk_outwards

NODES = st.integers(0, 11)
EDGES = st.lists(st.tuples(NODES, NODES, st.sampled_from("ab")).filter(lambda e: e[0] != e[1]), max_size=30)


def multigraph(edges: Sequence[tuple[int, int, str]]) -> nx.MultiGraph:
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(12))
    for number, (a, b, kind) in enumerate(edges):
        graph.add_edge(a, b, number=number, kind=kind)
    return graph


def neighbours_of(graph: nx.MultiGraph, node: int, limit: int) -> Neighbours:
    found: dict[str, list[tuple[int, int]]] = {}
    for _, other, values in graph.edges(node, data=True):
        found.setdefault(values["kind"], []).append((other, values["number"]))
    beside = {}
    for kind, pairs in found.items():
        first = sorted({other for other, _ in pairs})[:limit]
        beside[kind] = Beside(
            len({o for o, _ in pairs}), [pair for pair in sorted(pairs) if pair[0] in first]
        )
    return beside


def level_of(graph: nx.MultiGraph, limit: int) -> Callable[[Sequence[int]], dict[int, Neighbours]]:
    return lambda nodes: {node: neighbours_of(graph, node, limit) for node in nodes}


@settings(deadline=None)
@given(EDGES, NODES, st.integers(0, 4))
def test_without_caps_a_walk_finds_the_ball(
    edges: list[tuple[int, int, str]], start: int, depth: int
) -> None:
    graph = multigraph(edges)
    walk = walk_outwards(start, level_of(graph, 100), Bounds(depth, 100, 100))
    distances = nx.single_source_shortest_path_length(graph, start, cutoff=depth)
    assert set(walk.nodes) == set(distances)
    inside = {n for n, distance in distances.items() if distance < depth}
    assert walk.edges == {v["number"] for n in inside for *_, v in graph.edges(n, data=True)}
    assert walk.truncated == set()
    assert set(walk.counts) == inside
    for node, counts in walk.counts.items():
        assert sum(counts.values()) >= len(set(graph.neighbors(node)))


@settings(deadline=None)
@given(EDGES, NODES, st.integers(1, 3), st.integers(1, 3), st.integers(1, 8))
def test_caps_hold_and_are_told(
    edges: list[tuple[int, int, str]], start: int, depth: int, limit: int, max_nodes: int
) -> None:
    graph = multigraph(edges)
    walk = walk_outwards(start, level_of(graph, limit), Bounds(depth, limit, max_nodes))
    assert len(walk.nodes) <= max(max_nodes, 1)
    for node, counts in walk.counts.items():
        here = neighbours_of(graph, node, 100)
        assert counts == {kind: beside.count for kind, beside in here.items()}
        if node not in walk.truncated:
            assert all(other in walk.nodes for beside in here.values() for other, _ in beside.first)
        if any(count > limit for count in counts.values()):
            assert node in walk.truncated


@settings(deadline=None)
@given(EDGES, NODES, NODES, st.integers(1, 12), st.integers(0, 8))
def test_a_path_is_shortest_around_supernodes(
    edges: list[tuple[int, int, str]], a: int, b: int, max_degree: int, max_length: int
) -> None:
    graph = multigraph(edges)

    def others(nodes: Sequence[int], at_most: int | None) -> dict[int, list[int]]:
        return {node: sorted(set(graph.neighbors(node)))[:at_most] for node in nodes}

    found = PathSearch(a, b, others, max_degree).run(max_length)
    crowded = [n for n in graph if len(set(graph.neighbors(n))) > max_degree and n not in (a, b)]
    passable = graph.copy()
    passable.remove_nodes_from(crowded)
    length = nx.shortest_path_length(passable, a, b) if nx.has_path(passable, a, b) else None
    if length is None or length > max_length:
        assert found is None
    else:
        assert found is not None
        assert (found[0], found[-1], len(found)) == (a, b, length + 1)
        assert nx.is_path(passable, found)
