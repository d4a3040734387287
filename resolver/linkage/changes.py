"""What changed between two runs: where each record went, and columns with what is new spliced into what stays."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Renumbering:
    """How the rows of a run follow from those of the run before.

    Attributes:
        renumbered: int32 (n before,): each row's number now, ascending; -1 = gone.
        new: int32 (k,): rows that were not there, ascending.
    """

    renumbered: Rows
    new: Rows

    @property
    def gone(self) -> NDArray[np.intp]:
        """Rows, as numbered before, that are no longer there."""
        return np.flatnonzero(self.renumbered < 0)


@kernel
def _renumber(before: NDArray[np.int64], now: NDArray[np.int64], renumbered: Rows, new: Flags) -> None:
    row = 0
    for old in range(before.shape[0]):
        while row < now.shape[0] and now[row] < before[old]:
            row += 1
        if row < now.shape[0] and now[row] == before[old]:
            renumbered[old], new[row] = row, False


def renumbering(before: NDArray[np.int64], now: NDArray[np.int64]) -> Renumbering:
    """Where each record went: record keys before (n before,) and now (n,), both ascending."""
    renumbered, new = np.full(len(before), -1, np.int32), np.ones(len(now), np.bool_)
    _renumber(before, now, renumbered, new)
    return Renumbering(renumbered, np.flatnonzero(new).astype(np.int32))


class Splice(NamedTuple):
    """What to take out of a column and where to put in what is new.

    Attributes:
        dropped: int64 (d,): places in the old column, ascending.
        at: int64 (k,): places in the new column, ascending.
    """

    dropped: NDArray[np.int64]
    at: NDArray[np.int64]


@kernel
def _splice(old: NDArray[np.uint8], splice: Splice, new: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    place, drop, put = 0, 0, 0
    for row in range(out.shape[0]):
        if put < splice.at.shape[0] and splice.at[put] == row:
            out[row] = new[put]
            put += 1
            continue
        while drop < splice.dropped.shape[0] and splice.dropped[drop] == place:
            place, drop = place + 1, drop + 1
        out[row] = old[place]
        place += 1


def spliced(old: NDArray[Any], splice: Splice, new: NDArray[Any]) -> NDArray[Any]:
    """The column `old` without what is dropped and with `new` put in; both of one type and one dimension."""
    out = np.empty(len(old) - len(splice.dropped) + len(splice.at), old.dtype)
    plain = np.dtype(f"u{old.dtype.itemsize}")
    _splice(old.view(plain), splice, np.ascontiguousarray(new, old.dtype).view(plain), out.view(plain))
    return out
