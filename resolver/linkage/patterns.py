"""Agreement patterns: the levels of all comparisons of a pair in one 64-bit number, four bits a comparison.

Millions of pairs show a few thousand patterns, so training counts patterns and scoring weighs each pattern once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration, corrected
from resolver.linkage.compiled import kernel
from resolver.linkage.levels import MISSING

NOTHING = 15
"""Four bits of a missing comparison; so a comparison has at most 15 levels."""

Patterns = NDArray[np.uint64]
LEAST_PROBABILITY = 1e-9
_NO_KNOTS = np.zeros(0)
_SLOTS = 1 << 16
_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)  # sixteen missing comparisons: never packed, there are fewer
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@kernel
def pack_levels(levels: NDArray[np.uint8]) -> np.uint64:
    """One pair's levels (comparisons,) as a pattern."""
    pattern = np.uint64(0)
    for place in range(levels.shape[0]):
        level = levels[place]
        pattern |= np.uint64(NOTHING if level == MISSING else level) << np.uint64(4 * place)
    return pattern


@kernel
def _pack_all(levels: NDArray[np.uint8], out: Patterns) -> None:
    for pair in range(levels.shape[0]):
        out[pair] = pack_levels(levels[pair])


def pack(levels: NDArray[np.uint8]) -> Patterns:
    """Patterns (m,) of levels (m, comparisons)."""
    out = np.empty(len(levels), np.uint64)
    _pack_all(levels, out)
    return out


def unpack(patterns: Patterns, comparisons: int) -> NDArray[np.uint8]:
    """Levels (m, comparisons) of patterns (m,)."""
    shifts = np.arange(comparisons, dtype=np.uint64) * np.uint64(4)
    levels = ((patterns[:, None] >> shifts) & np.uint64(15)).astype(np.uint8)
    levels[levels == NOTHING] = MISSING
    return levels


def count(parts: list[tuple[Patterns, NDArray[np.float64]]]) -> tuple[Patterns, NDArray[np.float64]]:
    """Add up counts of patterns, each part being (patterns, counts); sorted by pattern."""
    if not parts:
        return np.zeros(0, np.uint64), np.zeros(0)
    patterns, places = np.unique(np.concatenate([p for p, _ in parts]), return_inverse=True)
    counts = np.bincount(places, np.concatenate([c for _, c in parts]), len(patterns))
    return patterns, counts.astype(np.float64)


class Mixture(NamedTuple):
    """The classes of pairs; the first is that of matches, the others are kinds of non-match.

    Attributes:
        log_share: float64 (classes,): natural log of each class's share of the candidates.
        log_level: float64 (classes, comparisons, 16): natural log of each level's probability; 0 for a missing one.
        raw: float64 (knots,): log-odds that the classes give and that are corrected; see `Calibration`.
        corrected: float64 (knots,): what they come to.
        apart: A comparison whose absence makes a pair one of another kind, which is corrected apart; -1 for none.
        raw_apart: float64 (knots,): as `raw`, of the pairs in which it is missing.
        corrected_apart: float64 (knots,): what they come to.
    """

    log_share: NDArray[np.float64]
    log_level: NDArray[np.float64]
    raw: NDArray[np.float64] = _NO_KNOTS
    corrected: NDArray[np.float64] = _NO_KNOTS
    apart: int = -1
    raw_apart: NDArray[np.float64] = _NO_KNOTS
    corrected_apart: NDArray[np.float64] = _NO_KNOTS

    def corrected_by(self, calibration: Calibration) -> "Mixture":
        """The same classes with a calibration."""
        return self._replace(raw=calibration.raw, corrected=calibration.corrected, apart=-1)

    def corrected_apart_by(self, comparison: int, calibration: Calibration) -> "Mixture":
        """The same with another calibration for the pairs in which a comparison is missing."""
        # a plain number: numba takes a tenth of a millisecond and more a call to see what an enumeration's member is
        return self._replace(
            apart=int(comparison), raw_apart=calibration.raw, corrected_apart=calibration.corrected
        )


def mixture_of(shares: NDArray[np.float64], levels: tuple[NDArray[np.float64], ...]) -> Mixture:
    """Classes as the compiled code reads them: shares (classes,), and per comparison (classes, levels)."""
    log_level = np.zeros((len(shares), len(levels), 16), np.float64)
    for place, table in enumerate(levels):
        log_level[:, place, : table.shape[1]] = np.log(np.maximum(table, LEAST_PROBABILITY))
    return Mixture(np.log(np.maximum(shares, LEAST_PROBABILITY)), log_level)


class Memory(NamedTuple):
    """Log-odds of the patterns seen so far: an open hash table. One thread uses it at a time."""

    patterns: Patterns
    log_odds: NDArray[np.float64]


def new_memory() -> Memory:
    """An empty memory."""
    return Memory(np.full(_SLOTS, _EMPTY, np.uint64), np.zeros(_SLOTS, np.float64))


@kernel
def log_odds_of(pattern: np.uint64, mixture: Mixture, comparisons: int) -> float:
    """Natural log of the odds that a pair with this pattern is a match, the share of matches included; uncorrected.

    Args:
        pattern: The levels.
        mixture: The classes.
        comparisons: Only the first so many comparisons are looked at.
    """
    classes = mixture.log_share.shape[0]
    largest, total, match = -np.inf, 0.0, 0.0
    for number in range(classes):
        value = mixture.log_share[number]
        for place in range(comparisons):
            value += mixture.log_level[number, place, (pattern >> np.uint64(4 * place)) & np.uint64(15)]
        if number == 0:
            match = value
        elif value > largest:
            total = total * np.exp(largest - value) + 1.0
            largest = value
        else:
            total += np.exp(value - largest)
    return float(match - largest - np.log(total))


@kernel
def corrected_log_odds(value: float, pattern: np.uint64, mixture: Mixture) -> float:
    """What the natural log-odds of a pair with this pattern are corrected to."""
    if mixture.apart >= 0 and (pattern >> np.uint64(4 * mixture.apart)) & np.uint64(15) == NOTHING:
        return corrected(value, mixture.raw_apart, mixture.corrected_apart)
    return corrected(value, mixture.raw, mixture.corrected)


@kernel
def _log_odds_of_all(patterns: Patterns, mixture: Mixture, out: NDArray[np.float64]) -> None:
    comparisons = mixture.log_level.shape[1]
    for row in range(patterns.shape[0]):
        value = log_odds_of(patterns[row], mixture, comparisons)
        out[row] = corrected_log_odds(value, patterns[row], mixture)


def log_odds_of_all(patterns: Patterns, mixture: Mixture) -> NDArray[np.float64]:
    """Natural log-odds (k,) of patterns (k,), corrected."""
    out = np.empty(len(patterns))
    _log_odds_of_all(patterns, mixture, out)
    return out


@kernel
def _correct_all(patterns: Patterns, mixture: Mixture, out: NDArray[np.float64]) -> None:
    for row in range(patterns.shape[0]):
        out[row] = corrected_log_odds(out[row], patterns[row], mixture)


def correct_all(log_odds: NDArray[np.float64], patterns: Patterns, mixture: Mixture) -> NDArray[np.float64]:
    """What the natural log-odds (k,) of pairs with these patterns (k,) are corrected to."""
    out = np.array(log_odds, np.float64)
    _correct_all(patterns, mixture, out)
    return out


@kernel
def _chain(levels: NDArray[np.uint8], mixture: Mixture, out: NDArray[np.float64]) -> None:
    pattern = pack_levels(levels)
    value = 0.0
    for comparisons in range(levels.shape[0] + 1):
        value = log_odds_of(pattern, mixture, comparisons)
        out[comparisons] = value
    out[levels.shape[0] + 1] = corrected_log_odds(value, pattern, mixture)


def chain(levels: NDArray[np.uint8], mixture: Mixture) -> NDArray[np.float64]:
    """Natural log-odds (comparisons + 2,) of one pair's levels after none, the first, the first two, … comparisons.

    The last is that after all comparisons, corrected.
    """
    out = np.empty(len(levels) + 2, np.float64)
    _chain(levels, mixture, out)
    return out


@kernel
def _weigh(levels: NDArray[np.uint8], mixture: Mixture, memory: Memory, out: NDArray[np.float64]) -> None:
    slots = np.uint64(memory.patterns.shape[0] - 1)
    comparisons = levels.shape[1]
    for pair in range(levels.shape[0]):
        pattern = pack_levels(levels[pair])
        slot = (pattern * _SPREAD) >> np.uint64(40) & slots
        tries = 0
        while memory.patterns[slot] != pattern and memory.patterns[slot] != _EMPTY and tries < 8:
            slot = (slot + np.uint64(1)) & slots
            tries += 1
        if memory.patterns[slot] != pattern:  # empty, or crowded: then the newest takes the place
            value = log_odds_of(pattern, mixture, comparisons)
            memory.log_odds[slot] = corrected_log_odds(value, pattern, mixture)
            memory.patterns[slot] = pattern
        out[pair] = memory.log_odds[slot]


def weigh(levels: NDArray[np.uint8], mixture: Mixture, memory: Memory) -> NDArray[np.float64]:
    """Natural log-odds (m,) of pairs with these levels (m, comparisons), corrected."""
    out = np.empty(len(levels), np.float64)
    _weigh(levels, mixture, memory, out)
    return out
