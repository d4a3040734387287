"""Cluster in two turns: records with a valid number first, by what they say themselves; then the others join them.

A record without a number often fits two people, namesakes born on one day say, equally well. Clustered with all the
others it would be the bridge over which the two become one, although their numbers say that they are two.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.between import between
from resolver.linkage.clustering import FORBIDDEN, UNIT, Edges, Rows, cluster
from resolver.linkage.settings import ClusteringSettings


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
    both = numbered.take(edges.left) & numbered.take(edges.right)
    first = cluster(n, Edges(edges.left[both], edges.right[both], edges.weight[both]), settings)
    sizes = np.bincount(first, minlength=n).astype(np.int64)
    between = _between(edges, first, sizes, settings)
    decided = numbered.take(between.left) & numbered.take(between.right)
    weight = np.where(decided, FORBIDDEN, between.weight)
    second = cluster(n, Edges(between.left, between.right, weight), settings, np.maximum(sizes, 1))
    return second.take(first)


def _between(edges: Edges, labels: Rows, sizes: NDArray[np.int64], settings: ClusteringSettings) -> Edges:
    """Edges between clusters, named by their smallest rows: sums over all pairs of their rows, absent ones charged."""
    found = between(labels, edges)
    absent = round(settings.absent * UNIT) * (sizes.take(found.left) * sizes.take(found.right) - found.edges)
    return Edges(found.left, found.right, np.maximum(found.total + absent, FORBIDDEN))
