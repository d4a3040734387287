"""Read what a file holds before it is asked for, while a run has work for one core only.

A run that goes on from another one reads most pages of its base, in no order. A page costs some microseconds when it
is read for the first time, much more where it is not in memory.
"""

from collections.abc import Iterable
from threading import Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.state import Base
from resolver.linkage.whole_state import arrays_of_base

_PAGE = 1 << 12


def read_ahead(base: Base) -> None:
    """Begin to read a base, records and their keys first, for they are asked for first, and go on meanwhile."""
    named = sorted(arrays_of_base(base), key=lambda one: not one[0].startswith(("columns.", "keys.")))
    Thread(target=_read, args=([array for _, array in named],), daemon=True).start()


def _read(arrays: Iterable[NDArray[Any]]) -> None:
    for array in arrays:
        _touch(array.reshape(-1).view(np.uint8))


@kernel
def _touch(values: NDArray[np.uint8]) -> int:
    """Read one byte of each page; their sum is there so that they are read."""
    total = 0
    for place in range(0, values.shape[0], _PAGE):
        total += values[place]
    return total
