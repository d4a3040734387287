"""Memory for the columns of a result, touched before it is needed, by a core that has nothing else to do.

A page costs most when it is touched for the first time: the system has to find and clear it, and a virtual machine to
ask for it. A result as large as everything that was ever found would otherwise wait for a hundred megabytes of these.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

_PAGE = 4096


class Room:
    """Columns of about n values."""

    def __init__(self, like: Mapping[str, NDArray[Any]], n: int) -> None:
        """Begin to touch memory for columns of the types of these."""
        self._columns = {name: np.empty(n, column.dtype) for name, column in like.items()}
        pool = ThreadPoolExecutor(1)
        self._touched: Future[None] = pool.submit(self._touch)
        pool.shutdown(wait=False)

    def columns(self, n: int) -> dict[str, NDArray[Any]]:
        """Columns of n values, uninitialised; elsewhere if they are longer than was thought. To be asked for once."""
        self._touched.result()
        return {
            name: column[:n] if n <= len(column) else np.empty(n, column.dtype)
            for name, column in self._columns.items()
        }

    def _touch(self) -> None:
        for column in self._columns.values():
            _write_pages(column.view(np.uint8), _PAGE)


@kernel
def _write_pages(values: NDArray[np.uint8], page: int) -> None:
    for place in range(0, values.shape[0], page):
        values[place] = 0
