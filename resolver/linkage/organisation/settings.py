"""What is compared of organisations and how: `resolver/models/organisation.toml`, read and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.errors import SettingsError
from resolver.linkage.organisation.atoms import ATOMS
from resolver.linkage.organisation.levels import keys
from resolver.linkage.settings import (
    BlockingRule,
    BlockingSettings,
    ClusteringSettings,
    ComparisonSettings,
    Level,
)

CLASSES = ("match", "namesake", "neighbour", "stranger")
"""Classes of pairs: one organisation; two that bear one name, that share a roof or a phone, or that share nothing."""

_COLUMNS = dict(zip(CLASSES, ("m", "namesake", "neighbour", "u"), strict=True))
_LEAST = 1e-6


@dataclass(frozen=True)
class TrainingSettings:
    """How the mixture is estimated; see `organisation.toml`.

    Attributes:
        shares: Share of each of `CLASSES` among the pairs that training looks at, before any data.
    """

    prior_pairs: float
    iterations: int
    random_pairs: int
    per_record: int
    shares: tuple[float, ...]


@dataclass(frozen=True)
class ValueSettings:
    """When a name or a phone is shared; see `organisation.toml`."""

    name_shared: int
    phone_shared: int


@dataclass(frozen=True, eq=False)
class OrganisationSettings:
    """Everything in `resolver/models/organisation.toml`.

    Attributes:
        believed: Per comparison, float64 (classes, levels): level probabilities before any data.
        raw: The document that it was read from.
    """

    training: TrainingSettings
    values: ValueSettings
    blocking: BlockingSettings
    clustering: ClusteringSettings
    comparisons: tuple[ComparisonSettings, ...]
    believed: tuple[NDArray[np.float64], ...]
    raw: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which `parse_settings` makes an equal object."""
        return {**self.raw, "clustering": asdict(self.clustering)}


@cache
def organisation_settings() -> OrganisationSettings:
    """The settings for organisations that come with the software.

    Raises:
        SettingsError: The file was damaged.
    """
    text = (resources.files("resolver.models") / "organisation.toml").read_text("utf-8")
    return parse_settings(tomllib.loads(text), "organisation.toml")


def parse_settings(raw: Mapping[str, Any], where: str) -> OrganisationSettings:
    """Build settings from a parsed TOML or JSON document and check them.

    Args:
        raw: The document.
        where: What to call it in messages.

    Raises:
        SettingsError: Something is missing, misspelt, or not as the code numbers it; all that is wrong is named.
    """
    try:
        if raw["kind"] != "organisation":
            raise ValueError(f"they are of the kind {raw['kind']!r}, not 'organisation'")
        training = dict(raw["training"])
        shares = training.pop("shares")
        settings = OrganisationSettings(
            training=TrainingSettings(**training, shares=_normal([float(shares[name]) for name in CLASSES])),
            values=ValueSettings(**raw["values"]),
            blocking=_blocking(raw["blocking"]),
            clustering=ClusteringSettings(**raw["clustering"]),
            comparisons=tuple(_comparison(c) for c in raw["comparisons"]),
            believed=tuple(_believed(c["levels"]) for c in raw["comparisons"]),
            raw=raw,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"linkage settings {where}: {type(error).__name__}: {error}", remedy="Correct the file."
        ) from error
    if wrong := _wrong(settings):
        raise SettingsError(f"linkage settings {where}: " + "; ".join(wrong), remedy="Correct the file.")
    return settings


def _blocking(raw: Mapping[str, Any]) -> BlockingSettings:
    rules = tuple(BlockingRule(rule["name"], tuple(rule["atoms"])) for rule in raw["rules"])
    return BlockingSettings(rules, int(raw["cap"]), int(raw["hard_cap"]))


def _comparison(raw: Mapping[str, Any]) -> ComparisonSettings:
    table = _believed(raw["levels"])
    levels = tuple(
        Level(
            level["key"],
            level["label_zh"],
            level["label_en"],
            float(table[0, place]),
            float(table[-1, place]),
            float(level.get("most", 1.0)),
        )
        for place, level in enumerate(raw["levels"])
    )
    return ComparisonSettings(raw["key"], raw["label_zh"], raw["label_en"], tuple(raw["values"]), levels)


def _believed(levels: list[Mapping[str, Any]]) -> NDArray[np.float64]:
    """Probabilities (classes, levels) that sum to 1 in each class; none is 0, for nothing is impossible."""
    table = [[float(level.get(column, level["u"])) for level in levels] for column in _COLUMNS.values()]
    return np.array([_normal([max(share, _LEAST) for share in row]) for row in table])


def _normal(shares: list[float]) -> tuple[float, ...]:
    total = sum(shares)
    return tuple(share / total for share in shares)


def _wrong(settings: OrganisationSettings) -> list[str]:
    found = {c.key: tuple(level.key for level in c.levels) for c in settings.comparisons}
    expected = keys()
    wrong = [
        f"comparison {key!r} must have the levels {', '.join(expected[key])}"
        for key in expected
        if found.get(key) != expected[key]
    ]
    if list(found) != list(expected):
        wrong.append(f"comparisons must be, in this order: {', '.join(expected)}")
    wrong += [
        f"level {c.key}.{level.key}: m must be no more than `most`"
        for c in settings.comparisons
        for level in c.levels
        if level.m > level.most
    ]
    named = [atom for rule in settings.blocking.rules for atom in rule.atoms]
    if unknown := sorted(set(named) - set(ATOMS)):
        wrong.append(f"blocking rules name {', '.join(unknown)}; there are {', '.join(ATOMS)}")
    if min(settings.training.shares) <= 0:
        wrong.append("training: every share must be above 0")
    if settings.blocking.cap < 2 or settings.blocking.hard_cap < settings.blocking.cap:
        wrong.append("blocking: cap must be at least 2 and hard_cap at least cap")
    return wrong
