"""The contract of the graph store: nodes with very many neighbours."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from graph.store import EVERYTHING, GraphStore, PathBounds, Scope, stable_number
from graph.walks import WIDE
from tests.graph.sketch import EAST, IN_EAST, WEST, Sketch, ids


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST])
def test_supernodes_are_counted_capped_and_not_walked_through(store: GraphStore, scope: Scope) -> None:
    sketch = Sketch()
    hub = sketch.node("Phone:hub", f"{EAST},{WEST}", number="1")
    for i in range(400):
        region = EAST if i < 300 else WEST
        sketch.edge("USES_PHONE", sketch.node(f"Person:{i}", region, name="人"), hub, region)
    for i in range(3):  # the long way round
        sketch.edge("SPOUSE_OF", f"Person:{i}", f"Person:{i + 1}")
    store.publish(1, sketch.data())
    view = store.view(scope=scope)
    count = 400 if scope == EVERYTHING else 300
    assert view.neighbour_counts(hub) == {"USES_PHONE": count}
    around = view.neighbourhood(hub, 1, limit=25)
    assert around is not None
    assert around.truncated == {hub}
    visible = [f"Person:{i}" for i in range(count)]
    assert ids(around.nodes) == sorted([hub, *sorted(visible, key=stable_number)[:25]])
    assert around.counts == {hub: {"USES_PHONE": count}}
    (shared,) = view.sharing("Person:5", "USES_PHONE", limit=10)
    assert (shared.via.id, shared.count, len(shared.others), shared.truncated) == (hub, count - 1, 10, True)
    assert "Person:5" not in ids(shared.others)
    near = view.shortest_path("Person:0", "Person:3", max_degree=500)
    assert near is not None
    assert near.length == 2
    far = view.shortest_path("Person:0", "Person:3", max_degree=200)
    assert far is not None
    assert far.length == 3
    from_hub = view.shortest_path(hub, "Person:9", max_degree=200)
    assert from_hub is not None
    assert from_hub.length == 1
    assert view.shortest_path("Person:9", "Person:10", max_degree=200) is None
    small = view.neighbourhood(hub, 2, limit=25, max_nodes=10)
    assert small is not None
    assert len(small.nodes) == 10


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST])
def test_paths_lead_from_one_supernode_to_another(store: GraphStore, scope: Scope) -> None:
    """Each of the two has more neighbours than are read, and they share four, of whom one sees a part."""
    sketch = Sketch()
    hubs = sketch.node("Employer:a", name="甲厂"), sketch.node("Employer:b", name="乙厂")
    for i in range(2 * WIDE + 400):
        person = sketch.node(f"Person:{i}", WEST if 1200 <= i < 1205 else EAST, name="人")
        sketch.edge("EMPLOYED_BY", person, hubs[i >= 1198])
        if 1198 <= i < 1202:
            sketch.edge("EMPLOYED_BY", person, hubs[0])
    store.publish(1, sketch.data())
    view = store.view(scope=scope)
    shared = [f"Person:{i}" for i in range(1198, 1202 if scope == EVERYTHING else 1200)]
    for a, b in (hubs, hubs[::-1]):
        path = view.shortest_path(a, b)
        assert path is not None
        assert path.length == 2
        assert path.nodes[1].id in shared
        best = view.k_best_paths(a, b, 9, bounds=PathBounds(4, max_nodes=WIDE))
        assert [ids(one.nodes) for one in best.paths] == [
            [a, person, b] for person in sorted(shared, key=stable_number)
        ]
        assert best.searched == 2
        assert ids(view.common_neighbours(a, b).nodes) == sorted(shared)


def test_a_phone_of_5000_and_an_employer_of_50000(store: GraphStore) -> None:
    """Two seconds here, for the machine may be busy: what is meant is 0.2, which `make soak` holds it to."""
    ask_of_supernodes(store, within=2.0)


@pytest.mark.soak
def test_no_question_about_a_supernode_takes_longer_than_a_fifth_of_a_second(store: GraphStore) -> None:
    ask_of_supernodes(store, within=0.2)


def ask_of_supernodes(store: GraphStore, within: float) -> None:
    def in_time(ask: Callable[..., Any], *given: object, **more: object) -> Any:
        """The answer; it must come in time at the best of three."""
        took = []
        for _ in range(3):
            start = time.perf_counter()
            answer = ask(*given, **more)
            took.append(time.perf_counter() - start)
        assert min(took) < within, (ask.__name__, given, took)
        return answer

    sketch = Sketch()
    phone, employer = sketch.node("Phone:hub", number="1"), sketch.node("Employer:hub", name="大厂")
    for i in range(50_000):
        person = sketch.node(f"Person:{i}", EAST if i % 2 else WEST)
        sketch.edge("EMPLOYED_BY", person, employer)
        if i < 5_000:
            sketch.edge("USES_PHONE", person, phone)
    sketch.edge("SPOUSE_OF", "Person:0", "Person:1")
    sketch.edge("SPOUSE_OF", "Person:1", "Person:49999")
    outside = sketch.node("Person:outside", EAST)
    sketch.edge("PARENT_OF", "Person:7", outside)
    store.publish(1, sketch.data())
    for scope, part in ((EVERYTHING, 1), (IN_EAST, 2)):
        view = store.view(scope=scope)
        for hub, edge_type, count in ((phone, "USES_PHONE", 5_000), (employer, "EMPLOYED_BY", 50_000)):
            assert in_time(view.neighbour_counts, hub) == {edge_type: count // part}
            around = in_time(view.neighbourhood, hub, 1)
            assert (len(around.nodes), around.truncated) == (26, {hub})
            assert around.counts == {hub: {edge_type: count // part}}
            beyond = in_time(view.neighbourhood, "Person:1", 2, types=[edge_type])
            assert beyond.truncated == {hub}
            page = in_time(view.neighbours, hub, edge_type, after="Person:7", limit=100)
            assert (page.count, len(page.neighbours)) == (count // part, 100)
            (shared,) = in_time(view.sharing, "Person:1", edge_type)
            assert (shared.count, shared.truncated) == (count // part - 1, True)
        around = in_time(view.common_neighbours, "Person:1", "Person:49999", types=["EMPLOYED_BY"])
        assert ids(around.nodes) == [employer]
        path = in_time(view.shortest_path, "Person:1", "Person:49999")
        assert path.length == 1
        best = in_time(view.k_best_paths, "Person:1", "Person:49999", bounds=PathBounds(3))
        assert [p.length for p in best.paths] == [1]
        (from_hub,) = in_time(view.k_best_paths, employer, "Person:1", 1).paths
        assert from_hub.length == 1
        for ends in ((employer, outside), (outside, employer)):
            there = in_time(view.shortest_path, *ends)
            assert ids(there.nodes) == [ends[0], "Person:7", ends[1]]
            (best,) = in_time(view.k_best_paths, *ends).paths
            assert ids(best.nodes) == ids(there.nodes)
