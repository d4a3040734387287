"""Groups of connected rows in portions of a hundred thousand pairs: what is found of a group depends on it alone.

A portion fits into the nearest cache, the memory that it took serves the next one, and portions are worked on by all
cores. In a portion rows have new numbers, in the order that they had, so that nothing that is decided by it changes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores

PAIRS = 1 << 17
"""As many pairs make a portion, or the pairs of one group."""

Rows = NDArray[np.int32]
Places = NDArray[np.int64]
R = TypeVar("R")


class Ends(NamedTuple):
    """Some pairs of a portion.

    Attributes:
        left: int32 (m,): rows of the portion.
        right: int32 (m,).
        number: int32 (m,): which of all pairs each is.
    """

    left: Rows
    right: Rows
    number: Rows


class Spread(NamedTuple):
    """Pairs, portion by portion, in each in the order in which they came.

    Attributes:
        starts: int64 (portions + 1,): where those of each portion begin.
        ends: All of them.
    """

    starts: Places
    ends: Ends


class Portion(NamedTuple):
    """Some groups of rows.

    Attributes:
        number: Which portion it is.
        rows: int32 (k,), ascending: which of all rows.
        place: int32 (n,): which row of its portion each of all rows is.
    """

    number: int
    rows: Rows
    place: Rows

    def of(self, spread: Spread) -> Ends:
        """The pairs of this portion."""
        some = slice(spread.starts[self.number], spread.starts[self.number + 1])
        return Ends(*(column[some] for column in spread.ends))

    def among(self, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
        """Those of a few pairs (m, 2) within groups that are of this portion, as its rows."""
        place = np.searchsorted(self.rows, pairs[:, 0])
        place[place == len(self.rows)] = 0
        chosen: NDArray[np.int32] = self.place[pairs[self.rows[place] == pairs[:, 0]]]
        return chosen


@dataclass(frozen=True, eq=False)
class Portions:
    """All rows in portions.

    Attributes:
        portion: int32 (n,): of each row.
        place: int32 (n,): which row of its portion each is.
        rows: int32 (n,): all rows, one portion after the other.
        starts: int64 (portions + 1,): where each begins there.
    """

    portion: Rows
    place: Rows
    rows: Rows
    starts: Places

    @classmethod
    def of(cls, groups: Rows, left: Rows) -> "Portions":
        """From groups.

        Args:
            groups: int32 (n,): smallest row of each row's group.
            left: int32 (m,): rows of pairs within groups, of which portions should have about as many.
        """
        counts = np.ones(len(groups), np.int32)
        _count(groups, left, counts)
        portion, place, rows = (np.empty(len(groups), np.int32) for _ in range(3))
        starts = np.zeros(_portion(groups, counts, PAIRS, portion) + 1, np.int64)
        _number(portion, starts, place, rows)
        return cls(portion, place, rows, starts)

    def each(self, job: Callable[[Portion], R]) -> list[R]:
        """Do a job for every portion, on all cores."""

        def one(number: int) -> R:
            some = slice(self.starts[number], self.starts[number + 1])
            return job(Portion(number, self.rows[some], self.place))

        return on_all_cores(one, range(len(self.starts) - 1))

    def spread(self, left: Rows, right: Rows) -> Spread:
        """Pairs of rows (m,), (m,) by portion, without those of which only one end, or none (-1), is in one."""
        starts = np.zeros(len(self.starts), np.int64)
        _share(self.portion, (left, right), starts)
        ends = Ends(*(np.empty(starts[-1], np.int32) for _ in Ends._fields))
        _spread((left, right), (self.portion, self.place), starts[:-1].copy(), ends)
        return Spread(starts, ends)


@kernel
def _count(groups: Rows, left: Rows, counts: Rows) -> None:
    """Count the pairs of each group beside its rows, at its smallest row; `counts` (n,) begins with ones."""
    for row in range(groups.shape[0]):
        if groups[row] != row:
            counts[groups[row]] += 1
    for pair in range(left.shape[0]):
        counts[groups[left[pair]]] += 1


@kernel
def _portion(groups: Rows, counts: Rows, most: int, portion: Rows) -> int:
    """Number the portion (n,) of each row; returns how many there are, one without rows if there are none."""
    found, full = 0, 0
    for row in range(groups.shape[0]):
        if groups[row] == row:
            if full > 0 and full + counts[row] > most:
                found, full = found + 1, 0
            full += counts[row]
            portion[row] = found
        else:
            portion[row] = portion[groups[row]]
    return found + 1


@kernel
def _number(portion: Rows, starts: Places, place: Rows, rows: Rows) -> None:
    """Give every row of a portion its number; `starts` begins with zeros."""
    for row in range(portion.shape[0]):
        place[row] = starts[portion[row] + 1]
        starts[portion[row] + 1] += 1
    for number in range(1, starts.shape[0]):
        starts[number] += starts[number - 1]
    for row in range(portion.shape[0]):
        rows[starts[portion[row]] + place[row]] = row


@kernel
def _share(portion: Rows, pairs: tuple[Rows, Rows], starts: Places) -> None:
    """Where the pairs of each portion begin; `starts` begins with zeros."""
    left, right = pairs
    for pair in range(left.shape[0]):
        if min(left[pair], right[pair]) >= 0 and portion[left[pair]] == portion[right[pair]]:
            starts[portion[left[pair]] + 1] += 1
    for number in range(1, starts.shape[0]):
        starts[number] += starts[number - 1]


@kernel
def _spread(pairs: tuple[Rows, Rows], numbers: tuple[Rows, Rows], after: Places, into: Ends) -> None:
    """Put each pair behind those of its portion; `after` says where these end, and is moved on."""
    left, right = pairs
    portion, place = numbers
    for pair in range(left.shape[0]):
        one, other = left[pair], right[pair]
        if min(one, other) >= 0 and portion[one] == portion[other]:
            at = after[portion[one]]
            after[portion[one]] += 1
            into.left[at], into.right[at], into.number[at] = place[one], place[other], pair
