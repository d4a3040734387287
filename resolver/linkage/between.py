"""What the edges between clusters come to: many edges between few pairs of clusters, added up without being sorted."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.clustering import Edges, Rows
from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import finish
from resolver.linkage.sorting import Keys, order_of

Wholes = NDArray[np.int64]
_FEW = 1 << 14


class Between(NamedTuple):
    """Pairs of clusters with edges between them, sorted.

    Attributes:
        left: int32 (k,): the smaller cluster.
        right: int32 (k,).
        total: int64 (k,): sum of the edges' weights.
        edges: int64 (k,): how many there are.
        least: int64 (k,): the smallest weight.
        most: int64 (k,): the largest.
    """

    left: Rows
    right: Rows
    total: Wholes
    edges: Wholes
    least: Wholes
    most: Wholes


def between(labels: Rows, edges: Edges) -> Between:
    """Add up the edges between clusters.

    Args:
        labels: int32 (n,): cluster of each row.
        edges: Edges between rows.
    """
    room, found = max(_FEW, 1 << (len(labels) // 2).bit_length()), -1
    given = edges.left, edges.right, edges.weight
    while found < 0:
        keys, sums = np.empty(room, np.uint64), np.empty((room, 4), np.int64)
        found = _add_up(given, labels, np.zeros(2 * room, np.int32), keys, sums)
        room *= 8
    order = order_of(keys[:found])
    keys = keys.take(order)
    left, right = keys >> np.uint64(32), keys & np.uint64(0xFFFFFFFF)
    return Between(
        left.astype(np.int32), right.astype(np.int32), *np.ascontiguousarray(sums.take(order, axis=0).T)
    )


@kernel
def _add_up(edges: tuple[Rows, Rows, Wholes], labels: Rows, table: Rows, keys: Keys, sums: Wholes) -> int:
    """Find each edge's pair of clusters in a hash table; returns how many pairs there are, -1 if too many.

    `table` begins with zeros; its length is a power of two.
    """
    found, mask = 0, np.uint64(table.shape[0] - 1)
    for edge in range(edges[0].shape[0]):
        one, other = labels[edges[0][edge]], labels[edges[1][edge]]
        if one == other:
            continue
        key = np.uint64(min(one, other)) << np.uint64(32) | np.uint64(max(one, other))
        slot = finish(key) & mask
        while table[slot] != 0 and keys[table[slot] - 1] != key:
            slot = (slot + np.uint64(1)) & mask
        weight = edges[2][edge]
        if table[slot] == 0:
            if found == keys.shape[0]:
                return -1
            keys[found] = key
            sums[found, 0], sums[found, 1], sums[found, 2], sums[found, 3] = 0, 0, weight, weight
            found += 1
            table[slot] = found
        place = table[slot] - 1
        sums[place, 0] += weight
        sums[place, 1] += 1
        sums[place, 2] = min(sums[place, 2], weight)
        sums[place, 3] = max(sums[place, 3], weight)
    return found
