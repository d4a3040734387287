"""Cancellations 企业注销吊销 that name a firm by its name alone."""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.organisation.columns import Columns, Flag

Rows = NDArray[np.int32]


def cancelled_by_name(labels: Rows, columns: Columns) -> Rows:
    """Rows (k,) that say with nothing but a name that a firm is gone of which others than its register still speak.

    A name is free for others once its firm is gone. Of a firm that was cancelled before departments delivered anything,
    the cancellation is all that is left; without a number it would be taken for the one that bears the name now.

    Args:
        labels: int32 (n,): smallest row of each row's cluster.
        columns: The records.
    """
    spoken_of = np.zeros(len(columns), np.bool_)
    spoken_of[labels[~columns.flags[:, Flag.OF_REGISTRY]]] = True
    gone = columns.flags[:, Flag.CANCELLED] & ~columns.numbered
    return np.flatnonzero(gone & spoken_of[labels]).astype(np.int32)
