"""Columns as they were once, and what was taken out of them and put in since."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.room import Room

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


Runs = NDArray[np.uint32]
_RUNS_AT_ONCE = 1 << 13
"""(r, 3): where a run of old values begins and ends, and where the new values behind it end."""


@kernel
def _runs(patch: Patch, n: int, out: Runs) -> int:
    """Write what a patch leaves of a column of n values, as runs; returns how many."""
    drop, put, place, found = 0, 0, 0, 0
    while place < n or put < patch.put.shape[0]:
        stop = n
        if drop < patch.dropped.shape[0]:
            stop = patch.dropped[drop]
        if put < patch.put.shape[0] and patch.put[put] < stop:
            stop = patch.put[put]
        out[found, 0], out[found, 1] = place, stop
        place = stop
        while True:
            if put < patch.put.shape[0] and patch.put[put] == place:
                put += 1
            elif drop < patch.dropped.shape[0] and patch.dropped[drop] == place:
                drop, place = drop + 1, place + 1
            else:
                break
        out[found, 2] = put
        found += 1
    return found


@kernel
def _copy_runs(
    old: NDArray[Any], new: NDArray[Any], runs: Runs, start: tuple[int, int], out: NDArray[Any]
) -> None:
    """Copy runs, given where in `out` they begin and where in `new`.

    Places have no sign: numba then need not look whether they count from the end, and copies many at once.
    """
    one, written, put = np.uint64(1), np.uint64(start[0]), np.uint64(start[1])
    for number in range(runs.shape[0]):
        place, stop = np.uint64(runs[number, 0]), np.uint64(runs[number, 1])
        until = np.uint64(runs[number, 2])
        while place < stop:
            out[written] = old[place]
            written += one
            place += one
        while put < until:
            out[written] = new[put]
            written += one
            put += one


def _runs_of(patch: Patch, n: int) -> Runs:
    runs = np.empty((len(patch.dropped) + len(patch.put) + 1, 3), np.uint32)
    return runs[: _runs(patch, n, runs)]


def patched(old: NDArray[Any], patch: Patch, new: NDArray[Any]) -> NDArray[Any]:
    """The column `old` (m,) without what is dropped and with `new` (k,) put in; both of one type."""
    return patched_columns({"": old}, patch, {"": new})[""]


def patched_columns(old: Arrays, patch: Patch, new: Arrays, room: Room | None = None) -> Arrays:
    """All columns, of one length, on all cores; in a room, if there is one.

    So many runs at a time are copied of all columns that the runs stay in the nearest cache.
    """
    runs = _runs_of(patch, len(next(iter(old.values()))))
    firsts = np.arange(0, len(runs), _RUNS_AT_ONCE)
    lengths = np.add.reduceat(runs[:, 1].astype(np.int64) - runs[:, 0], firsts) if len(runs) else firsts
    put = np.append(runs[firsts[1:] - 1, 2], len(next(iter(new.values())))).astype(np.int64)
    ends = np.cumsum(lengths) + put[: len(lengths)]
    n = int(ends[-1]) if len(ends) else 0
    out = room.columns(n) if room else {name: np.empty(n, column.dtype) for name, column in old.items()}
    starts = list(zip([0, *ends[:-1].tolist()], [0, *put[:-1].tolist()], strict=True))
    columns = [_plain(old[name], new[name], out[name]) for name in old]

    def copy(job: tuple[int, list[_Column]]) -> None:
        first, some = job
        for was, comes, into in some:
            _copy_runs(was, comes, runs[first:][:_RUNS_AT_ONCE], starts[first // _RUNS_AT_ONCE], into)

    together = [columns] if len(firsts) > 1 else [[column] for column in columns]
    on_all_cores(copy, [(first, some) for first in firsts.tolist() for some in together])
    return out


_Column = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]


def _plain(old: NDArray[Any], new: NDArray[Any], out: NDArray[Any]) -> _Column:
    """A column as it was, what comes in, and where it goes to, as numbers without a sign."""
    plain = np.dtype(f"u{old.dtype.itemsize}")
    old = np.require(old, requirements="W")  # compiled code is for such arrays; those of a file are
    new = np.require(np.ascontiguousarray(new, old.dtype), requirements="W")
    return old.view(plain), new.view(plain), out.view(plain)


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
