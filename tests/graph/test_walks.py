"""Walks against networkx on random graphs."""

from collections.abc import Callable, Collection, Sequence

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
@given(EDGES, st.tuples(NODES, NODES), st.integers(1, 12), st.integers(0, 8), st.integers(1, 12))
def test_a_path_is_shortest_around_supernodes(
    edges: list[tuple[int, int, str]], ends: tuple[int, int], max_degree: int, max_length: int, wide: int
) -> None:
    graph = multigraph(edges)
    a, b = ends

    def others(nodes: Sequence[int], at_most: int | None) -> dict[int, list[int]]:
        return {node: sorted(set(graph.neighbors(node)))[:at_most] for node in nodes}

    def among(node: int, nodes: Collection[int]) -> list[int]:
        return [other for other in nodes if graph.has_edge(node, other)]

    found = PathSearch(a, b, others, max_degree, among, wide).run(max_length)
    without = PathSearch(a, b, others, max_degree, wide=wide).run(max_length)
    assert (found and len(found)) == (without and len(without))
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


def test_an_end_of_many_neighbours_is_read_only_when_as_many_are_found_from_the_other() -> None:
    """A star of 50, one ray of which is followed by five steps, and at the end of these by a star of 40."""
    graph = nx.star_graph(50)
    nx.add_path(graph, [1, 100, 101, 102, 103, 104])
    graph.add_edges_from((104, 200 + i) for i in range(40))
    read: list[int] = []

    def others(nodes: Sequence[int], at_most: int | None) -> dict[int, list[int]]:
        read.extend(nodes if at_most is None else ())
        return {node: sorted(graph.neighbors(node))[:at_most] for node in nodes}

    def among(node: int, nodes: Collection[int]) -> list[int]:
        return [other for other in nodes if graph.has_edge(node, other)]

    def path(a: int, b: int) -> list[int] | None:
        return PathSearch(a, b, others, 30, among, 30).run(9)

    expected = [0, 1, 100, 101, 102, 103, 104]
    assert path(0, 103) == expected[:-1]
    assert path(103, 0) == expected[-2::-1]
    assert path(0, 5) == [0, 5]
    assert read == []
    assert path(0, 104) == expected
    assert read == [104, 0]
