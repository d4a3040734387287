"""Pairs that no blocking rule yielded, inside clusters and between neighbouring ones.

Average linkage charges for every pair that was not compared. Where blocking overlooked a pair of one entity's records
that charge is wrong, so pairs within first clusters, and between those that some pair connects, are compared too.
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Rows = NDArray[np.int32]
LARGEST = 64
"""Most records of a cluster whose pairs are completed."""

_PER_RECORD = 40
"""Pairs per record that completion may add at most; beyond that the closest clusters come first."""


def pairs_to_complete(
    labels: Rows, left: Rows, right: Rows, log_odds: NDArray[np.float64]
) -> tuple[Rows, Rows]:
    """Pairs worth comparing that were not kept.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        left: int32 (m,): pairs kept, left < right, sorted by left and right.
        right: int32 (m,).
        log_odds: float64 (m,), natural, of these.

    Returns:
        int32 (k,), int32 (k,): pairs, left < right, sorted, none of those kept.
    """
    sizes = np.bincount(labels, minlength=len(labels))
    order, starts = np.empty(len(labels), np.int32), _starts(sizes)
    _list_members(labels, starts[:-1].copy(), order)
    one, other = _neighbours(labels, sizes, (left, right, log_odds))
    most = int((sizes[one] * sizes[other]).sum())
    found = np.empty((2, most), np.int32)
    known = _starts(np.bincount(left, minlength=len(labels))), right
    used = _list_pairs((order, starts), (one, other), known, found)
    keys = np.sort(found[0, :used].astype(np.int64) << 32 | found[1, :used])
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


@kernel
def _list_members(labels: Rows, next_places: NDArray[np.int64], order: Rows) -> None:
    """List the rows (n,) cluster by cluster, ascending in each; `next_places` begins where each cluster does."""
    for row in range(labels.shape[0]):
        order[next_places[labels[row]]] = row
        next_places[labels[row]] += 1


def _neighbours(
    labels: Rows, sizes: NDArray[np.int64], pairs: tuple[Rows, Rows, NDArray[np.float64]]
) -> tuple[Rows, Rows]:
    """Clusters to complete: each with itself, and pairs of clusters, those with the strongest pairs between first."""
    left, right, log_odds = pairs
    several = np.flatnonzero((sizes > 2) & (sizes <= LARGEST)).astype(np.int32)
    a, b = labels[left], labels[right]
    across = (a != b) & (sizes[a] <= LARGEST) & (sizes[b] <= LARGEST) & (sizes[a] * sizes[b] > 1)
    key = np.minimum(a, b)[across].astype(np.int64) << 32 | np.maximum(a, b)[across]
    order = np.lexsort((key, -log_odds[across]))
    _, first = np.unique(key[order], return_index=True)
    ranked = key[order][np.sort(first)]
    one, other = (ranked >> 32).astype(np.int32), (ranked & 0xFFFFFFFF).astype(np.int32)
    within = int((sizes[several] * (sizes[several] - 1) // 2).sum())
    total = within + np.cumsum(sizes[one] * sizes[other])
    chosen = total <= _PER_RECORD * len(labels)
    return np.concatenate([several, one[chosen]]), np.concatenate([several, other[chosen]])


@kernel
def _list_pairs(
    members: tuple[Rows, NDArray[np.int64]],
    clusters: tuple[Rows, Rows],
    known: tuple[NDArray[np.int64], Rows],
    found: Rows,
) -> int:
    """List pairs within and between clusters that are not known; returns how many."""
    order, starts = members
    used = 0
    for number in range(clusters[0].shape[0]):
        one, other = clusters[0][number], clusters[1][number]
        for x in range(starts[one], starts[one + 1]):
            first = x + 1 if one == other else starts[other]
            for y in range(first, starts[other + 1]):
                left, right = min(order[x], order[y]), max(order[x], order[y])
                if not _is_known(known, left, right):
                    found[0, used], found[1, used] = left, right
                    used += 1
    return used


@kernel
def _is_known(known: tuple[NDArray[np.int64], Rows], left: int, right: int) -> bool:
    starts, others = known
    low, high = starts[left], starts[left + 1]
    while low < high:
        middle = (low + high) // 2
        if others[middle] < right:
            low = middle + 1
        else:
            high = middle
    return bool(low < starts[left + 1] and others[low] == right)
