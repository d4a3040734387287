"""A model version: everything that depends on data, frozen, so that a full run, a delta and one look-up agree.

It holds the shares and level probabilities of the classes of pairs, how common values are, and which blocking keys
are oversized. Its version is the hash of its content: models that say the same are the same version.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration
from resolver.linkage.characters import look_alikes
from resolver.linkage.columns import Columns
from resolver.linkage.comparison import Comparable, comparable, compare
from resolver.linkage.hashing import Hashes
from resolver.linkage.levels import Comparison
from resolver.linkage.model_file import content_version, decode_array, encode_array, read_model, write_model
from resolver.linkage.patterns import Mixture, mixture_of
from resolver.linkage.rarity import Rarity, ValueTable
from resolver.linkage.scoring import Compare
from resolver.linkage.settings import LinkageSettings, parse_settings

_UNNUMBERED = "calibration_unnumbered"


@dataclass(frozen=True, eq=False)
class Model:
    """One model version.

    Attributes:
        settings: What it was trained with; thresholds and labels are read from here.
        shares: float64 (classes,): share of each class among candidate pairs; the first class is that of matches.
        levels: Per comparison, float64 (classes, levels): probability of each level in each class.
        calibration: What the log-odds that the classes give are corrected to.
        calibration_unnumbered: The same of pairs whose ID numbers cannot be compared; None = as the others.
        rarity: How common values are.
        confusions: Pairs of characters that the records show to be mistaken for one another; see `confusions.py`.
        oversized: Blocking keys left out, sorted, per rule.
        trained_on: Counts for people: records, candidate pairs looked at, estimated share of matches.
    """

    settings: LinkageSettings
    shares: NDArray[np.float64]
    levels: tuple[NDArray[np.float64], ...]
    calibration: Calibration
    rarity: Rarity
    confusions: Hashes
    oversized: tuple[Hashes, ...]
    trained_on: dict[str, float]
    calibration_unnumbered: Calibration | None = None

    @cached_property
    def version(self) -> str:
        """Hash of the content, 12 hex digits."""
        return content_version(self._content())

    @cached_property
    def mixture(self) -> Mixture:
        """The classes as the compiled code reads them, with the calibration."""
        found = mixture_of(self.shares, self.levels).corrected_by(self.calibration)
        if self.calibration_unnumbered is None:
            return found
        return found.corrected_apart_by(Comparison.ID_NUMBER, self.calibration_unnumbered)

    def comparable(self, columns: Columns) -> Comparable:
        """Records as the compiled comparison reads them, with what this model knows of values and characters."""
        return comparable(columns, self.rarity.bands(columns), self._look_alikes)

    def comparison(self, columns: Columns) -> Compare:
        """Compares pairs of rows of these records."""
        return partial(compare, self.comparable(columns))

    @cached_property
    def _look_alikes(self) -> Hashes:
        return np.union1d(look_alikes(), self.confusions)

    def write(self, folder: Path) -> Path:
        """Write `<version>.json` into the folder, whole or not at all; an existing one is left as it is.

        Raises:
            LinkageError: There is no space or right to write it.
        """
        return write_model(folder, self._content(), self.version)

    @classmethod
    def read(cls, path: Path) -> "Model":
        """Read a model version.

        Raises:
            LinkageError: The file is missing, damaged, or of a newer version of Guiyi.
        """
        return read_model(path, cls._parse)

    def _content(self) -> dict[str, Any]:
        unnumbered = self.calibration_unnumbered
        return {
            "settings": self.settings.to_json(),
            "shares": self.shares.tolist(),
            "levels": {
                c.key: table.tolist() for c, table in zip(self.settings.comparisons, self.levels, strict=True)
            },
            **self.calibration.to_json(),
            **({} if unnumbered is None else {_UNNUMBERED: unnumbered.knots()}),
            "rarity": {
                name: {"hashes": encode_array(table.hashes), "bands": encode_array(table.bands)}
                for name, table in vars(self.rarity).items()
            },
            "confusions": encode_array(self.confusions),
            "oversized": {
                rule.name: encode_array(keys)
                for rule, keys in zip(self.settings.blocking.rules, self.oversized, strict=True)
            },
            "trained_on": self.trained_on,
        }

    @classmethod
    def _parse(cls, raw: dict[str, Any], where: str) -> "Model":
        settings = parse_settings(raw["settings"], where)
        tables = {
            name: ValueTable(decode_array(table["hashes"], np.uint64), decode_array(table["bands"], np.uint8))
            for name, table in raw["rarity"].items()
        }
        return cls(
            settings=settings,
            shares=np.array(raw["shares"], np.float64),
            levels=tuple(np.array(raw["levels"][c.key], np.float64) for c in settings.comparisons),
            calibration=Calibration.parse(raw),
            calibration_unnumbered=Calibration.parse(raw, _UNNUMBERED) if _UNNUMBERED in raw else None,
            rarity=Rarity(**tables),
            confusions=decode_array(raw["confusions"], np.uint64),
            oversized=tuple(
                decode_array(raw["oversized"][rule.name], np.uint64) for rule in settings.blocking.rules
            ),
            trained_on=raw["trained_on"],
        )
