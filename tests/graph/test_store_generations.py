"""The contract of the graph store: several generations of one graph, roll-back and garbage."""

import pytest

from graph.store import GraphStore, stable_number
from resolver.errors import StoreError
from tests.graph.sketch import Sketch, family, ids


def test_an_older_generation_stays_as_it_was(store: GraphStore) -> None:
    before = family()
    store.publish(1, before.data())
    after = before.copy()
    after.nodes["Person:2"] = {**after.nodes["Person:2"], "name": "李思"}
    del after.edges["USES_PHONE", "Person:3", "Phone:p", ""]
    after.node("Person:4", name="新人")
    done = store.publish(2, after.data())
    assert (done.opened, done.closed) == (2, 2)
    old, new = store.view(1), store.view()
    assert [v.get("Person:2").properties["name"] for v in (old, new)] == ["李四", "李思"]  # type: ignore[union-attr]
    assert [v.neighbour_counts("Phone:p") for v in (old, new)] == [{"USES_PHONE": 3}, {"USES_PHONE": 2}]
    assert [v.get("Person:4") is None for v in (old, new)] == [True, False]
    assert [ids(v.search("李四")) for v in (old, new)] == [["Person:2"], []]
    assert [ids(v.search("李思")) for v in (old, new)] == [[], ["Person:2"]]


@pytest.mark.parametrize("earlier", [0, 1])
def test_publishing_the_current_generation_with_other_data_replaces_it(
    store: GraphStore, earlier: int
) -> None:
    if earlier:
        store.publish(4, Sketch().data())
    store.publish(5, family().data())
    other = family()
    del other.nodes["Person:3"]
    other.edges = {k: v for k, v in other.edges.items() if "Person:3" not in k}
    done = store.publish(5, other.data())
    assert done.nodes == 4
    assert store.graph_hash() == done.graph_hash
    assert store.view().get("Person:3") is None
    assert store.view().neighbour_counts("Phone:p") == {"USES_PHONE": 2}


def test_an_older_generation_cannot_be_published(store: GraphStore) -> None:
    store.publish(3, family().data())
    with pytest.raises(StoreError, match="older than the current one"):
        store.publish(2, family().data())


def test_rollback_and_a_publish_after_it(store: GraphStore) -> None:
    first = store.publish(1, family().data())
    grown = family()
    grown.node("Person:4", name="王五")
    grown.edge("USES_PHONE", "Person:4", "Phone:p")
    del grown.edges["USES_PHONE", "Person:1", "Phone:p", ""]
    store.publish(2, grown.data())
    store.set_current(1)
    assert store.current_generation() == 1
    assert store.view().get("Person:4") is None
    assert store.view(2).get("Person:4") is not None
    other = family()
    other.node("Person:5", name="赵六")
    store.publish(3, other.data())
    assert store.generations() == (1, 3)
    assert store.graph_hash(1) == first.graph_hash
    assert store.view().get("Person:4") is None
    assert store.view().neighbour_counts("Phone:p") == {"USES_PHONE": 3}
    with pytest.raises(StoreError, match="not kept"):
        store.view(2)
    with pytest.raises(StoreError, match="not kept"):
        store.set_current(2)


def test_abort(store: GraphStore) -> None:
    store.publish(1, family().data())
    store.abort(2)
    with pytest.raises(StoreError, match="cannot be aborted"):
        store.abort(1)
    grown = family()
    grown.node("Person:4", name="王五")
    store.publish(2, grown.data())
    store.set_current(1)
    store.abort(2)
    assert store.generations() == (1,)


def test_garbage_is_collected_and_readers_of_it_are_told(store: GraphStore) -> None:
    sketch = family()
    hashes = {}
    for generation in range(1, 6):
        sketch.node(
            f"Person:1{generation}",
            name=f"新人{'甲乙丙丁戊'[generation - 1]}",
            phones=[f"1390000000{generation}"],
        )
        sketch.nodes.pop(f"Person:1{generation - 2}", None)
        hashes[generation] = store.publish(generation, sketch.data()).graph_hash
    old = store.view(1)
    assert ids(old.search("新人甲")) == ["Person:11"]
    assert store.collect_garbage(keep=3) == (1, 2)
    assert store.generations() == (3, 4, 5)
    assert {g: store.graph_hash(g) for g in (3, 4, 5)} == {g: hashes[g] for g in (3, 4, 5)}
    with pytest.raises(StoreError, match="not kept"):
        old.get("Person:1")
    assert ids(store.view(3).search("新人")) == sorted(["Person:12", "Person:13"], key=stable_number)
    assert store.view(3).find("Person", "phones", "13900000001") == ()
    assert store.collect_garbage(keep=3) == ()
