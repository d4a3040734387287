"""Small networks by hand."""

from collections.abc import Callable
from datetime import date

import networkx as nx
import pytest

from graph.analysis.network import network
from graph.store import Edge, Node, Subgraph, edge_id

Tie = tuple[str, str, str]


def subgraph(*ties: Tie, probability: float = 1.0) -> Subgraph:
    """Nodes named `Label:key` and edges between them."""
    ends = sorted({end for _, source, target in ties for end in (source, target)})
    nodes = tuple(Node(end, end.partition(":")[0], {"name": f"名{end}", "phones": ["138"]}) for end in ends)
    edges = sorted(
        (
            Edge(edge_id(kind, source, target), kind, source, target, {}, probability, date(2024, 1, 2))
            for kind, source, target in ties
        ),
        key=lambda edge: edge.id,
    )
    return Subgraph(nodes, tuple(edges), {}, frozenset())


@pytest.fixture
def graph_of() -> Callable[..., "nx.MultiDiGraph[str]"]:
    """A network of ties (type, source, target)."""
    return lambda *ties, **more: network(subgraph(*ties, **more))


@pytest.fixture
def two_families() -> Subgraph:
    """Two households of three that know each other through one phone, and one person apart."""
    ties = [("MEMBER_OF", f"Person:{n}", f"Household:{n // 10}") for n in (11, 12, 13, 21, 22, 23)]
    ties += [("SPOUSE_OF", "Person:11", "Person:12"), ("SPOUSE_OF", "Person:21", "Person:22")]
    ties += [("USES_PHONE", "Person:13", "Phone:a"), ("USES_PHONE", "Person:23", "Phone:a")]
    found = subgraph(*ties)
    alone = Node("Person:99", "Person", {"name": "=孤"})
    return Subgraph((*found.nodes, alone), found.edges, {}, frozenset())
