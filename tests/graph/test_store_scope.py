"""The contract of the graph store: what a view leaves out."""

import random
import threading

import networkx as nx
import pytest

from graph.store import EVERYTHING, GraphStore, Scope, node_id
from tests.graph.sketch import EAST, IN_EAST, WEST, family, ids, random_sketch


def expected_neighbours(graph: nx.MultiGraph, node: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for _, other, values in graph.edges(node, data=True):
        found.setdefault(values["type"], set()).add(other)
    return found


@pytest.mark.parametrize(
    "scope",
    [
        EVERYTHING,
        IN_EAST,
        Scope(departments=frozenset({"MSB"})),
        Scope(frozenset({EAST, WEST}), frozenset({"MSB", "CIVIL"})),
        Scope(frozenset()),
    ],
)
def test_a_scope_hides_nodes_neighbours_counts_and_paths(store: GraphStore, scope: Scope) -> None:
    sketch = random_sketch(11)
    store.publish(1, sketch.data())
    view, reference = store.view(scope=scope), sketch.visible(scope)
    assert set(ids(view.get_many(sketch.nodes))) == set(reference)
    lengths = dict(nx.all_pairs_shortest_path_length(reference))
    for node in sketch.nodes:
        assert (view.get(node) is not None) == (node in reference)
        if node not in reference:
            assert view.neighbour_counts(node) == {}
            assert view.neighbourhood(node, 2) is None
            assert view.shortest_path(node, node) is None
            continue
        expected = expected_neighbours(reference, node)
        assert view.neighbour_counts(node) == {kind: len(others) for kind, others in expected.items()}
        around = view.neighbourhood(node, 2)
        assert around is not None
        assert ids(around.nodes) == sorted(n for n, d in lengths[node].items() if d <= 2)
        walked = {key for near in lengths[node] if lengths[node][near] < 2
                  for _, _, key in reference.edges(near, keys=True)}  # fmt: skip
        assert ids(around.edges) == sorted(walked)
        assert around.truncated == frozenset()
        assert around.counts[node] == view.neighbour_counts(node)
    for seed in range(60):
        a, b = random.Random(seed).sample(sorted(sketch.nodes), 2)
        path = view.shortest_path(a, b, max_length=8)
        expected_length = lengths.get(a, {}).get(b)
        assert (path.length if path else None) == (
            expected_length if expected_length is not None and expected_length <= 8 else None
        )


def test_views_work_in_any_thread_and_after_new_regions_arrive(store: GraphStore) -> None:
    store.publish(1, family().data())
    view = store.view(scope=Scope(regions=frozenset({"370102"})))
    assert view.get("Person:1") is None
    moved = family()
    moved.node("Person:8", "370102", name="济南人")
    store.publish(2, moved.data())
    found: list[object] = []
    for look in (store.view(scope=view.scope), view):
        thread = threading.Thread(target=lambda look=look: found.append(look.get("Person:8")))
        thread.start()
        thread.join()
    assert [node is not None for node in found] == [True, False]
    newest = store.view(scope=view.scope).get("Person:8")
    assert newest is not None
    assert newest.id == node_id("Person", 8)
