"""How the person graph lies in Neo4j: names, constraints and indexes, and values both ways.

A *version* of a node is a Neo4j node with the labels of its graph and of its kind (`:Guiyi:Person`), and the edges
that hold for this version. It is there in epochs `f <= e < t`; so is each edge, which is there only while both its
ends are. An edge carries all that a walk filters by. Node and edge also have `c`, the content number, and `w`, a
number for who may see it (for an edge: it and both its ends), told by the `…Access` nodes. Nodes have `n`, the
stable number of their id, `key`, and `terms`, what full text and exact look-ups find them by.

An *epoch* is the store's own count of publishes; the `…Meta` node says which generation each of them shows, in one
property, so that a generation appears, is replaced or vanishes at one moment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from graph.elements import Value, stable_number
from graph.schema import EDGES, NODES, PropertyType, indexed_properties, is_searched
from graph.search_terms import index_terms, searched_properties

OPEN = 2**62
"""`t` of what has not ended."""

FORMAT = 1

SERVICES = ("RECEIVED", "PROVIDED_BY")
"""From a patient to a treatment, and from that to the facility."""
_DAYS = "treatment_days"
"""The index of relationships by day, of all graphs in a database."""

OWN = ("n", "f", "t", "c", "w", "terms")
"""Properties that serve the store and are no part of a node or edge."""


@dataclass(frozen=True)
class Names:
    """Names in the database of one graph.

    Attributes:
        graph: Label of every node of the graph.
        meta: Label of the one node that tells the generations.
        access: Label of the nodes that tell who may see what.
        versions: The constraint, and index, by which nodes are found by number.
        terms: The full-text index.
    """

    graph: str
    meta: str
    access: str
    versions: str
    terms: str

    @classmethod
    def of(cls, graph: str) -> "Names":
        """Names for a graph; `graph` holds small letters, digits and underscores only."""
        label = graph[0].upper() + graph[1:]
        return cls(label, f"{label}Meta", f"{label}Access", f"{graph}_versions", f"{graph}_terms")

    @property
    def state_constraints(self) -> tuple[str, ...]:
        """What makes the constraints of the state; may be run again."""
        return (
            f"CREATE CONSTRAINT {self.meta} IF NOT EXISTS FOR (x:{self.meta}) REQUIRE x.one IS UNIQUE",
            f"CREATE CONSTRAINT {self.access} IF NOT EXISTS FOR (x:{self.access}) REQUIRE x.w IS UNIQUE",
        )

    @property
    def constraints(self) -> tuple[str, ...]:
        """What makes constraint and indexes of the graph, after its first load; may be run again."""
        return (
            # Indexes first: they are filled while the server makes the constraint.
            f"CREATE FULLTEXT INDEX {self.terms} IF NOT EXISTS FOR (x:{self.graph}) ON EACH [x.terms] "
            "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}",
            # Of all graphs in the database: relationships have no label of their own.
            f"CREATE INDEX {_DAYS} IF NOT EXISTS FOR ()-[r:{SERVICES[1]}]-() ON (r.valid_from)",
            f"CREATE CONSTRAINT {self.versions} IF NOT EXISTS FOR (x:{self.graph}) REQUIRE (x.n, x.f) IS UNIQUE",
        )

    @property
    def indexes(self) -> tuple[str, ...]:
        """Those of `constraints` that the server fills after it has answered."""
        return self.terms, _DAYS

    @property
    def live(self) -> str:
        """Condition on a version of `x`, of parameter `e`."""
        return "x.f <= $e AND x.t > $e"


def node_properties(label: str, key: str, text: str | None) -> dict[str, Any]:
    """Properties of a Neo4j node from JSON text, its terms among them."""
    values = parsed(text, _types(label, "node"))
    terms = _terms(label, values)
    values["key"] = key
    if terms:
        values["terms"] = terms
    return values


def edge_properties(edge_type: str, text: str | None) -> dict[str, Any]:
    """Declared properties of a relationship from JSON text."""
    return parsed(text, _types(edge_type, "edge")) if text else {}


def parsed(text: str | None, types: Mapping[str, PropertyType]) -> dict[str, Any]:
    """Properties from JSON text; dates as such."""
    if not text:
        return {}
    values: dict[str, Any] = json.loads(text)
    for name, value in values.items():
        if types[name] == "date":
            values[name] = date.fromisoformat(value)
        elif types[name] == "number":
            values[name] = float(value)
    return values


def from_neo4j(values: Mapping[str, Any], without: tuple[str, ...]) -> dict[str, Value]:
    """Properties as the port gives them."""
    return {
        name: value.to_native() if hasattr(value, "to_native") else value
        for name, value in values.items()
        if value is not None and name not in without
    }


def find_term(label: str, name: str, value: str) -> str:
    """The term of an exact look-up.

    Plain numbers that are searched are found by the term that they have for that, since terms which few nodes share
    are what takes long to index. Others have one of their own; no other term begins with a capital.
    """
    if is_number(label, name) and value.isascii() and value.isalnum():
        return value.lower()
    return f"X{stable_number(f'{label}.{name}={value}'):015x}"


@cache
def is_number(label: str, name: str) -> bool:
    """Whether a property is searched as a number."""
    return any(one == name and kind in ("number", "phone") for one, kind in searched_properties(label))


def _terms(label: str, values: Mapping[str, Value]) -> str:
    found = index_terms(label, values) if is_searched(label) else []
    for name in indexed_properties(label):
        value = values.get(name)
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                found.append(find_term(label, name, str(one)))
    return " ".join(dict.fromkeys(found))


@cache
def _types(name: str, kind: str) -> Mapping[str, PropertyType]:
    declared = NODES[name].properties if kind == "node" else EDGES[name].properties
    return {p.name: p.type for p in declared}
