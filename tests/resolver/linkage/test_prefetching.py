"""Memory asked for ahead of time."""

from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.prefetching import prefetch


@kernel
def total(table: NDArray[np.uint64], line: NDArray[np.int32], rows: NDArray[np.int32]) -> int:
    found = 0
    for number in range(rows.shape[0]):
        if number + 2 < rows.shape[0]:
            prefetch(table, (rows[number + 2], 1))
            prefetch(line, rows[number + 2])
        found += table[rows[number], 1] + line[rows[number]]
    return found


def test_what_is_asked_for_ahead_is_what_it_was() -> None:
    table, line = np.arange(200, dtype=np.uint64).reshape(100, 2), np.arange(100, dtype=np.int32)
    rows = np.array([99, 0, 50, 3, 3], np.int32)
    assert total(table, line, rows) == int(table[rows, 1].sum()) + int(line[rows].sum())
    assert (table.ravel() == np.arange(200)).all()


def test_it_becomes_an_instruction() -> None:
    table, line, rows = np.zeros((1, 2), np.uint64), np.zeros(1, np.int32), np.zeros(1, np.int32)
    afresh = cast(Any, numba.njit)(cast(Any, total).py_func)  # what comes from the cache has no text
    afresh(table, line, rows)
    (code,) = afresh.inspect_llvm().values()
    assert code.count("call void @llvm.prefetch") >= 2
