"""Two maps of log-odds for persons: of pairs whose ID numbers can be compared, and of pairs whose numbers cannot.

They are in doubt for other reasons. Where the numbers are the same and the names are not, somebody was seen under a
relative's number, or has a new name; where there is no number, two records say the same because they are of one person
or of namesakes. For both kinds it is learnt from what third records say. For the second there is more to learn from:
pairs whose numbers are hidden (`hidden_numbers`).
"""

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration, Floats, Witnesses, learn_calibration
from resolver.linkage.hidden_numbers import Hidden
from resolver.linkage.levels import MISSING, Comparison
from resolver.linkage.patterns import Mixture, Patterns, log_odds_of_all, unpack
from resolver.linkage.third_records import Heard
from resolver.linkage.training import Known

_SPREAD = 1.0
"""Natural log-odds by which the mixture may well be off where there are numbers: mistakes are few and each its own."""


FEWEST_HIDDEN = 50_000
"""Pairs whose numbers are hidden, of two or three thousand people, from which on there are two maps. A town of fewer
has a handful of namesakes born on one day, each with a dozen pairs, and a map would be drawn through these."""


def learn_calibrations(
    heard: Heard, hidden: Hidden, known: Known, mixture: Mixture
) -> tuple[Calibration, Calibration | None]:
    """Maps for pairs whose numbers can be compared, and for pairs whose numbers cannot; None: the first is for both.

    Args:
        heard: What third records said of candidate pairs.
        hidden: Pairs whose numbers were hidden.
        known: Pairs whose truth is known.
        mixture: The classes, as yet without a calibration.
    """
    if hidden.pairs.sum() < FEWEST_HIDDEN:
        return learn_calibration(heard.witnesses(mixture, known)), None
    without = _number(heard.patterns) == MISSING
    known_without = known.levels[:, Comparison.ID_NUMBER] == MISSING
    both = heard.witnesses(mixture)
    numbered = heard.some(~without).witnesses(mixture, known.some(~known_without))
    unnumbered = heard.some(without).witnesses(mixture, known.some(known_without))
    one, two = hidden.decided(mixture, _judged(hidden, heard, mixture, both))
    unnumbered = unnumbered._replace(matches=unnumbered.matches + one, others=unnumbered.others + two)
    return (
        learn_calibration(numbered, both, _SPREAD, much=True),
        learn_calibration(unnumbered, both, much=True),
    )


def _judged(hidden: Hidden, heard: Heard, mixture: Mixture, sure: Witnesses) -> Floats:
    """Log-odds (k,) of pairs with their numbers, as third records correct them for every level of the number.

    Two valid numbers of one place and birth date are now of namesakes, now of one person who was given a second one;
    the mixture holds that it is always the former.
    """
    out, levels = log_odds_of_all(hidden.whole, mixture), _number(hidden.whole)
    told = _number(heard.patterns)
    for level in np.unique(levels):
        here = levels == level
        out[here] = learn_calibration(heard.some(told == level).witnesses(mixture), sure, _SPREAD)(out[here])
    return out


def _number(patterns: Patterns) -> NDArray[np.uint8]:
    """Level of the ID number in each pattern (k,)."""
    return unpack(patterns, len(Comparison))[:, Comparison.ID_NUMBER]
