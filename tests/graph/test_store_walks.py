"""The contract of the graph store: neighbourhoods, pages of neighbours, and time."""

from datetime import date

import pytest

from graph.store import EVERYTHING, GraphStore, GraphView, Interval, Scope, stable_number
from tests.graph.sketch import IN_EAST, Sketch, family, ids, random_sketch


def test_types(family_view: GraphView) -> None:
    view = family_view
    assert view.neighbour_counts("Person:1") == {"EMPLOYED_BY": 1, "SPOUSE_OF": 1, "USES_PHONE": 1}
    both = view.neighbourhood("Person:1", types={"SPOUSE_OF"})
    assert both is not None
    assert (len(both.edges), both.counts) == (2, {"Person:1": {"SPOUSE_OF": 1}})
    nothing = view.neighbourhood("Person:1", types=())
    assert nothing is not None
    assert (ids(nothing.nodes), nothing.edges, nothing.counts) == (["Person:1"], (), {"Person:1": {}})
    assert view.neighbourhood("Person:1", types={"NO_SUCH_TYPE"}) == nothing


MARRIAGES: list[tuple[date | Interval | None, str]] = [
    (date(2009, 12, 31), ""),
    (date(2010, 1, 1), "a"),
    (date(2015, 6, 30), "a"),
    (date(2015, 7, 1), ""),
    (date(2017, 12, 31), ""),
    (date(2018, 1, 1), "b"),
    (date(2999, 1, 1), "b"),
    (None, "ab"),
    (Interval(), "ab"),
    (Interval(date(2015, 6, 30), date(2018, 1, 1)), "ab"),
    (Interval(date(2015, 7, 1), date(2017, 12, 31)), ""),
    (Interval(None, date(2017, 12, 31)), "a"),
    (Interval(date(2015, 7, 1), None), "b"),
]


def test_a_slice_of_time_has_the_edges_that_hold_then(family_view: GraphView) -> None:
    for when, marriages in MARRIAGES:
        view = family_view.as_of(when)
        around = view.neighbourhood("Person:1", types={"SPOUSE_OF"})
        assert around is not None
        assert [edge.id.split("#")[1] for edge in around.edges] == list(marriages)
        assert view.neighbour_counts("Person:1").get("SPOUSE_OF", 0) == bool(marriages)
        page = view.neighbours("Person:1", "SPOUSE_OF")
        assert page is not None
        assert page.count == bool(marriages)
        path = view.shortest_path("Person:1", "Person:2", types=["SPOUSE_OF"])
        assert (path is not None) == bool(marriages)
        assert bool(view.k_best_paths("Person:1", "Person:2", types=["SPOUSE_OF"]).paths) == bool(marriages)
        assert view.get("Person:1") == family_view.get("Person:1")
        assert view.as_of(None).neighbour_counts("Person:1") == family_view.neighbour_counts("Person:1")
        assert view.as_of(None).when == Interval()


def test_a_slice_keeps_generation_and_scope(store: GraphStore) -> None:
    store.publish(1, family().data())
    store.publish(2, family().data())
    view = store.view(1, IN_EAST).as_of(date(2020, 1, 1))
    assert (view.generation, view.scope, view.when) == (
        1,
        IN_EAST,
        Interval(date(2020, 1, 1), date(2020, 1, 1)),
    )
    assert view.get("Person:3") is None
    assert view.neighbour_counts("Phone:p") == {"USES_PHONE": 2}


def test_a_node_is_not_its_own_neighbour(store: GraphStore) -> None:
    sketch = family()
    sketch.edge("PARENT_OF", "Person:1", "Person:1")
    store.publish(1, sketch.data())
    assert "PARENT_OF" not in store.view().neighbour_counts("Person:1")
    page = store.view().neighbours("Person:1", "PARENT_OF")
    assert page is not None
    assert (page.neighbours, page.count, page.after) == ((), 0, None)


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST])
def test_pages_give_every_neighbour_once_with_all_its_edges(store: GraphStore, scope: Scope) -> None:
    sketch = random_sketch(5)
    store.publish(1, sketch.data())
    view, reference = store.view(scope=scope), sketch.visible(scope)
    for node in sketch.nodes:
        for edge_type in ("SPOUSE_OF", "USES_PHONE"):
            if node not in reference:
                assert view.neighbours(node, edge_type) is None
                continue
            expected: dict[str, set[str]] = {}
            for _, other, key, values in reference.edges(node, keys=True, data=True):
                if values["type"] == edge_type:
                    expected.setdefault(other, set()).add(key)
            found: list[tuple[str, list[str]]] = []
            after = None
            while True:
                page = view.neighbours(node, edge_type, after=after, limit=2)
                assert page is not None
                assert page.count == len(expected)
                assert len(page.neighbours) <= 2
                found += [(beside.node.id, ids(beside.edges)) for beside in page.neighbours]
                after = page.after
                if after is None:
                    break
                assert after == page.neighbours[-1].node.id
            assert found == [(n, sorted(expected[n])) for n in sorted(expected, key=stable_number)]


def test_the_next_page_goes_on_where_a_vanished_node_was(store: GraphStore) -> None:
    sketch = Sketch()
    hub = sketch.node("Phone:hub", number="1")
    for i in range(10):
        sketch.edge("USES_PHONE", sketch.node(f"Person:{i}", name="人"), hub)
    store.publish(1, sketch.data())
    order = sorted((f"Person:{i}" for i in range(10)), key=stable_number)
    first = store.view().neighbours(hub, "USES_PHONE", limit=4)
    assert first is not None
    assert first.after == order[3]
    del sketch.nodes[order[3]]
    sketch.edges = {key: values for key, values in sketch.edges.items() if key[1] != order[3]}
    store.publish(2, sketch.data())
    rest = store.view().neighbours(hub, "USES_PHONE", after=first.after)
    assert rest is not None
    assert ([n.node.id for n in rest.neighbours], rest.count, rest.after) == (order[4:], 9, None)


@pytest.mark.parametrize("when", [None, date(2021, 6, 1), Interval(date(2021, 1, 1), date(2021, 3, 1))])
def test_a_capped_walk_takes_the_first_neighbours_of_each_type(
    store: GraphStore, when: date | Interval | None
) -> None:
    sketch = random_sketch(8, people=60)
    store.publish(1, sketch.data())
    view, reference = store.view().as_of(when), sketch.visible(EVERYTHING, Interval.of(when))
    for i in range(60):
        node = f"Person:{i}"
        beside: dict[str, set[str]] = {}
        for _, other, values in reference.edges(node, data=True):
            beside.setdefault(values["type"], set()).add(other)
        around = view.neighbourhood(node, 1, limit=2)
        assert around is not None
        kept = {o for others in beside.values() for o in sorted(others, key=stable_number)[:2]}
        assert set(ids(around.nodes)) == {node, *kept}
        assert around.truncated == ({node} if any(len(o) > 2 for o in beside.values()) else frozenset())
        assert around.counts == {node: {kind: len(others) for kind, others in beside.items()}}
