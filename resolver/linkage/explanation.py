"""Explain a match weight: the prior, then what each comparison changes, as a chain that adds up exactly.

With several classes of non-matches the weight is no sum over comparisons: agreement on an address says less once
the names are known to differ. So each step is the change of the weight as its comparison is added to those before
it, in the fixed order of `levels.Comparison`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.errors import LinkageError
from resolver.linkage.blocking import rule_keys
from resolver.linkage.columns import encode
from resolver.linkage.comparison import compare
from resolver.linkage.levels import MISSING
from resolver.linkage.model import Model
from resolver.linkage.patterns import chain
from resolver.linkage.scoring import LN2, match_probability


@dataclass(frozen=True)
class Step:
    """What one comparison adds to the match weight.

    Attributes:
        comparison: Key of the comparison.
        level: Key of the level.
        comparison_zh: Label of the comparison; `comparison_en` likewise.
        label_zh: Label of the level; `label_en` likewise.
        match_weight: Change of the weight, in bits.
        value_l: What the left record says; parts joined by a space, None if nothing.
        value_r: What the right record says.
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

    @property
    def label(self) -> str:
        """Both labels of the level."""
        return f"{self.label_zh} / {self.label_en}"


@dataclass(frozen=True)
class Explanation:
    """The waterfall of a pair's match weight; comparisons of which a record says nothing are left out.

    Attributes:
        prior: Weight before anything is compared, in bits.
        steps: In the order of the comparisons; prior and steps add up to `match_weight`.
        match_weight: log2 of the posterior odds.
        match_probability: The same as a probability.
    """

    prior: float
    steps: tuple[Step, ...]
    match_weight: float
    match_probability: float

    @property
    def against(self) -> tuple[Step, ...]:
        """Steps that speak against a match, the strongest first."""
        return tuple(sorted((s for s in self.steps if s.match_weight < 0), key=lambda s: s.match_weight))


@dataclass(frozen=True)
class Link:
    """An edge of an entity's spanning tree, and why it holds."""

    record_key: int
    parent_record_key: int
    link_probability: float
    explanation: Explanation


@dataclass(frozen=True)
class EntityExplanation:
    """What holds an entity together.

    Attributes:
        links: The edges of its spanning tree, the weakest first.
    """

    links: tuple[Link, ...]

    @property
    def weakest(self) -> Link | None:
        """The weakest link; None for an entity of one record."""
        return self.links[0] if self.links else None


@dataclass(frozen=True)
class WhyNot:
    """Why two records are not taken for one person.

    Attributes:
        explanation: The waterfall of their pair.
        rules: Blocking rules whose keys they share; if there is none, linkage never compared them.
        oversized: Those of these rules whose block is too large to be looked at.
    """

    explanation: Explanation
    rules: tuple[str, ...]
    oversized: tuple[str, ...]


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
    pair = _pick(records, (record_key_l, record_key_r))
    columns = encode(pair)
    data = model.comparable(columns)
    # Levels do not depend on the order, so the pair is compared as it stands.
    levels = compare(data, np.array([0], np.int32), np.array([1], np.int32))[0]
    return explain_levels(model, levels, *pair.to_pylist())


def explain_levels(
    model: Model, levels: NDArray[np.uint8], left: Mapping[str, Any], right: Mapping[str, Any]
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
        steps.append(
            Step(
                comparison=comparison.key,
                level=level.key,
                comparison_zh=comparison.label_zh,
                comparison_en=comparison.label_en,
                label_zh=level.label_zh,
                label_en=level.label_en,
                match_weight=weights[place + 1] - weights[place],
                value_l=_value(left, comparison.values),
                value_r=_value(right, comparison.values),
            )
        )
    probability = float(match_probability(np.array([weights[-1] * LN2]))[0])
    return Explanation(weights[0], tuple(steps), weights[-1], probability)


def explain_entity(model: Model, records: pa.Table, members: pa.Table) -> EntityExplanation:
    """Explain what holds an entity together.

    Args:
        model: The model version that made the snapshot.
        records: Person records, those of the entity among them.
        members: The entity's rows of `members.parquet`.

    Raises:
        LinkageError: A record is not there.
    """
    links = [
        Link(
            member["record_key"],
            member["parent_record_key"],
            member["link_probability"],
            explain_pair(model, records, member["parent_record_key"], member["record_key"]),
        )
        for member in members.to_pylist()
        if member["parent_record_key"] is not None
    ]
    return EntityExplanation(tuple(sorted(links, key=lambda k: (k.link_probability, k.record_key))))


def why_not(model: Model, records: pa.Table, record_key_l: int, record_key_r: int) -> WhyNot:
    """Explain why two records are not taken for one person.

    Raises:
        LinkageError: A record is not there.
    """
    columns = encode(_pick(records, (record_key_l, record_key_r)))
    rules = model.settings.blocking.rules
    keys = rule_keys(columns, rules)
    shared = np.flatnonzero((keys[0] == keys[1]) & (keys[0] != 0))
    oversized = [number for number in shared if np.isin(keys[0, number], model.oversized[number])]
    explanation = explain_pair(model, records, record_key_l, record_key_r)
    return WhyNot(explanation, tuple(rules[n].name for n in shared), tuple(rules[n].name for n in oversized))


def _pick(records: pa.Table, record_keys: tuple[int, int]) -> pa.Table:
    keys = records.column("record_key")
    found = [pc.index(keys, key).as_py() for key in record_keys]
    if missing := [key for key, place in zip(record_keys, found, strict=True) if place < 0]:
        raise LinkageError(
            f"there is no record {', '.join(map(str, missing))}", remedy="Check the record keys."
        )
    return records.take(found)


def _value(record: Mapping[str, Any], columns: tuple[str, ...]) -> str | None:
    parts = [str(record[column]) for column in columns if record[column] is not None]
    return " ".join(parts) or None
