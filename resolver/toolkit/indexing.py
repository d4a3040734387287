"""Our blocking as an index algorithm of recordlinkage."""

from typing import Any

import pandas as pd
from recordlinkage.base import BaseIndexAlgorithm

from resolver.linkage.blocking import Rows
from resolver.toolkit.kinds import AnyModel, kind_of


class RuleIndex(BaseIndexAlgorithm):  # type: ignore[misc]
    """Pairs of records that agree on everything that one of a model's blocking rules asks for.

    For `recordlinkage.Index().add(...)`, alone or beside that toolkit's own algorithms; pairs are written as theirs
    are, the later record of one frame first. Two frames are linked as if they were one: the pairs are those of the
    two put together, with a record of each, so a key that is too common in both is left out.

    Args:
        model: Its rules, its caps, and the keys that it leaves out; of persons or of any table.
        **options: `verify_integrity` and `suffixes`, as for every index algorithm.
    """

    name = "rules"
    description = "Agreement on all atoms of a blocking rule."

    def __init__(self, model: AnyModel, **options: Any) -> None:
        super().__init__(**options)
        self.model = model

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        left, right = kind_of(self.model).candidates([df_a])
        return _pairs((df_a, df_a), (right, left))

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        left, right = kind_of(self.model).candidates([df_a, df_b])
        return _pairs((df_a, df_b), (left, right - len(df_a)))


def _pairs(frames: tuple[pd.DataFrame, pd.DataFrame], rows: tuple[Rows, Rows]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [frame.index.take(places) for frame, places in zip(frames, rows, strict=True)]
    )
