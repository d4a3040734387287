"""Weigh compared pairs with a mixture, and keep those that may matter."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.comparing import Compared, Rows, on_all_cores
from resolver.linkage.patterns import Mixture, Patterns, log_odds_of_all
from resolver.linkage.sorting import pair_order
from resolver.linkage.tally import look_up, table_of, tally

T = TypeVar("T")


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


def weigh(work: Sequence[T], compare: Callable[[T], Compared], mixture: Mixture, keep: float) -> Weighed:
    """Weigh pairs, part by part.

    Args:
        work: Parts of the work; no pair may be in two of them.
        compare: Gives the compared pairs of a part.
        mixture: The classes.
        keep: Natural log-odds below which a pair is dropped.

    Returns:
        The pairs kept.
    """

    def one(place: T) -> Weighed:
        part = compare(place)
        patterns, _ = tally(part.patterns)
        log_odds = look_up(table_of(patterns, log_odds_of_all(patterns, mixture)), part.patterns)
        high = np.flatnonzero(log_odds >= keep)
        return Weighed(part.left[high], part.right[high], part.patterns[high], log_odds[high])

    return together(on_all_cores(one, work))


def together(parts: Sequence[Weighed]) -> Weighed:
    """All pairs of several parts, sorted by left and right row."""
    nothing = Weighed(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint64), np.zeros(0))
    columns = Weighed(*(np.concatenate(column) for column in zip(nothing, *parts, strict=True)))
    order = pair_order(columns.left, columns.right)
    return Weighed(
        columns.left[order], columns.right[order], columns.patterns[order], columns.log_odds[order]
    )
