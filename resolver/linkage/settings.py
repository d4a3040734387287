"""What is compared and how: `resolver/models/<kind>.toml`, read and checked."""

import math
import tomllib
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from resolver.errors import SettingsError
from resolver.linkage import levels


@dataclass(frozen=True)
class Level:
    """One level of a comparison: its labels and what is believed of it before training (shares sum to 1).

    Attributes:
        twin: How often it occurs between records of twins; as u where nothing else is said of the comparison.
        kin: How often it occurs between records of other members of a family; likewise.
        most: Highest m probability that training may find: what is known of the world, whatever the data seem to say.
    """

    key: str
    label_zh: str
    label_en: str
    m: float
    u: float
    most: float = 1.0
    twin: float | None = None
    kin: float | None = None


@dataclass(frozen=True)
class ComparisonSettings:
    """One comparison: labels, the record columns whose values explain it, its levels from agreement to conflict."""

    key: str
    label_zh: str
    label_en: str
    values: tuple[str, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class BlockingRule:
    """Records with equal values in all `atoms` are candidates; see `resolver/linkage/atoms.py`."""

    name: str
    atoms: tuple[str, ...]


@dataclass(frozen=True)
class BlockingSettings:
    """Rules in the order in which they claim pairs, and how large a block may be.

    Attributes:
        cap: Most records in a block when a model is trained.
        hard_cap: Most records in a block that was within `cap` when the model was trained.
    """

    rules: tuple[BlockingRule, ...]
    cap: int
    hard_cap: int


@dataclass(frozen=True)
class TrainingSettings:
    """How m, u and the share of matches are estimated; see `person.toml`."""

    prior_match: float
    prior_pairs: float
    iterations: int
    sample_pairs: int
    random_pairs: int
    wide_cap: int
    wide_pairs: int
    wide_rules: tuple[BlockingRule, ...]


@dataclass(frozen=True)
class ValueSettings:
    """When a value is rare, shared or generic; see `person.toml`."""

    name_bits: tuple[float, ...]
    name_floor: float
    name_strength: float
    phone_shared: int
    phone_generic: int
    employer_large: int
    door_generic: int
    number_generic: int


@dataclass(frozen=True)
class ClusteringSettings:
    """Thresholds of average linkage, all in natural log-odds; see `person.toml`.

    Attributes:
        doubt: Clusters that stay apart although more alike than this on average are flagged as ambiguous.
    """

    keep: float
    absent: float
    clip: float
    stop: float
    rival: float
    doubt: float = -3.0


@dataclass(frozen=True)
class LinkageSettings:
    """Everything in `resolver/models/<kind>.toml`."""

    kind: str
    training: TrainingSettings
    values: ValueSettings
    blocking: BlockingSettings
    clustering: ClusteringSettings
    comparisons: tuple[ComparisonSettings, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain values, from which `parse_settings` makes an equal object."""
        return asdict(self)


@cache
def person_settings() -> LinkageSettings:
    """The settings for persons that come with the software.

    Raises:
        SettingsError: The file was damaged.
    """
    text = (resources.files("resolver.models") / "person.toml").read_text("utf-8")
    return parse_settings(tomllib.loads(text), "person.toml")


def parse_settings(raw: dict[str, Any], where: str) -> LinkageSettings:
    """Build settings from a parsed TOML or JSON document and check them.

    Args:
        raw: The document.
        where: What to call it in messages.

    Raises:
        SettingsError: Something is missing, misspelt, or not as the code numbers it.
    """
    try:
        settings = LinkageSettings(
            kind=raw["kind"],
            training=_fill(
                TrainingSettings, {**raw["training"], "wide_rules": _rules(raw["training"]["wide_rules"])}
            ),
            values=_fill(ValueSettings, raw["values"]),
            blocking=_blocking(raw["blocking"]),
            clustering=_fill(ClusteringSettings, raw["clustering"]),
            comparisons=tuple(_comparison(c) for c in raw["comparisons"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(
            f"linkage settings {where}: {type(error).__name__}: {error}", remedy="Correct the file."
        ) from error
    _check(settings, where)
    return settings


T = TypeVar("T")


def _fill(kind: type[T], raw: dict[str, Any]) -> T:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - names):
        raise KeyError(f"unknown setting {', '.join(unknown)}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()})


def _blocking(raw: dict[str, Any]) -> BlockingSettings:
    return BlockingSettings(_rules(raw["rules"]), int(raw["cap"]), int(raw["hard_cap"]))


def _rules(raw: list[dict[str, Any]]) -> tuple[BlockingRule, ...]:
    return tuple(BlockingRule(rule["name"], tuple(rule["atoms"])) for rule in raw)


def _comparison(raw: dict[str, Any]) -> ComparisonSettings:
    m, u, twin, kin = (_shares(raw["levels"], name) for name in ("m", "u", "twin", "kin"))
    return ComparisonSettings(
        key=raw["key"],
        label_zh=raw["label_zh"],
        label_en=raw["label_en"],
        values=tuple(raw["values"]),
        levels=tuple(
            Level(
                level["key"],
                level["label_zh"],
                level["label_en"],
                m[place],
                u[place],
                level.get("most", 1.0),
                twin[place] if twin else None,
                kin[place] if kin else None,
            )
            for place, level in enumerate(raw["levels"])
        ),
    )


def _shares(levels: list[dict[str, Any]], name: str) -> list[float]:
    """Shares of levels made to sum to 1, or none if no level has any; those that do stay as they are, to the last bit.

    Raises:
        KeyError: Some levels have one and others not, or m or u is missing.
    """
    if name in ("twin", "kin") and not any(level.get(name) for level in levels):
        return []
    found = [float(level[name]) for level in levels]
    total = sum(found)
    return found if math.isclose(total, 1.0, rel_tol=1e-12) else [share / total for share in found]


def _check(settings: LinkageSettings, where: str) -> None:
    found = {c.key: tuple(level.key for level in c.levels) for c in settings.comparisons}
    expected = levels.keys()
    wrong = [
        f"comparison {key!r} must have the levels {', '.join(expected[key])}"
        for key in expected
        if found.get(key) != expected[key]
    ]
    if list(found) != list(expected):
        wrong.append(f"comparisons must be, in this order: {', '.join(expected)}")
    wrong += [
        f"level {c.key}.{level.key}: m and u must be above 0, m no more than `most`"
        for c in settings.comparisons
        for level in c.levels
        if not (0 < level.m <= level.most and level.u > 0)
    ]
    if settings.blocking.cap < 2 or settings.blocking.hard_cap < settings.blocking.cap:
        wrong.append("blocking: cap must be at least 2 and hard_cap at least cap")
    if wrong:
        raise SettingsError(f"linkage settings {where}: " + "; ".join(wrong), remedy="Correct the file.")
