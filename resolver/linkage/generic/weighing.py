"""Weigh compared pairs with a mixture, and keep those that may matter."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.cores import as_they_come
from resolver.linkage.generic.comparing import Compared
from resolver.linkage.generic.pieces import Piece, Rows
from resolver.linkage.patterns import Mixture, Patterns, log_odds_of_all
from resolver.linkage.spilling import Spill
from resolver.linkage.tally import Counted, look_up, table_of


class Weighed(NamedTuple):
    """Pairs of rows, left < right, sorted by both, with what they say.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        patterns: uint64 (m,).
        log_odds: float64 (m,), natural.
    """

    left: Rows
    right: Rows
    patterns: Patterns
    log_odds: NDArray[np.float64]


def weigh(
    work: Sequence[Piece], compare: Callable[[Piece], Compared], mixture: Mixture, keep: float, room: int
) -> Weighed:
    """Compare and weigh the pairs of pieces.

    Args:
        work: The pieces; no pair may be in two of them.
        compare: Gives the compared pairs of a piece.
        mixture: The classes.
        keep: Natural log-odds below which a pair is dropped.
        room: Bytes of memory that the pairs kept may take.

    Returns:
        The pairs kept.

    Raises:
        LinkageError: There is no space on the disk.
    """

    def one(piece: Piece) -> Weighed:
        part = compare(piece)
        return _kept(part, log_odds_of_all(part.patterns, mixture), keep)

    return together(as_they_come(one, work), room)


def weigh_compared(
    found: Sequence[Compared], counted: Counted, mixture: Mixture, keep: float, room: int
) -> Weighed:
    """Weigh pairs that are compared already; `counted` are their patterns, the others as for `weigh`."""
    known = table_of(counted[0], log_odds_of_all(counted[0], mixture))
    return together(as_they_come(lambda part: _kept(part, look_up(known, part.patterns), keep), found), room)


def _kept(part: Compared, log_odds: NDArray[np.float64], keep: float) -> Weighed:
    """Pairs whose pattern has log-odds (k,) of at least `keep`."""
    left, right, numbers = part.chosen(log_odds >= keep)
    return Weighed(left, right, part.patterns[numbers], log_odds[numbers])


def together(parts: Iterable[Weighed], room: int) -> Weighed:
    """All pairs of several parts, sorted by left and right row; beyond `room` bytes on disk.

    Raises:
        LinkageError: There is no space on the disk.
    """
    pairs = Spill(room, ordered=True)
    pairs.add(Weighed(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0)))
    for part in parts:
        pairs.add(part)
    return Weighed(*pairs.all())
