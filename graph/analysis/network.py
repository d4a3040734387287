"""Part of the person graph as a networkx graph, or as a table of edges."""

from datetime import date
from itertools import groupby
from math import log2, prod

import networkx as nx
import pandas as pd

from graph.store import Edge, Node, Subgraph, Value

EDGE_COLUMNS = (
    "id", "type", "source", "target", "source_label", "target_label", "probability", "valid_from", "valid_to",
)  # fmt: skip
"""Columns of `edge_list`."""


def network(found: Subgraph) -> "nx.MultiDiGraph[str]":
    """What a walk found, as a directed graph with parallel edges.

    Nodes are the node ids, with `label` and the properties as attributes; edges have their id as key, and `type`,
    `probability`, `valid_from`, `valid_to` and the properties as attributes. What is unknown has no attribute. Nodes
    and edges are added in the order of their ids, so that whatever depends on that order is always the same.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((node.id, _of_node(node)) for node in found.nodes)
    graph.add_edges_from((edge.source, edge.target, edge.id, _of_edge(edge)) for edge in found.edges)
    return graph


def edge_list(graph: "nx.MultiDiGraph[str]") -> pd.DataFrame:
    """The edges of `network`, one per row, sorted by id, with the columns `EDGE_COLUMNS` (object, float64 and date)."""
    labels = dict(graph.nodes(data="label"))
    rows = [
        {
            "id": key, "source": source, "target": target,
            "source_label": labels[source], "target_label": labels[target],
            **{name: about.get(name) for name in ("type", "probability", "valid_from", "valid_to")},
        }
        for source, target, key, about in graph.edges(keys=True, data=True)
    ]  # fmt: skip
    rows.sort(key=lambda row: row["id"])
    return pd.DataFrame(rows, columns=list(EDGE_COLUMNS)).astype({"probability": "float64"})


def ties(graph: "nx.MultiDiGraph[str]") -> "nx.Graph[str]":
    """The same nodes, any two of them joined by one undirected edge at most.

    Its `weight` is the probability that at least one of the edges between the two holds, divided by log2(1 + d) of the
    larger of their degrees: what many share (a dispatch firm, a hospital) ties any two of them the less.
    `cost` is 1 / weight, for shortest paths; `types` are the edge types, sorted.
    """
    simple: nx.Graph[str] = nx.Graph()
    simple.add_nodes_from(sorted(graph.nodes(data=True), key=lambda node: node[0]))
    ends = sorted(
        (min(source, target), max(source, target), about["type"], about.get("probability", 1.0))
        for source, target, about in graph.edges(data=True)
        if source != target
    )
    for (left, right), edges in groupby(ends, key=lambda edge: edge[:2]):
        between = list(edges)
        simple.add_edge(
            left,
            right,
            types=sorted({edge[2] for edge in between}),
            probability=1.0 - prod(1.0 - edge[3] for edge in between),
        )
    for left, right, about in simple.edges(data=True):
        degree = max(simple.degree[left], simple.degree[right])
        about["weight"] = max(about["probability"], 1e-6) / log2(1 + degree)
        about["cost"] = 1.0 / about["weight"]
    return simple


def _of_node(node: Node) -> dict[str, Value]:
    return {
        "label": node.label,
        **{name: value for name, value in node.properties.items() if value is not None},
    }


def _of_edge(edge: Edge) -> dict[str, Value]:
    stated: dict[str, Value | date] = {
        "probability": edge.probability, "valid_from": edge.valid_from, "valid_to": edge.valid_to, **edge.properties
    }  # fmt: skip
    return {"type": edge.type, **{name: value for name, value in stated.items() if value is not None}}
