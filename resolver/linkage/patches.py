"""Columns as they were once, and what was taken out of them and put in since."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores

Places = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Arrays = dict[str, NDArray[Any]]


class Patch(NamedTuple):
    """What differs from columns as they were, in places of these.

    Attributes:
        dropped: int64 (d,), ascending: what is taken out.
        put: int64 (k,), ascending: before which place each value is put that comes in.
    """

    dropped: Places
    put: Places

    @classmethod
    def nothing(cls) -> "Patch":
        """Nothing differs."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))


@kernel
def _patched(old: NDArray[Any], patch: Patch, new: NDArray[Any], out: NDArray[Any]) -> None:
    drop, written, place = 0, 0, 0
    for number in range(patch.put.shape[0] + 1):
        until = patch.put[number] if number < patch.put.shape[0] else old.shape[0]
        while place < until:
            stop = until
            if drop < patch.dropped.shape[0] and patch.dropped[drop] < until:
                stop = patch.dropped[drop]
                drop += 1
            for source in range(place, stop):
                out[written] = old[source]
                written += 1
            place = stop + (1 if stop < until else 0)
        if number < new.shape[0]:
            out[written] = new[number]
            written += 1


def patched(old: NDArray[Any], patch: Patch, new: NDArray[Any]) -> NDArray[Any]:
    """The column `old` (m,) without what is dropped and with `new` (k,) put in; both of one type."""
    out = np.empty(len(old) - len(patch.dropped) + len(patch.put), old.dtype)
    plain = np.dtype(f"u{old.dtype.itemsize}")
    old = np.require(old, requirements="W")  # compiled code is for such arrays; those of a file are
    new = np.require(np.ascontiguousarray(new, old.dtype), requirements="W")
    _patched(old.view(plain), patch, new.view(plain), out.view(plain))
    return out


def patched_columns(old: Arrays, patch: Patch, new: Arrays) -> Arrays:
    """All columns, on all cores."""
    values = on_all_cores(lambda name: patched(old[name], patch, new[name]), old)
    return dict(zip(old, values, strict=True))


def chosen_columns(columns: Arrays, places: NDArray[Any]) -> Arrays:
    """Some values of all columns: places (k,), or flags."""
    return {name: column[places] for name, column in columns.items()}


@kernel
def _search(left: Rows, right: Rows, wanted: tuple[Places, Places], out: Places) -> None:
    start = 0
    for number in range(out.shape[0]):
        one, other = wanted[0][number], wanted[1][number]
        low, step = start, 1
        high = start
        while high < left.shape[0] and (
            2 * left[high] + 1 < one or (2 * left[high] + 1 == one and 2 * right[high] + 1 < other)
        ):
            low, high, step = high + 1, high + step, 2 * step
        high = min(high, left.shape[0])
        while low < high:
            middle = (low + high) // 2
            a, b = 2 * left[middle] + 1, 2 * right[middle] + 1
            if a < one or (a == one and b < other):
                low = middle + 1
            else:
                high = middle
        out[number] = start = low


def places_of_pairs(left: Rows, right: Rows, between: tuple[Places, Places]) -> Places:
    """Before which pair of rows (m,), (m,), sorted, each of some pairs (k,), sorted, stands.

    Args:
        left: int32 (m,).
        right: int32 (m,).
        between: The rows of the pairs sought, as `2 row + 1`, or `2 row` for what stands just before a row.
    """
    out = np.empty(len(between[0]), np.int64)
    _search(left, right, between, out)
    return out
