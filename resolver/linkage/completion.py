"""Pairs that no blocking rule yielded, between records that others connect.

What holds two people apart is often a pair that has nothing in common, so it was never a candidate. Inside small
groups of connected records every pair is therefore compared; only in large ones does an absent pair count as such.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.runs import order_of_runs
from resolver.linkage.sorting import order_of, pair_keys

Rows = NDArray[np.int32]
LARGEST = 50
"""Most records in a group in which every pair is compared."""


def absent_pairs(component: Rows, left: Rows, right: Rows) -> tuple[Rows, Rows]:
    """Pairs of rows, left < right, of one small component, that are not among those given.

    Args:
        component: int32 (n,): connected component of each row.
        left: int32 (m,): rows of the pairs there are, each pair once, left < right, all within components.
        right: int32 (m,).

    Returns:
        int32 (k,), int32 (k,), sorted.
    """
    sizes = np.bincount(component) if len(component) else np.zeros(0, np.int64)
    present = np.bincount(component[left], minlength=len(sizes))
    lacking = (sizes <= LARGEST) & (sizes > 2) & (present < sizes * (sizes - 1) // 2)
    rows = np.flatnonzero(lacking[component]).astype(np.int32)
    rows = rows[order_of(component[rows].astype(np.uint64))]
    chosen = lacking[component[left]]
    left, right = left[chosen], right[chosen]
    order = order_of_runs(pair_keys(left, right))
    total = int(((sizes * (sizes - 1) // 2)[lacking]).sum()) - len(order)
    found = np.empty((2, total), np.int32)
    place = np.full(len(component), -1, np.int32)
    place[rows] = np.arange(len(rows), dtype=np.int32)
    _list_absent((component, rows, place), (left, right, order), found)
    return found[0], found[1]


@kernel
def _list_absent(groups: tuple[Rows, Rows, Rows], present: tuple[Rows, Rows, Rows], found: Rows) -> None:
    """Go through the rows, and behind each through those of its group that follow; and beside through the known pairs.

    Args:
        groups: The group (n,) of each row; the rows (k,) of groups that lack pairs, group by group; and where each
            row (n,) stands among these, -1 = nowhere.
        present: The pairs that there are: left (m,), right (m,), and their order (m,).
        found: The others (2, …) are written here.
    """
    component, rows, place = groups
    left, right, order = present
    n, known = 0, 0
    for row in range(place.shape[0]):
        if place[row] < 0:
            continue
        for follows in range(place[row] + 1, rows.shape[0]):
            other = rows[follows]
            if component[other] != component[row]:
                break
            if known < order.shape[0] and left[order[known]] == row and right[order[known]] == other:
                known += 1
            else:
                found[0, n], found[1, n] = row, other
                n += 1
