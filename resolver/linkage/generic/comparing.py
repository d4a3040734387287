"""Compare candidate pairs piece by piece, on all cores."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.candidates import Piece
from resolver.linkage.generic.comparison import compare_patterns
from resolver.linkage.generic.prepared import Plan, Prepared
from resolver.linkage.patterns import Patterns, count
from resolver.linkage.tally import tally

Rows = NDArray[np.int32]
Counted = tuple[Patterns, NDArray[np.float64]]
"""Patterns (k,), and how many pairs show each (k,)."""

T = TypeVar("T")
S = TypeVar("S")


class Compared(NamedTuple):
    """Pairs of rows, left < right, with their levels.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        patterns: uint64 (m,).
    """

    left: Rows
    right: Rows
    patterns: Patterns

    def chosen(self, wanted: NDArray[np.bool_]) -> tuple[Rows, Rows, NDArray[np.intp]]:
        """Rows of the pairs wanted (m,), and where in `patterns` theirs stands."""
        places = np.flatnonzero(wanted)
        return self.left[places], self.right[places], places


@dataclass(frozen=True)
class Comparing:
    """The records as the comparisons read them, and the comparisons."""

    data: Prepared
    plan: Plan

    def pairs(self, left: Rows, right: Rows) -> Compared:
        """Compare pairs of rows (m,), (m,)."""
        return Compared(left, right, compare_patterns(self.data, self.plan, left, right))

    def piece(self, piece: Piece) -> Compared:
        """Compare the pairs of a piece."""
        return self.pairs(*piece.pairs())

    def rows(self, pairs: Rows) -> Compared:
        """Compare pairs of rows (2, m)."""
        return self.pairs(pairs[0].copy(), pairs[1].copy())


def in_parts(pairs: Rows) -> list[Rows]:
    """Pairs of rows (2, m) as work for every core."""
    return np.array_split(pairs, os.cpu_count() or 1, axis=1)


def on_all_cores(job: Callable[[S], T], work: Iterable[S]) -> list[T]:
    """Results of a job that does not hold the interpreter's lock, in the order of the work."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(job, work))


def count_patterns(parts: Sequence[Compared]) -> Counted:
    """Count the patterns of compared pairs."""
    return count(on_all_cores(lambda part: tally(part.patterns), parts))
