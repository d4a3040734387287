"""Compare candidate pairs piece by piece, and keep of each piece which patterns its pairs show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.beside import side_by_side
from resolver.linkage.generic.choosing import Chosen, choose
from resolver.linkage.generic.comparison import compare_near, compare_patterns
from resolver.linkage.generic.pieces import DROPPED, Numbers, Piece, Rows
from resolver.linkage.generic.plan import Plan
from resolver.linkage.generic.prepared import Prepared
from resolver.linkage.patterns import Patterns
from resolver.linkage.spilling import spacious
from resolver.linkage.tally import Counted, add_up, number_patterns

_PIECES_TOGETHER = 16
"""Pieces of a rule that stay together once they are compared."""


class Compared(NamedTuple):
    """Some of the candidates, compared.

    Attributes:
        pieces: Whose pairs they are: those of pieces of one rule, or of one piece of listed pairs.
        begins: int64 (pieces,): where the patterns of each piece begin.
        patterns: uint64 (k,): the patterns that its pairs show, each once per piece.
        counts: float64 (k,): how many pairs of the piece show each.
        numbers: uint16 (pairs,): place of the pattern of each pair among those of its piece; `pieces.DROPPED` for
            others.
    """

    pieces: tuple[Piece, ...]
    begins: NDArray[np.int64]
    patterns: Patterns
    counts: NDArray[np.float64]
    numbers: Numbers

    def chosen(self, wanted: NDArray[np.bool_]) -> Chosen:
        """Rows, left < right, of pairs whose pattern is wanted (k,), and where in `patterns` it stands."""
        return choose(self.pieces, self.numbers, self.begins, wanted, int(self.counts[wanted].sum()))


@dataclass(frozen=True)
class Comparing:
    """The records as the comparisons read them, and the comparisons."""

    data: Prepared
    plan: Plan

    def __call__(self, piece: Piece) -> Compared:
        """Compare the pairs of a piece."""
        numbers = np.empty(piece.most, np.uint16)
        return Compared((piece,), np.zeros(1, np.int64), *self._into(piece, numbers), numbers)

    def _into(self, piece: Piece, numbers: Numbers) -> Counted:
        """Compare the pairs of a piece; where the numbers (pairs,) of their patterns are to be kept is given."""
        near = piece.near(numbers)
        beside = side_by_side(self.data, near.members)
        return number_patterns(compare_near(self.data, self.plan, beside, near), numbers, DROPPED)

    def patterns(self, left: Rows, right: Rows) -> Patterns:
        """Patterns (m,) of pairs of rows (m,), (m,)."""
        return compare_patterns(self.data, self.plan, left, right)

    def all(self, pieces: Sequence[Piece], room: int) -> list[Compared]:
        """Compare the pairs of pieces on all cores; what is to be kept of them goes to disk if it exceeds the room.

        Raises:
            LinkageError: There is no space on the disk.
        """
        ends = np.cumsum([0] + [piece.most for piece in pieces]).tolist()
        numbers = spacious(ends[-1], np.uint16, room)
        parts = [numbers[start:stop] for start, stop in pairwise(ends)]
        counted = on_all_cores(lambda job: self._into(*job), zip(pieces, parts, strict=True))
        return [
            _together(pieces[start:stop], counted[start:stop], numbers[ends[start] : ends[stop]])
            for start, stop in _runs(pieces)
        ]


def _runs(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """Cut pieces (from, to) into runs of one rule, none too long for all cores to have some; listed pairs alone."""
    runs: list[tuple[int, int]] = []
    for number, piece in enumerate(pieces):
        start = runs[-1][0] if runs else 0
        alike = bool(runs) and piece.rule is not None and piece.rule == pieces[start].rule
        if alike and number - start < _PIECES_TOGETHER:
            runs[-1] = (start, number + 1)
        else:
            runs.append((number, number + 1))
    return runs


def _together(pieces: Sequence[Piece], counted: Sequence[Counted], numbers: Numbers) -> Compared:
    patterns, counts = zip(*counted, strict=True)
    ends = np.cumsum([len(part) for part in patterns])
    begins = ends - [len(part) for part in patterns]
    return Compared(tuple(pieces), begins, np.concatenate(patterns), np.concatenate(counts), numbers)


def count_patterns(parts: Sequence[Compared]) -> Counted:
    """Count the patterns of compared pairs."""
    return add_up([(part.patterns, part.counts) for part in parts])
