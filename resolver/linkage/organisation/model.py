"""A model version for organisations: everything that depends on data, frozen, so that every run agrees.

It lies beside those for persons, in the folder `organisation` of a workspace's models.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration
from resolver.linkage.hashing import Hashes
from resolver.linkage.model_file import content_version, decode_array, encode_array, read_model, write_model
from resolver.linkage.organisation.columns import Columns
from resolver.linkage.organisation.comparison import comparable, compare
from resolver.linkage.organisation.settings import OrganisationSettings, parse_settings
from resolver.linkage.organisation.sharing import Sharing
from resolver.linkage.patterns import Mixture, mixture_of
from resolver.linkage.scoring import Compare

FOLDER = "organisation"
"""Where these versions lie in the folder of all models."""


@dataclass(frozen=True, eq=False)
class OrganisationModel:
    """One model version.

    Attributes:
        settings: What it was trained with; thresholds and labels are read from here.
        shares: float64 (4,): share of each of `settings.CLASSES` among the pairs that training saw.
        levels: Per comparison, float64 (4, levels): probability of each level in each class.
        sharing: Names and phones of several organisations.
        oversized: Blocking keys left out, sorted, per rule.
        trained_on: Counts for people.
    """

    settings: OrganisationSettings
    shares: NDArray[np.float64]
    levels: tuple[NDArray[np.float64], ...]
    sharing: Sharing
    oversized: tuple[Hashes, ...]
    trained_on: dict[str, float]

    @cached_property
    def version(self) -> str:
        """Hash of the content, 12 hex digits."""
        return content_version(self._content())

    @cached_property
    def mixture(self) -> Mixture:
        """The classes as the compiled code reads them."""
        return mixture_of(self.shares, self.levels)

    @property
    def calibration(self) -> Calibration:
        """None: what these classes give is not corrected (docs/decisions/0010-organisations.md)."""
        return Calibration.none()

    def comparison(self, columns: Columns) -> Compare:
        """Compares pairs of rows of these records."""
        return partial(compare, comparable(columns, self.sharing))

    def write(self, models: Path) -> Path:
        """Write the version into its folder among the models, whole or not at all; one that is there stays.

        Raises:
            LinkageError: There is no space or right to write it.
        """
        return write_model(models / FOLDER, self._content(), self.version)

    @classmethod
    def read(cls, models: Path, version: str) -> "OrganisationModel":
        """Read a model version.

        Raises:
            LinkageError: The file is missing, damaged, or of a newer version of Guiyi.
        """
        return read_model(models / FOLDER / f"{version}.json", cls._parse)

    def _content(self) -> dict[str, Any]:
        return {
            "settings": self.settings.to_json(),
            "shares": self.shares.tolist(),
            "levels": {
                c.key: table.tolist() for c, table in zip(self.settings.comparisons, self.levels, strict=True)
            },
            "sharing": {name: encode_array(hashes) for name, hashes in vars(self.sharing).items()},
            "oversized": {
                rule.name: encode_array(keys)
                for rule, keys in zip(self.settings.blocking.rules, self.oversized, strict=True)
            },
            "trained_on": self.trained_on,
        }

    @classmethod
    def _parse(cls, raw: dict[str, Any], where: str) -> "OrganisationModel":
        settings = parse_settings(raw["settings"], where)
        return cls(
            settings=settings,
            shares=np.array(raw["shares"], np.float64),
            levels=tuple(np.array(raw["levels"][c.key], np.float64) for c in settings.comparisons),
            sharing=Sharing(**{name: decode_array(text, np.uint64) for name, text in raw["sharing"].items()}),
            oversized=tuple(
                decode_array(raw["oversized"][rule.name], np.uint64) for rule in settings.blocking.rules
            ),
            trained_on=raw["trained_on"],
        )
