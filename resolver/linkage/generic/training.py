"""Fit the mixture of classes to any table's candidate pairs, without labels and without starting probabilities.

As for persons (`resolver.linkage.training`) there is one class of matches, one of non-matches for every comparison
(pairs that are candidates because they agree on just that), and one generic class of non-matches. Nothing is known
of the columns, so EM starts from the candidates themselves: the class of matches from their levels tilted towards
agreement, the class of comparison j likewise in j alone and as among random pairs elsewhere, the generic class as
the candidates are.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.settings import TrainingChoice
from resolver.linkage.patterns import Patterns, count, unpack
from resolver.linkage.settings import ComparisonSettings
from resolver.linkage.third_records import Heard
from resolver.linkage.training import EmSettings, Estimate, fit, level_shares

_TOWARDS, _AWAY = 4.0, -2.0
"""Natural logs with which the first and the last level of a comparison are tilted."""

_PRIOR = 5.0
"""Pairs that a comparison counts for before any is seen, shared by its levels, so that none is impossible."""

_ITERATIONS_AGAIN = 30
"""Most iterations when EM goes on from a mixture that was fitted: what little third records move, moves first."""

_PAIRS_PER_RECORD = 8
"""Pairs per record that training looks at, at least."""


def fit_mixture(
    candidates: tuple[Patterns, NDArray[np.float64]],
    random: tuple[Patterns, NDArray[np.float64]],
    comparisons: tuple[ComparisonSettings, ...],
    settings: EmSettings,
    prior_match: float,
) -> Estimate:
    """Fit the mixture.

    Args:
        candidates: Patterns (k,) of candidate pairs, and how many pairs show each (k,).
        random: The same for pairs drawn at random, which stand for non-matches (u probabilities).
        comparisons: Their levels, strongest agreement first.
        settings: For EM.
        prior_match: Share of matches with which EM starts.
    """
    n = len(comparisons)
    flat = tuple(np.full(len(c.levels), 1.0 / len(c.levels)) for c in comparisons)
    shares_of = [level_shares(unpack(p, n), w, flat, _PRIOR) for p, w in (candidates, random)]
    of_candidates, of_random = shares_of
    tables = []
    for place, (seen, strange) in enumerate(zip(of_candidates, of_random, strict=True)):
        tilted = seen * np.exp(np.linspace(_TOWARDS, _AWAY, len(seen)))
        tilted /= tilted.sum()
        table = np.tile(strange, (n + 2, 1))
        table[0] = tilted
        table[1 + place] = tilted
        table[-1] = seen
        tables.append(table)
    shares = np.full(n + 2, (1.0 - prior_match) / (n + 1))
    shares[0] = prior_match
    return fit(*candidates, Estimate(shares, tuple(tables), 0), settings, comparisons)


def fit_again(
    candidates: tuple[Patterns, NDArray[np.float64]],
    before: Estimate,
    heard: Heard,
    settings: TrainingChoice,
    comparisons: tuple[ComparisonSettings, ...],
) -> Estimate:
    """Go on from a mixture with what third records said: pairs that they decided are no longer in doubt.

    Args:
        candidates: Patterns (k,), and how many pairs show each (k,), those that `heard` knows among them.
        before: The mixture that third records were asked with.
        heard: What they said.
        settings: For EM.
        comparisons: As for `fit_mixture`.
    """
    known = heard.known(len(comparisons))
    fewer = replace(settings, iterations=min(settings.iterations, _ITERATIONS_AGAIN))
    return fit(*heard.taken_out_of(*candidates), before, fewer, comparisons, known)


def with_strangers(
    candidates: tuple[Patterns, NDArray[np.float64]], random: tuple[Patterns, NDArray[np.float64]], n: int
) -> tuple[Patterns, NDArray[np.float64]]:
    """Candidates, and random pairs beside them where there are few per record.

    Where blocks are small nearly all candidates are matches, and EM could not tell what a non-match looks like.

    Args:
        candidates: Patterns (k,), and how many pairs show each (k,).
        random: The same for pairs drawn at random.
        n: Number of records.
    """
    wanted = min(_PAIRS_PER_RECORD * n, n * (n - 1) // 2) - candidates[1].sum()
    drawn = random[1].sum()
    if wanted <= 0 or drawn == 0:
        return candidates
    return count([candidates, (random[0], random[1] * (wanted / drawn))])
