"""The plain comparisons as features of recordlinkage."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recordlinkage.base import BaseCompareFeature

from resolver.linkage.levels import Comparison
from resolver.toolkit.plain.levels import level_number

RECORD = "record"
"""Column of a frame that holds a `Known` record per row."""


class PlainFeature(BaseCompareFeature):  # type: ignore[misc]
    """Levels of one comparison, pair by pair; of frames with a column `RECORD`."""

    name = "plain level"
    description = "Level of a comparison, in plain values."

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(RECORD, RECORD, label=comparison.name.lower())
        self.comparison = comparison

    def _compute_vectorized(self, left: "pd.Series[Any]", right: "pd.Series[Any]") -> NDArray[np.uint8]:
        pairs = zip(left, right, strict=True)
        return np.array([level_number(self.comparison, one, other) for one, other in pairs], np.uint8)
