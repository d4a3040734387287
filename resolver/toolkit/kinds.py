"""What the toolkit's objects ask of a model, whether it is of persons or of any other table."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from resolver.linkage.blocking import Rows, block_records, expand, parts
from resolver.linkage.columns import encode
from resolver.linkage.generic.candidates import find_candidates
from resolver.linkage.generic.comparison import compare_patterns
from resolver.linkage.generic.model import TableModel
from resolver.linkage.generic.plan import plan
from resolver.linkage.generic.prepared import prepare
from resolver.linkage.generic.table import Table, table_of
from resolver.linkage.model import Model
from resolver.linkage.patterns import unpack
from resolver.linkage.settings import ComparisonSettings
from resolver.linkage.training import starting_mixture
from resolver.toolkit.frames import numbered

AnyModel = Model | TableModel
Frames = Sequence[pd.DataFrame]
"""One frame, or two to be linked; rows are counted through both."""

_NUMBER = ("id_number", "id_type", "id_status")
_WHOSE_NUMBER = ("name", *_NUMBER, "birth_date")
_BIRTH_AND_SEX = (*_WHOSE_NUMBER, "sex")
_SPOUSE = ("spouse_name", "spouse_id")
_PARENTS = ("mother_name", "mother_id", "father_name", "father_id")
READS = {
    "name": ("name", "surname", "given", "pinyin", "former_name"),
    "id_number": _BIRTH_AND_SEX,
    "birth_date": _BIRTH_AND_SEX,
    "beside_number": _BIRTH_AND_SEX,
    "sex": _BIRTH_AND_SEX,
    "phone": ("phone",),
    "address": ("region", "town", "village", "address"),
    "employer": ("employer", "employer_code"),
    "source_key": ("source_key",),
    "household": ("household_no", "aid_household_no"),
    "spouse": _SPOUSE,
    "parents": (*_WHOSE_NUMBER, *_PARENTS),
    "mention": (*_WHOSE_NUMBER, *_SPOUSE, *_PARENTS, "kin_name"),
    "register": ("feed", *_BIRTH_AND_SEX, "household_no"),
}
"""Columns of a person's record that each comparison reads.

A number is doubted where birth date or sex contradict it, and a newborn's (王芳之子) is a parent's unless it holds the
birth date.
"""


class Kind(Protocol):
    """Blocking and comparison of one model, on frames."""

    @property
    def comparisons(self) -> tuple[ComparisonSettings, ...]:
        """Comparisons and their levels."""

    @property
    def held(self) -> tuple[int, ...]:
        """Classes that training does not change."""

    def reads(self, comparison: str) -> tuple[str, ...]:
        """Columns that a comparison reads."""

    def candidates(self, frames: Frames) -> tuple[Rows, Rows]:
        """Candidate pairs of rows, left < right, each once; of two frames only those across."""

    def levels(self, frames: Frames, left: Rows, right: Rows) -> NDArray[np.uint8]:
        """Levels (m, comparisons) of pairs of rows; a column that the frames lack is missing everywhere."""


def kind_of(model: AnyModel) -> Kind:
    """What the toolkit's objects ask of a model."""
    return _Persons(model) if isinstance(model, Model) else _AnyTable(model)


class _Persons:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.comparisons = model.settings.comparisons

    @property
    def held(self) -> tuple[int, ...]:
        nothing = np.zeros(0, np.uint64), np.zeros(0)
        random = tuple(np.array([level.u for level in c.levels]) for c in self.comparisons)
        return starting_mixture(*nothing, random, self.model.settings).held

    def reads(self, comparison: str) -> tuple[str, ...]:
        return READS[comparison]

    def candidates(self, frames: Frames) -> tuple[Rows, Rows]:
        settings = self.model.settings.blocking
        caps = [settings.hard_cap] * len(settings.rules)
        blocking = block_records(encode(_records(frames)), settings.rules, caps, self.model.oversized)
        left, right = _together([expand(blocking, rule, part) for rule, part in parts(blocking)])
        if len(frames) == 1:
            return left, right
        across = (left < len(frames[0])) & (right >= len(frames[0]))
        return left[across], right[across]

    def levels(self, frames: Frames, left: Rows, right: Rows) -> NDArray[np.uint8]:
        return self.model.comparison(encode(_records(frames)))(left, right)


class _AnyTable:
    def __init__(self, model: TableModel) -> None:
        self.model = model
        self.comparisons = model.comparisons
        self.held = ()

    def reads(self, comparison: str) -> tuple[str, ...]:
        by_key = {c.key: c for c in self.model.settings.comparisons}
        chosen = by_key[comparison]
        implied = by_key[chosen.implied_by].columns if chosen.implied_by else ()
        return tuple(dict.fromkeys([*chosen.columns, *implied]))

    def candidates(self, frames: Frames) -> tuple[Rows, Rows]:
        table = self._table(frames)
        everyone = np.arange(len(table), dtype=np.int32)
        found = find_candidates(table, self.model.settings.blocking, everyone, self.model.oversized)
        return _together(list(found.pairs()))

    def levels(self, frames: Frames, left: Rows, right: Rows) -> NDArray[np.uint8]:
        settings = self.model.settings
        data = prepare(self._table(frames), settings, self.model.frequencies, self.model.aliases)
        return unpack(compare_patterns(data, plan(settings), left, right), len(self.comparisons))

    def _table(self, frames: Frames) -> Table:
        return as_table(frames, self.model.settings.columns)


def as_table(frames: Frames, columns: Sequence[str]) -> Table:
    """Frames as the table that `resolver.linkage.generic` links; a column that they lack is null."""
    whole = [frame.reindex(columns=pd.Index(columns)) for frame in frames]
    tables = [
        pa.table({name: pa.array(frame[name], from_pandas=True).cast(pa.string()) for name in columns})
        for frame in whole
    ]
    return table_of(tables, columns)


def _records(frames: Frames) -> pa.Table:
    return pa.concat_tables([numbered(frame) for frame in frames]).unify_dictionaries()


def _together(found: list[Any]) -> tuple[Rows, Rows]:
    nothing = [np.zeros(0, np.int32)]
    return np.concatenate(nothing + [f[0] for f in found]), np.concatenate(nothing + [f[1] for f in found])
