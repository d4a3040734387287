"""Explain a match weight: the prior, then what each comparison changes, as a chain that adds up exactly.

With several classes of non-matches the weight is no sum over comparisons: agreement on an address says less once
the names are known to differ. So each step is the change of the weight as its comparison is added to those before
it, in the order of the settings. Every step also says in plain words what was found and how strongly it speaks.
The last step is the calibration, where the model version corrects such weights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.columns import encode
from resolver.linkage.comparison import compare
from resolver.linkage.levels import MISSING
from resolver.linkage.model import Model
from resolver.linkage.patterns import Mixture, chain
from resolver.linkage.scoring import LN2, match_probability
from resolver.linkage.wording import (
    Clause,
    Spoken,
    Text,
    calibration_text,
    person_clause,
    readable,
    sentence,
    starting_point,
    summary,
)

CALIBRATION = "calibration"
"""Key of the last step, which is no comparison."""


class LevelLabels(Protocol):
    """What an explanation reads of a level."""

    @property
    def key(self) -> str:
        """Its key."""

    @property
    def label_zh(self) -> str:
        """Chinese label."""

    @property
    def label_en(self) -> str:
        """English label."""


class ComparisonLabels(LevelLabels, Protocol):
    """What an explanation reads of a comparison."""

    @property
    def values(self) -> tuple[str, ...]:
        """Columns whose values it shows."""

    @property
    def levels(self) -> Sequence[LevelLabels]:
        """From agreement to conflict."""


class Labelled(Protocol):
    """What an explanation reads of settings."""

    @property
    def comparisons(self) -> Sequence[ComparisonLabels]:
        """In the order of the columns of levels."""


class Explainable(Protocol):
    """What an explanation reads of a model, of persons or of any table."""

    @property
    def settings(self) -> Labelled:
        """Labels."""

    @property
    def mixture(self) -> Mixture:
        """Classes."""


@dataclass(frozen=True)
class Step:
    """What one comparison, or in the end the calibration, adds to the match weight.

    Attributes:
        comparison: Key of the comparison; `CALIBRATION` for the last step.
        level: Key of the level.
        comparison_zh: Label of the comparison; `comparison_en` likewise.
        label_zh: Label of the level; `label_en` likewise.
        match_weight: Change of the weight, in bits.
        value_l: What the left record says; parts joined by a space, None if nothing.
        value_r: What the right record says.
        clause: What was found, in words without the values, and whether it looks like one person.
        text: The same as a sentence that says how strongly it speaks.
    """

    comparison: str
    level: str
    comparison_zh: str
    comparison_en: str
    label_zh: str
    label_en: str
    match_weight: float
    value_l: str | None
    value_r: str | None
    clause: Clause
    text: Text

    @property
    def label(self) -> str:
        """Both labels of the level."""
        return f"{self.label_zh} / {self.label_en}"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain = {name: value for name, value in vars(self).items() if name not in ("clause", "text")}
        return {**plain, "text_zh": self.text.zh, "text_en": self.text.en}


@dataclass(frozen=True)
class Explanation:
    """The waterfall of a pair's match weight; comparisons of which a record says nothing are left out.

    Attributes:
        prior: Weight before anything is compared, in bits.
        steps: In the order of the comparisons, then the calibration; prior and steps add up to `match_weight`.
        match_weight: log2 of the posterior odds.
        match_probability: The same as a probability.
    """

    prior: float
    steps: tuple[Step, ...]
    match_weight: float
    match_probability: float

    @property
    def compared(self) -> tuple[Step, ...]:
        """The steps that are comparisons."""
        return tuple(step for step in self.steps if step.comparison != CALIBRATION)

    @property
    def strongest_first(self) -> tuple[Step, ...]:
        """Comparisons by how much they change the weight, either way."""
        return tuple(sorted(self.compared, key=lambda step: -abs(step.match_weight)))

    @property
    def against(self) -> tuple[Step, ...]:
        """Comparisons that speak against a match, the strongest first."""
        return tuple(step for step in self.strongest_first if step.match_weight < 0)

    @property
    def start(self) -> Text:
        """What the prior says, in words."""
        return starting_point(self.prior)

    @property
    def summary(self) -> Text:
        """What it comes to, in words."""
        return summary([Spoken(s.clause, s.match_weight) for s in self.compared], self.match_probability)

    def to_json(self) -> dict[str, Any]:
        """Plain values: the numbers, and all texts in both languages."""
        told, start = self.summary, self.start
        return {
            "summary_zh": told.zh,
            "summary_en": told.en,
            "prior": self.prior,
            "prior_text_zh": start.zh,
            "prior_text_en": start.en,
            "steps": [step.to_json() for step in self.steps],
            "match_weight": self.match_weight,
            "match_probability": self.match_probability,
        }


def explain_pair(model: Model, records: pa.Table, record_key_l: int, record_key_r: int) -> Explanation:
    """Explain the match weight of two records.

    Args:
        model: The model version that made the snapshot.
        records: Person records, these two among them.
        record_key_l: The one.
        record_key_r: The other.

    Raises:
        LinkageError: A record is not there.
    """
    pair = pick(records, (record_key_l, record_key_r))
    # Levels do not depend on the order, so the pair is compared as it stands.
    levels = compare(model.comparable(encode(pair)), np.array([0], np.int32), np.array([1], np.int32))[0]
    return explain_levels(model, levels, *pair.to_pylist())


def explain_levels(
    model: Explainable, levels: NDArray[np.uint8], left: Mapping[str, Any], right: Mapping[str, Any]
) -> Explanation:
    """Explain the match weight of levels already compared.

    Args:
        model: The model version.
        levels: uint8 (comparisons,).
        left: The left record, for its values.
        right: The right record.
    """
    weights = (chain(levels, model.mixture) / LN2).tolist()
    steps = []
    for place, comparison in enumerate(model.settings.comparisons):
        if levels[place] == MISSING:
            continue
        level = comparison.levels[levels[place]]
        change = weights[place + 1] - weights[place]
        clause = _clause(model, place, int(levels[place]))
        steps.append(
            Step(
                comparison=comparison.key,
                level=level.key,
                comparison_zh=comparison.label_zh,
                comparison_en=comparison.label_en,
                label_zh=level.label_zh,
                label_en=level.label_en,
                match_weight=change,
                value_l=_value(left, comparison.values),
                value_r=_value(right, comparison.values),
                clause=clause,
                text=sentence(clause, change),
            )
        )
    if weights[-1] != weights[-2]:
        steps.append(_calibration(weights[-1] - weights[-2]))
    probability = float(match_probability(np.array([weights[-1] * LN2]))[0])
    return Explanation(weights[0], tuple(steps), weights[-1], probability)


def _calibration(change: float) -> Step:
    """The last step: what the calibration of the model version adds to the weight, in bits."""
    up = change > 0
    text = calibration_text(change)
    return Step(
        comparison=CALIBRATION,
        level="raised" if up else "lowered",
        comparison_zh="校准",
        comparison_en="calibration",
        label_zh="上调" if up else "下调",
        label_en="raised" if up else "lowered",
        match_weight=change,
        value_l=None,
        value_r=None,
        clause=Clause(text, up),
        text=text,
    )


def level_weight(mixture: Mixture, place: int, level: int) -> float:
    """Match weight of one level by itself, in bits.

    log2 of how often it occurs between records of one person over how often among all non-matching candidates; all
    else is taken to be average. In the waterfall of a pair the same level may weigh more or less, because what was
    compared before it tells which kind of non-match the pair could be.
    """
    other = mixture.log_share[1:] + mixture.log_level[1:, place, level]
    among = np.logaddexp.reduce(other) - np.logaddexp.reduce(mixture.log_share[1:])
    return float((mixture.log_level[0, place, level] - among) / LN2)


def pick(records: pa.Table, record_keys: Sequence[int]) -> pa.Table:
    """The records with these keys, in that order.

    Raises:
        LinkageError: A record is not there; all that are not are named.
    """
    places = pc.index_in(pa.array(record_keys, pa.int64()), value_set=records.column("record_key"))
    if places.null_count:
        missing = [key for key, place in zip(record_keys, places.to_pylist(), strict=True) if place is None]
        raise LinkageError(
            f"there is no record {', '.join(map(str, missing))}", remedy="Check the record keys."
        )
    return records.take(places)


def _clause(model: Explainable, place: int, level: int) -> Clause:
    """What a level says: the wording of persons, or else the labels of the model."""
    comparison = model.settings.comparisons[place]
    labels = comparison.levels[level]
    known = person_clause(comparison.key, labels.key) if isinstance(model, Model) else None
    return known or Clause(
        Text(f"{comparison.label_zh}：{labels.label_zh}", f"{comparison.label_en}: {labels.label_en}"),
        level_weight(model.mixture, place, level) > 0,
    )


def _value(record: Mapping[str, Any], columns: tuple[str, ...]) -> str | None:
    parts = [readable(column, value) for column in columns if (value := record[column]) is not None]
    return " ".join(part for part in parts if part) or None
