"""Small graphs written down by hand, and the slow, obvious reference for what a scope may see of them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import networkx as nx
import pyarrow as pa

from graph.projection import edge_schema, node_schema
from graph.store import ANY_DAY, GraphData, Interval, Scope, edge_id, in_scope

EAST, WEST = "371002", "371083"
IN_EAST = Scope(regions=frozenset({EAST}))


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

    def visible(self, scope: Scope, when: Interval = ANY_DAY) -> nx.MultiGraph:
        """The slow, obvious reference: what a scope may see, and what holds at some time."""

        def seen(values: Mapping[str, Any]) -> bool:
            return in_scope(
                scope, (values["regions"] or "").split(","), (values["departments"] or "").split(",")
            )

        def holds(values: Mapping[str, Any]) -> bool:
            begins, ends = (values.get("valid_from") or date.min), (values.get("valid_to") or date.max)
            return begins <= (when.last or date.max) and ends >= (when.first or date.min)

        graph = nx.MultiGraph()
        graph.add_nodes_from(name for name, values in self.nodes.items() if seen(values))
        for (edge_type, source, target, key), values in self.edges.items():
            if seen(values) and holds(values) and source in graph and target in graph and source != target:
                name = edge_id(edge_type, source, target, key)
                graph.add_edge(source, target, key=name, type=edge_type, probability=values["probability"])
        return graph


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


def random_sketch(seed: int, people: int = 40, edges_each: int = 2) -> Sketch:
    rng = random.Random(seed)
    places = [EAST, WEST, f"{EAST},{WEST}", None]
    sketch = Sketch()
    for i in range(people):
        sketch.node(f"Person:{i}", rng.choice(places), rng.choice(["MSB", "CIVIL", None]), name=f"人{i}")
    for i in range(people // 3):
        sketch.node(f"Phone:{i}", rng.choice(places), number=str(i))
    for _ in range(people * edges_each):
        kind, a = rng.choice(["SPOUSE_OF", "PARENT_OF", "USES_PHONE"]), rng.randrange(people)
        other = (
            f"Phone:{rng.randrange(people // 3)}"
            if kind == "USES_PHONE"
            else f"Person:{rng.randrange(people)}"
        )
        begin, end = sorted(date(2020, 1, 1) + timedelta(days=rng.randrange(1000)) for _ in range(2))
        sketch.edge(
            kind,
            f"Person:{a}",
            other,
            rng.choice(places),
            key=rng.choice(["", "k"]),
            probability=rng.choice([None, 1.0, 0.99, 0.9, 0.5, 0.01, 0.0]),
            valid_from=rng.choice([begin, None]),
            valid_to=rng.choice([end, None]),
        )
    return sketch


def ids(things: Any) -> list[str]:
    return [thing.id for thing in things]
