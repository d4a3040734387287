"""The contract of the graph store: nodes with very many neighbours."""

import pytest

from graph.store import EVERYTHING, GraphStore, Scope, stable_number
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
