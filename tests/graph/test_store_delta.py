"""The contract of the graph store: publishing a delta."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from graph.delta import Record, delta_between, record_of
from graph.store import DeltaRefusedError, GraphData, GraphDelta, GraphStore
from tests.graph.sketch import EAST, IN_EAST, WEST, Sketch, family, ids, random_sketch
from tests.graph.store_kinds import Place


def delta_of(before: Sketch | GraphData, after: Sketch, where: Path) -> GraphDelta:
    made = where / f"delta {len(list(where.iterdir()))}"
    (made / "new").mkdir(parents=True)
    data = before.data() if isinstance(before, Sketch) else before
    record: Record = record_of(data, made)
    return delta_between(record, after.data(), made / "new")[0]


def changed_family() -> Sketch:
    after = family()
    after.nodes["Person:2"] = {**after.nodes["Person:2"], "name": "李思", "phones": ["13900000000"]}
    after.nodes["Phone:p"] = {**after.nodes["Phone:p"], "regions": WEST}
    after.node("Person:4", name="新人")
    after.edge("SPOUSE_OF", "Person:3", "Person:4")
    del after.edges["EMPLOYED_BY", "Person:3", "Employer:9", ""]
    return after


def test_a_delta_and_a_whole_publish_make_the_same_graph(stores: Place, tmp_path: Path) -> None:
    store = stores.empty()
    before, after = family(), changed_family()
    store.publish(1, before.data())
    done = store.publish_delta(2, delta_of(before, after, tmp_path))
    # two nodes changed, one is new; three edges at the phone are others now, one is new, one gone
    assert (done.generation, done.nodes, done.edges, done.opened, done.closed) == (2, 6, 8, 7, 6)
    assert store.graph_hash(2) == store.recorded_hash(2) == done.graph_hash
    assert store.generations() == (1, 2)
    old, new = store.view(1), store.view()
    assert [ids(v.search("李四")) for v in (old, new)] == [["Person:2"], []]
    assert [ids(v.search("李思")) for v in (old, new)] == [[], ["Person:2"]]
    assert [ids(v.find("Person", "phones", "13900000000")) for v in (old, new)] == [[], ["Person:2"]]
    assert [v.neighbour_counts("Employer:9") for v in (old, new)] == [{"EMPLOYED_BY": 3}, {"EMPLOYED_BY": 2}]
    assert store.view(1, IN_EAST).neighbour_counts("Person:1")["USES_PHONE"] == 1
    assert "USES_PHONE" not in store.view(2, IN_EAST).neighbour_counts("Person:1")
    people = [f"Person:{i}" for i in range(1, 5)]
    grown = [new.neighbourhood(node, 2) for node in people]
    rebuilt = stores.empty()
    assert rebuilt.publish(1, after.data()).graph_hash == done.graph_hash
    assert [rebuilt.view().neighbourhood(node, 2) for node in people] == grown


def test_months_of_deltas_end_where_a_rebuilt_store_begins(stores: Place, tmp_path: Path) -> None:
    store = stores.empty()
    sketches = [random_sketch(seed) for seed in range(1, 5)]
    for sketch in sketches:
        sketch.edge("PARENT_OF", "Person:0", "Person:0", probability=0.1 * len(sketch.edges) / 1000)
    store.publish(1, sketches[0].data())
    for generation, (before, after) in enumerate(pairwise(sketches), 2):
        done = store.publish_delta(generation, delta_of(before, after, tmp_path))
        assert store.graph_hash() == done.graph_hash
    hashes = [store.graph_hash(g) for g in store.generations()]
    assert [store.recorded_hash(g) for g in store.generations()] == hashes
    store.collect_garbage(2)
    assert [store.graph_hash(g) for g in store.generations()] == hashes[-2:]
    assert stores.empty().publish(1, sketches[-1].data()).graph_hash == hashes[-1]


def test_the_same_delta_again_does_nothing(store: GraphStore, tmp_path: Path) -> None:
    before, after = family(), changed_family()
    store.publish(1, before.data())
    delta = delta_of(before, after, tmp_path)
    first = store.publish_delta(2, delta)
    again = store.publish_delta(2, delta)
    assert (again.opened, again.closed) == (0, 0)
    assert (again.graph_hash, again.nodes, again.edges) == (first.graph_hash, first.nodes, first.edges)
    assert store.publish(2, after.data()).opened == 0


def test_a_delta_that_does_not_fit_is_refused_and_nothing_changes(store: GraphStore, tmp_path: Path) -> None:
    before, after = family(), changed_family()
    delta = delta_of(before, after, tmp_path)
    with pytest.raises(DeltaRefusedError, match="empty"):
        store.publish_delta(1, delta)
    first = store.publish(1, before.data())
    lost_node = delta.nodes.filter([key != "4" for key in delta.nodes["key"].to_pylist()])
    for wrong, why in (
        (replace(delta, base="0" * 32), "another graph"),
        (replace(delta, graph_hash="0" * 32), "promises"),
        (replace(delta, nodes=lost_node), "promises"),
        (replace(delta, closed_edges=delta.closed_edges.slice(1)), "promises"),
        (delta_of(Sketch(), after, tmp_path), "another graph"),
    ):
        with pytest.raises(DeltaRefusedError, match=why):
            store.publish_delta(2, wrong)
        assert (store.current_generation(), store.generations()) == (1, (1,))
        assert store.graph_hash() == first.graph_hash
    with pytest.raises(DeltaRefusedError):
        store.publish_delta(1, delta)
    store.publish_delta(2, delta)
    with pytest.raises(DeltaRefusedError, match="another graph"):
        store.publish_delta(3, delta)


def test_a_delta_after_a_rollback_undoes_what_lies_above(store: GraphStore, tmp_path: Path) -> None:
    before, after = family(), changed_family()
    store.publish(1, before.data())
    wrong = before.copy()
    wrong.node("Person:99", EAST, name="误")
    store.publish(2, wrong.data())
    store.set_current(1)
    done = store.publish_delta(3, delta_of(before, after, tmp_path))
    assert store.generations() == (1, 3)
    assert store.graph_hash() == done.graph_hash
    assert store.view().get("Person:99") is None
