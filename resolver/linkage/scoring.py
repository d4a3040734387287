"""Score candidate pairs: compare, weigh, keep what may matter; in pieces, to bound memory, on all cores."""

import math
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import local
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.blocking import Blocking, Rows, expand, parts
from resolver.linkage.comparison import Levels
from resolver.linkage.compiled import kernel
from resolver.linkage.patterns import Memory, Mixture, new_memory, weigh
from resolver.linkage.spilling import Spill
from resolver.memory import allowed, give_back

LN2 = math.log(2.0)


@dataclass(frozen=True)
class Scored:
    """Scored pairs of rows, left < right.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        log_odds: float64 (m,), natural.
        rule: int16 (m,): number of the blocking rule that yielded the pair; -1 for one that none did.
        levels: uint8 (m, comparisons).
    """

    left: Rows
    right: Rows
    log_odds: NDArray[np.float64]
    rule: NDArray[np.int16]
    levels: Levels

    def __len__(self) -> int:
        return len(self.left)

    def take(self, places: NDArray[np.integer[Any]]) -> "Scored":
        """Some of the pairs, in a new order."""
        columns: list[NDArray[Any]] = list(vars(self).values())
        return Scored(*(column.take(places, axis=0) for column in columns))  # [places] takes 15 times as long


def match_weight(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Match weight (log2 of the odds) of natural log-odds."""
    return log_odds / LN2


def match_probability(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability of natural log-odds, without overflow."""
    positive = 1.0 / (1.0 + np.exp(-np.abs(log_odds)))
    return np.where(log_odds >= 0, positive, 1.0 - positive)


class Weighed(NamedTuple):
    """Pairs of rows, left < right, and what speaks for each.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        log_odds: floating (m,), natural.
    """

    left: Rows
    right: Rows
    log_odds: NDArray[np.floating[Any]]


class Rowed(Protocol):
    """Pairs of rows, left < right."""

    @property
    def left(self) -> Rows:
        """int32 (m,)."""

    @property
    def right(self) -> Rows:
        """int32 (m,)."""


Compare = Callable[[Rows, Rows], Levels]
"""Levels (m, comparisons) of pairs of rows (m,), (m,)."""


class Scorer:
    """Scores pairs of rows with one model; safe to use from several threads."""

    def __init__(self, n_records: int, compare: Compare, mixture: Mixture) -> None:
        self.n_records = n_records
        self._compare = compare
        self._mixture = mixture
        self._mine = local()

    def score(self, left: Rows, right: Rows, rule: int = -1) -> Scored:
        """Score pairs of rows (m,), (m,)."""
        memory: Memory | None = getattr(self._mine, "memory", None)
        if memory is None:
            memory = self._mine.memory = new_memory()
        levels = self._compare(left, right)
        log_odds = weigh(levels, self._mixture, memory)
        return Scored(left, right, log_odds, np.full(len(left), rule, np.int16), levels)


@dataclass(frozen=True)
class Against:
    """Candidate pairs that were not kept: all that clustering needs of them is how much speaks against each.

    Attributes:
        left: int32 (m,).
        right: int32 (m,).
        log_odds: float32 (m,), natural.
    """

    left: Rows
    right: Rows
    log_odds: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.left)

    def take(self, chosen: NDArray[np.bool_]) -> "Against":
        """Some of the pairs."""
        return Against(self.left[chosen], self.right[chosen], self.log_odds[chosen])

    def __add__(self, other: "Against") -> "Against":
        """The pairs of both."""
        return Against(
            np.concatenate([self.left, other.left]),
            np.concatenate([self.right, other.right]),
            np.concatenate([self.log_odds, other.log_odds]),
        )


Kept = Callable[[Scored], NDArray[np.bool_]]
"""Which of some pairs (m,) a run keeps; the others only speak against."""


def at_least(keep: float) -> Kept:
    """Keeps pairs with natural log-odds of at least `keep`."""
    return lambda scored: scored.log_odds >= keep


def split(scored: Scored, kept: Kept) -> tuple[Scored, Against]:
    """Pairs that are kept, and the others."""
    low = ~kept(scored)
    against = Against(scored.left[low], scored.right[low], scored.log_odds[low].astype(np.float32))
    return scored.take(np.flatnonzero(~low)), against


def score_candidates(
    blocking: Blocking,
    scorer: Scorer,
    kept: Kept,
    done: Callable[[int, int], None],
    room: int | None = None,
) -> tuple[Scored, Against]:
    """Score every candidate pair.

    Args:
        blocking: The blocks.
        scorer: Compares and weighs.
        kept: Which pairs are not dropped.
        done: Told how many pieces of how many are done.
        room: Bytes of memory that scored pairs may take; more of them go to disk, and what is given back is then
            mapped from there, the same to the last bit. Default: a quarter of what `memory.allowed` gives.

    Returns:
        The pairs kept, sorted by left and right row, and the others.

    Raises:
        LinkageError: The pairs fit neither into memory nor on the disk.
    """
    work = list(parts(blocking))
    room = allowed() // 4 if room is None else room
    near, others = Spill(room // 2, ordered=True), Spill(room // 2, ordered=False)

    def one(piece: tuple[int, slice]) -> tuple[Scored, Against]:
        left, right = expand(blocking, *piece)
        return split(scorer.score(left, right, piece[0]), kept)

    nothing = scorer.score(np.zeros(0, np.int32), np.zeros(0, np.int32))
    near.add(_columns(nothing))
    others.add(_columns(split(nothing, kept)[1]))
    for number, (scored, against) in enumerate(_in_order(one, work)):
        near.add(_columns(scored))
        others.add(_columns(against))
        done(number + 1, len(work))
    give_back()  # what the threads used lies scattered between the pairs
    return Scored(*near.all()), Against(*others.all())


def merge(found: list[Scored], scorer: Scorer) -> Scored:
    """All pairs of several results, sorted by left and right row."""
    nothing = scorer.score(np.zeros(0, np.int32), np.zeros(0, np.int32))
    pairs = Spill(sys.maxsize, ordered=True)
    for scored in (nothing, *found):
        pairs.add(_columns(scored))
    return Scored(*pairs.all())


def _columns(pairs: Scored | Against) -> tuple[NDArray[Any], ...]:
    return tuple(vars(pairs).values())


def _in_order(
    job: Callable[[tuple[int, slice]], tuple[Scored, Against]], work: list[tuple[int, slice]]
) -> Iterator[tuple[Scored, Against]]:
    """Do the work on all cores; results come in the order of the work, and few of them wait in memory."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[tuple[Scored, Against]]] = deque()
        for piece in work:
            waiting.append(pool.submit(job, piece))
            if len(waiting) > workers + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def contains(scored: Rowed, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of some pairs (k, 2) are among the scored ones, which must be sorted by left and right: bool (k,)."""
    return _places(scored, pairs) >= 0


def is_among(scored: Rowed, pairs: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which of the scored pairs (m,), which must be sorted by left and right, are among some (k, 2): bool (m,)."""
    places = _places(scored, pairs)
    found = np.zeros(len(scored.left), np.bool_)
    found[places[places >= 0]] = True
    return found


def _places(scored: Rowed, pairs: NDArray[np.int32]) -> NDArray[np.int64]:
    """Where each of some pairs (k, 2) stands among the scored ones, -1 = nowhere: int64 (k,)."""
    out = np.empty(len(pairs), np.int64)
    _find(scored.left, scored.right, pairs, out)
    return out


@kernel
def _find(left: Rows, right: Rows, pairs: NDArray[np.int32], out: NDArray[np.int64]) -> None:
    for number in range(pairs.shape[0]):
        low, high = 0, left.shape[0]
        one, other = pairs[number, 0], pairs[number, 1]
        while low < high:
            middle = (low + high) // 2
            if left[middle] < one or (left[middle] == one and right[middle] < other):
                low = middle + 1
            else:
                high = middle
        found = low < left.shape[0] and left[low] == one and right[low] == other
        out[number] = low if found else -1
