"""The maximum spanning tree of every cluster: which links hold an entity together, seen from its smallest record.

Between any two records of an entity the weakest edge on the tree path is the strongest weakest edge of all paths.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled
from resolver.linkage.runs import order_of_runs
from resolver.linkage.sorting import descending, order_of, pair_keys

Rows = NDArray[np.int32]


class Tree(NamedTuple):
    """One tree per cluster.

    Attributes:
        parent: int32 (n,): row at the other end of the edge towards the root; -1 for a root.
        edge: int64 (n,): number of that edge; -1 for a root.
        weakest: float64 (n,): smallest weight on the way to the root; inf for a root.
        depth: int16 (n,): edges to the root.
    """

    parent: Rows
    edge: NDArray[np.int64]
    weakest: NDArray[np.float64]
    depth: NDArray[np.int16]


def spanning_trees(left: Rows, right: Rows, weight: NDArray[np.float64], labels: Rows) -> Tree:
    """Maximum spanning trees inside clusters.

    Args:
        left: int32 (m,): rows of pairs.
        right: int32 (m,).
        weight: float64 (m,): the larger, the stronger.
        labels: int32 (n,): smallest row of each row's cluster, which becomes the root; every cluster must be
            connected by the pairs.
    """
    inside = np.flatnonzero(labels[left] == labels[right])
    inside = inside[order_of_runs(pair_keys(left[inside], right[inside]))]
    order = inside[order_of(descending(weight[inside]))]
    chosen = order[_kruskal(left[order], right[order], len(labels))]
    ends = np.concatenate([left[chosen], right[chosen]])
    others = np.concatenate([right[chosen], left[chosen]])
    edges = np.concatenate([chosen, chosen])
    by_row = order_of(ends.astype(np.uint64))
    starts = np.searchsorted(ends[by_row], np.arange(len(labels) + 1))
    return _walk((starts, others[by_row], edges[by_row]), weight, labels)


@compiled
def _find(parent: Rows, row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = parent[row]
    return row


@compiled
def _kruskal(left: Rows, right: Rows, n: int) -> NDArray[np.bool_]:
    """Which of the edges, strongest first, join two trees."""
    parent = np.arange(n).astype(np.int32)
    chosen = np.zeros(left.shape[0], np.bool_)
    for edge in range(left.shape[0]):
        a, b = _find(parent, left[edge]), _find(parent, right[edge])
        if a != b:
            parent[max(a, b)] = min(a, b)
            chosen[edge] = True
    return chosen


@compiled
def _walk(
    neighbours: tuple[NDArray[np.int64], Rows, NDArray[np.int64]], weight: NDArray[np.float64], labels: Rows
) -> Tree:
    """Walk every tree from its root, breadth first."""
    starts, others, edges = neighbours
    n = labels.shape[0]
    tree = Tree(np.full(n, -1, np.int32), np.full(n, -1, np.int64), np.full(n, np.inf), np.zeros(n, np.int16))
    queue = np.empty(n, np.int32)
    for root in range(n):
        if labels[root] != root:
            continue
        queue[0], first, last = root, 0, 1
        while first < last:
            row = queue[first]
            first += 1
            for place in range(starts[row], starts[row + 1]):
                other = others[place]
                if other == tree.parent[row]:
                    continue
                tree.parent[other], tree.edge[other] = row, edges[place]
                tree.weakest[other] = min(tree.weakest[row], weight[edges[place]])
                tree.depth[other] = min(tree.depth[row] + 1, 32767)
                queue[last] = other
                last += 1
    return tree
