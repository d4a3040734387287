"""Correct the log-odds of a mixture by a monotone map, so that of pairs given 90 % about 90 % are true.

The classes of a mixture take comparisons to be independent within a class, which they are not: who has one thing
wrong has others wrong too, and families share what the model thinks apart. So the log-odds rank pairs well and say
too much or too little. The map is learnt without the truth, from third records (`third_records`): where a record
is surely of one entity with the left one of a pair, it is a second witness for the right one. Pairs whose truth
people decided count beside them.

Every interval of log-odds gets the share of matches that makes its witnesses most likely (a binomial count, whose
chances for matches and for others are seen where the model is sure of either), held near what the model says by a
normal prior, for witnesses are neither many everywhere nor quite independent. Then neighbours that are out of order
are pooled (pool adjacent violators: Ayer and others, Annals of Mathematical Statistics 26 (1955) 641-647), and the
map runs straight from one to the next, on the scale of log-odds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from resolver.linkage.compiled import kernel

Floats = NDArray[np.float64]

EDGES = np.arange(-6.0, 10.25, 0.5)
"""Natural log-odds between which pairs are corrected, and between intervals; what is below or above stays as it is."""
SURE_OF_NONE, SURE_OF_MATCH = -3.0, 9.0
"""Natural log-odds below and above which the model is taken at its word: there witnesses are themselves judged."""

_ENDS = (-8.0, 12.0)
_LEAST_SLOPE = 0.05
SPREAD = 0.5
"""Standard deviation, in natural log-odds, of what the mixture is off by, as believed before anything is seen."""
_MOST_WITNESSES = 200.0
"""More witnesses of an interval than this say no more: they err together."""
_FEWEST_SURE = 50
"""Witnesses needed of pairs that are surely a match, and of those that surely are none."""
_GRID = np.arange(-10.0, 14.0, 0.02)


class Witnesses(NamedTuple):
    """What is known of pairs, by interval; the first is below `EDGES`, the last above.

    Attributes:
        pairs: float64 (intervals,): candidate pairs.
        log_odds: float64 (intervals,): sum of their log-odds.
        asked: float64 (intervals,): pairs for which witnesses were looked for.
        agree: float64 (intervals,): witnesses that speak for a match.
        oppose: float64 (intervals,): witnesses that speak against it.
        matches: float64 (intervals,): pairs decided to be of one entity, by people or by what is told apart from them.
        others: float64 (intervals,): pairs decided to be of two.
    """

    pairs: Floats
    log_odds: Floats
    asked: Floats
    agree: Floats
    oppose: Floats
    matches: Floats
    others: Floats

    @classmethod
    def none(cls) -> "Witnesses":
        """Nothing seen."""
        return cls(*(np.zeros(len(EDGES) + 1) for _ in cls._fields))


def interval_of(log_odds: Floats) -> NDArray[np.intp]:
    """Number of the interval (m,) of natural log-odds (m,)."""
    return np.searchsorted(EDGES, log_odds, side="right")


@dataclass(frozen=True, eq=False)
class Calibration:
    """A monotone map of natural log-odds; straight between its knots, and the identity beyond the first and the last.

    Attributes:
        raw: float64 (knots,), ascending: log-odds as the classes give them.
        corrected: float64 (knots,), ascending: what they come to.
    """

    raw: Floats
    corrected: Floats

    @classmethod
    def none(cls) -> "Calibration":
        """The identity."""
        return cls(np.zeros(0), np.zeros(0))

    def __call__(self, log_odds: Floats) -> Floats:
        """Corrected log-odds (m,) of raw ones (m,)."""
        out = np.array(log_odds, np.float64)
        _correct_all(out, self.raw, self.corrected)
        return out

    def to_json(self) -> dict[str, dict[str, list[float]]]:
        """What a model's file says of it; nothing for the identity, of which older files know nothing either."""
        return {"calibration": self.knots()} if len(self.raw) else {}

    def knots(self) -> dict[str, list[float]]:
        """Plain values."""
        return {"log_odds": self.raw.tolist(), "corrected": self.corrected.tolist()}

    @classmethod
    def parse(cls, raw: Mapping[str, Any], name: str = "calibration") -> "Calibration":
        """The map that a model's file tells.

        Raises:
            ValueError: The knots are not as many on both sides, or do not ascend.
        """
        if name not in raw:
            return cls.none()
        knots = raw[name]
        found = cls(np.array(knots["log_odds"], np.float64), np.array(knots["corrected"], np.float64))
        sides = found.raw, found.corrected
        if found.raw.shape != found.corrected.shape or any((np.diff(side) <= 0).any() for side in sides):
            raise ValueError("the knots of the calibration do not ascend")
        return found


@kernel
def corrected(value: float, raw: Floats, to: Floats) -> float:
    """Corrected log-odds of one pair; knots (k,), (k,) as in `Calibration`."""
    last = raw.shape[0] - 1
    if last < 0 or value <= raw[0] or value >= raw[last]:
        return value
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if raw[middle] <= value:
            low = middle
        else:
            high = middle
    slope = (to[high] - to[low]) / (raw[high] - raw[low])
    return float(min(to[low] + (value - raw[low]) * slope, to[high]))


@kernel
def _correct_all(values: Floats, raw: Floats, to: Floats) -> None:
    for place in range(values.shape[0]):
        values[place] = corrected(values[place], raw, to)


def learn_calibration(
    seen: Witnesses, sure: Witnesses | None = None, spread: float = SPREAD, *, much: bool = False
) -> Calibration:
    """The map that what was seen asks for; the identity where nothing can be learnt.

    Args:
        seen: Pairs and their witnesses.
        sure: Where it is seen how often witnesses of matches and of others speak; None = there too.
        spread: Standard deviation, in natural log-odds, of what the mixture is off by, as believed before.
        much: Whether so much was seen that intervals which are pooled keep their places.
    """
    chances = _chances(seen if sure is None else sure)
    labelled = (seen.matches + seen.others).any()
    inner = slice(1, -1)
    used = np.flatnonzero(seen.pairs[inner] > 0) + 1
    if not len(used) or not (chances is not None or labelled):
        return Calibration.none()
    raw = seen.log_odds[used] / seen.pairs[used]
    likely = -((_GRID - raw[:, None]) ** 2) / (2 * spread**2)
    log_match, log_other = -np.logaddexp(0.0, -_GRID), -np.logaddexp(0.0, _GRID)
    likely += seen.matches[used, None] * log_match + seen.others[used, None] * log_other
    if chances is not None:
        likely += _likely_words(seen, used, raw, chances)
    best = _GRID[np.argmax(likely, axis=1)]
    return _through(raw, best, seen.pairs[used], much=much)


def _likely_words(seen: Witnesses, used: NDArray[np.intp], raw: Floats, chances: Floats) -> Floats:
    """Log-likelihood (used, grid) of the words heard, for every log-odds that an interval's pairs may come to.

    Words tell of the pairs that have a witness. Where these are fewer than among sure matches, the others are other
    pairs (a record that says little has no witness that says more), and are left as the model has them.
    """
    agree, oppose, asked = seen.agree[used, None], seen.oppose[used, None], seen.asked[used, None]
    rate = (agree + oppose) / np.maximum(asked, 1.0)
    covered = np.clip(rate / chances[:, 0].sum(), 1e-6, 1.0)
    whole, believed = 1.0 / (1.0 + np.exp(-_GRID)), 1.0 / (1.0 + np.exp(-raw[:, None]))
    share = np.clip((whole - (1.0 - covered) * believed) / covered, 1e-6, 1.0 - 1e-6)
    speak_for = share * chances[0, 0] + (1.0 - share) * chances[0, 1]
    speak_against = share * chances[1, 0] + (1.0 - share) * chances[1, 1]
    together = speak_for + speak_against
    weight = np.minimum(1.0, _MOST_WITNESSES / np.maximum(agree + oppose, 1.0))
    found: Floats = weight * (
        agree * np.log(speak_for / together) + oppose * np.log(speak_against / together)
    )
    return found


def _chances(seen: Witnesses) -> Floats | None:
    """How many witnesses (agree and oppose, match and other) a pair has in the mean; None where too few were seen."""
    sure = np.append(-np.inf, EDGES) >= SURE_OF_MATCH
    never = np.append(EDGES, np.inf) <= SURE_OF_NONE
    never[0] = False  # what is far below is unlike the pairs in doubt
    found = np.empty((2, 2))
    for side, chosen in enumerate((sure, never)):
        counts = np.array([seen.agree[chosen].sum(), seen.oppose[chosen].sum()])
        if counts.sum() < _FEWEST_SURE:
            return None
        found[:, side] = (counts + 0.5) / seen.asked[chosen].sum()
    odds = np.exp(seen.log_odds[never].sum() / seen.pairs[never].sum())
    found[0, 1] = max(found[0, 1] - odds * found[0, 0], found[0, 1] / 2)  # those few below that are matches
    return found


def _through(raw: Floats, best: Floats, pairs: Floats, *, much: bool) -> Calibration:
    """The map through the best log-odds of each interval, or, where they are out of order, what they have in common.

    Intervals that are pooled have one knot, in their middle: of few pairs no more is known than that the map ascends.
    Where much was seen each keeps its own. Pairs that say the same have the same log-odds, often one or two patterns
    are most of an interval, and with one knot for all they would be drawn to the next interval.
    """
    pooled = isotonic_regression(1.0 / (1.0 + np.exp(-best)), weights=pairs)
    starts = np.arange(len(raw)) if much else pooled.blocks[:-1]
    weight = np.add.reduceat(pairs, starts)
    at = np.add.reduceat(pairs * raw, starts) / weight
    share = pooled.x[starts]
    low, high = _ENDS
    to = np.clip(
        np.log(share / (1.0 - share)),
        low + _LEAST_SLOPE * (at - low),
        high - _LEAST_SLOPE * (high - at),
    )
    steps = np.maximum.accumulate(to - _LEAST_SLOPE * at)  # no flatter than the least slope
    return Calibration(
        np.concatenate([[low], at, [high]]), np.concatenate([[low], steps + _LEAST_SLOPE * at, [high]])
    )
