"""What one model version changes against another: settings, weights, shares, values, blocks left out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.model import Model
from resolver.linkage.model_report import ModelReport, Trained, report
from resolver.linkage.organisation.model import OrganisationModel

_UNCHANGED = 1e-6  # bits


@dataclass(frozen=True)
class Change:
    """One value before and after; None where there is none."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True)
class LevelChange:
    """A level whose own weight changes, in bits; None where a version does not have the level."""

    comparison: str
    level: str
    label_zh: str
    label_en: str
    before: float | None
    after: float | None

    @property
    def size(self) -> float:
        """How much; infinite for a level that is new or gone."""
        return float("inf") if self.before is None or self.after is None else abs(self.after - self.before)


@dataclass(frozen=True)
class SetChange:
    """A set of values (blocking keys left out, uncommon values, confusions): how many, how many are new and gone."""

    what: str
    before: int
    after: int
    new: int
    gone: int


@dataclass(frozen=True)
class ModelDiff:
    """What the second version changes against the first.

    Attributes:
        before: The first version.
        after: The second.
        settings: Settings that differ; starting values of m and u are not among them, `levels` shows their effect.
        levels: Levels whose weight differs, the largest change first.
        shares: Shares of the classes of pairs that differ.
        calibration: Match probabilities that are corrected to something else.
        values: Sets of values that differ.
        trained_on: Counts that differ.
    """

    before: str
    after: str
    settings: tuple[Change, ...]
    levels: tuple[LevelChange, ...]
    shares: tuple[Change, ...]
    calibration: tuple[Change, ...]
    values: tuple[SetChange, ...]
    trained_on: tuple[Change, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def diff(before: Trained, after: Trained) -> ModelDiff:
    """Compare two model versions."""
    one, other = report(before), report(after)
    return ModelDiff(
        before=one.version,
        after=other.version,
        settings=_changes(_settings(before), _settings(after)),
        levels=_levels(one, other),
        shares=_changes(_shares(one), _shares(other)),
        calibration=_changes(_corrected(one), _corrected(other)),
        values=tuple(_values(before, after)),
        trained_on=_changes(dict(one.trained_on), dict(other.trained_on)),
    )


def _levels(before: ModelReport, after: ModelReport) -> tuple[LevelChange, ...]:
    weights: list[dict[tuple[str, str], float]] = []
    labels: dict[tuple[str, str], tuple[str, str]] = {}
    for version in (before, after):
        weights.append({})
        for comparison in version.comparisons:
            for level in comparison.levels:
                key = comparison.key, level.key
                weights[-1][key] = level.match_weight
                zh = f"{comparison.label_zh}：{level.label_zh}"
                labels[key] = zh, f"{comparison.label_en}: {level.label_en}"
    changes = [LevelChange(*key, *labels[key], weights[0].get(key), weights[1].get(key)) for key in labels]
    changes = [change for change in changes if change.size > _UNCHANGED]
    return tuple(sorted(changes, key=lambda change: -change.size))


def _shares(version: ModelReport) -> dict[str, float]:
    names = ["matches", *(f"non-matches {n}" for n in range(1, len(version.shares)))]
    return dict(zip(names, version.shares, strict=True))


def _corrected(version: ModelReport) -> dict[str, float]:
    kinds = (("", version.calibration), (" without numbers", version.calibration_unnumbered))
    return {
        f"a match probability{kind} of {row.match_probability:g} is corrected to": round(
            row.corrected_probability, 6
        )
        for kind, rows in kinds
        for row in rows
    }


def _settings(model: Trained) -> dict[str, Any]:
    """Settings of a model for persons or organisations; nothing of another."""
    return _flat(model.settings.to_json()) if isinstance(model, Model | OrganisationModel) else {}


def _flat(value: Any, at: str = "") -> dict[str, Any]:
    """Every plain value of a document under its path; list items go by their key or name, where they have one."""
    if isinstance(value, Mapping):
        inner = [
            (str(key), item) for key, item in value.items() if key not in ("m", "u", "namesake", "neighbour")
        ]
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        inner = [(str(item.get("key", item.get("name"))), item) for item in value]
    else:
        return {at: list(value) if isinstance(value, tuple) else value}
    return {
        path: plain
        for key, item in inner
        for path, plain in _flat(item, f"{at}.{key}" if at else key).items()
    }


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    return tuple(
        Change(name, before.get(name), after.get(name))
        for name in [*before, *(name for name in after if name not in before)]
        if before.get(name) != after.get(name)
    )


def _values(before: Trained, after: Trained) -> list[SetChange]:
    sets = [_sets(model) for model in (before, after)]
    nothing = np.zeros(0, np.uint64)
    names = [*sets[0], *(name for name in sets[1] if name not in sets[0])]
    changes = [_set_change(name, sets[0].get(name, nothing), sets[1].get(name, nothing)) for name in names]
    return [change for change in changes if change.new or change.gone]


def _sets(model: Trained) -> dict[str, NDArray[np.uint64]]:
    """Sets of values that a model for persons or organisations holds; none of another."""
    if not isinstance(model, Model | OrganisationModel):
        return {}
    rules = zip(model.settings.blocking.rules, model.oversized, strict=True)
    found = {f"oversized blocks: {rule.name}": keys for rule, keys in rules}
    if isinstance(model, OrganisationModel):
        return found | {f"shared {name}": hashes for name, hashes in vars(model.sharing).items()}
    for name, table in vars(model.rarity).items():
        for band in np.unique(table.bands):
            found[f"{name} of band {band}"] = table.hashes[table.bands == band]
    return found | {"characters mistaken for one another": model.confusions}


def _set_change(name: str, before: NDArray[np.uint64], after: NDArray[np.uint64]) -> SetChange:
    kept = len(np.intersect1d(before, after))
    return SetChange(name, len(before), len(after), len(after) - kept, len(before) - kept)
