"""Ways to cluster that average linkage is held against; each takes n rows and weighted pairs, and gives labels (n,).

Weights are natural log-odds; a pair without an edge counts for `ABSENT`, where a method asks for it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import UNIT, Edges, cluster, components
from resolver.linkage.compiled import compiled
from resolver.linkage.settings import person_settings
from resolver.linkage.sorting import descending, order_of

Rows = NDArray[np.int32]
Weights = NDArray[np.float64]
ABSENT = person_settings().clustering.absent
LIKELY = float(np.log(0.95 / 0.05))
_ROUNDS = 10


class Pairs(NamedTuple):
    """Pairs of rows, left < right, each once: int32 (m,), int32 (m,), and float64 (m,) natural log-odds."""

    left: Rows
    right: Rows
    weight: Weights


def average_linkage(n: int, pairs: Pairs) -> Rows:
    """This engine's clustering."""
    edges = Edges(pairs.left, pairs.right, np.rint(pairs.weight * UNIT).astype(np.int64))
    return cluster(n, edges, person_settings().clustering)


def connected_components(n: int, pairs: Pairs) -> Rows:
    """What pairs of a probability of 0.95 or more connect."""
    likely = pairs.weight >= LIKELY
    return components(n, pairs.left[likely], pairs.right[likely])


def center(n: int, pairs: Pairs) -> Rows:
    """Center clustering (Hassanzadeh and Miller, 2009): the strongest pairs choose centers, others join."""
    order = order_of(descending(pairs.weight))
    order = order[pairs.weight[order] > 0]
    return _center(n, pairs.left[order], pairs.right[order])


def pivot(n: int, pairs: Pairs) -> Rows:
    """Correlation clustering: pivots (Ailon, Charikar and Newman, 2008), then moves of single rows while they help."""
    ends = np.concatenate([pairs.left, pairs.right])
    order = order_of(ends.astype(np.uint64))
    starts = np.searchsorted(ends[order], np.arange(n + 1))
    others = np.concatenate([pairs.right, pairs.left])[order]
    weight = np.concatenate([pairs.weight, pairs.weight])[order]
    turns = np.random.default_rng(1).permutation(n).astype(np.int32)
    return _pivot((starts, others, weight), turns, ABSENT)


METHODS = {
    "connected components, p 0.95": connected_components,
    "center": center,
    "pivot with local moves": pivot,
    "average linkage": average_linkage,
}


@compiled
def _center(n: int, left: Rows, right: Rows) -> Rows:
    labels, is_center = np.full(n, -1, np.int32), np.zeros(n, np.bool_)
    for edge in range(left.shape[0]):
        a, b = left[edge], right[edge]
        if labels[a] == -1 and labels[b] == -1:
            labels[a] = labels[b] = a
            is_center[a] = True
        elif labels[a] == -1 and is_center[b]:
            labels[a] = b
        elif labels[b] == -1 and is_center[a]:
            labels[b] = a
    for row in range(n):
        if labels[row] == -1:
            labels[row] = row
    return labels


@compiled
def _pivot(graph: tuple[NDArray[np.int64], Rows, Weights], turns: Rows, absent: float) -> Rows:
    starts, others, weight = graph
    n = turns.shape[0]
    labels = np.full(n, -1, np.int32)
    for turn in turns:
        if labels[turn] != -1:
            continue
        labels[turn] = turn
        for link in range(starts[turn], starts[turn + 1]):
            if weight[link] > 0 and labels[others[link]] == -1:
                labels[others[link]] = turn
    sizes = np.bincount(labels, minlength=n)
    gains = np.zeros(n)
    for _ in range(_ROUNDS):
        moved = 0
        for row in turns:
            span = others[starts[row] : starts[row + 1]], weight[starts[row] : starts[row + 1]]
            target = _best(row, span, labels, (sizes, gains), absent)
            if target != labels[row]:
                sizes[labels[row]] -= 1
                sizes[target] += 1
                labels[row] = target
                moved += 1
        if moved == 0:
            break
    return labels


@compiled
def _best(
    row: int,
    span: tuple[Rows, Weights],
    labels: Rows,
    scratch: tuple[NDArray[np.int64], Weights],
    absent: float,
) -> int:
    """The cluster in which a row's sum of weights is highest; a free one if all speak against it."""
    others, weight = span
    sizes, gains = scratch
    for link in range(others.shape[0]):
        gains[labels[others[link]]] += weight[link] - absent
    own = labels[row]
    best = own
    most = gains[own] + absent * (sizes[own] - 1)
    for link in range(others.shape[0]):
        label = labels[others[link]]
        gain = gains[label] + absent * (sizes[label] - (1 if label == own else 0))
        if gain > most + 1e-9:
            best, most = label, gain
    if most < 0 and sizes[own] > 1 and sizes[row] == 0:
        best = row
    for link in range(others.shape[0]):
        gains[labels[others[link]]] = 0.0
    return best
