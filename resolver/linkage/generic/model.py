"""A model version for a table: its settings and everything that training learnt, in one file."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.calibration import Calibration
from resolver.linkage.generic.frequency import Frequencies
from resolver.linkage.generic.settings import TableSettings, parse_table_settings
from resolver.linkage.hashing import Hashes
from resolver.linkage.model_file import content_version, decode_array, encode_array, read_model, write_model
from resolver.linkage.patterns import Mixture, mixture_of
from resolver.linkage.settings import ComparisonSettings


@dataclass(frozen=True, eq=False)
class TableModel:
    """One model version.

    Attributes:
        settings: What is compared and how.
        shares: float64 (classes,): share of each class among candidate pairs; the first is that of matches.
        levels: Per comparison, float64 (classes, levels).
        calibration: What the log-odds that the classes give are corrected to.
        frequencies: Column -> how common its values are; "" -> how common words are.
        aliases: uint64, sorted: pairs of words that stand for one another; see `vocabulary.Words`.
        alias_words: The same for people to read.
        oversized: Blocking keys left out, sorted, per rule (rules on words last).
        trained_on: Counts for people.
    """

    settings: TableSettings
    shares: NDArray[np.float64]
    levels: tuple[NDArray[np.float64], ...]
    calibration: Calibration
    frequencies: dict[str, Frequencies]
    aliases: Hashes
    alias_words: tuple[tuple[str, str], ...]
    oversized: tuple[Hashes, ...]
    trained_on: dict[str, float]

    @property
    def comparisons(self) -> tuple[ComparisonSettings, ...]:
        """Labels and levels."""
        return self.settings.described

    @cached_property
    def version(self) -> str:
        """Hash of the content, 12 hex digits."""
        return content_version(self._content())

    @cached_property
    def mixture(self) -> Mixture:
        """The classes as the compiled code reads them, with the calibration."""
        return mixture_of(self.shares, self.levels).corrected_by(self.calibration)

    def write(self, folder: Path) -> Path:
        """Write `<version>.json` into the folder, whole or not at all.

        Raises:
            LinkageError: There is no space or right to write it.
        """
        return write_model(folder, self._content(), self.version)

    @classmethod
    def read(cls, path: Path) -> "TableModel":
        """Read a model version.

        Raises:
            LinkageError: The file is missing, damaged, or of a newer version of Guiyi.
        """
        return read_model(
            path, cls._parse, "link again with the settings file (.toml), which makes a new one"
        )

    def _content(self) -> dict[str, Any]:
        return {
            "settings": self.settings.to_json(),
            "shares": self.shares.tolist(),
            "levels": {
                c.key: {level.key: table[:, n].tolist() for n, level in enumerate(c.levels)}
                for c, table in zip(self.comparisons, self.levels, strict=True)
            },
            **self.calibration.to_json(),
            "frequencies": {
                name: {"hashes": encode_array(f.hashes), "bits": encode_array(f.bits), "unseen": f.unseen}
                for name, f in self.frequencies.items()
            },
            "aliases": encode_array(self.aliases),
            "alias_words": [list(pair) for pair in self.alias_words],
            "oversized": [encode_array(keys) for keys in self.oversized],
            "trained_on": self.trained_on,
        }

    @classmethod
    def _parse(cls, raw: dict[str, Any], where: str) -> "TableModel":
        settings = parse_table_settings(raw["settings"], where)
        return cls(
            settings=settings,
            shares=np.array(raw["shares"], np.float64),
            levels=tuple(
                np.array([raw["levels"][c.key][level.key] for level in c.levels]).T.copy()
                for c in settings.described
            ),
            calibration=Calibration.parse(raw),
            frequencies={
                name: Frequencies(
                    decode_array(f["hashes"], np.uint64), decode_array(f["bits"], np.float32), f["unseen"]
                )
                for name, f in raw["frequencies"].items()
            },
            aliases=decode_array(raw["aliases"], np.uint64),
            alias_words=tuple((a, b) for a, b in raw["alias_words"]),
            oversized=tuple(decode_array(keys, np.uint64) for keys in raw["oversized"]),
            trained_on=raw["trained_on"],
        )
