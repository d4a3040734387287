"""Cluster records by average linkage that charges for absent edges.

The similarity of two clusters is the mean log-odds over all pairs of a record of the one and a record of the other,
a pair that was not kept counting as `absent`; the most alike clusters merge first, down to `stop`. One bad edge
between two people cannot join them, because all the other pairs of their records speak against it.

Weights are whole numbers of 2^-20, so sums are exact and do not depend on the order of merging; ties go to the
smaller rows. Similarities only fall as clusters grow (average linkage is reducible), so the heap is lazy: an entry
that no longer holds is put back with its present value.
"""

import heapq
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolver.linkage.compiled import compiled
from resolver.linkage.settings import ClusteringSettings

Rows = NDArray[np.int32]
UNIT = 1 << 20
FORBIDDEN = -(1 << 52)
"""Weight of a pair that must not be linked: no sum of others outweighs it."""


@dataclass(frozen=True)
class Edges:
    """Weighted pairs of rows, left < right, each pair once.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        weight: int64 (m,): clipped log-odds in units of 2^-20, or `FORBIDDEN`.
    """

    left: Rows
    right: Rows
    weight: NDArray[np.int64]


def weights(log_odds: NDArray[np.floating[Any]], clip: float) -> NDArray[np.int64]:
    """Natural log-odds (m,) as whole numbers, none beyond ±clip."""
    return np.rint(np.clip(log_odds.astype(np.float64), -clip, clip) * UNIT).astype(np.int64)


def components(n: int, left: Rows, right: Rows) -> NDArray[np.int32]:
    """Label (n,) of each row's connected component; rows are connected by the pairs (left, right)."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(n, n))
    labels: NDArray[np.int32] = connected_components(graph, directed=False)[1].astype(np.int32)
    return labels


def smallest(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give every cluster the number of its smallest row: labels (n,) -> (n,)."""
    first = np.full(int(labels.max()) + 1 if len(labels) else 0, len(labels), np.int32)
    np.minimum.at(first, labels, np.arange(len(labels), dtype=np.int32))
    return first[labels]


def cluster(
    n: int, edges: Edges, settings: ClusteringSettings, sizes: NDArray[np.int64] | None = None
) -> Rows:
    """Cluster n rows.

    Args:
        n: Number of rows.
        edges: What speaks for and against pairs; sorted by left and right.
        settings: Thresholds.
        sizes: How many records each row stands for (n,); default 1.

    Returns:
        int32 (n,): smallest row of each row's cluster.
    """
    sizes = np.ones(n, np.int64) if sizes is None else sizes
    component = components(n, edges.left, edges.right)
    order = np.argsort(component[edges.left], kind="stable")
    of_edge = component[edges.left][order]
    n_components = int(component.max()) + 1 if n else 0
    edge_starts = np.searchsorted(of_edge, np.arange(n_components + 1))
    rows = np.argsort(component, kind="stable").astype(np.int32)
    row_starts = np.searchsorted(component[rows], np.arange(n_components + 1))
    labels = np.arange(n, dtype=np.int32)
    _cluster_components(
        (rows, row_starts),
        (edges.left[order], edges.right[order], edges.weight[order], edge_starts),
        sizes,
        np.array([round(settings.absent * UNIT), round(settings.stop * UNIT)], np.int64),
        labels,
    )
    return labels


@compiled
def _cluster_components(
    nodes: tuple[Rows, NDArray[np.int64]],
    edges: tuple[Rows, Rows, NDArray[np.int64], NDArray[np.int64]],
    sizes: NDArray[np.int64],
    thresholds: NDArray[np.int64],
    labels: Rows,
) -> None:
    rows, row_starts = nodes
    left, right, weight, edge_starts = edges
    place = np.zeros(labels.shape[0], np.int32)
    for number in range(row_starts.shape[0] - 1):
        members = rows[row_starts[number] : row_starts[number + 1]]
        if members.shape[0] == 1:
            continue
        part = slice(edge_starts[number], edge_starts[number + 1])
        if _agrees_throughout(members.shape[0], weight[part], thresholds[1]):
            labels[members] = members[0]
            continue
        for position in range(members.shape[0]):
            place[members[position]] = position
        found = _agglomerate(place[left[part]], place[right[part]], weight[part], sizes[members], thresholds)
        for position in range(members.shape[0]):
            labels[members[position]] = members[found[position]]


@compiled
def _agrees_throughout(n: int, weight: NDArray[np.int64], stop: int) -> bool:
    """Whether every pair of n rows has an edge and each is above `stop`: then all of them merge, in any order."""
    return bool(2 * weight.shape[0] == n * (n - 1) and weight.min() > stop)


class Sums(NamedTuple):
    """Open hash table: pair of clusters -> what is known of it. One array per property, a free slot has key -1.

    Attributes:
        keys: int64: `_key` of the two clusters.
        totals: int64: sum of the weights of their edges.
        counts: int64: how many pairs of records these edges stand for.
        posted: float64: similarity with which the pair was last put on the heap.
    """

    keys: NDArray[np.int64]
    totals: NDArray[np.int64]
    counts: NDArray[np.int64]
    posted: NDArray[np.float64]


class Lists(NamedTuple):
    """Neighbours of every cluster as linked lists, so that two lists are joined at once."""

    heads: Rows
    tails: Rows
    links: Rows
    nexts: Rows


@compiled
def _key(one: int, other: int) -> int:
    return one << 32 | other if one < other else other << 32 | one


@compiled
def _slot(keys: NDArray[np.int64], key: int) -> int:
    """Where a key stands in the table, or the free slot where it would be put."""
    mask = keys.shape[0] - 1
    slot: int = (key * 0x9E3779B1 >> 7) & mask
    while keys[slot] != -1 and keys[slot] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def _remove(table: Sums, slot: int) -> None:
    """Free a slot and move those behind it up, so that no search is cut short."""
    mask = table.keys.shape[0] - 1
    table.keys[slot] = -1
    gap, behind = slot, (slot + 1) & mask
    while table.keys[behind] != -1:
        home = (table.keys[behind] * 0x9E3779B1 >> 7) & mask
        if ((behind - home) & mask) >= ((behind - gap) & mask):
            table.keys[gap], table.totals[gap] = table.keys[behind], table.totals[behind]
            table.counts[gap], table.posted[gap] = table.counts[behind], table.posted[behind]
            table.keys[behind] = -1
            gap = behind
        behind = (behind + 1) & mask


@compiled
def _root(parent: Rows, row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = int(parent[row])
    return row


@compiled
def _new_tables(n: int, m: int) -> tuple[Sums, Lists]:
    capacity = 8
    while capacity < 2 * m:
        capacity *= 2
    table = Sums(
        np.full(capacity, -1, np.int64),
        np.zeros(capacity, np.int64),
        np.zeros(capacity, np.int64),
        np.full(capacity, np.nan, np.float64),
    )
    ends = np.full((2, n), -1, np.int32)
    return table, Lists(ends[0], ends[1], np.empty(2 * m, np.int32), np.full(2 * m, -1, np.int32))


@compiled
def _enter(table: Sums, lists: Lists, edge: int, pair: tuple[int, int, int, int]) -> None:
    """Enter an edge (one end, other end, weight, how many pairs of records it stands for)."""
    a, b, weight, count = pair
    slot = _slot(table.keys, _key(a, b))
    table.keys[slot] = _key(a, b)
    table.totals[slot], table.counts[slot], table.posted[slot] = weight, count, weight / count
    for link, one, other in ((2 * edge, a, b), (2 * edge + 1, b, a)):
        lists.links[link], lists.nexts[link] = other, lists.heads[one]
        if lists.heads[one] == -1:
            lists.tails[one] = link
        lists.heads[one] = link


@compiled
def _absorb(table: Sums, lists: Lists, parent: Rows, a: int, b: int) -> None:
    """Give all edges of cluster b to cluster a."""
    link = lists.heads[b]
    while link != -1:
        other = _root(parent, lists.links[link])
        slot = _slot(table.keys, _key(b, other))
        if table.keys[slot] != -1:
            total, count = table.totals[slot], table.counts[slot]
            _remove(table, slot)
            if other != a:
                target = _slot(table.keys, _key(a, other))
                if table.keys[target] == -1:
                    table.keys[target] = _key(a, other)
                    table.totals[target], table.counts[target], table.posted[target] = 0, 0, np.nan
                table.totals[target] += total
                table.counts[target] += count
        link = lists.nexts[link]
    lists.nexts[lists.tails[b]] = lists.heads[a]
    lists.heads[a] = lists.heads[b]
    parent[b] = a


@compiled
def _agglomerate(
    left: Rows,
    right: Rows,
    weight: NDArray[np.int64],
    sizes: NDArray[np.int64],
    thresholds: NDArray[np.int64],
) -> Rows:
    """Average linkage of one component; returns the smallest place of each place's cluster (n,)."""
    n, m = sizes.shape[0], left.shape[0]
    absent, stop = thresholds[0], float(thresholds[1])
    table, lists = _new_tables(n, m)
    size, degree = sizes.copy(), np.zeros(n, np.int64)
    parent = np.arange(n).astype(np.int32)
    heap = [(0.0, -1)][:0]
    for edge in range(m):
        a, b = int(left[edge]), int(right[edge])
        _enter(table, lists, edge, (a, b, weight[edge], size[a] * size[b]))
        degree[a] += 1
        degree[b] += 1
        if weight[edge] / (size[a] * size[b]) > stop:
            heap.append((-weight[edge] / (size[a] * size[b]), _key(a, b)))
    heapq.heapify(heap)
    while len(heap) > 0:
        negative, key = heapq.heappop(heap)
        a, b = _root(parent, key >> 32), _root(parent, key & 0xFFFFFFFF)
        if a == b:
            continue
        slot = _slot(table.keys, _key(a, b))
        pairs = size[a] * size[b]
        similarity = (table.totals[slot] + absent * (pairs - table.counts[slot])) / pairs
        if key != _key(a, b) or similarity < -negative:
            if similarity > stop and table.posted[slot] != similarity:
                table.posted[slot] = similarity
                heapq.heappush(heap, (-similarity, _key(a, b)))
            continue
        if degree[a] < degree[b]:
            a, b = b, a
        _absorb(table, lists, parent, a, b)
        size[a] += size[b]
        degree[a] += degree[b]
    return _smallest_places(parent)


@compiled
def _smallest_places(parent: Rows) -> Rows:
    first = np.full(parent.shape[0], -1, np.int32)
    out = np.empty(parent.shape[0], np.int32)
    for row in range(parent.shape[0]):
        root = _root(parent, row)
        if first[root] == -1:
            first[root] = row
        out[row] = first[root]
    return out
