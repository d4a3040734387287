"""What a model version holds, in the order in which people read it: for a table, a page, or JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration
from resolver.linkage.explanation import Labelled, level_weight
from resolver.linkage.model import Model
from resolver.linkage.organisation.model import OrganisationModel
from resolver.linkage.patterns import Mixture
from resolver.linkage.rarity import ValueTable
from resolver.linkage.scoring import match_probability, match_weight

_BANDS = {
    "names": ("较少见 uncommon", "常见 common", "极常见 very common"),
    "numbers": ("不作依据 generic",),
    "phones": ("多人共用 shared", "不作依据 generic"),
    "employers": ("大单位 large",),
    "doors": ("不作依据 generic",),
}
_TABLES = {
    "names": "姓名、名称 names",
    "phones": "电话 phones",
    "employers": "单位 employers",
    "doors": "门牌 doors",
    "numbers": "证件号码 ID numbers",
    "cores": "字号 names without their place",
}
_SHOWN = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999)
"""Match probabilities whose correction is shown."""


class Trained(Protocol):
    """What a report reads of a model, of persons or of any table."""

    @property
    def settings(self) -> Labelled:
        """Labels of comparisons and levels."""

    @property
    def shares(self) -> NDArray[np.float64]:
        """Share of each class among candidate pairs, matches first."""

    @property
    def levels(self) -> Sequence[NDArray[np.float64]]:
        """Per comparison (classes, levels)."""

    @property
    def mixture(self) -> Mixture:
        """The same in logarithms."""

    @property
    def calibration(self) -> Calibration:
        """What log-odds are corrected to."""

    @property
    def version(self) -> str:
        """Hash of the content."""

    @property
    def trained_on(self) -> Mapping[str, float]:
        """Counts for people."""


@dataclass(frozen=True)
class LevelReport:
    """One level.

    Attributes:
        m: How often it occurs between two records of one person.
        u: How often among all non-matching candidate pairs.
        match_weight: log2 of m over u: what it weighs by itself, all else average.
        classes: How often in each class, matches first.
    """

    key: str
    label_zh: str
    label_en: str
    m: float
    u: float
    match_weight: float
    classes: tuple[float, ...]


@dataclass(frozen=True)
class ComparisonReport:
    """One comparison, its levels from agreement to conflict."""

    key: str
    label_zh: str
    label_en: str
    levels: tuple[LevelReport, ...]


@dataclass(frozen=True)
class RuleReport:
    """One blocking rule: what records must have in common, and how many keys are left out as too common."""

    name: str
    atoms: tuple[str, ...]
    oversized: int


@dataclass(frozen=True)
class BandReport:
    """How many values of a kind fall into a band that is not ordinary."""

    values: str
    band: str
    count: int


@dataclass(frozen=True)
class CorrectionReport:
    """What a match weight comes to.

    Attributes:
        match_weight: As the comparisons add up to, in bits; `match_probability` the same as a probability.
        corrected_weight: After the calibration; `corrected_probability` likewise.
    """

    match_weight: float
    match_probability: float
    corrected_weight: float
    corrected_probability: float


@dataclass(frozen=True)
class ModelReport:
    """What a model version holds.

    Attributes:
        version: Hash of its content.
        trained_on: Counts for people.
        shares: Share of each class among candidate pairs, matches first.
        comparisons: In the order of the settings.
        calibration: At probabilities from low to high; empty where the model version corrects nothing.
        calibration_unnumbered: The same of pairs whose ID numbers cannot be compared; empty where there is no other.
        rules: Blocking rules; empty for a model that lists none.
        bands: Values that are not ordinary.
        thresholds: Of clustering, in natural log-odds.
        confusions: Pairs of characters that training found to be mistaken for one another.
        kind: What its records are about.
    """

    version: str
    trained_on: Mapping[str, float]
    shares: tuple[float, ...]
    comparisons: tuple[ComparisonReport, ...]
    calibration: tuple[CorrectionReport, ...] = ()
    calibration_unnumbered: tuple[CorrectionReport, ...] = ()
    rules: tuple[RuleReport, ...] = ()
    bands: tuple[BandReport, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    confusions: int = 0
    kind: Literal["person", "organisation"] = "person"

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def report(model: Trained) -> ModelReport:
    """What a model version holds; for persons or organisations also its blocking rules, values and thresholds."""
    found = ModelReport(
        model.version,
        model.trained_on,
        tuple(float(share) for share in model.shares),
        tuple(_comparison(model, place) for place in range(len(model.settings.comparisons))),
        corrections(model.calibration),
    )
    if isinstance(model, Model):
        return replace(
            found,
            calibration_unnumbered=corrections(model.calibration_unnumbered),
            rules=_rules(model),
            bands=tuple(row for name, table in vars(model.rarity).items() for row in _bands(name, table)),
            thresholds=asdict(model.settings.clustering),
            confusions=len(model.confusions) // 2,
        )
    if isinstance(model, OrganisationModel):
        shared = vars(model.sharing).items()
        return replace(
            found,
            kind="organisation",
            rules=_rules(model),
            bands=tuple(BandReport(_TABLES[name], "多家共用 shared", len(known)) for name, known in shared),
            thresholds=asdict(model.settings.clustering),
        )
    return found


def _rules(model: Model | OrganisationModel) -> tuple[RuleReport, ...]:
    rules = zip(model.settings.blocking.rules, model.oversized, strict=True)
    return tuple(RuleReport(rule.name, rule.atoms, len(keys)) for rule, keys in rules)


def corrections(calibration: Calibration | None) -> tuple[CorrectionReport, ...]:
    """What match probabilities from low to high come to."""
    if calibration is None or not len(calibration.raw):
        return ()
    shown = np.array(_SHOWN)
    log_odds = np.log(shown / (1.0 - shown))
    to = calibration(log_odds)
    columns = (match_weight(log_odds), shown, match_weight(to), match_probability(to))
    return tuple(CorrectionReport(*row) for row in zip(*(c.tolist() for c in columns), strict=True))


def non_match_mix(shares: NDArray[np.float64], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often each level occurs among all non-matching candidates: (classes,), (classes, levels) -> (levels,)."""
    return np.asarray(shares[1:] @ table[1:] / shares[1:].sum())


def _comparison(model: Trained, place: int) -> ComparisonReport:
    labels, table = model.settings.comparisons[place], model.levels[place]
    u = non_match_mix(model.shares, table)
    levels = tuple(
        LevelReport(
            level.key,
            level.label_zh,
            level.label_en,
            m=float(table[0, number]),
            u=float(u[number]),
            match_weight=level_weight(model.mixture, place, number),
            classes=tuple(float(p) for p in table[:, number]),
        )
        for number, level in enumerate(labels.levels)
    )
    return ComparisonReport(labels.key, labels.label_zh, labels.label_en, levels)


def _bands(name: str, table: ValueTable) -> list[BandReport]:
    counts = np.bincount(table.bands, minlength=len(_BANDS[name]) + 1)[1:]
    return [
        BandReport(_TABLES[name], band, int(count)) for band, count in zip(_BANDS[name], counts, strict=True)
    ]
