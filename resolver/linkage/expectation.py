"""The expectation of EM: every pattern's pairs are shared out among the classes.

Candidates are done in two halves and pairs of known truth beside them, at once; sums are added in one order on
whatever machine.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import compiled, kernel

Table = NDArray[np.float64]
_PARTS = 2
_TINY = 1e-250


class Pairs(NamedTuple):
    """Patterns of pairs.

    Attributes:
        codes: uint8 (k, comparisons): levels, 15 for a missing comparison.
        of_levels: float64 (k,): how many pairs show each, for the levels.
        of_shares: float64 (k,): the same for the shares of classes.
        truth: uint8 (k,): `UNKNOWN`, `MATCH` or `OTHER`.
    """

    codes: NDArray[np.uint8]
    of_levels: Table
    of_shares: Table
    truth: NDArray[np.uint8]

    def some(self, start: int, stop: int) -> "Pairs":
        """The patterns from one place to another."""
        part = slice(start, stop)
        return Pairs(self.codes[part], self.of_levels[part], self.of_shares[part], self.truth[part])


UNKNOWN, MATCH, OTHER = range(3)
"""Of pairs of known truth, matches belong to the first class, and others to the other classes."""


class Expectation:
    """The expectation over candidates and pairs of known truth.

    Args:
        candidates: Pairs whose truth is not known.
        known: Pairs whose truth is.
        classes: How many classes there are.
    """

    def __init__(self, candidates: Pairs, known: Pairs, classes: int) -> None:
        ends = [len(candidates.codes) * part // _PARTS for part in range(_PARTS + 1)]
        parts = [candidates.some(a, b) for a, b in pairwise(ends)]
        shape = candidates.codes.shape[1], 16, classes
        self._parts = [(part, np.empty(shape), np.empty(classes)) for part in [*parts, known]]
        self._pool = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def of(self, shares: Table, levels: Table) -> tuple[Table, Table]:
        """Share pairs out.

        Args:
            shares: Of the classes (classes,).
            levels: Probabilities (classes, comparisons, 16) of levels; of a missing one 1.

        Returns:
            Expected counts of levels (classes, comparisons, 16); expected pairs of classes (classes,).
        """
        by_level = np.ascontiguousarray(levels.transpose(1, 2, 0))  # what belongs to one level lies together

        def one(part: tuple[Pairs, Table, Table]) -> None:
            pairs, expected, mass = part
            _expect(pairs, expected, mass, shares, by_level)

        here, there, known = self._parts
        waiting = self._pool.submit(one, there)  # who waits for nobody need not be woken
        one(here)
        one(known)
        waiting.result()
        (_, expected, mass), *others = self._parts
        for _, more, heavier in others:
            expected, mass = expected + more, mass + heavier
        return expected.transpose(2, 0, 1), mass


@compiled
def _expect(pairs: Pairs, expected: Table, mass: Table, shares: Table, levels: Table) -> None:
    """Share the pairs of every pattern out; probabilities and sums are (comparisons, 16, classes)."""
    codes, classes = pairs.codes, shares.shape[0]
    expected[:] = 0.0
    mass[:] = 0.0
    value, of_levels = np.empty(classes), np.empty(classes)
    for row in range(codes.shape[0]):
        _likelihoods(codes, row, (shares, pairs.truth[row]), levels, value)
        total = 0.0
        for number in range(classes):
            total += value[number]
        times, times_of_shares = pairs.of_levels[row] / total, pairs.of_shares[row] / total
        for number in range(classes):
            mass[number] += value[number] * times_of_shares
            of_levels[number] = value[number] * times
        for place in range(codes.shape[1]):
            level = expected[place, codes[row, place]]
            for number in range(classes):
                level[number] += of_levels[number]


@kernel
def _likelihoods(
    codes: NDArray[np.uint8], row: int, prior: tuple[Table, int], levels: Table, value: Table
) -> None:
    """Probabilities (classes,) of a pattern under the classes that its truth leaves, up to a factor."""
    shares, truth = prior
    for number in range(value.shape[0]):
        value[number] = shares[number]
    if truth == OTHER:
        value[0] = 0.0
    elif truth == MATCH:
        for number in range(1, value.shape[0]):
            value[number] = 0.0
    for place in range(codes.shape[1]):
        level = levels[place, codes[row, place]]
        for number in range(value.shape[0]):
            value[number] *= level[number]
    total = 0.0
    for number in range(value.shape[0]):
        total += value[number]
    if total < _TINY:  # so unlikely under every class that products end
        _by_logarithms(codes, row, prior, levels, value)


@kernel
def _by_logarithms(
    codes: NDArray[np.uint8], row: int, prior: tuple[Table, int], levels: Table, value: Table
) -> None:
    shares, truth = prior
    largest = -np.inf
    for number in range(value.shape[0]):
        value[number] = np.log(shares[number])
        if truth != UNKNOWN and (truth == MATCH) != (number == 0):
            value[number] = -np.inf
        for place in range(codes.shape[1]):
            value[number] += np.log(levels[place, codes[row, place], number])
        largest = max(largest, value[number])
    for number in range(value.shape[0]):
        value[number] = np.exp(value[number] - largest)
