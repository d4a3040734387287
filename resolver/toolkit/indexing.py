"""Our blocking as an index algorithm of recordlinkage."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from recordlinkage.base import BaseIndexAlgorithm

from resolver.linkage.blocking import Rows, block, expand, parts, rule_keys
from resolver.linkage.columns import encode
from resolver.linkage.model import Model
from resolver.toolkit.frames import numbered


class RuleIndex(BaseIndexAlgorithm):  # type: ignore[misc]
    """Pairs of records that agree on everything that one of a model's blocking rules asks for.

    For `recordlinkage.Index().add(...)`, alone or beside that toolkit's own algorithms; pairs are written as theirs
    are, the later record of one frame first. Two frames are linked as if they were one: the pairs are those of the
    two put together, with a record of each, so a key that is too common in both is left out.

    Args:
        model: Its rules, its caps, and the keys that it leaves out.
        **options: `verify_integrity` and `suffixes`, as for every index algorithm.
    """

    name = "rules"
    description = "Agreement on all atoms of a blocking rule."

    def __init__(self, model: Model, **options: Any) -> None:
        super().__init__(**options)
        self.model = model

    def _dedup_index(self, df_a: pd.DataFrame) -> pd.MultiIndex:
        left, right = candidate_rows(numbered(df_a), self.model)
        return _pairs((df_a, df_a), (right, left))

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        both = pa.concat_tables([numbered(df_a), numbered(df_b)], promote_options="none").unify_dictionaries()
        left, right = candidate_rows(both, self.model)
        across = (left < len(df_a)) & (right >= len(df_a))
        return _pairs((df_a, df_b), (left[across], right[across] - np.int32(len(df_a))))


def candidate_rows(records: pa.Table, model: Model) -> tuple[Rows, Rows]:
    """Candidate pairs of a model: rows int32 (m,), (m,), left < right, each pair once.

    Args:
        records: Columns of `PERSON_RECORD_SCHEMA`; rows are counted in the order given.
        model: Its rules, its caps, and the keys that it leaves out.
    """
    settings = model.settings.blocking
    keys = rule_keys(encode(records), settings.rules)
    blocking = block(keys, [settings.hard_cap] * len(settings.rules), model.oversized)
    found = [expand(blocking, rule, part) for rule, part in parts(blocking)]
    nothing = [np.zeros(0, np.int32)]
    return np.concatenate(nothing + [f[0] for f in found]), np.concatenate(nothing + [f[1] for f in found])


def _pairs(frames: tuple[pd.DataFrame, pd.DataFrame], rows: tuple[Rows, Rows]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [frame.index.take(places) for frame, places in zip(frames, rows, strict=True)]
    )
