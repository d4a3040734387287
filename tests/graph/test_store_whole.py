"""The contract of the graph store: a whole view at once."""

from datetime import date

import pytest

from graph.analysis.network import edge_list, network
from graph.store import (
    ANY_DAY,
    EVERYTHING,
    GraphStore,
    GraphTooLargeError,
    GraphView,
    Interval,
    Scope,
    WholeBounds,
)
from tests.graph.sketch import EAST, IN_EAST, Sketch, family, ids, random_sketch

YEAR = Interval(date(2020, 6, 1), date(2021, 6, 1))


def expected(
    sketch: Sketch, scope: Scope, when: Interval, labels: set[str] | None, types: set[str] | None
) -> tuple[list[str], list[str]]:
    """The obvious reference: ids of nodes and of edges."""
    seen = sketch.visible(scope, when)
    nodes = {n for n in seen if labels is None or n.split(":")[0] in labels}
    edges = [
        key
        for source, target, key, about in seen.edges(keys=True, data=True)
        if {source, target} <= nodes and (types is None or about["type"] in types)
    ]
    return sorted(nodes), sorted(edges)


@pytest.mark.parametrize("scope", [EVERYTHING, IN_EAST, Scope(frozenset({EAST}), frozenset({"MSB"}))])
@pytest.mark.parametrize("when", [ANY_DAY, YEAR])
def test_a_whole_view_is_what_may_be_seen_and_holds_then(
    store: GraphStore, scope: Scope, when: Interval
) -> None:
    sketch = random_sketch(5)
    store.publish(1, sketch.data())
    view = store.view(scope=scope).as_of(when)
    for labels in (None, {"Person"}, {"Phone", "Nothing"}, set[str]()):
        for types in (None, {"SPOUSE_OF", "NOTHING"}, {"USES_PHONE"}, set[str]()):
            found = view.whole(labels=labels, types=types)
            loops = {edge.id for edge in found.edges if edge.source == edge.target}
            nodes, edges = expected(sketch, scope, when, labels, types)
            assert ids(found.nodes) == nodes
            assert [edge for edge in ids(found.edges) if edge not in loops] == edges
            assert (found.counts, found.truncated) == ({}, frozenset())
    assert view.whole().edges


def test_nodes_and_edges_are_whole(family_view: GraphView) -> None:
    found = family_view.whole()
    assert found.nodes == family_view.get_many(ids(found.nodes))
    around = family_view.neighbourhood("Phone:p", 3)
    assert around is not None
    assert found.edges == around.edges
    [first, *_] = [edge for edge in found.edges if edge.type == "SPOUSE_OF"]
    assert (first.valid_from, first.row_ids, first.probability) == (date(2010, 1, 1), (7,), 0.9)


def test_an_edge_from_a_node_to_itself_is_there(store: GraphStore) -> None:
    sketch = family()
    loop = sketch.edge("SPOUSE_OF", "Person:1", "Person:1")
    store.publish(1, sketch.data())
    assert loop in ids(store.view().whole(types=["SPOUSE_OF"]).edges)


def test_each_generation_has_its_own(store: GraphStore) -> None:
    before, after = random_sketch(6), random_sketch(6)
    after.node("Person:1", name="改名")
    after.node("Person:new")
    after.edge("SPOUSE_OF", "Person:1", "Person:new")
    gone = next(key for key in after.edges if key[0] == "USES_PHONE")
    del after.edges[gone]
    for generation, sketch in ((1, before), (2, after)):
        store.publish(generation, sketch.data())
    old, new = store.view(1).whole(), store.view(2).whole()
    assert ids(old.nodes) == sorted(before.nodes)
    assert ids(new.nodes) == sorted(after.nodes)
    assert len(old.edges) == len(before.edges)
    assert len(new.edges) == len(after.edges) == len(before.edges)
    assert {node.properties.get("name") for node in new.nodes if node.id == "Person:1"} == {"改名"}


def test_more_than_the_limit_is_refused_and_the_remedy_named(family_view: GraphView) -> None:
    whole = family_view.whole()
    n, m = len(whole.nodes), len(whole.edges)
    assert family_view.whole(bounds=WholeBounds(n, m)) == whole
    with pytest.raises(GraphTooLargeError, match=rf"the view has {n} nodes; at most {n - 1}") as refused:
        family_view.whole(bounds=WholeBounds(max_nodes=n - 1))
    assert "WholeBounds(max_nodes=…)" in refused.value.remedy
    with pytest.raises(GraphTooLargeError, match=rf"the view has {m} edges; at most {m - 1}"):
        family_view.whole(bounds=WholeBounds(max_edges=m - 1))
    few = family_view.whole(types=["SPOUSE_OF"], bounds=WholeBounds(max_edges=2))
    assert len(few.edges) == 2


def test_a_whole_view_in_networkx_and_pandas(family_view: GraphView) -> None:
    whole = family_view.whole()
    graph = network(whole)
    assert sorted(graph) == ids(whole.nodes)
    assert list(edge_list(graph)["id"]) == ids(whole.edges)
