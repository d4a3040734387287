"""The contract of the graph store, held against every store. A new one is added to `STORES`."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
import pytest

from graph.projection import edge_schema, node_schema
from graph.sqlite_store import SqliteStore
from graph.store import (
    EVERYTHING,
    GraphData,
    GraphStore,
    GraphView,
    Scope,
    edge_id,
    in_scope,
    node_id,
    stable_number,
)
from resolver.errors import StoreError

EAST, WEST = "371002", "371083"
IN_EAST = Scope(regions=frozenset({EAST}))

# Name -> what makes a store in a folder, and a function of the adapter in the middle of a publish.
STORES: dict[str, tuple[Callable[[Path], GraphStore], str]] = {
    "sqlite": (lambda folder: SqliteStore(folder / "graph.db"), "graph.sqlite_writer._open_edges"),
}


@dataclass
class Sketch:
    """A graph written down by hand."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    edges: dict[tuple[str, str, str, str], dict[str, Any]] = field(default_factory=dict)

    def node(
        self, node: str, regions: str | None = EAST, departments: str | None = "MSB", **values: Any
    ) -> str:
        self.nodes[node] = {"regions": regions, "departments": departments, **values}
        return node

    def edge(
        self,
        edge_type: str,
        source: str,
        target: str,
        regions: str | None = EAST,
        key: str = "",
        **values: Any,
    ) -> str:
        values = {"regions": regions, "departments": "MSB", "probability": 0.9, "row_ids": [7], **values}
        self.edges[edge_type, source, target, key] = values
        return edge_id(edge_type, source, target, key)

    def copy(self) -> "Sketch":
        return Sketch(dict(self.nodes), dict(self.edges))

    def data(self) -> GraphData:
        nodes: dict[str, list[dict[str, Any]]] = {}
        for name, values in self.nodes.items():
            label, key = name.split(":", 1)
            nodes.setdefault(label, []).append({"key": key, **values})
        edges: dict[str, list[dict[str, Any]]] = {}
        for (edge_type, source, target, key), values in self.edges.items():
            edges.setdefault(edge_type, []).append({"source": source, "target": target, "key": key, **values})
        return GraphData(
            {label: pa.Table.from_pylist(rows, node_schema(label)) for label, rows in nodes.items()},
            {name: pa.Table.from_pylist(rows, edge_schema(name)) for name, rows in edges.items()},
        )

    def visible(self, scope: Scope) -> nx.MultiGraph:
        """The slow, obvious reference: what a scope may see."""

        def seen(values: Mapping[str, Any]) -> bool:
            return in_scope(
                scope, (values["regions"] or "").split(","), (values["departments"] or "").split(",")
            )

        graph = nx.MultiGraph()
        graph.add_nodes_from(name for name, values in self.nodes.items() if seen(values))
        for (edge_type, source, target, key), values in self.edges.items():
            if seen(values) and source in graph and target in graph and source != target:
                graph.add_edge(source, target, key=edge_id(edge_type, source, target, key), type=edge_type)
        return graph


@pytest.fixture(params=sorted(STORES))
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., GraphStore]]:
    made: list[GraphStore] = []

    def make(name: str = "one") -> GraphStore:
        (tmp_path / name).mkdir(exist_ok=True)
        made.append(STORES[request.param][0](tmp_path / name))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: Callable[..., GraphStore]) -> GraphStore:
    return make_store()


def family() -> Sketch:
    sketch = Sketch()
    zhang = sketch.node(
        "Person:1",
        name="张三丰",
        pinyin=["zhang san feng"],
        former_names=["张君宝"],
        birth_date=date(1987, 5, 12),
        id_number="37100219870512001X",
        id_numbers=["37100219870512001X"],
        phones=["13806310001", "06315200001"],
    )
    sketch.node(
        "Person:2", name="李四", pinyin=["li si"], birth_date=date(1990, 1, 2), phones=["13806310001"]
    )
    sketch.node("Person:3", regions=WEST, name="张三", pinyin=["zhang san"], birth_date=date(1987, 5, 12))
    sketch.node("Phone:p", f"{EAST},{WEST}", number="13806310001")
    sketch.node(
        "Employer:9", f"{EAST},{WEST}", name="威海市ABC机械有限公司", credit_code="91371002MA3C000000"
    )
    sketch.edge(
        "SPOUSE_OF", zhang, "Person:2", valid_from=date(2010, 1, 1), valid_to=date(2015, 6, 30), key="a"
    )
    sketch.edge("SPOUSE_OF", zhang, "Person:2", valid_from=date(2018, 1, 1), key="b")
    for person, region in (("Person:1", EAST), ("Person:2", EAST), ("Person:3", WEST)):
        sketch.edge("USES_PHONE", person, "Phone:p", region, n_rows=2)
        sketch.edge("EMPLOYED_BY", person, "Employer:9", region)
    return sketch


@pytest.fixture(scope="module", params=sorted(STORES))
def family_view(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphView]:
    """The family, for tests that only read."""
    store = STORES[request.param][0](tmp_path_factory.mktemp("family"))
    store.publish(1, family().data())
    yield store.view()
    store.close()


def ids(things: Any) -> list[str]:
    return [thing.id for thing in things]


# --- writing --------------------------------------------------------------------------------------------------


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


def test_publishing_the_same_again_does_nothing(store: GraphStore) -> None:
    first = store.publish(1, family().data())
    again = store.publish(1, family().data())
    assert (again.opened, again.closed, again.graph_hash) == (0, 0, first.graph_hash)
    next_month = store.publish(2, family().data())
    assert (next_month.opened, next_month.closed) == (0, 0)
    assert store.generations() == (1, 2)


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


def random_sketch(seed: int, people: int = 40) -> Sketch:
    rng = random.Random(seed)
    places = [EAST, WEST, f"{EAST},{WEST}", None]
    sketch = Sketch()
    for i in range(people):
        sketch.node(f"Person:{i}", rng.choice(places), rng.choice(["MSB", "CIVIL", None]), name=f"人{i}")
    for i in range(people // 3):
        sketch.node(f"Phone:{i}", rng.choice(places), number=str(i))
    for _ in range(people * 2):
        kind, a = rng.choice(["SPOUSE_OF", "PARENT_OF", "USES_PHONE"]), rng.randrange(people)
        other = (
            f"Phone:{rng.randrange(people // 3)}"
            if kind == "USES_PHONE"
            else f"Person:{rng.randrange(people)}"
        )
        sketch.edge(kind, f"Person:{a}", other, rng.choice(places), key=rng.choice(["", "k"]))
    return sketch


def test_a_grown_store_equals_a_rebuilt_one(make_store: Callable[..., GraphStore]) -> None:
    grown, rebuilt = make_store("grown"), make_store("rebuilt")
    for generation in range(1, 6):
        data = random_sketch(generation).data()
        done = grown.publish(generation, data)
        assert grown.graph_hash() == done.graph_hash
    shuffled = GraphData(
        {label: table.take(list(reversed(range(table.num_rows)))) for label, table in data.nodes.items()},
        dict(sorted(data.edges.items(), reverse=True)),
    )
    assert rebuilt.publish(1, shuffled).graph_hash == grown.graph_hash(5)
    for node in [f"Person:{i}" for i in range(40)]:
        assert grown.view().neighbourhood(node, 2, limit=2) == rebuilt.view().neighbourhood(node, 2, limit=2)
    assert len({grown.graph_hash(g) for g in grown.generations()}) == 5


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


# --- crashes and readers --------------------------------------------------------------------------------------

_CRASHING = """
import importlib, sys, time
from pathlib import Path
import pyarrow.parquet as pq
sys.path.insert(0, {tests!r})
import test_store
where, name = test_store.STORES[{kind!r}][1].rsplit(".", 1)
module = importlib.import_module(where)
original = getattr(module, name)
def pausing(*args):
    done = original(*args)
    print("in the middle", flush=True)
    time.sleep(60)
    return done
setattr(module, name, pausing)
test_store.STORES[{kind!r}][0](Path({folder!r})).publish(2, test_store.random_sketch(2).data())
"""


@pytest.mark.parametrize("kind", sorted(STORES))
def test_a_publish_killed_in_the_middle_leaves_the_old_generation(kind: str, tmp_path: Path) -> None:
    store = STORES[kind][0](tmp_path)
    first = store.publish(1, random_sketch(1).data())
    script = _CRASHING.format(tests=str(Path(__file__).parent), kind=kind, folder=str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "in the middle\n"
        assert store.view().generation == 1
        os.kill(child.pid, signal.SIGKILL)
    assert store.generations() == (1,)
    assert store.graph_hash() == first.graph_hash
    assert store.view().neighbourhood("Person:1", 3) is not None
    done = store.publish(2, random_sketch(2).data())
    assert store.graph_hash() == done.graph_hash
    assert store.publish(2, random_sketch(2).data()).opened == 0
    store.close()


def test_readers_during_publishing_see_whole_generations_only(store: GraphStore) -> None:
    def month(generation: int) -> GraphData:
        sketch = Sketch()
        hub = sketch.node("Phone:hub", number=str(generation))
        for i in range(generation * 10):
            sketch.edge("USES_PHONE", sketch.node(f"Person:{i}", name=f"人{generation}"), hub)
        return sketch.data()

    store.publish(1, month(1))
    stop, torn, reads = threading.Event(), list[str](), list[int]()

    def read() -> None:
        while not stop.is_set():
            view = store.view()
            generation, expected = view.generation, view.generation * 10
            around = view.neighbourhood("Phone:hub", limit=1000)
            assert around is not None
            names = {n.properties["name"] for n in around.nodes if n.label == "Person"}
            hub = view.get("Phone:hub")
            reads.append(generation)
            if (len(around.edges), view.neighbour_counts("Phone:hub"), names) != (
                expected,
                {"USES_PHONE": expected},
                {f"人{generation}"},
            ) or hub is None or hub.properties["number"] != str(generation):  # fmt: skip
                torn.append(f"generation {generation}: {len(around.edges)} edges, {names}")

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for generation in range(2, 8):
        store.publish(generation, month(generation))
    stop.set()
    for thread in threads:
        thread.join()
    assert torn == []
    assert len(set(reads)) > 1
    assert len(reads) > 20


# --- reading --------------------------------------------------------------------------------------------------


def test_find_by_indexed_properties(family_view: GraphView) -> None:
    view = family_view
    assert ids(view.find("Person", "phones", "13806310001")) == ["Person:1", "Person:2"]
    assert ids(view.find("Person", "id_numbers", "37100219870512001X")) == ["Person:1"]
    assert ids(view.find("Phone", "number", "13806310001")) == ["Phone:p"]
    assert ids(view.find("Employer", "credit_code", "91371002MA3C000000")) == ["Employer:9"]
    assert view.find("Person", "phones", "0") == ()
    with pytest.raises(StoreError, match=r"Person\.town"):
        view.find("Person", "town", "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张", {"Person:1", "Person:3"}),
        ("张三", {"Person:3", "Person:1"}),
        ("三丰", {"Person:1"}),
        ("张丰", set()),
        ("张君宝", {"Person:1"}),
        ("zhang san", {"Person:1", "Person:3"}),
        ("ZhangSan", {"Person:1", "Person:3"}),
        ("san feng", {"Person:1"}),
        ("san zhang", set()),
        ("zhang 三丰", {"Person:1"}),
        ("371002", {"Person:1"}),
        ("37100219870512001x", {"Person:1"}),
        ("001X", {"Person:1"}),
        ("19870512", {"Person:1"}),
        ("13806310001", {"Person:1", "Person:2"}),
        ("0631-5200001", {"Person:1"}),
        ("张 19870512", {"Person:1"}),
        ("12", set()),
        ("机械", {"Employer:9"}),
        ("abc", {"Employer:9"}),
        ("91371002MA3C000000", {"Employer:9"}),
        ("", set()),
        ('" OR *', set()),
        ("(张", {"Person:1", "Person:3"}),
    ],
)
def test_search(family_view: GraphView, text: str, expected: set[str]) -> None:
    assert set(ids(family_view.search(text))) == expected


def test_search_puts_the_exact_name_first_and_keeps_to_limit_and_birth_date(store: GraphStore) -> None:
    sketch = Sketch()
    for i in range(30):
        sketch.node(
            f"Person:{i}",
            name="张三" if i in (7, 8) else f"张三{'甲乙丙'[i % 3]}",
            birth_date=date(2000, 1, 1 + i),
        )
    store.publish(1, sketch.data())
    view = store.view()
    assert set(ids(view.search("张三", limit=5))[:2]) == {"Person:7", "Person:8"}
    assert len(view.search("张三", limit=5)) == 5
    assert ids(view.search("张三", limit=3)) == ids(view.search("张三", limit=30))[:3]
    assert ids(view.search("张", birth_date=date(2000, 1, 4))) == ["Person:3"]


def test_search_by_label(store: GraphStore) -> None:
    sketch = Sketch()
    for i in range(20):
        sketch.node(f"Employer:{i}", name=f"张记{i}号饭店")
    sketch.node("Person:1", name="张三")
    store.publish(1, sketch.data())
    assert ids(store.view().search("张", limit=1, labels=["Person"])) == ["Person:1"]
    assert store.view().search("张", labels=["Facility"]) == ()
    assert len(store.view().search("张", limit=50)) == 21


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


def test_as_of_and_types(family_view: GraphView) -> None:
    view = family_view
    assert view.neighbour_counts("Person:1") == {"EMPLOYED_BY": 1, "SPOUSE_OF": 1, "USES_PHONE": 1}
    assert "SPOUSE_OF" not in view.neighbour_counts("Person:1", as_of=date(2016, 1, 1))
    for day, expected in ((date(2015, 6, 30), ["a"]), (date(2016, 1, 1), []), (date(2020, 1, 1), ["b"])):
        around = view.neighbourhood("Person:1", types={"SPOUSE_OF"}, as_of=day)
        assert around is not None
        assert [edge.id.split("#")[1] for edge in around.edges] == expected
    both = view.neighbourhood("Person:1", types={"SPOUSE_OF"})
    assert both is not None
    assert (len(both.edges), both.counts) == (2, {"Person:1": {"SPOUSE_OF": 1}})
    assert view.shortest_path("Person:1", "Person:3", types=["SPOUSE_OF"]) is None
    assert view.sharing("Person:2", "SPOUSE_OF") == ()


def test_a_node_is_not_its_own_neighbour(store: GraphStore) -> None:
    sketch = family()
    sketch.edge("PARENT_OF", "Person:1", "Person:1")
    store.publish(1, sketch.data())
    assert "PARENT_OF" not in store.view().neighbour_counts("Person:1")


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
