"""Compare candidate pairs piece by piece, and keep of each piece which patterns its pairs show."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.beside import side_by_side
from resolver.linkage.generic.comparison import compare_near, compare_patterns
from resolver.linkage.generic.pieces import DROPPED, Numbers, Piece, Rows
from resolver.linkage.generic.plan import Plan
from resolver.linkage.generic.prepared import Prepared
from resolver.linkage.patterns import Patterns
from resolver.linkage.spilling import spacious
from resolver.linkage.tally import Counted, add_up, number_patterns


class Compared(NamedTuple):
    """A piece of the candidates, compared.

    Attributes:
        piece: Whose pairs they are.
        patterns: uint64 (k,): the patterns that its pairs show, each once.
        counts: float64 (k,): how many pairs show each.
        numbers: uint16 (pairs,): place in `patterns` of the pattern of each of its pairs; `pieces.DROPPED` for others.
    """

    piece: Piece
    patterns: Patterns
    counts: NDArray[np.float64]
    numbers: Numbers

    def chosen(self, wanted: NDArray[np.bool_]) -> tuple[Rows, Rows, Numbers]:
        """Rows, left < right, of pairs whose pattern is wanted (k,), and where in `patterns` it stands."""
        return self.piece.chosen(self.numbers, wanted, int(self.counts[wanted].sum()))


@dataclass(frozen=True)
class Comparing:
    """The records as the comparisons read them, and the comparisons."""

    data: Prepared
    plan: Plan

    def __call__(self, piece: Piece) -> Compared:
        """Compare the pairs of a piece."""
        return self.into(piece, np.empty(piece.most, np.uint16))

    def into(self, piece: Piece, numbers: Numbers) -> Compared:
        """Compare the pairs of a piece; where the numbers (pairs,) of their patterns are to be kept is given."""
        beside = side_by_side(self.data, piece.members())
        near = piece.near(beside.keys, numbers)
        numbered = number_patterns(compare_near(self.data, self.plan, beside, near), numbers, DROPPED)
        return Compared(piece, *numbered, numbers)

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
        return on_all_cores(lambda job: self.into(*job), zip(pieces, parts, strict=True))


def count_patterns(parts: Sequence[Compared]) -> Counted:
    """Count the patterns of compared pairs."""
    return add_up([(part.patterns, part.counts) for part in parts])
