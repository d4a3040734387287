"""Load, delta and query times of a graph store on a made-up graph.

    python benchmarks/graph_store.py [persons] [folder]

Persons have 1.6 records, an address, a phone and often an employer; one phone is shared by 5,000 persons and one
employer has 50,000 (both smaller when there are fewer persons).
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from graph.schema import EDGE_COLUMNS, EDGES, NODES
from graph.sqlite_store import SqliteStore
from graph.store import GraphData, Scope, opaque_key

_SURNAMES = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_GIVEN = list("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉梅建国华志文海波春生雪琴永福")
_REGIONS = ("371002", "371003", "371082", "371083")
_DEPARTMENTS = ("CIVIL", "HEALTH", "MSB", "MSB,POLICE", "POLICE")
_TYPES = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
}


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
            NODES["Record"].properties,
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
            NODES[label].properties,
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
        NODES["Person"].properties,
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
    assert set(fixed) == set(EDGE_COLUMNS)
    return _table(EDGES[edge_type].properties, **fixed)


def _table(properties: Sequence[object], **columns: object) -> pa.Table:
    count = len(next(iter(columns.values())))  # type: ignore[arg-type]
    arrays = {name: c if isinstance(c, pa.Array) else pa.array(c) for name, c in columns.items()}
    for p in properties:
        kind = _TYPES[p.type]  # type: ignore[attr-defined]
        name = p.name  # type: ignore[attr-defined]
        arrays[name] = arrays[name].cast(kind) if name in arrays else pa.nulls(count, kind)
    return pa.table(arrays)


def timed(what: str, calls: Sequence[Callable[[], object]]) -> None:
    """Print p50 and p99 of the calls in milliseconds."""
    took = []
    for call in calls:
        start = time.perf_counter()
        call()
        took.append((time.perf_counter() - start) * 1000)
    print(f"{what:<34} p50 {np.percentile(took, 50):8.3f} ms   p99 {np.percentile(took, 99):8.3f} ms")


def queries(store: SqliteStore, data: GraphData, scope: Scope) -> None:
    view = store.view(scope=scope)
    rng = np.random.default_rng(2)
    people = data.nodes["Person"]
    picked = rng.integers(0, people.num_rows, 300).tolist()
    ids = [f"Person:{i}" for i in picked]
    rows = people.take(picked).to_pylist()
    timed("get", [lambda i=i: view.get(i) for i in ids])
    timed("find by ID number", [lambda r=r: view.find("Person", "id_numbers", r["id_number"]) for r in rows])
    timed("search full name", [lambda r=r: view.search(r["name"]) for r in rows])
    timed("search surname", [lambda r=r: view.search(r["name"][0]) for r in rows[:50]])
    timed("search end of number", [lambda r=r: view.search(r["id_number"][-6:]) for r in rows[:50]])
    timed("search region + birth date", [lambda r=r: view.search(r["id_number"][:14]) for r in rows[:50]])
    timed("neighbour counts", [lambda i=i: view.neighbour_counts(i) for i in ids])
    timed("neighbourhood, depth 2", [lambda i=i: view.neighbourhood(i, 2) for i in ids])
    timed("sharing a phone", [lambda i=i: view.sharing(i, "USES_PHONE") for i in ids])
    pairs = list(pairwise(ids))
    timed("shortest path, random pair", [lambda a=a, b=b: view.shortest_path(a, b) for a, b in pairs])
    phone, firm = f"Phone:{opaque_key('0')}", f"Employer:{opaque_key('0')}"
    for name, node in (("phone", phone), ("employer", firm)):
        print(f"  {name} supernode: {view.neighbour_counts(node)}")
        timed(f"  neighbourhood of the {name}", [lambda n=node: view.neighbourhood(n, 1)] * 5)
        timed(f"  depth 2 through the {name}", [lambda n=node: view.neighbourhood(n, 2)] * 5)
        timed(f"  path from the {name}", [lambda n=node, i=i: view.shortest_path(n, i) for i in ids[:5]])


def changed(data: GraphData) -> GraphData:
    """One person in fifty has another phone number on file, and one record in fifty is gone."""
    people = data.nodes["Person"]
    ambiguous = pa.array(np.where(np.arange(people.num_rows) % 50 == 0, True, None), pa.bool_())
    index = people.column_names.index("ambiguous")
    kept = np.arange(data.edges["RESOLVES_TO"].num_rows) % 50 != 0
    return GraphData(
        {**data.nodes, "Person": people.set_column(index, "ambiguous", ambiguous)},
        {**data.edges, "RESOLVES_TO": data.edges["RESOLVES_TO"].filter(pa.array(kept))},
    )


def main(persons: int, folder: Path) -> None:
    data = made_up(persons)
    sizes = [sum(t.num_rows for t in tables.values()) for tables in (data.nodes, data.edges)]
    print(f"{persons} persons, {sizes[0]} nodes, {sizes[1]} edges")
    store = SqliteStore(folder / "graph.db")
    delta = changed(data)
    for what, generation, graph in (("load", 1, data), ("same again", 1, data), ("unchanged month", 2, data),
                                    ("delta", 3, delta)):  # fmt: skip
        start = time.perf_counter()
        done = store.publish(generation, graph)
        print(f"{what:<34} {time.perf_counter() - start:8.1f} s, opened {done.opened}, closed {done.closed}")
    start = time.perf_counter()
    assert store.graph_hash() == done.graph_hash
    print(f"{'graph hash':<34} {time.perf_counter() - start:8.1f} s")
    print(f"disk {(folder / 'graph.db').stat().st_size / 1e6:.0f} MB, "
          f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")  # fmt: skip
    queries(store, delta, Scope())
    print("within one region:")
    queries(store, delta, Scope(regions=frozenset({"371002"})))
    start = time.perf_counter()
    store.collect_garbage(1)
    print(f"{'collect garbage':<34} {time.perf_counter() - start:8.1f} s")
    store.close()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as place:
        main(count, Path(place))
