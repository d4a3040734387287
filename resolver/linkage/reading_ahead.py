"""Read what is mapped from files before it is asked for, while there is time.

Most pages of a run's base, and of the index of a published snapshot, are read in no order. A page costs some
microseconds when it is read for the first time, much more where it is not in memory.
"""

from collections.abc import Iterable
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

_PAGE = 1 << 12


def read_ahead(arrays: Iterable[NDArray[Any]]) -> None:
    """Begin to read arrays, one after the other, and go on meanwhile."""
    Thread(target=read_pages, args=(list(arrays),), daemon=True).start()


def read_pages(arrays: Iterable[NDArray[Any]]) -> None:
    """Read arrays, one after the other; the interpreter's lock is left alone."""
    for array in arrays:
        _touch(array.reshape(-1).view(np.uint8))


@kernel
def _touch(values: NDArray[np.uint8]) -> int:
    """Read one byte of each page; their sum is there so that they are read."""
    total = 0
    for place in range(0, values.shape[0], _PAGE):
        total += values[place]
    return total
