"""A delta leads exactly to the graph that a whole publish makes, and its record to the next delta."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph import delta as delta_module
from graph.delta import Record, delta_between, record_of
from graph.sqlite_store import SqliteStore
from graph.store import GraphData, GraphDelta
from resolver.errors import StoreError
from tests.graph.sketch import EAST, WEST, Sketch, family, random_sketch


def folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made


def step(before: GraphData, after: GraphData, where: Path) -> tuple[GraphDelta, Record, Record]:
    """The delta, and the records before and after."""
    old = record_of(before, folder(where, "old")).replace(where / "record")
    delta, new = delta_between(old, after, folder(where, "new"))
    return delta, old, new


def rows(record: Record) -> list[list[tuple[Any, ...]]]:
    tables = (pq.read_table(record.folder / f"{kind}.parquet") for kind in ("nodes", "edges"))
    return [sorted(zip(*table.to_pydict().values(), strict=True)) for table in tables]


_VALUES = st.sampled_from([None, "", "甲", "乙"])
_PLACES = st.sampled_from([None, EAST, WEST, f"{EAST},{WEST}"])
_PEOPLE = st.dictionaries(st.integers(0, 4), st.tuples(_VALUES, _PLACES), max_size=5)
_KIN = st.dictionaries(
    st.tuples(st.sampled_from(["SPOUSE_OF", "PARENT_OF"]), st.integers(0, 4), st.integers(0, 4)),
    st.tuples(_VALUES, _PLACES, st.sampled_from([None, 0.5, 1.0]), st.lists(st.integers(1, 3), max_size=2)),
    max_size=8,
)


def drawn(people: dict[int, Any], kin: dict[Any, Any]) -> Sketch:
    sketch = Sketch()
    for i, (name, regions) in people.items():
        sketch.node(f"Person:{i}", regions, name=name, phones=[name] if name else [])
    for (kind, a, b), (basis, regions, probability, row_ids) in kin.items():
        if a in people and b in people:
            sketch.edge(
                kind,
                f"Person:{a}",
                f"Person:{b}",
                regions,
                basis=basis,
                probability=probability,
                row_ids=row_ids,
            )
    return sketch


@settings(
    deadline=None,
    max_examples=8,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(_PEOPLE, _KIN), min_size=2, max_size=3))
def test_deltas_lead_where_whole_publishes_do(
    tmp_path_factory: pytest.TempPathFactory, months: list[tuple[dict[int, Any], dict[Any, Any]]]
) -> None:
    where = tmp_path_factory.mktemp("delta")
    store = SqliteStore(where / "graph.db")
    graphs = [drawn(*month).data() for month in months]
    store.publish(1, graphs[0])
    record = record_of(graphs[0], folder(where, "1")).replace(where / "record")
    for generation, data in enumerate(graphs[1:], 2):
        delta, new = delta_between(record, data, folder(where, str(generation)))
        done = store.publish_delta(generation, delta)
        whole = record_of(data, folder(where, f"whole {generation}"))
        assert done.graph_hash == delta.graph_hash == whole.graph_hash == store.graph_hash()
        assert (done.nodes, done.edges) == tuple(len(part) for part in rows(whole))
        assert rows(new) == rows(whole)
        record = new.replace(where / "record")
    assert store.graph_hash(1) == record_of(graphs[0], folder(where, "first")).graph_hash
    store.close()


def test_only_what_changed_is_in_it(tmp_path: Path) -> None:
    before, after = family(), family()
    after.nodes["Person:2"] = {**after.nodes["Person:2"], "name": "李思"}
    after.node("Person:4", name="新人")
    del after.edges["USES_PHONE", "Person:3", "Phone:p", ""]
    delta, old, new = step(before.data(), after.data(), tmp_path)
    assert sorted(delta.nodes["key"].to_pylist()) == ["2", "4"]
    assert (delta.edges.num_rows, delta.closed_nodes.num_rows, delta.closed_edges.num_rows) == (0, 1, 1)
    assert set(delta.lookups["value"].to_pylist()) == {"13806310001"}
    assert (delta.base, delta.graph_hash) == (old.graph_hash, new.graph_hash)
    assert old.graph_hash != new.graph_hash


def test_edges_of_a_node_that_others_see_now_are_in_it(tmp_path: Path) -> None:
    after = family()
    after.nodes["Phone:p"] = {**after.nodes["Phone:p"], "regions": EAST}
    delta, _, _ = step(family().data(), after.data(), tmp_path)
    assert delta.nodes.num_rows == 1
    assert delta.edges["type"].to_pylist() == ["USES_PHONE"] * 3
    assert set(delta.edges["target_access"].to_pylist()) == {f"{EAST}/MSB"}
    assert set(delta.edges["source_access"].to_pylist()) == {f"{EAST}/MSB", f"{WEST}/MSB"}
    assert delta.closed_edges.num_rows == 3


def test_nothing_changed_is_an_empty_delta(tmp_path: Path) -> None:
    data = random_sketch(1).data()
    delta, old, new = step(data, data, tmp_path)
    parts = (delta.nodes, delta.edges, delta.lookups, delta.closed_nodes, delta.closed_edges)
    assert [part.num_rows for part in parts] == [0] * 5
    assert new.graph_hash == old.graph_hash
    assert rows(new) == rows(old)


def test_an_edge_whose_end_vanished_is_refused_though_it_did_not_change(tmp_path: Path) -> None:
    after = family()
    del after.nodes["Phone:p"]
    with pytest.raises(StoreError, match="Phone:p"):
        step(family().data(), after.data(), tmp_path)


def test_an_id_that_comes_twice_is_refused_though_one_row_did_not_change(tmp_path: Path) -> None:
    data = family().data()
    twice = data.nodes["Person"].take([0, 1, 2, 0])
    with pytest.raises(StoreError, match="more than once"):
        step(data, GraphData({**data.nodes, "Person": twice}, data.edges), tmp_path)


def test_a_record_is_read_only_for_the_graph_it_is_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = record_of(family().data(), folder(tmp_path, "made"))
    assert Record.read(made.folder, made.graph_hash) is None  # not in its place yet
    record = made.replace(tmp_path / "record")
    assert Record.read(record.folder, record.graph_hash) == record
    assert Record.read(record.folder, "0" * 32) is None
    assert Record.read(record.folder, None) is None
    assert Record.read(tmp_path / "nowhere", record.graph_hash) is None
    monkeypatch.setattr(delta_module, "FORMAT", "1, DuckDB 0.0.1")
    assert Record.read(record.folder, record.graph_hash) is None
