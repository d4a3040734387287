"""Cluster records by average linkage that charges for absent edges.

The similarity of two clusters is the mean log-odds over all pairs of a record of the one and a record of the other,
a pair that was not kept counting as `absent`; the most alike clusters merge first, down to `stop`. One bad edge
between two people cannot join them, because all the other pairs of their records speak against it.

Weights are whole numbers of 2^-20, so sums are exact and do not depend on the order of merging; ties go to the
smaller rows. Two clusters without an edge above `stop` between them are never more alike than `stop`, so rows
that such edges do not connect are clustered apart from one another: on all cores, with the same result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.average_linkage import Heap, Links, Nodes, agglomerate, enter, pair_of, root_of
from resolver.linkage.compiled import compiled, inlined, kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.sorting import descending, order_of, pair_order

Rows = NDArray[np.int32]
UNIT = 1 << 20
FORBIDDEN = -(1 << 52)
"""Weight of a pair that must not be linked: no sum of others outweighs it."""
_EDGES_PER_JOB = 1 << 17
_MOST = (1 << 31) - 1


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
    return all_weights([log_odds], clip)


def all_weights(log_odds: Sequence[NDArray[np.floating[Any]]], clip: float) -> NDArray[np.int64]:
    """`weights` (m,) of several arrays, of m numbers in all."""
    out = np.empty(sum(len(part) for part in log_odds), np.int64)
    start = 0
    for part in log_odds:
        _round(part, clip, out[start : start + len(part)])
        start += len(part)
    return out


@kernel
def _round(log_odds: NDArray[np.floating[Any]], clip: float, out: NDArray[np.int64]) -> None:
    for pair in range(out.shape[0]):
        out[pair] = np.int64(np.rint(min(max(np.float64(log_odds[pair]), -clip), clip) * UNIT))


def components(n: int, left: Rows, right: Rows) -> NDArray[np.int32]:
    """Label (n,) of each row's connected component; rows are connected by the pairs (left, right)."""
    roots = connected(n, left, right)
    first = roots == np.arange(n)
    labels: NDArray[np.int32] = (np.cumsum(first, dtype=np.int32) - np.int32(1))[roots]
    return labels


def connected(n: int, left: Rows, right: Rows) -> Rows:
    """Smallest row (n,) of each row's connected component; rows are connected by the pairs (left, right)."""
    roots = np.arange(n, dtype=np.int32)
    _connect(left, right, roots)
    return roots


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
        edges: What speaks for and against pairs.
        settings: Thresholds.
        sizes: How many records each row stands for (n,); default 1.

    Returns:
        int32 (n,): smallest row of each row's cluster.
    """
    edges = _sorted(edges)
    absent, stop = round(settings.absent * UNIT), float(round(settings.stop * UNIT))
    if sizes is None:
        similarity = edges.weight.astype(np.float64)
    else:
        similarity = edges.weight / (sizes[edges.left] * sizes[edges.right])
    labels = np.arange(n, dtype=np.int32)
    _join(edges.left, edges.right, similarity, stop, labels)
    undecided = _undecided(edges, similarity, labels, stop)
    if undecided.any():
        parts = _parts(edges, similarity, sizes, labels, undecided)
        jobs = _jobs(parts)
        if len(jobs) == 1:  # not worth a thread
            _cluster_parts(*jobs[0], parts, (absent, stop), labels)
        else:
            on_all_cores(lambda job: _cluster_parts(*job, parts, (absent, stop), labels), jobs)
    return labels


def _sorted(edges: Edges) -> Edges:
    """The edges by left and right row, which decides ties."""
    left, right = edges.left, edges.right
    if ((left[1:] > left[:-1]) | ((left[1:] == left[:-1]) & (right[1:] > right[:-1]))).all():
        return edges
    order = pair_order(left, right)
    return Edges(left[order], right[order], edges.weight[order])


class _Parts(NamedTuple):
    """What the clusters of undecided components are made from; part k has `rows[row_starts[k]:row_starts[k + 1]]`.

    Attributes:
        rows: int32: rows of all parts, ascending in each.
        row_starts: int64 (parts + 1,).
        places: int32 (n,): place of a row among those of its part.
        sizes: int64, one for each of `rows`: how many records it stands for.
        degrees: int32, one for each of `rows`: its edges, those to other components too: they do not matter but for
            ties.
        edge_starts: int64 (parts + 1,).
        left: int32: left rows of the edges of all parts, the most similar first in each.
        right: int32.
        weight: int64.
        similarity: float64.
    """

    rows: Rows
    row_starts: NDArray[np.int64]
    places: Rows
    sizes: NDArray[np.int64]
    degrees: NDArray[np.int32]
    edge_starts: NDArray[np.int64]
    left: Rows
    right: Rows
    weight: NDArray[np.int64]
    similarity: NDArray[np.float64]


def _undecided(edges: Edges, similarity: NDArray[np.float64], roots: Rows, stop: float) -> NDArray[np.bool_]:
    """Which rows (n,) are the root of a component with a pair that is absent or not above `stop`; others are one."""
    missing, out = np.zeros(len(roots), np.int32), np.empty(len(roots), np.bool_)
    _mark_undecided((edges.left, similarity), stop, roots, missing, out)
    return out


def _parts(
    edges: Edges,
    similarity: NDArray[np.float64],
    sizes: NDArray[np.int64] | None,
    roots: Rows,
    undecided: NDArray[np.bool_],
) -> _Parts:
    n = len(roots)
    number = np.cumsum(undecided, dtype=np.int32)
    number -= np.int32(1)
    rows, chosen = np.empty(n, np.int32), np.empty(len(edges.left), np.int32)
    degrees, counts = np.zeros(n, np.int32), np.zeros(2, np.int64)
    _list_undecided((edges.left, edges.right), roots, undecided, (rows, chosen, degrees), counts)
    rows, chosen = rows[: counts[0]], chosen[: counts[1]]
    rows = rows[order_of(number[roots[rows]].astype(np.uint64))]
    row_starts = np.searchsorted(number[roots[rows]], np.arange(number[-1] + 2))
    places = np.zeros(n, np.int32)
    places[rows] = np.arange(len(rows)) - row_starts[number[roots[rows]]]
    chosen = chosen[order_of(descending(similarity[chosen]))]
    of_edge = number[roots[edges.left[chosen]]]
    order = order_of(of_edge.astype(np.uint64))
    chosen, of_edge = chosen[order], of_edge[order]
    return _Parts(
        rows=rows,
        row_starts=row_starts,
        places=places,
        sizes=np.ones(len(rows), np.int64) if sizes is None else sizes[rows],
        degrees=degrees[rows],
        edge_starts=np.searchsorted(of_edge, np.arange(number[-1] + 2)),
        left=edges.left[chosen],
        right=edges.right[chosen],
        weight=edges.weight[chosen],
        similarity=similarity[chosen],
    )


def _jobs(parts: _Parts) -> list[tuple[int, int]]:
    """Cut the parts into jobs (first part, part after the last) of about as many edges, the largest first."""
    starts, first = parts.edge_starts, 0
    jobs = []
    while first < len(starts) - 1:
        last = max(int(np.searchsorted(starts, starts[first] + _EDGES_PER_JOB, side="right")) - 1, first + 1)
        jobs.append((first, last))
        first = last
    return sorted(jobs, key=lambda job: int(starts[job[0]] - starts[job[1]]))


@inlined
def _unite(one: int, other: int, roots: Rows) -> None:
    """Climb from the larger row; what it meets is at most the root of both."""
    while one != other:
        if one < other:
            one, other = other, one
        above_one = roots[one]
        if above_one == one:
            roots[one] = other
            break
        roots[one] = min(above_one, other)
        one = above_one


@kernel
def _connect(left: Rows, right: Rows, roots: Rows) -> None:
    """As `_join`, by all edges."""
    for edge in range(left.shape[0]):
        _unite(left[edge], right[edge], roots)
    for row in range(roots.shape[0]):
        roots[row] = roots[roots[row]]


@kernel
def _join(left: Rows, right: Rows, similarity: NDArray[np.float64], above: float, roots: Rows) -> None:
    """Find the smallest row of each row's component (n,); `roots` comes in as the rows themselves."""
    for edge in range(left.shape[0]):
        if similarity[edge] > above:
            _unite(left[edge], right[edge], roots)
    for row in range(roots.shape[0]):
        roots[row] = roots[roots[row]]


@kernel
def _mark_undecided(
    edges: tuple[Rows, NDArray[np.float64]],
    stop: float,
    roots: Rows,
    missing: NDArray[np.int32],
    out: NDArray[np.bool_],
) -> None:
    """Count every component's pairs without an edge above `stop`; `missing` begins with zeros."""
    left, similarity = edges
    for row in range(roots.shape[0]):
        missing[roots[row]] += 1
    for row in range(roots.shape[0]):
        size = int(missing[row])
        missing[row] = min(size * (size - 1) // 2, _MOST)
    for edge in range(left.shape[0]):
        if similarity[edge] > stop:
            missing[roots[left[edge]]] -= 1
    for row in range(roots.shape[0]):
        out[row] = missing[row] > 0


@kernel
def _list_undecided(
    pairs: tuple[Rows, Rows],
    roots: Rows,
    undecided: NDArray[np.bool_],
    out: tuple[Rows, Rows, NDArray[np.int32]],
    counts: NDArray[np.int64],
) -> None:
    """List the rows of undecided components and the edges inside; count every row's edges, which begin with zeros."""
    left, right = pairs
    rows, edges, degrees = out
    for row in range(roots.shape[0]):
        if undecided[roots[row]]:
            rows[counts[0]] = row
            counts[0] += 1
    for edge in range(left.shape[0]):
        one, other = left[edge], right[edge]
        degrees[one] += 1
        degrees[other] += 1
        if undecided[roots[one]] and roots[one] == roots[other]:
            edges[counts[1]] = edge
            counts[1] += 1


@compiled
def _cluster_parts(first: int, last: int, parts: _Parts, thresholds: tuple[int, float], labels: Rows) -> None:
    """Cluster some of the parts, each in the same memory."""
    n = np.diff(parts.row_starts[first : last + 1]).max()
    m = np.diff(parts.edge_starts[first : last + 1]).max()
    slots = 8
    while slots < 2 * m:
        slots *= 2
    longs, rows = np.empty((2, n), np.int64), np.empty((3, n), np.int32)
    nodes = Nodes(longs[0], longs[1], rows[0], rows[1], rows[2])
    pairs, floats = np.empty((4, m), np.int64), np.empty((3, m), np.float64)
    nexts, edges, table = np.full(2 * m, -1, np.int32), np.empty(m, np.int32), np.empty(slots, np.int32)
    links = Links(pairs[0], pairs[1], floats[0], floats[1], pairs[2], nexts, table)
    heap = Heap(floats[2], pairs[3], edges)
    for part in range(first, last):
        _cluster_part(part, parts, (nodes, links, heap), thresholds, labels)


@kernel
def _cluster_part(
    part: int,
    parts: _Parts,
    memory: tuple[Nodes, Links, Heap],
    thresholds: tuple[int, float],
    labels: Rows,
) -> None:
    first = parts.row_starts[part]
    rows = parts.rows[first : parts.row_starts[part + 1]]
    start, n = parts.edge_starts[part], rows.shape[0]
    m = parts.edge_starts[part + 1] - start
    slots = 8
    while slots < 2 * m:
        slots *= 2
    given, room, heap = memory
    nodes = Nodes(given.sizes[:n], given.degrees[:n], given.parents[:n], given.heads[:n], given.tails[:n])
    links = Links(
        room.pairs[:m], room.excess[:m], room.similarity[:m], room.posted[:m], room.first[:m],
        room.nexts, room.slots[:slots],
    )  # fmt: skip
    for place in range(n):
        nodes.sizes[place], nodes.degrees[place] = parts.sizes[first + place], parts.degrees[first + place]
        nodes.parents[place] = place
    for edge in range(m):
        left, right = parts.places[parts.left[start + edge]], parts.places[parts.right[start + edge]]
        absent = thresholds[0] * nodes.sizes[left] * nodes.sizes[right]
        links.first[edge] = pair_of(left, right)
        links.excess[edge] = parts.weight[start + edge] - absent
        links.similarity[edge] = parts.similarity[start + edge]
    enter(nodes, links)
    agglomerate(nodes, links, heap, thresholds[0], thresholds[1])
    _name(nodes, rows, labels)


@kernel
def _name(nodes: Nodes, rows: Rows, labels: Rows) -> None:
    """Give every row of a component the smallest row of its cluster."""
    nodes.heads[:] = -1
    for place in range(rows.shape[0]):
        root = root_of(nodes.parents, place)
        if nodes.heads[root] == -1:
            nodes.heads[root] = rows[place]
        labels[rows[place]] = nodes.heads[root]
