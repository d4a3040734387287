"""Confidence intervals for totals and shares that a stratified sample of yes-and-no answers estimates.

Per stratum the equal-tailed interval of Jeffreys, 0 where no match was found and 1 where nothing else was: at shares
near 0 and 1, which is where links are, its two tails are balanced, and those of Wilson's interval are not (L. Brown,
T. Cai, A. DasGupta, "Interval estimation for a binomial proportion", Statistical Science 16 (2001) 101-133; T. Cai,
"One-sided confidence intervals in discrete distributions", Journal of Statistical Planning and Inference 131 (2005)
63-88). The finite population is taken in by the effective sample size n(N-1)/(N-n). A sum over strata gets its limits
from those of its parts by the method of variance estimates recovery (MOVER): G. Y. Zou, W. Huang, X. Zhang, "A note on
confidence interval estimation for a linear function of binomial proportions", Computational Statistics & Data Analysis
53 (2009) 1080-1085. A share of one total in the sum of two independent ones follows by the same method for ratios:
A. Donner, G. Y. Zou, "Closed-form confidence intervals for functions of the normal mean and standard deviation",
Statistical Methods in Medical Research 21 (2012) 347-359.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

METHOD = "stratified estimate; Jeffreys intervals per stratum, combined by MOVER (Zou, Huang & Zhang 2009)"
_TAIL = 0.025  # outside on either side of 95 %


@dataclass(frozen=True)
class Stratum:
    """What was found of one stratum.

    Attributes:
        size: How many pairs it has.
        labelled: How many of these, drawn at random, were labelled.
        matches: How many of the labelled are matches.
        expected: Share of matches to assume while nothing is labelled.
    """

    size: int
    labelled: int
    matches: int
    expected: float = 0.5

    @property
    def share(self) -> float:
        """Estimated share of matches."""
        return self.matches / self.labelled if self.labelled else self.expected


@dataclass(frozen=True)
class Estimate:
    """An estimate with its 95 % interval."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Estimate":
        """Everything times a positive factor."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


def jeffreys(stratum: Stratum) -> tuple[float, float]:
    """Jeffreys' interval for the share of matches in a stratum; all of it while nothing is labelled."""
    if not stratum.labelled:
        return 0.0, 1.0
    if stratum.labelled >= stratum.size:
        return stratum.share, stratum.share
    n = stratum.labelled * (stratum.size - 1) / (stratum.size - stratum.labelled)
    matches, others = n * stratum.share + 0.5, n * (1 - stratum.share) + 0.5
    low = float(betaincinv(matches, others, _TAIL)) if stratum.matches else 0.0
    high = float(betaincinv(matches, others, 1 - _TAIL)) if stratum.matches < stratum.labelled else 1.0
    return low, high


def total_matches(strata: Sequence[Stratum]) -> Estimate:
    """How many matches some strata hold."""
    value = sum(s.size * s.share for s in strata)
    below = above = 0.0
    for stratum in strata:
        low, high = jeffreys(stratum)
        below += (stratum.size * (stratum.share - low)) ** 2
        above += (stratum.size * (high - stratum.share)) ** 2
    size = sum(s.size for s in strata)
    return Estimate(value, max(0.0, value - math.sqrt(below)), min(float(size), value + math.sqrt(above)))


def share_of_matches(strata: Sequence[Stratum]) -> Estimate | None:
    """Which share of the pairs of some strata are matches; None when there are no pairs."""
    size = sum(s.size for s in strata)
    return total_matches(strata).scaled(1 / size) if size else None


def share_found(found: Sequence[Stratum], missed: Sequence[Stratum]) -> Estimate | None:
    """Which share of all matches lies in the strata that were found; None when no match is known.

    Args:
        found: Strata of pairs that were linked.
        missed: Strata of pairs that were not.
    """
    a, u = total_matches(found), total_matches(missed)
    if a.value + u.value == 0:
        return None
    return Estimate(a.value / (a.value + u.value), _lowest_share(a, u), _highest_share(a, u))


def _lowest_share(a: Estimate, u: Estimate) -> float:
    """The smaller root o of a - o u = sqrt((a - a.low)^2 + o^2 (u.high - u)^2), the odds, as a share."""
    spread = (u.high - u.value) ** 2
    known = a.value**2 - (a.value - a.low) ** 2
    root = math.sqrt(max(0.0, (a.value * u.value) ** 2 - (u.value**2 - spread) * known))
    below = a.value * u.value + root
    if below == 0:
        return 1.0 if u.high == 0 else 0.0
    return known / (known + below)


def _highest_share(a: Estimate, u: Estimate) -> float:
    """The larger root o of o u - a = sqrt((a.high - a)^2 + o^2 (u - u.low)^2), the odds, as a share."""
    known = u.value**2 - (u.value - u.low) ** 2
    spread = (a.high - a.value) ** 2
    root = math.sqrt(max(0.0, (a.value * u.value) ** 2 - known * (a.value**2 - spread)))
    above = a.value * u.value + root
    if above == 0:
        return 0.0 if a.high == 0 else 1.0
    return above / (known + above)
