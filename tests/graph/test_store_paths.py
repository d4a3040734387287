"""The contract of the graph store: shortest and best paths."""

import random
from datetime import date
from itertools import pairwise
from math import log2

import networkx as nx
import pytest

from graph.evidence import edge_cost, node_cost
from graph.store import EVERYTHING, GraphStore, Interval, PathBounds, Scope, stable_number
from tests.graph.sketch import IN_EAST, Sketch, ids, random_sketch


def test_a_path_is_a_path(store: GraphStore) -> None:
    sketch = random_sketch(3)
    store.publish(1, sketch.data())
    path = store.view().shortest_path("Person:1", "Person:20", max_length=8)
    assert path is not None
    assert (path.nodes[0].id, path.nodes[-1].id) == ("Person:1", "Person:20")
    assert len(path.nodes) == path.length + 1
    for here, edge, there in zip(path.nodes, path.edges, path.nodes[1:], strict=False):
        assert {edge.source, edge.target} == {here.id, there.id}
    itself = store.view().shortest_path("Person:1", "Person:1")
    assert itself is not None
    assert itself.length == 0
    assert store.view().shortest_path("Person:1", "Person:20", max_length=path.length - 1) is None


def best_by_looking_at_all(
    graph: nx.MultiGraph, ends: tuple[str, str], bounds: PathBounds
) -> list[tuple[int, int, list[str]]]:
    """The slow, obvious reference: cost, length and nodes of every path, the best first."""
    degree = {n: len(set(graph.neighbors(n))) for n in graph}
    passable = graph.subgraph(n for n in graph if n in ends or degree[n] <= bounds.max_degree)
    found = []
    for nodes in nx.all_simple_paths(nx.Graph(passable), *ends, cutoff=bounds.max_length):
        steps = sum(
            min(edge_cost(v["type"], v["probability"]) for v in graph[x][y].values())
            for x, y in pairwise(nodes)
        )
        found.append((steps + sum(node_cost(degree[n]) for n in nodes[1:-1]), len(nodes) - 1, nodes))
    return sorted(found, key=lambda p: (p[0], p[1], [stable_number(n) for n in p[2]]))


@pytest.mark.parametrize(("scope", "edges_each"), [(EVERYTHING, 2), (IN_EAST, 12)])
@pytest.mark.parametrize("bounds", [PathBounds(5, 200), PathBounds(4, 6)])
def test_the_best_paths_are_those_found_by_looking_at_all(
    store: GraphStore, scope: Scope, edges_each: int, bounds: PathBounds
) -> None:
    sketch = random_sketch(21, people=24, edges_each=edges_each)
    store.publish(1, sketch.data())
    when = Interval(date(2020, 3, 1), date(2021, 9, 1))
    view, graph = store.view(scope=scope).as_of(when), sketch.visible(scope, when)
    several = 0
    for seed in range(60):
        ends = tuple(random.Random(seed).sample(sorted(sketch.nodes), 2))
        found = view.k_best_paths(ends[0], ends[1], 5, bounds=bounds)
        known = all(end in graph for end in ends)
        expected = best_by_looking_at_all(graph, (ends[0], ends[1]), bounds)[:5] if known else []
        assert [(round(1000 * p.cost), p.length, ids(p.nodes)) for p in found.paths] == expected
        assert found.searched == bounds.max_length
        for path in found.paths:
            for (here, there), edge in zip(pairwise(ids(path.nodes)), path.edges, strict=True):
                parallel = graph[here][there]
                assert edge.id == min(
                    parallel, key=lambda k: (edge_cost(parallel[k]["type"], parallel[k]["probability"]), k)
                )
        several += len(found.paths) > 2
    assert several


def test_a_phone_of_two_is_better_evidence_than_an_employer_of_many(store: GraphStore) -> None:
    sketch = Sketch()
    phone, employer = sketch.node("Phone:p", number="1"), sketch.node("Employer:e", name="厂")
    for i in range(100):
        sketch.edge("EMPLOYED_BY", sketch.node(f"Person:{i}", name="人"), employer, probability=1.0)
    sketch.edge("USES_PHONE", "Person:0", phone, probability=0.9)
    sketch.edge("USES_PHONE", "Person:1", phone, probability=0.9)
    sketch.edge("SPOUSE_OF", "Person:1", "Person:2", probability=0.5)
    sketch.edge("SPOUSE_OF", "Person:0", "Person:2", probability=0.5)
    store.publish(1, sketch.data())
    best = store.view().k_best_paths("Person:0", "Person:1", 3)
    assert [ids(path.nodes)[1:-1] for path in best.paths] == [["Phone:p"], ["Person:2"], ["Employer:e"]]
    assert best.paths[0].cost == pytest.approx(2 * (2 + 0.152), abs=0.001)
    assert best.paths[1].cost == pytest.approx(2 * (1 + 1) + log2(2), abs=0.001)  # beside the employer, two
    assert best.paths[2].cost == pytest.approx(2 * 3 + log2(99), abs=0.001)
    assert len(store.view().k_best_paths("Person:0", "Person:1", 1).paths) == 1
    around = PathBounds(max_degree=99)
    assert len(store.view().k_best_paths("Person:0", "Person:1", 3, bounds=around).paths) == 2
    assert store.view().k_best_paths("Person:0", "Person:404").paths == ()
    (itself,) = store.view().k_best_paths("Person:0", "Person:0").paths
    assert (ids(itself.nodes), itself.cost) == (["Person:0"], 0)


def test_the_bound_on_nodes_shortens_the_paths_considered(store: GraphStore) -> None:
    """Ten persons in a row, the first with a hundred friends: the levels 1, 1, 2, then 101 nodes are expanded."""
    sketch = Sketch()
    for i in range(10):
        sketch.node(f"Person:{i}", name="人")
    for i in range(9):
        sketch.edge("SPOUSE_OF", f"Person:{i}", f"Person:{i + 1}")
    for i in range(100):
        sketch.edge("PARENT_OF", "Person:0", sketch.node(f"Person:1{i:02}", name="人"))
    store.publish(1, sketch.data())
    view = store.view()

    def found(end: str, most: int) -> tuple[int, int]:
        best = view.k_best_paths("Person:0", end, bounds=PathBounds(4, max_nodes=most))
        return len(best.paths), best.searched

    assert found("Person:4", 2000) == (1, 4)
    assert found("Person:3", 3) == (0, 2)  # 1 + 1, then two neighbours of the end are too many
    assert found("Person:3", 4) == (1, 3)
    assert found("Person:4", 4) == (0, 3)
    assert found("Person:2", 2) == (1, 2)


def test_an_end_may_be_a_supernode(store: GraphStore) -> None:
    sketch = Sketch()
    hub = sketch.node("Employer:e", name="厂")
    for i in range(300):
        sketch.edge("EMPLOYED_BY", sketch.node(f"Person:{i}", name="人"), hub)
    sketch.edge("SPOUSE_OF", "Person:1", sketch.node("Person:x", name="外人"))
    store.publish(1, sketch.data())
    (path,) = store.view().k_best_paths(hub, "Person:x").paths
    assert ids(path.nodes) == [hub, "Person:1", "Person:x"]
    (back,) = store.view().k_best_paths("Person:x", hub).paths
    assert (ids(back.nodes), back.cost) == (ids(path.nodes)[::-1], path.cost)
