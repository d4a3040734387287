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


class Patched:
    """Columns of one length with what is taken out and put in; some rows or all of them can be had."""

    def __init__(self, old: Arrays, patch: Patch, new: Arrays) -> None:
        n = len(next(iter(old.values())))
        runs = np.empty((len(patch.dropped) + len(patch.put) + 1, 3), np.uint32)
        self._old, self._new = old, new
        self._runs = runs[: _runs(patch, n, runs)]
        lengths = self._runs[:, 1].astype(np.int64) - self._runs[:, 0]
        self._ends = np.cumsum(lengths) + self._runs[:, 2]

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def all(self) -> Arrays:
        """All rows."""
        return self.rows(0, len(self))

    def rows(self, start: int, stop: int) -> Arrays:
        """The rows from one to before another one, on all cores.

        So many runs at a time are copied of all columns that the runs stay in the nearest cache.
        """
        runs, put = self._cut(start, stop)
        out = {name: np.empty(stop - start, column.dtype) for name, column in self._old.items()}
        columns = [_plain(self._old[name], self._new[name], out[name]) for name in out]
        firsts = range(0, len(runs), _RUNS_AT_ONCE)
        puts = [put, *runs[_RUNS_AT_ONCE - 1 :: _RUNS_AT_ONCE, 2].tolist()]
        lengths = runs[:, 1].astype(np.int64) - runs[:, 0]
        written = [0, *(np.cumsum(lengths)[_RUNS_AT_ONCE - 1 :: _RUNS_AT_ONCE]).tolist()]

        def copy(job: tuple[int, list[_Column]]) -> None:
            first, some = job
            part = first // _RUNS_AT_ONCE
            begins = written[part] + puts[part] - put, puts[part]
            for was, comes, into in some:
                _copy_runs(was, comes, runs[first:][:_RUNS_AT_ONCE], begins, into)

        together = [columns] if len(firsts) > 1 else [[column] for column in columns]
        on_all_cores(copy, [(first, some) for first in firsts for some in together])
        return out

    def _cut(self, start: int, stop: int) -> tuple[Runs, int]:
        """The runs that make some rows, and how many new values lie before these."""
        if start >= stop:
            return self._runs[:0], 0
        first = int(np.searchsorted(self._ends, start, side="right"))
        last = int(np.searchsorted(self._ends, stop, side="left"))
        runs = self._runs[first : last + 1].copy()
        put = int(self._runs[first - 1, 2]) if first else 0
        skipped = start - (int(self._ends[first - 1]) if first else 0)
        old = min(skipped, int(runs[0, 1]) - int(runs[0, 0]))
        runs[0, 0] += np.uint32(old)
        too_many = int(self._ends[last]) - stop
        new = min(too_many, int(runs[-1, 2]) - (int(runs[-2, 2]) if len(runs) > 1 else put))
        runs[-1, 2] -= np.uint32(new)
        runs[-1, 1] -= np.uint32(too_many - new)
        return runs, put + skipped - old


def patched(old: NDArray[Any], patch: Patch, new: NDArray[Any]) -> NDArray[Any]:
    """The column `old` (m,) without what is dropped and with `new` (k,) put in; both of one type."""
    return patched_columns({"": old}, patch, {"": new})[""]


def patched_columns(old: Arrays, patch: Patch, new: Arrays) -> Arrays:
    """All columns, of one length, without what is dropped and with what is put in."""
    return Patched(old, patch, new).all()


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
