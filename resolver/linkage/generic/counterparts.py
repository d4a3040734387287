"""Link two tables that have no duplicates: every record gets one counterpart at most, the best pairs first."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Rows = NDArray[np.int32]


def one_to_one(n: int, left: Rows, right: Rows, log_odds: NDArray[np.float64], stop: float) -> Rows:
    """Clusters of one or two rows.

    Args:
        n: Number of rows.
        left: int32 (m,): rows of the left table.
        right: int32 (m,): rows of the right table.
        log_odds: float64 (m,), natural.
        stop: Pairs must be above.

    Returns:
        int32 (n,): smallest row of each row's cluster.
    """
    order = np.lexsort((right, left, -log_odds))
    order = order[log_odds[order] > stop]
    labels = np.arange(n, dtype=np.int32)
    _assign(left[order], right[order], labels, np.zeros(n, np.bool_))
    return labels


@kernel
def _assign(left: Rows, right: Rows, labels: Rows, taken: NDArray[np.bool_]) -> None:
    for pair in range(left.shape[0]):
        a, b = left[pair], right[pair]
        if not taken[a] and not taken[b]:
            taken[a] = taken[b] = True
            labels[b] = a
