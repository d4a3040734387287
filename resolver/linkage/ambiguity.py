"""Records that fit two clusters almost equally: they are kept apart and flagged, not given to the luckier one."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import UNIT, Edges, components, smallest
from resolver.linkage.settings import ClusteringSettings

Rows = NDArray[np.int32]


def set_apart(labels: Rows, edges: Edges, settings: ClusteringSettings) -> tuple[Rows, Rows]:
    """Take ambiguous records out of their clusters.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        edges: The edges that were clustered.
        settings: `rival` says how near the second best may come.

    Returns:
        New labels (n,), in which every cluster is connected by edges, and the ambiguous rows, ascending.
    """
    across = (labels[edges.left] != labels[edges.right]) & (edges.weight > settings.stop * UNIT)
    suspects = np.zeros(len(labels), np.bool_)
    suspects[edges.left[across]] = suspects[edges.right[across]] = True
    sizes = np.bincount(labels, minlength=len(labels))
    suspects &= sizes[labels] > 1
    row, own, similarity = _similarities(labels, sizes, edges, suspects, settings)
    mine = np.full(len(labels), -np.inf)
    mine[row[own]] = similarity[own]
    best = np.full(len(labels), -np.inf)
    np.maximum.at(best, row[~own], similarity[~own])
    apart = suspects & (best > settings.stop) & (mine < best + settings.rival)
    kept = (labels[edges.left] == labels[edges.right]) & (edges.weight > settings.absent * UNIT)
    kept &= ~apart[edges.left] & ~apart[edges.right]
    joined = smallest(components(len(labels), edges.left[kept], edges.right[kept]))
    return joined, np.flatnonzero(apart).astype(np.int32)


def _similarities(
    labels: Rows,
    sizes: NDArray[np.int64],
    edges: Edges,
    suspects: NDArray[np.bool_],
    settings: ClusteringSettings,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.float64]]:
    """Mean log-odds of each suspect with each cluster it has an edge to: rows, whether it is its own, means."""
    ends = np.concatenate([edges.left, edges.right])
    others = np.concatenate([edges.right, edges.left])
    weight = np.concatenate([edges.weight, edges.weight]) / UNIT
    chosen = suspects[ends]
    ends, others, weight = ends[chosen], others[chosen], weight[chosen]
    keys, places = np.unique(ends.astype(np.int64) << 32 | labels[others], return_inverse=True)
    totals, counts = np.bincount(places, weight, len(keys)), np.bincount(places, minlength=len(keys))
    row, cluster = keys >> 32, keys & 0xFFFFFFFF
    own = labels[row] == cluster
    size = sizes[cluster] - own
    return row, own, (totals + settings.absent * (size - counts)) / size
