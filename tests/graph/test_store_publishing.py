"""The contract of the graph store: what a publish writes, refuses and hashes."""

from datetime import date

import pyarrow as pa
import pytest

from graph.store import GraphData, GraphStore
from resolver.errors import StoreError
from tests.graph.sketch import EAST, WEST, family, random_sketch
from tests.graph.store_kinds import Place


def test_an_empty_store_has_nothing_to_look_at(store: GraphStore) -> None:
    assert store.current_generation() is None
    assert store.generations() == ()
    assert store.collect_garbage() == ()
    with pytest.raises(StoreError, match="empty"):
        store.view()


def test_what_is_published_is_read_back(store: GraphStore) -> None:
    done = store.publish(1, family().data())
    assert (done.generation, done.nodes, done.edges, done.opened, done.closed) == (1, 5, 8, 13, 0)
    assert store.current_generation() == 1
    node = store.view().get("Person:1")
    assert node is not None
    assert (node.id, node.label) == ("Person:1", "Person")
    assert node.properties["birth_date"] == date(1987, 5, 12)
    assert node.properties["phones"] == ["13806310001", "06315200001"]
    assert "town" not in node.properties
    around = store.view().neighbourhood("Person:1", 1, types=["SPOUSE_OF"])
    assert around is not None
    first = around.edges[0]
    assert first.id == "SPOUSE_OF:Person:1>Person:2#a"
    assert (first.source, first.target, first.probability, first.row_ids) == (
        "Person:1",
        "Person:2",
        0.9,
        (7,),
    )
    assert (first.valid_from, first.valid_to) == (date(2010, 1, 1), date(2015, 6, 30))


def test_publishing_the_same_again_does_nothing(store: GraphStore) -> None:
    first = store.publish(1, family().data())
    again = store.publish(1, family().data())
    assert (again.opened, again.closed, again.graph_hash) == (0, 0, first.graph_hash)
    next_month = store.publish(2, family().data())
    assert (next_month.opened, next_month.closed) == (0, 0)
    assert store.generations() == (1, 2)


def test_an_edge_to_nowhere_is_refused_and_nothing_changes(store: GraphStore) -> None:
    store.publish(1, family().data())
    broken = family()
    broken.edge("USES_PHONE", "Person:1", "Phone:gone")
    with pytest.raises(StoreError, match="Phone:gone"):
        store.publish(2, broken.data())
    assert store.generations() == (1,)


def test_ids_that_come_twice_are_refused(store: GraphStore) -> None:
    data = family().data()
    people = pa.concat_tables([data.nodes["Person"], data.nodes["Person"].slice(0, 1)])
    with pytest.raises(StoreError, match="Person:1"):
        store.publish(1, GraphData({**data.nodes, "Person": people}, data.edges))
    spouses = pa.concat_tables([data.edges["SPOUSE_OF"]] * 2)
    with pytest.raises(StoreError, match="SPOUSE_OF"):
        store.publish(1, GraphData(data.nodes, {**data.edges, "SPOUSE_OF": spouses}))


def test_a_grown_store_equals_a_rebuilt_one(stores: Place) -> None:
    grown = stores.empty()
    for generation in range(1, 6):
        data = random_sketch(generation).data()
        done = grown.publish(generation, data)
        assert grown.graph_hash() == done.graph_hash
    people = [f"Person:{i}" for i in range(40)]
    expected = [grown.view().neighbourhood(node, 2, limit=2) for node in people]
    hashes = [grown.graph_hash(g) for g in grown.generations()]
    assert len(set(hashes)) == 5
    shuffled = GraphData(
        {label: table.take(list(reversed(range(table.num_rows)))) for label, table in data.nodes.items()},
        dict(sorted(data.edges.items(), reverse=True)),
    )
    rebuilt = stores.empty()
    assert rebuilt.publish(1, shuffled).graph_hash == hashes[-1]
    assert [rebuilt.view().neighbourhood(node, 2, limit=2) for node in people] == expected


def test_a_store_opened_again_has_what_was_published(stores: Place) -> None:
    done = stores.empty().publish(1, family().data())
    stores.close()
    again = stores.open()
    assert (again.current_generation(), again.graph_hash()) == (1, done.graph_hash)
    assert again.publish(1, family().data()).opened == 0


@pytest.mark.parametrize(
    "change", ["property", "region of a node", "region of an edge", "probability", "rows"]
)
def test_every_change_changes_the_hash(store: GraphStore, change: str) -> None:
    first = store.publish(1, family().data()).graph_hash
    changed = family()
    edge = ("USES_PHONE", "Person:1", "Phone:p", "")
    match change:
        case "property":
            changed.nodes["Person:1"]["name"] = "张三"
        case "region of a node":
            changed.nodes["Person:1"]["regions"] = None
        case "region of an edge":
            changed.edges[edge]["regions"] = f"{EAST},{WEST}"
        case "probability":
            changed.edges[edge]["probability"] = 0.91
        case "rows":
            changed.edges[edge]["row_ids"] = [7, 8]
    done = store.publish(2, changed.data())
    assert done.graph_hash != first
    assert store.graph_hash(2) == done.graph_hash
    assert store.graph_hash(1) == first
