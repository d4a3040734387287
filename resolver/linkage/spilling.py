"""Scored pairs on disk while memory is short: sorted runs in files without a name, merged into one mapped file.

A file without a name is gone with the last who has it open, however the process ends, so nothing is left to clear up.
The folder is that of temporary files (`TMPDIR`); it should be on a disk, not in memory.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile, gettempdir
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.sorting import pair_order

Columns = tuple[NDArray[Any], ...]
"""Columns of pairs (m, …), the first two being int32 left and right rows."""

_PAGE = 4096


class Shape(NamedTuple):
    """A column: its type, and the shape of one of its values."""

    dtype: np.dtype[Any]
    of_one: tuple[int, ...]


class Spill:
    """Columns of pairs, collected piece by piece; what exceeds the room goes to disk.

    Args:
        room: Bytes of memory that pieces may take.
        ordered: Whether the pairs are to be sorted by left and right row; else they stay as they come.
    """

    def __init__(self, room: int, ordered: bool) -> None:
        self._room = room
        self._ordered = ordered
        self._runs: list[Columns] = []
        self._pieces: list[Columns] = []
        self._bytes = 0

    def add(self, piece: Columns) -> None:
        """Add pairs.

        Raises:
            LinkageError: There is no space on the disk.
        """
        self._pieces.append(piece)
        self._bytes += _size(piece)
        if 2 * self._bytes > self._room:  # they are copied once when they are put together
            run = self._gathered()
            mapped = _mapped(len(run[0]), _shapes(run))
            for column, given in zip(mapped, run, strict=True):
                column[:] = given
            self._runs.append(mapped)

    def all(self) -> Columns:
        """All pairs, of one piece at least; what was on disk stays there, as mapped arrays.

        Raises:
            LinkageError: There is no space on the disk.
        """
        runs, self._runs = self._runs, []
        if self._pieces:
            runs.append(self._gathered())
        if len(runs) == 1:
            return runs[0]
        out = _mapped(sum(len(run[0]) for run in runs), _shapes(runs[0]))
        done = 0
        for piece in self._merged(runs):
            for column, given in zip(out, piece, strict=True):
                column[done : done + len(given)] = given
            done += len(piece[0])
        return out

    def _gathered(self) -> Columns:
        """The pieces in memory as one, and nothing left of them."""
        waiting = [list(column) for column in zip(*self._pieces, strict=True)]
        self._pieces, self._bytes = [], 0
        if not self._ordered:
            return tuple(_together(column) for column in waiting)
        left, right = _together(waiting[0]), _together(waiting[1])
        order = pair_order(left, right)
        return (left[order], right[order], *(_together(column)[order] for column in waiting[2:]))

    def _merged(self, runs: Sequence[Columns]) -> Iterator[Columns]:
        """Pieces of the result in its order, each within the room."""
        if not self._ordered:
            yield from runs
            return
        rows = 1 + max((int(run[0][-1]) for run in runs if len(run[0])), default=0)
        cuts = np.linspace(0, rows, 2 + 8 * sum(map(_size, runs)) // max(self._room, 1), dtype=np.int64)
        bounds = [np.searchsorted(run[0], cuts) for run in runs]
        for number in range(len(cuts) - 1):
            parts = [
                tuple(column[bound[number] : bound[number + 1]] for column in run)
                for run, bound in zip(runs, bounds, strict=True)
            ]
            together = tuple(np.concatenate(column) for column in zip(*parts, strict=True))
            order = pair_order(together[0], together[1])
            yield tuple(column[order] for column in together)


def spacious(n: int, dtype: type[np.generic], room: int) -> NDArray[Any]:
    """An array (n,) whose values are not set: in memory if it takes no more than `room` bytes, else on disk, mapped.

    Raises:
        LinkageError: There is no space on the disk.
    """
    if n * np.dtype(dtype).itemsize <= room:
        return np.empty(n, dtype)
    return _mapped(n, [Shape(np.dtype(dtype), ())])[0]


def _together(pieces: list[NDArray[Any]]) -> NDArray[Any]:
    """The pieces of a column as one; the list is emptied, so that they are not in memory twice for long."""
    together = np.concatenate(pieces)
    pieces.clear()
    return together


def _size(columns: Columns) -> int:
    return sum(column.nbytes for column in columns)


def _shapes(columns: Columns) -> list[Shape]:
    return [Shape(column.dtype, column.shape[1:]) for column in columns]


def _mapped(m: int, shapes: Sequence[Shape]) -> Columns:
    """New columns of m values in a file without a name; their pages go to disk when memory is wanted."""
    sizes = [m * shape.dtype.itemsize * int(np.prod(shape.of_one)) for shape in shapes]
    starts = np.cumsum([0] + [-(-size // _PAGE) * _PAGE for size in sizes])
    total = max(int(starts[-1]), _PAGE)
    with _disk(), TemporaryFile() as file:
        os.posix_fallocate(file.fileno(), 0, total)  # a full disk is an error here, not a signal later
        raw = np.memmap(file, np.uint8, "r+", shape=(total,))
    return tuple(
        np.asarray(raw[start : start + size]).view(shape.dtype).reshape(m, *shape.of_one)
        for start, size, shape in zip(starts, sizes, shapes, strict=False)
    )


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LinkageError(
            f"records and candidate pairs do not fit in memory, nor into {gettempdir()}: {error.strerror}",
            remedy="Free space there, name another folder in TMPDIR, or allow more memory with GUIYI_MEMORY.",
        ) from error
