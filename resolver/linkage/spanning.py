"""The maximum spanning tree of every cluster: which links hold an entity together, seen from its smallest record.

Between any two records of an entity the weakest edge on the tree path is the strongest weakest edge of all paths.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled, inlined, kernel
from resolver.linkage.runs import order_of_runs
from resolver.linkage.sorting import pair_keys

Rows = NDArray[np.int32]


class Tree(NamedTuple):
    """One tree per cluster.

    Attributes:
        parent: int32 (n,): row at the other end of the edge towards the root; -1 for a root.
        weight: float64 (n,): of that edge; inf for a root.
        weakest: float64 (n,): smallest weight on the way to the root; inf for a root.
        depth: int16 (n,): edges to the root.
    """

    parent: Rows
    weight: NDArray[np.float64]
    weakest: NDArray[np.float64]
    depth: NDArray[np.int16]

    @classmethod
    def room(cls, n: int) -> "Tree":
        """Memory for n rows, uninitialised."""
        return cls(
            np.empty(n, np.int32), np.empty(n, np.float64), np.empty(n, np.float64), np.empty(n, np.int16)
        )

    def put(self, rows: Rows, of: "Tree") -> None:
        """Write the trees of some rows (k,), which are these ones of all."""
        self.parent[rows] = np.where(of.parent < 0, of.parent, rows[of.parent])
        self.weight[rows], self.weakest[rows], self.depth[rows] = of.weight, of.weakest, of.depth


def spanning_trees(left: Rows, right: Rows, weight: NDArray[np.float64], labels: Rows) -> Tree:
    """Maximum spanning trees inside clusters.

    Args:
        left: int32 (m,): rows of pairs.
        right: int32 (m,).
        weight: float64 (m,): the larger, the stronger.
        labels: int32 (n,): smallest row of each row's cluster, which becomes the root; every cluster must be
            connected by the pairs.
    """
    inside = np.empty(len(left), np.int32)
    found, is_sorted = _inside(left, right, labels, inside)
    inside = inside[:found]
    if not is_sorted:
        inside = inside[order_of_runs(pair_keys(left[inside], right[inside]))]
    n = len(labels)
    chosen = np.empty(n, np.int32)
    best, roots = np.full(n, -1, np.int32), np.arange(n, dtype=np.int32)
    chosen = chosen[: _strongest_trees((left, right, weight), inside, roots, best, chosen)]
    starts = np.zeros(n + 1, np.int64)
    others, edges = np.empty(2 * len(chosen), np.int32), np.empty(2 * len(chosen), np.int32)
    _list_neighbours((left, right), chosen, starts, others, edges)
    return _walk((starts, others, edges), weight, labels)


@kernel
def _inside(left: Rows, right: Rows, labels: Rows, out: Rows) -> tuple[int, bool]:
    """List the pairs inside clusters; how many there are, and whether they are sorted by left and right row."""
    found, is_sorted, last = 0, True, np.int64(-1)
    for pair in range(left.shape[0]):
        if labels[left[pair]] == labels[right[pair]]:
            key = np.int64(left[pair]) << 32 | right[pair]
            is_sorted = is_sorted and key > last
            out[found] = pair
            found, last = found + 1, key
    return found, is_sorted


@inlined
def _find(roots: Rows, row: int) -> int:
    while roots[row] != row:
        roots[row] = roots[roots[row]]
        row = roots[row]
    return row


@kernel
def _strongest_trees(
    pairs: tuple[Rows, Rows, NDArray[np.float64]], edges: Rows, roots: Rows, best: Rows, chosen: Rows
) -> int:
    """Borůvka: every tree takes the strongest edge that leads out of it, until none does.

    Of equal edges the first is the stronger, which makes the result that of taking edges one by one.

    Args:
        pairs: Ends and weight of every edge.
        edges: int32 (m,): the edges to take from, used up.
        roots: int32 (n,): the rows themselves; used up.
        best: int32 (n,): -1.
        chosen: int32 (n,): the edges taken are written here.

    Returns:
        How many were taken.
    """
    left, right, weight = pairs
    found, open_ = 0, edges.shape[0]
    while open_ > 0:
        kept = 0
        for number in range(open_):
            edge = edges[number]
            one, other = _find(roots, left[edge]), _find(roots, right[edge])
            if one == other:
                continue
            edges[kept] = edge
            kept += 1
            mine = weight[edge]
            if best[one] < 0 or mine > weight[best[one]]:
                best[one] = edge
            if best[other] < 0 or mine > weight[best[other]]:
                best[other] = edge
        open_ = kept
        for row in range(best.shape[0]):
            edge = best[row]
            if edge >= 0:
                best[row] = -1
                one, other = _find(roots, left[edge]), _find(roots, right[edge])
                if one != other:
                    roots[max(one, other)] = min(one, other)
                    chosen[found] = edge
                    found += 1
    return found


@kernel
def _list_neighbours(
    pairs: tuple[Rows, Rows], chosen: Rows, starts: NDArray[np.int64], others: Rows, edges: Rows
) -> None:
    """List the rows at the other ends of each row's edges; `starts` (n + 1,) is zeros, then where each list begins."""
    left, right = pairs
    for number in range(chosen.shape[0]):
        starts[left[chosen[number]]] += 1
        starts[right[chosen[number]]] += 1
    for row in range(1, starts.shape[0]):
        starts[row] += starts[row - 1]
    for number in range(chosen.shape[0]):
        edge = chosen[number]
        for side in range(2):
            one, other = (left[edge], right[edge]) if side == 0 else (right[edge], left[edge])
            starts[one] -= 1
            others[starts[one]], edges[starts[one]] = other, edge


@compiled
def _walk(
    neighbours: tuple[NDArray[np.int64], Rows, Rows], weight: NDArray[np.float64], labels: Rows
) -> Tree:
    """Walk every tree from its root, breadth first."""
    starts, others, edges = neighbours
    n = labels.shape[0]
    tree = Tree(np.full(n, -1, np.int32), np.full(n, np.inf), np.full(n, np.inf), np.zeros(n, np.int16))
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
                tree.parent[other], tree.weight[other] = row, weight[edges[place]]
                tree.weakest[other] = min(tree.weakest[row], tree.weight[other])
                tree.depth[other] = min(tree.depth[row] + 1, 32767)
                queue[last] = other
                last += 1
    return tree
