"""Our model as a classifier of recordlinkage."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from recordlinkage.base import BaseClassifier

from resolver.errors import LinkageError
from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import Mixture, correct_all, pack
from resolver.linkage.scoring import LN2, match_probability
from resolver.linkage.training import Estimate
from resolver.toolkit.em import Table, expectation_maximisation, log_odds
from resolver.toolkit.kinds import AnyModel, kind_of

_AGREE_M, _AGREE_U = 0.9, 0.1
"""What is believed of another's binary feature before it is seen, as in Jaro (1989) and recordlinkage's ECM."""


class MixtureClassifier(BaseClassifier):  # type: ignore[misc]
    """The mixture of a model version: one class of matches, several of pairs that are no match.

    Ready for use as it comes, on vectors of levels as `level_features` gives them: some or all of the model's
    comparisons, in any order. `fit` goes on learning from vectors, without labels, from what the model knows, which
    stays the prior; then the vectors may have further columns, any binary features (1 agree, 0 not, NaN nothing known),
    recordlinkage's own among them. The model's calibration belongs to its own classes, so after `fit` there is none.

    Args:
        model: A model version, of persons or of any table.
    """

    def __init__(self, model: AnyModel) -> None:
        super().__init__()
        self.model = model
        self._comparisons = kind_of(model).comparisons
        self._columns: tuple[Any, ...] = tuple(c.key for c in self._comparisons)
        self._estimate = Estimate(model.shares, model.levels, 0)
        self._calibrated: Mixture | None = model.mixture

    @property
    def p(self) -> float:
        """Share of matches among candidates."""
        return float(self._estimate.shares[0])

    @property
    def m_probs(self) -> dict[Any, dict[int, float]]:
        """Column -> level -> how often matches show it; of a binary feature, level 1 is agreement."""
        return self._tables(lambda table: table[0])

    @property
    def u_probs(self) -> dict[Any, dict[int, float]]:
        """Column -> level -> how often other candidates show it; of a binary feature, level 1 is agreement."""
        others = self._estimate.shares[1:] / self._estimate.shares[1:].sum()
        return self._tables(lambda table: others @ table[1:])

    def fit(self, comparison_vectors: pd.DataFrame, match_index: None = None) -> None:
        """Learn from vectors, without labels.

        Args:
            comparison_vectors: One row a candidate pair; a column named like a comparison of the model holds its
                levels, any other column is binary.
            match_index: Must be None: labels are not used.

        Raises:
            LinkageError: Labels are given, or a column holds something else.
        """
        if match_index is not None:
            raise LinkageError(
                "MixtureClassifier learns without labels",
                remedy="Leave match_index out, or use one of recordlinkage's supervised classifiers.",
            )
        keys = tuple(c.key for c in self._comparisons)
        self._columns = keys + tuple(c for c in comparison_vectors.columns if c not in keys)
        super().fit(self._in_order(comparison_vectors))

    def match_weight(self, comparison_vectors: pd.DataFrame) -> "pd.Series[float]":
        """Match weight of each pair (log2 of the odds), indexed by pairs."""
        return self.log_odds(comparison_vectors) / LN2

    def log_odds(self, comparison_vectors: pd.DataFrame) -> "pd.Series[float]":
        """Natural log of the odds that each pair is a match, indexed by pairs."""
        codes = self._in_order(comparison_vectors).to_numpy()
        return pd.Series(self._log_odds(codes), index=comparison_vectors.index)

    def predict(self, comparison_vectors: pd.DataFrame, **options: Any) -> Any:
        """Pairs that are more likely a match than not, in the form that recordlinkage's options ask for.

        Raises:
            LinkageError: A column is missing or holds something else than levels.
        """
        return super().predict(self._in_order(comparison_vectors), **options)

    def prob(self, comparison_vectors: pd.DataFrame, return_type: None = None) -> "pd.Series[float]":
        """Match probability of each pair, indexed by pairs.

        Raises:
            LinkageError: A column is missing or holds something else than levels.
        """
        found: pd.Series[float] = super().prob(self._in_order(comparison_vectors), return_type)
        return found

    def _fit(self, codes: NDArray[np.uint8]) -> None:
        vectors, counts = np.unique(codes, axis=0, return_counts=True)
        start = self._start()
        most = [np.array([level.most for level in c.levels]) for c in self._comparisons]
        most += [np.ones(2)] * (len(self._columns) - len(most))
        training = self.model.settings.training
        self._estimate = expectation_maximisation(
            vectors, counts.astype(np.float64), start, training, tuple(most)
        )
        self._calibrated = None

    def _start(self) -> Estimate:
        """What the model knows, and of further columns what is believed of any binary feature."""
        binary = np.full((len(self.model.shares), 2), (_AGREE_U, 1 - _AGREE_U))
        binary[0] = _AGREE_M, 1 - _AGREE_M
        further = len(self._columns) - len(self.model.levels)
        return Estimate(
            self.model.shares, self.model.levels + (binary,) * further, 0, kind_of(self.model).held
        )

    def _predict(self, codes: NDArray[np.uint8]) -> NDArray[np.int64]:
        return (self._log_odds(codes) >= 0).astype(np.int64)

    def _prob_match(self, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
        return match_probability(self._log_odds(codes))

    def _log_odds(self, codes: NDArray[np.uint8]) -> Table:
        found = log_odds(codes, self._estimate)
        return found if self._calibrated is None else correct_all(found, pack(codes), self._calibrated)

    def _in_order(self, vectors: pd.DataFrame) -> pd.DataFrame:
        """Codes of the vectors, columns in the order of the estimate; a comparison that is not there is neutral."""
        keys = [c.key for c in self._comparisons]
        further = self._columns[len(keys) :]
        if strange := [str(c) for c in vectors.columns if c not in self._columns]:
            raise LinkageError(
                f"nothing is known of the columns {', '.join(strange)}",
                remedy="Fit the classifier to vectors with these columns, or leave them out.",
            )
        if missing := [str(c) for c in further if c not in vectors.columns]:
            raise LinkageError(
                f"the vectors lack the columns {', '.join(missing)}",
                remedy="Give the columns that the classifier was fitted to.",
            )
        codes = {
            c.key: _level_codes(vectors[c.key], len(c.levels))
            if c.key in vectors.columns
            else np.full(len(vectors), MISSING, np.uint8)
            for c in self._comparisons
        }
        codes |= {column: _binary_codes(vectors[column]) for column in further}
        return pd.DataFrame(codes, index=vectors.index)

    def _tables(self, take: Callable[[Table], Table]) -> dict[Any, dict[int, float]]:
        """Column -> level (or 1 and 0 of a binary feature) -> probability."""
        out = {}
        for place, column in enumerate(self._columns):
            shares = take(self._estimate.levels[place])
            levels = range(len(shares)) if place < len(self.model.levels) else (1, 0)
            out[column] = dict(zip(levels, shares.tolist(), strict=True))
        return out


def _level_codes(column: "pd.Series[Any]", n_levels: int) -> NDArray[np.uint8]:
    """Levels as uint8.

    Raises:
        LinkageError: They are not levels of that comparison.
    """
    values = column.to_numpy(np.float64)
    if not (np.isin(values, np.arange(n_levels)) | (values == MISSING)).all():
        raise LinkageError(
            f"column {column.name} holds what is no level of it: neither 0 to {n_levels - 1} nor {MISSING} (missing)",
            remedy='Make it with `LevelFeature(model, ..., value="level")`, or give it another name if it is binary.',
        )
    return values.astype(np.uint8)


def _binary_codes(column: "pd.Series[Any]") -> NDArray[np.uint8]:
    """A binary feature as levels: 0 agree, 1 do not, `MISSING` for NaN.

    Raises:
        LinkageError: It is not binary.
    """
    values = column.to_numpy(np.float64)
    if not (np.isin(values, (0.0, 1.0)) | np.isnan(values)).all():
        raise LinkageError(
            f"column {column.name} is not binary",
            remedy="Give 1 for agreement and 0 for none, such as by the `threshold` of recordlinkage's features.",
        )
    return np.where(np.isnan(values), MISSING, 1.0 - values).astype(np.uint8)
