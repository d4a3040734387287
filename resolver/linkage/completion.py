"""Pairs that no blocking rule yielded, between records that others connect.

What holds two people apart is often a pair that has nothing in common, so it was never a candidate. Inside small
groups of connected records every pair is therefore compared; only in large ones does an absent pair count as such.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.runs import order_of_runs
from resolver.linkage.sorting import Keys, order_of, pair_keys, pair_order

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
    known = pair_keys(left[chosen], right[chosen])
    known = known[order_of_runs(known)]
    starts = np.flatnonzero(np.concatenate([[len(rows) > 0], np.diff(component[rows]) != 0]))
    ends = np.append(starts[1:], len(rows))
    total = int(((sizes * (sizes - 1) // 2)[lacking]).sum()) - len(known)
    found = np.empty((2, total), np.int32)
    bits = int(right[chosen].max()).bit_length() if len(known) else 0
    _list_absent(rows, (starts, ends), (known, bits), found)
    order = pair_order(found[0], found[1])
    return found[0, order], found[1, order]


@kernel
def _list_absent(
    rows: Rows,
    groups: tuple[NDArray[np.int64], NDArray[np.int64]],
    present: tuple[Keys, int],
    found: Rows,
) -> None:
    starts, ends = groups
    known, bits = present
    n = 0
    for group in range(starts.shape[0]):
        for first in range(starts[group], ends[group]):
            row = np.uint64(rows[first]) << np.uint64(bits)
            place = np.searchsorted(
                known, row
            )  # from here on this row's known pairs, as ascending as the rows
            for second in range(first + 1, ends[group]):
                key = row | np.uint64(rows[second])
                if place < known.shape[0] and known[place] == key:
                    place += 1
                else:
                    found[0, n], found[1, n] = rows[first], rows[second]
                    n += 1
