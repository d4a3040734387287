"""Cluster in two turns: records with a valid number first, by what they say themselves; then the others join them.

A record without a number often fits two people, namesakes born on one day say, equally well. Clustered with all the
others it would be the bridge over which the two become one, although their numbers say that they are two.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import FORBIDDEN, UNIT, Edges, Rows, cluster
from resolver.linkage.settings import ClusteringSettings
from resolver.linkage.sorting import pair_order


def cluster_numbered_first(edges: Edges, numbered: NDArray[np.bool_], settings: ClusteringSettings) -> Rows:
    """Cluster n rows; rows with a number never meet because of rows without one.

    Args:
        edges: What speaks for and against pairs; sorted by left and right.
        numbered: bool (n,): whether the row has a valid number that its record does not contradict.
        settings: Thresholds.

    Returns:
        int32 (n,): smallest row of each row's cluster.
    """
    n = len(numbered)
    both = numbered[edges.left] & numbered[edges.right]
    first = cluster(n, Edges(edges.left[both], edges.right[both], edges.weight[both]), settings)
    sizes = np.bincount(first, minlength=n).astype(np.int64)
    between = _between(edges, first, sizes, settings)
    decided = numbered[between.left] & numbered[between.right]
    weight = np.where(decided, FORBIDDEN, between.weight)
    second = cluster(n, Edges(between.left, between.right, weight), settings, np.maximum(sizes, 1))
    return second[first]


def _between(edges: Edges, labels: Rows, sizes: NDArray[np.int64], settings: ClusteringSettings) -> Edges:
    """Edges between clusters, named by their smallest rows: sums over all pairs of their rows, absent ones charged."""
    a, b = labels[edges.left], labels[edges.right]
    apart = a != b
    left, right = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
    order = pair_order(left, right)
    left, right = left[order], right[order]
    starts = np.flatnonzero(np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))[: len(left)])
    counts = np.diff(np.append(starts, len(left)))
    totals = np.add.reduceat(edges.weight[apart][order], starts) if len(starts) else np.zeros(0, np.int64)
    left, right = left[starts], right[starts]
    totals += round(settings.absent * UNIT) * (sizes[left] * sizes[right] - counts)
    return Edges(left, right, np.maximum(totals, FORBIDDEN))
