"""The engines that can link person records with one and the same model."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from resolver.errors import SettingsError
from resolver.linkage.engine import Linkage, link
from resolver.linkage.judged import Judged
from resolver.linkage.model import Model
from resolver.progress import Progress, silent

ENGINES = ("guiyi", "recordlinkage")
"""The fast one, and the slow reference that runs through recordlinkage (small data)."""


class Engine(Protocol):
    """Finds which records are of one person; see `resolver.linkage.engine.link`."""

    def __call__(
        self, records: pa.Table, model: Model, judgements: Sequence[Judged] = (), progress: Progress = silent
    ) -> Linkage:
        """Link records."""


def engine(name: str) -> Engine:
    """The engine of that name.

    Raises:
        SettingsError: There is none.
    """
    if name == "guiyi":
        return link
    if name == "recordlinkage":
        from resolver.toolkit import link_with_toolkit  # noqa: PLC0415  (takes a second to load)

        return link_with_toolkit
    raise SettingsError(f"there is no engine {name!r}", remedy=f"Use one of: {', '.join(ENGINES)}.")
