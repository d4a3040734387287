"""Load, delta and query times of a graph store on a made-up graph.

    python benchmarks/graph_store.py [persons] [folder] [sqlite or neo4j]

Persons have 1.6 records, an address, a phone and often an employer; one phone is shared by 5,000 persons and one
employer has 50,000 (both smaller when there are fewer persons).
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from graph.delta import delta_between, record_of
from graph.neo4j_connection import Address
from graph.neo4j_server import Memory, start, stop
from graph.neo4j_store import Neo4jStore
from graph.projection import edge_schema, node_schema
from graph.sqlite_store import SqliteStore
from graph.store import GraphData, GraphStore, Publication, Scope, opaque_key

_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_GIVEN = list("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉梅建国华志文海波春生雪琴永福")
_REGIONS = ("371002", "371003", "371082", "371083")
_SUPERNODES = {"phone": "USES_PHONE", "employer": "EMPLOYED_BY"}
_DEPARTMENTS = ("CIVIL", "HEALTH", "MSB", "MSB,POLICE", "POLICE")


def made_up(persons: int, seed: int = 1) -> GraphData:
    """A graph of so many persons."""
    rng = np.random.default_rng(seed)
    who = np.arange(persons)
    records = np.sort(rng.integers(0, persons, int(persons * 1.6)))
    region = np.array(_REGIONS)[rng.integers(0, len(_REGIONS), persons)]
    department = np.array(_DEPARTMENTS)[rng.integers(0, len(_DEPARTMENTS), persons)]
    phones = np.where(who < min(5000, persons // 10), 0, rng.integers(0, int(persons * 0.8) + 1, persons))
    addresses = rng.integers(0, int(persons * 0.4) + 1, persons)
    employers = np.where(who % 10 == 0, 0, 1 + rng.integers(0, persons // 20 + 1, persons))
    person_ids = np.char.add("Person:", who.astype(str))
    record_ids = np.char.add("Record:", np.arange(len(records)).astype(str))
    nodes = {
        "Person": _persons(rng, who, region, department, phones),
        "Record": _table(
            node_schema("Record"),
            key=np.arange(len(records)).astype(str),
            regions=region[records],
            departments=department[records],
            feed=np.array(["W29", "W07", "J05"])[rng.integers(0, 3, len(records))],
            source_key=np.char.add("psn_no:", records.astype(str)),
        ),
    }
    edges = {"RESOLVES_TO": _edges("RESOLVES_TO", record_ids, person_ids[records], region[records])}
    for label, edge_type, target in (
        ("Phone", "USES_PHONE", phones),
        ("Address", "LIVES_AT", addresses),
        ("Employer", "EMPLOYED_BY", employers),
    ):
        kept = who if label != "Employer" else who[: int(persons * 0.6)]
        used = np.unique(target[kept])
        named = {"number": used.astype(str)} if label == "Phone" else {}
        nodes[label] = _table(
            node_schema(label),
            key=np.array([opaque_key(str(u)) for u in used]),
            regions=np.full(len(used), ",".join(_REGIONS)),
            departments=np.full(len(used), "CIVIL,HEALTH,MSB,POLICE"),
            **named,
        )
        ids = {u: f"{label}:{opaque_key(str(u))}" for u in used.tolist()}
        ends = np.array([ids[u] for u in target[kept].tolist()])
        edges[edge_type] = _edges(edge_type, person_ids[kept], ends, region[kept])
    return GraphData(nodes, edges)


def _persons(
    rng: np.random.Generator, who: np.ndarray, region: np.ndarray, department: np.ndarray, phones: np.ndarray
) -> pa.Table:
    count = len(who)
    names = [
        "".join(p) for p in zip(*(rng.choice(c, count) for c in (_SURNAMES, _GIVEN, _GIVEN)), strict=True)
    ]
    born = rng.integers(-14600, 18000, count)
    days = born.astype("datetime64[D]")
    numbers = [
        f"{r}{str(d).replace('-', '')}{i % 10000:04d}"
        for r, d, i in zip(region, days, range(count), strict=True)
    ]
    return _table(
        node_schema("Person"),
        key=who.astype(str),
        regions=region,
        departments=department,
        name=names,
        pinyin=[
            [f"{ord(n[0]) % 90:d}ang {chr(97 + ord(n[1]) % 26)}an {chr(97 + ord(n[2]) % 26)}eng"]
            for n in names
        ],
        sex=rng.integers(1, 3, count),
        birth_date=pa.array(born, pa.int32()).cast(pa.date32()),
        id_number=numbers,
        id_numbers=[[n] for n in numbers],
        phones=[[f"138{p:08d}"] for p in phones.tolist()],
        n_records=np.full(count, 2),
    )


def _edges(edge_type: str, source: np.ndarray, target: np.ndarray, region: np.ndarray) -> pa.Table:
    count = len(source)
    unique = len(np.unique(np.char.add(np.char.add(source, ">"), target))) == count
    fixed = {
        "source": source,
        "target": target,
        "key": np.full(count, "") if unique else np.arange(count).astype(str),
        "probability": np.full(count, 0.99),
        "valid_from": pa.array(np.full(count, 18262), pa.int32()).cast(pa.date32()),
        "valid_to": pa.nulls(count, pa.date32()),
        "row_ids": pa.array([[1_000_000_000_000 + i] for i in range(count)], pa.list_(pa.int64())),
        "regions": region,
        "departments": np.full(count, "MSB"),
    }
    return _table(edge_schema(edge_type), **fixed)


def _table(schema: pa.Schema, **columns: Any) -> pa.Table:
    count = len(next(iter(columns.values())))
    nothing = {field.name: pa.nulls(count, field.type) for field in schema if field.name not in columns}
    arrays = {name: c if isinstance(c, pa.Array) else pa.array(c) for name, c in columns.items()}
    return pa.table({**arrays, **nothing}).select(schema.names).cast(schema)


def timed(what: str, call: Callable[..., object], arguments: Sequence[tuple[Any, ...]]) -> None:
    """Print p50 and p99 of a call in milliseconds."""
    took = []
    for given in arguments:
        start = time.perf_counter()
        call(*given)
        took.append((time.perf_counter() - start) * 1000)
    print(f"{what:<34} p50 {np.percentile(took, 50):8.3f} ms   p99 {np.percentile(took, 99):8.3f} ms")


def queries(store: GraphStore, data: GraphData, scope: Scope) -> None:
    view = store.view(scope=scope)
    people = data.nodes["Person"]
    picked = np.random.default_rng(2).integers(0, people.num_rows, 300).tolist()
    ids = [(f"Person:{i}",) for i in picked]
    names = people["name"].take(picked).to_pylist()
    numbers = people["id_number"].take(picked).to_pylist()
    timed("get", view.get, ids)
    timed("find by ID number", view.find, [("Person", "id_numbers", number) for number in numbers])
    timed("search full name", view.search, [(name,) for name in names])
    timed("search surname", view.search, [(name[0],) for name in names[:50]])
    timed("search end of number", view.search, [(number[-6:],) for number in numbers[:50]])
    timed("search region + birth date", view.search, [(number[:14],) for number in numbers[:50]])
    timed("neighbour counts", view.neighbour_counts, ids)
    timed("neighbourhood, depth 2", view.neighbourhood, [(*i, 2) for i in ids])
    timed("sharing a phone", view.sharing, [(*i, "USES_PHONE") for i in ids])
    timed("a page of 100 neighbours", view.neighbours, [(*i, "RESOLVES_TO") for i in ids])
    timed("common neighbours", view.common_neighbours, [(*a, *b) for a, b in pairwise(ids)])
    timed("shortest path, random pair", view.shortest_path, [(*a, *b) for a, b in pairwise(ids)])
    timed("3 best paths, random pair", view.k_best_paths, [(*a, *b) for a, b in pairwise(ids)])
    near = [(i, around.nodes[-1].id) for (i,) in ids if (around := view.neighbourhood(i, 3, max_nodes=60))]
    timed("3 best paths, near pair", view.k_best_paths, near)
    for name, node in (("phone", f"Phone:{opaque_key('0')}"), ("employer", f"Employer:{opaque_key('0')}")):
        print(f"  {name} supernode: {view.neighbour_counts(node)}")
        timed(f"  neighbourhood of the {name}", view.neighbourhood, [(node, 1)] * 5)
        timed(f"  depth 2 through the {name}", view.neighbourhood, [(node, 2)] * 5)
        timed(f"  a page of the {name}", view.neighbours, [(node, _SUPERNODES[name])] * 5)
        timed(f"  path from the {name}", view.shortest_path, [(node, *i) for i in ids[:5]])
        timed(f"  best paths from the {name}", view.k_best_paths, [(node, *i) for i in ids[:5]])


def changed(data: GraphData, persons: int = 5000) -> GraphData:
    """So many persons, spread evenly, changed: each is ambiguous now, lost a record and has another phone."""
    people = data.nodes["Person"]
    every = max(people.num_rows // persons, 1)
    chosen = np.arange(people.num_rows) % every == 0
    index = people.column_names.index("ambiguous")
    ambiguous = pa.array(np.where(chosen, True, None).tolist(), pa.bool_())
    moved = set(np.char.add("Person:", np.flatnonzero(chosen).astype(str)).tolist())
    records, phones = data.edges["RESOLVES_TO"], data.edges["USES_PHONE"]
    lost = ~np.isin(records["target"].to_numpy(zero_copy_only=False), list(moved)) | (
        np.arange(records.num_rows) % 2 == 0
    )
    numbers = data.nodes["Phone"]["key"]
    others = numbers.take(np.random.default_rng(3).integers(0, len(numbers), phones.num_rows)).to_pylist()
    sources, targets = phones["source"].to_pylist(), phones["target"].to_pylist()
    targets = [
        f"Phone:{other}" if source in moved else target
        for source, target, other in zip(sources, targets, others, strict=True)
    ]
    return GraphData(
        {**data.nodes, "Person": people.set_column(index, "ambiguous", ambiguous)},
        {
            **data.edges,
            "RESOLVES_TO": records.filter(pa.array(lost)),
            "USES_PHONE": phones.set_column(phones.column_names.index("target"), "target", pa.array(targets)),
        },
    )


def write(store: GraphStore, data: GraphData, delta: GraphData, folder: Path) -> None:
    """Load, and every way from one month to the next."""
    wall, cpu = time.perf_counter(), time.process_time()

    def told(what: str, done: Publication | None = None) -> None:
        nonlocal wall, cpu
        took = f"{time.perf_counter() - wall:8.2f} s, {time.process_time() - cpu:7.2f} s CPU"
        counts = f", opened {done.opened}, closed {done.closed}" if done else ""
        print(f"{what:<34} {took}{counts}", flush=True)
        wall, cpu = time.perf_counter(), time.process_time()

    told("load", store.publish(1, data))
    told("same again", store.publish(1, data))
    (folder / "one").mkdir()
    record = record_of(data, folder / "one").replace(folder / "record")
    told("record of the graph")
    (folder / "two").mkdir()
    change, following = delta_between(record, data, folder / "two")
    told("comparing, unchanged month")
    told("publishing, unchanged month", store.publish_delta(2, change))
    (folder / "three").mkdir()
    change, _ = delta_between(following, delta, folder / "three")
    told("comparing, 5,000 persons changed")
    told("publishing it as a delta", done := store.publish_delta(3, change))
    assert store.graph_hash() == done.graph_hash
    told("graph hash, looked up")
    store.set_current(2)
    told("moving the pointer back")
    told("publishing the same whole", whole := store.publish(3, delta))
    assert whole.graph_hash == done.graph_hash


def embedded(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "graph.db")


def on_a_server(folder: Path) -> Neo4jStore:
    """A store on a server of its own, which ends with this process."""
    server = start(folder / "server", Memory(heap="2g", page_cache="2g"), owner=os.getpid())
    password = server.password_file.read_text("ascii").strip()
    return Neo4jStore(Address(server.uri, password=password), server.folder)


def main(persons: int, folder: Path, kind: str) -> None:
    data = made_up(persons)
    sizes = [sum(t.num_rows for t in tables.values()) for tables in (data.nodes, data.edges)]
    print(f"{persons} persons, {sizes[0]} nodes, {sizes[1]} edges, {kind}", flush=True)
    store: GraphStore = embedded(folder) if kind == "sqlite" else on_a_server(folder)
    delta = changed(data)
    write(store, data, delta, folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"disk, with records, {size / 1e6:.0f} MB, "
          f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")  # fmt: skip
    queries(store, delta, Scope())
    print("within one region:")
    queries(store, delta, Scope(regions=frozenset({"371002"})))
    begun = time.perf_counter()
    store.collect_garbage(1)
    print(f"{'collect garbage':<34} {time.perf_counter() - begun:8.1f} s")
    store.close()
    stop(folder / "server")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        main(count, Path(place), sys.argv[3] if len(sys.argv) > 3 else "sqlite")
