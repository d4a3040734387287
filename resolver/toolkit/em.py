"""Weights and EM written down plainly: arrays of levels in, classes of pairs out, any number of columns.

The engine does the same on packed patterns in compiled loops (`resolver.linkage.training`, `.patterns`); here every
step is one line of the textbook, and tests hold the two, and recordlinkage's ECM, against each other.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import LEAST_PROBABILITY
from resolver.linkage.training import EmSettings, Estimate, limited

Table = NDArray[np.float64]
Levels = NDArray[np.uint8]
CONVERGED = 1e-7


def joint(levels: Levels, estimate: Estimate) -> Table:
    """Natural log of the joint probability of each class and each pair's levels.

    Args:
        levels: uint8 (m, comparisons); `MISSING` is neutral.
        estimate: Shares and level probabilities of the classes.

    Returns:
        float64 (m, classes).
    """
    with np.errstate(divide="ignore"):  # what never occurs in a class has the logarithm -inf
        out = np.tile(np.log(estimate.shares), (len(levels), 1))
        for column, table in zip(levels.T, estimate.levels, strict=True):
            known = column != MISSING
            out[known] += np.log(table)[:, column[known]].T
    return out


def log_odds(levels: Levels, estimate: Estimate) -> Table:
    """Natural log of the odds (m,) that each pair is a match: the first class against all others together.

    As in a model version, nothing is believed impossible: no probability is taken below `LEAST_PROBABILITY`.
    """
    tables = tuple(np.maximum(table, LEAST_PROBABILITY) for table in estimate.levels)
    each = joint(levels, Estimate(np.maximum(estimate.shares, LEAST_PROBABILITY), tables, 0))
    odds: Table = each[:, 0] - logsumexp(each[:, 1:], axis=1)
    return odds


def expectation_maximisation(
    levels: Levels, counts: Table, start: Estimate, settings: EmSettings, most: tuple[Table, ...]
) -> Estimate:
    """Fit the classes to pairs.

    Args:
        levels: uint8 (k, comparisons): distinct vectors.
        counts: float64 (k,): pairs with each.
        start: Starting values, which are also the prior.
        settings: How many pairs the prior is worth, how many iterations to take.
        most: Highest probability of each level among matches, per comparison.
    """
    now, taken = start, 0
    for taken in range(1, settings.iterations + 1):
        each = joint(levels, now)
        belongs = np.exp(each - logsumexp(each, axis=1, keepdims=True)) * counts[:, None]
        shares = belongs.sum(axis=0) + settings.prior_pairs * start.shares
        shares /= shares.sum()
        tables = [
            _maximised(column, belongs, settings.prior_pairs * prior)
            for column, prior in zip(levels.T, start.levels, strict=True)
        ]
        for table, limits in zip(tables, most, strict=True):
            table[0] = limited(table[0], limits)
        for table, prior in zip(tables, start.levels, strict=True):
            table[list(start.held)] = prior[list(start.held)]
        moved = np.abs(shares - now.shares).max()
        now = Estimate(shares, tuple(tables), taken, start.held)
        if moved < CONVERGED:
            break
    return now


def _maximised(column: Levels, belongs: Table, prior: Table) -> Table:
    """Probability of every level in every class: float64 (classes, levels)."""
    table = prior.copy()
    for level in range(table.shape[1]):
        table[:, level] += belongs[column == level].sum(axis=0)
    shares: Table = table / table.sum(axis=1, keepdims=True)
    return shares
