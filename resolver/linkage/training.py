"""Estimate the mixture of classes from counts of agreement patterns, by expectation and maximisation (EM).

Candidates were selected for agreeing on something, so the two classes of Fellegi and Sunter (1969) are not enough:
among candidates that are no match, agreement on one field goes with disagreement on the others. There is one class
of matches, one class of non-matches for every comparison (pairs that are candidates because they agree on just
that: members of a family share the address, namesakes the name), one of twins, one of other
kin, and one generic class of non-matches.

Starting values come from the settings (m), from pairs of records drawn at random (u), and from candidates with two
different numbers (generic class). A Dirichlet prior holds the estimates near the settings while data are few.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.expectation import MATCH, OTHER, UNKNOWN, Expectation, Pairs
from resolver.linkage.levels import MISSING, Comparison, IdNumber
from resolver.linkage.patterns import NOTHING, Patterns, unpack
from resolver.linkage.settings import ComparisonSettings, LinkageSettings

Table = NDArray[np.float64]


class EmSettings(Protocol):
    """How far EM may go and what it starts from: any settings that have these."""

    @property
    def prior_pairs(self) -> float:
        """How many pairs the starting values are worth, per class and comparison."""

    @property
    def iterations(self) -> int:
        """Most iterations."""


@dataclass(frozen=True)
class Estimate:
    """What EM found.

    Attributes:
        shares: float64 (classes,); the first class is that of matches.
        levels: Per comparison, float64 (classes, levels).
        iterations: How many it took.
        held: Classes whose levels stay as they started: known of the world, and too few to be learnt.
    """

    shares: Table
    levels: tuple[Table, ...]
    iterations: int
    held: tuple[int, ...] = ()


@dataclass(frozen=True)
class Known:
    """Pairs whose truth is known: from judgements, from a labelled sample, from third records.

    Attributes:
        levels: uint8 (k, comparisons).
        is_match: bool (k,).
        weights: float64 (k,): how many pairs each row stands for; None = one.
        counted: float64 (k,): how many of them are left out of the counts of candidates, so that they stand for the
            shares of the classes too; None = none.
    """

    levels: NDArray[np.uint8]
    is_match: NDArray[np.bool_]
    weights: Table | None = None
    counted: Table | None = None

    @classmethod
    def none(cls, comparisons: int) -> "Known":
        """No pair at all."""
        return cls(np.zeros((0, comparisons), np.uint8), np.zeros(0, np.bool_))

    def some(self, wanted: NDArray[np.bool_]) -> "Known":
        """Some of them: those wanted (k,)."""
        parts = (None if part is None else part[wanted] for part in (self.weights, self.counted))
        return Known(self.levels[wanted], self.is_match[wanted], *parts)

    @property
    def stands_for(self) -> Table:
        """How many pairs (k,) each row stands for."""
        return np.ones(len(self.is_match)) if self.weights is None else self.weights

    @property
    def candidates(self) -> Table:
        """How many of them (k,) are missing from the counts of candidates."""
        return np.zeros(len(self.is_match)) if self.counted is None else self.counted


def level_shares(
    levels: NDArray[np.uint8], weights: Table, prior: tuple[Table, ...], worth: float
) -> tuple[Table, ...]:
    """Share of every level among pairs, held near a prior where pairs are few.

    Args:
        levels: Levels of pairs or patterns (m, comparisons).
        weights: How many pairs each stands for (m,).
        prior: Per comparison, the shares expected.
        worth: How many pairs the prior is worth.

    Returns:
        Per comparison, float64 (levels,).
    """
    shares = []
    for place, expected in enumerate(prior):
        known = levels[:, place] != MISSING
        counts = np.bincount(levels[known, place], weights[known], len(expected)) + worth * expected
        shares.append(counts / counts.sum())
    return tuple(shares)


def starting_mixture(
    patterns: Patterns, counts: Table, random: tuple[Table, ...], settings: LinkageSettings
) -> Estimate:
    """The mixture with which EM starts, and its prior.

    Args:
        patterns: Patterns of candidate pairs.
        counts: How many pairs show each.
        random: u probabilities, per comparison.
        settings: For the m probabilities.

    Returns:
        Class 0 is that of matches; class 1 + j that of pairs which are candidates because they agree on
        comparison j alone; then come those of twins and of other kin, who agree on several things at once; the
        last class is generic.
    """
    n = len(settings.comparisons)
    share = settings.training.prior_match
    known = [c.levels for c in settings.comparisons]
    m = tuple(np.array([level.m for level in c.levels]) for c in settings.comparisons)
    prior = tuple(share * a + (1 - share) * b for a, b in zip(m, random, strict=True))
    seen = unpack(patterns, n)
    candidates = level_shares(seen, counts, prior, settings.training.prior_pairs)
    conflicts = seen[:, Comparison.ID_NUMBER]
    two = (conflicts >= IdNumber.DAMAGED_DIFFERENT) & (conflicts != MISSING)
    believed = tuple(np.array([level.u for level in c.levels]) for c in settings.comparisons)
    strangers = level_shares(seen[two], counts[two], believed, settings.training.prior_pairs)
    levels = []
    for place in range(n):
        # Numbers of one day and place are rare by chance, but not among people who share a name and a birth date.
        others = strangers[place] if place == Comparison.ID_NUMBER else random[place]
        table = np.tile(others, (n + 4, 1))
        tilted = candidates[place] * np.exp(np.linspace(4.0, -2.0, len(m[place])))
        table[0] = m[place]
        table[1 + place] = tilted / tilted.sum()
        table[-3] = [
            u if level.twin is None else level.twin for u, level in zip(others, known[place], strict=True)
        ]
        table[-2] = [
            u if level.kin is None else level.kin for u, level in zip(others, known[place], strict=True)
        ]
        table[-1] = strangers[place]
        levels.append(table)
    shares = np.full(n + 4, (1 - share) / (n + 3))
    shares[0] = share
    return Estimate(shares, tuple(levels), 0, held=(n + 1,))


def fit(
    patterns: Patterns,
    counts: Table,
    start: Estimate,
    settings: EmSettings,
    comparisons: tuple[ComparisonSettings, ...],
    known: Known | None = None,
) -> Estimate:
    """Fit the mixture to counts of patterns.

    Args:
        patterns: uint64 (k,).
        counts: float64 (k,): candidate pairs with each pattern.
        start: Starting values, which are also the prior.
        settings: How many pairs the prior is worth, how many iterations to take.
        comparisons: How high an m may get.
        known: Pairs whose truth is known. They teach the levels; the shares are learnt of the candidates alone, because
            nobody labels pairs at random. Candidates with a witness are candidates all the same; see `Known.counted`.
    """
    n = len(start.levels)
    codes = unpack(patterns, n)
    codes[codes == MISSING] = NOTHING
    known = known or Known.none(n)
    labelled = np.where(known.levels == MISSING, np.uint8(NOTHING), known.levels)
    truth = np.where(known.is_match, np.uint8(MATCH), np.uint8(OTHER))
    unknown = np.full(len(codes), UNKNOWN, np.uint8)
    candidates = Pairs(codes, counts, counts, unknown)
    told = Pairs(labelled, known.stands_for, known.candidates, truth)
    prior = _padded(start.levels)
    shares, levels = start.shares.copy(), prior.copy()
    worth = settings.prior_pairs
    most = [np.array([level.most for level in c.levels]) for c in comparisons]
    held = list(start.held)
    taken = 0
    with Expectation(candidates, told, len(start.shares)) as expectation:
        for iteration in range(1, settings.iterations + 1):
            taken = iteration
            levels[:, :, NOTHING] = 1.0
            expected, mass = expectation.of(shares, levels)
            before = shares
            shares = mass + worth * start.shares
            shares /= shares.sum()
            levels = _maximise(expected, prior, worth)
            levels[held] = prior[held]
            for place, limits in enumerate(most):
                levels[0, place, : len(limits)] = limited(levels[0, place, : len(limits)], limits)
            if np.abs(shares - before).max() < 1e-7:
                break
    found = tuple(levels[:, p, : t.shape[1]] for p, t in enumerate(start.levels))
    return Estimate(shares, found, taken, start.held)


def _padded(tables: tuple[Table, ...]) -> Table:
    out = np.zeros((tables[0].shape[0], len(tables), 16))
    for place, table in enumerate(tables):
        out[:, place, : table.shape[1]] = table
    return out


def _maximise(expected: Table, prior: Table, worth: float) -> Table:
    counts = expected + worth * prior
    counts[:, :, NOTHING] = 0.0
    shares: Table = counts / counts.sum(axis=2, keepdims=True)
    return shares


def limited(shares: Table, most: Table) -> Table:
    """Shares (levels,) held to their limits (levels,); what is cut off goes to the others in proportion.

    This is where the likelihood is highest within the limits (Karush, Kuhn, Tucker).
    """
    held = np.zeros(len(shares), np.bool_)
    out = shares
    while (out > most).any():
        held |= out > most
        rest = np.where(held, 0.0, shares)
        out = np.where(held, most, rest * (1.0 - most[held].sum()) / rest.sum())
    return out
