"""Our comparisons as features of recordlinkage."""

import math
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recordlinkage.base import BaseCompareFeature

from resolver.errors import SettingsError
from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import LEAST_PROBABILITY
from resolver.toolkit.kinds import AnyModel, kind_of

Value = Literal["level", "agreement", "match_weight"]
"""What a feature gives of a pair.

- `level`: number of the level, uint8, 0 for the strongest agreement, 255 where nothing can be said: the vectors that
  `MixtureClassifier` takes, and the `level_*` columns of `pairs.parquet`.
- `agreement`: 1 where the level occurs more often among matches than among the other candidates, else 0, also where
  nothing can be said: the binary vectors that `recordlinkage.ECMClassifier` takes.
- `match_weight`: log2 of how many times more often, 0 where nothing can be said: for classifiers that take any number.
"""


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]
    """One comparison of a model as a feature.

    For `recordlinkage.Compare().add(...)`, alone or beside that toolkit's own features.

    Args:
        model: Whose comparison, with what it knows of values and characters; of persons or of any table.
        comparison: Key of the comparison, such as `name` of `person.toml`.
        value: What to give of each pair; see `Value`.
        label: Name of the column; default the key.

    Raises:
        SettingsError: The model has no such comparison, or there is no such value.
    """

    name = "level"
    description = "Level of a comparison."

    def __init__(
        self, model: AnyModel, comparison: str, value: Value = "level", label: str | None = None
    ) -> None:
        kind = kind_of(model)
        keys = [c.key for c in kind.comparisons]
        _check("comparison", comparison, keys)
        _check("value of a comparison", value, get_args(Value))
        columns = list(kind.reads(comparison))
        super().__init__(columns, columns, label=label or comparison)
        self.model = model
        self.place = keys.index(comparison)
        self.value = value

    def _compute_vectorized(self, *values: "pd.Series[Any]") -> NDArray[Any]:
        half = len(values) // 2
        (left, left_rows), (right, right_rows) = _one_side(values[:half], 0), _one_side(values[half:], 1)
        found = kind_of(self.model).levels([left, right], left_rows, right_rows + np.int32(len(left)))
        levels = found[:, self.place]
        if self.value == "level":
            return levels
        return values_of_levels(self.model, self.place, self.value)[levels]


def level_features(model: AnyModel, value: Value = "level") -> list[LevelFeature]:
    """One feature for every comparison of a model, in its order; for `recordlinkage.Compare(level_features(model))`."""
    return [LevelFeature(model, c.key, value) for c in kind_of(model).comparisons]


def values_of_levels(model: AnyModel, place: int, value: Value) -> NDArray[np.float64]:
    """Agreement or match weight of each level of a comparison: float64 (256,), `MISSING` among them.

    With several classes of pairs that are no match, u is their mean by share; the weight of a whole pair is then no
    sum over comparisons (see `resolver.linkage.explanation`).
    """
    table = np.maximum(model.levels[place], LEAST_PROBABILITY)
    others = model.shares[1:] / model.shares[1:].sum()
    weight = np.log(table[0] / (others @ table[1:])) / math.log(2.0)
    out = np.zeros(MISSING + 1)
    out[: len(weight)] = weight if value == "match_weight" else weight > 0
    return out


def _one_side(values: tuple["pd.Series[Any]", ...], level: int) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """The distinct records of one side of the pairs, and the row of each pair's record among them."""
    codes = values[0].index.codes[level]  # type: ignore[attr-defined]
    _, first, rows = np.unique(codes, return_index=True, return_inverse=True)
    return pd.concat([column.iloc[first] for column in values], axis=1), rows.astype(np.int32)


def _check(what: str, found: str, known: Any) -> None:
    if found not in known:
        raise SettingsError(f"there is no {what} {found!r}", remedy=f"Use one of: {', '.join(known)}.")
