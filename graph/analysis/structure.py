"""The shape of a network: who belongs together, what holds parts together, who stands in the middle, what is a ring."""

from dataclasses import dataclass
from itertools import islice

import networkx as nx
import pandas as pd

from graph.analysis.network import ties

_SEED = 20260101
_EXACT_UP_TO = 1_000
"""Nodes up to which betweenness is computed from every node; above, from so many drawn ones."""


@dataclass(frozen=True)
class Rings:
    """Rings found in a network.

    Attributes:
        rings: Node ids around each ring, from its smallest id towards the smaller of that one's two neighbours;
            shorter rings first, then by ids.
        truncated: Whether there are more than were asked for.
    """

    rings: tuple[tuple[str, ...], ...]
    truncated: bool


def communities(graph: "nx.MultiDiGraph[str]", resolution: float = 1.0) -> list[tuple[str, ...]]:
    """Groups that are tied more closely among themselves than to others.

    By the method of Louvain (Blondel et al., 2008) over the weights of `network.ties`, with a fixed seed and nodes in
    the order of their ids, so that the answer depends on nothing but the graph.

    Args:
        graph: From `network.network`.
        resolution: Above 1 smaller groups, below 1 larger ones.

    Returns:
        Node ids of each group, sorted; larger groups first, then by smallest id. Every node is in one group.
    """
    if not len(graph):
        return []
    found = nx.community.louvain_communities(ties(graph), resolution=resolution, seed=_SEED)
    return sorted((tuple(sorted(group)) for group in found), key=lambda group: (-len(group), group))


def bridges(graph: "nx.MultiDiGraph[str]") -> pd.DataFrame:
    """Ties without which a part of the network would fall in two.

    Returns:
        `left`, `right` (node ids, left < right), `types` (of the edges between them, joined by a comma), `probability`,
        and `cut_off`: how many nodes the smaller of the two parts has. The largest first, then by ids.
    """
    simple = ties(graph)
    rows = []
    for part in nx.connected_components(simple):
        sizes = _sizes_below(simple, min(part))
        for left, right in nx.bridges(simple, root=min(part)):
            below = min(sizes[left], sizes[right])
            about = simple.edges[left, right]
            rows.append(
                {
                    "left": min(left, right), "right": max(left, right), "types": ",".join(about["types"]),
                    "probability": about["probability"], "cut_off": min(below, len(part) - below),
                }
            )  # fmt: skip
    rows.sort(key=lambda row: (-row["cut_off"], row["left"], row["right"]))
    return pd.DataFrame(rows, columns=["left", "right", "types", "probability", "cut_off"])


def centrality(graph: "nx.MultiDiGraph[str]") -> pd.DataFrame:
    """Who stands in the middle.

    Returns:
        One row per node: `node`, `label`, `degree` (nodes it is tied to), `betweenness` (share of shortest ways by
        `cost` that lead through it; estimated from a fixed sample above 1,000 nodes), `pagerank` (by `weight`).
        The largest betweenness first, then by id.
    """
    simple = ties(graph)
    n = len(simple)
    drawn = None if n <= _EXACT_UP_TO else _EXACT_UP_TO
    between = nx.betweenness_centrality(simple, k=drawn, weight="cost", seed=_SEED) if n else {}
    rank = nx.pagerank(simple, weight="weight") if n else {}
    rows = [
        {
            "node": node, "label": label, "degree": simple.degree[node],
            "betweenness": round(between[node], 12), "pagerank": round(rank[node], 12),
        }
        for node, label in simple.nodes(data="label")
    ]  # fmt: skip
    rows.sort(key=lambda row: (-row["betweenness"], row["node"]))
    return pd.DataFrame(rows, columns=["node", "label", "degree", "betweenness", "pagerank"])


def rings(graph: "nx.MultiDiGraph[str]", *, max_length: int = 8, limit: int = 100) -> Rings:
    """Closed ways without a short cut, such as two persons who share a phone and an employer (length 4).

    A ring shows that the same persons are tied in independent ways. What one thing ties together, such as a phone used
    by five, is no ring.

    Args:
        graph: From `network.network`.
        max_length: Longest ring, in edges.
        limit: At most so many, in the order in which the search meets them; the search stops there.
    """
    cycles = nx.chordless_cycles(ties(graph), length_bound=max_length)
    found = [_from_smallest(cycle) for cycle in islice(cycles, limit + 1)]
    return Rings(tuple(sorted(found[:limit], key=lambda ring: (len(ring), ring))), len(found) > limit)


def _sizes_below(simple: "nx.Graph[str]", root: str) -> dict[str, int]:
    """Nodes in the subtree under each node of a depth-first tree; below a bridge lies all that it would cut off."""
    sizes: dict[str, int] = {}
    parents = {child: parent for parent, child in nx.dfs_edges(simple, root)}
    for node in nx.dfs_postorder_nodes(simple, root):
        sizes[node] = sizes.get(node, 0) + 1
        if node != root:
            sizes[parents[node]] = sizes.get(parents[node], 0) + sizes[node]
    return sizes


def _from_smallest(cycle: list[str]) -> tuple[str, ...]:
    at = cycle.index(min(cycle))
    ring = cycle[at:] + cycle[:at]
    return tuple(ring if ring[1] < ring[-1] else [ring[0], *ring[:0:-1]])
