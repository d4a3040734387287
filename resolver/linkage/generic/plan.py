"""The comparisons as compiled code reads them, and where in a record it finds the values that they read."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.kinds import BITS, KINDS, SIMILARITIES
from resolver.linkage.generic.packed import DATE_WORDS, DIGITS_WORDS, NAME_WORDS
from resolver.linkage.generic.settings import TableComparison, TableSettings
from resolver.linkage.patterns import NOTHING

MOST_COLUMNS = 4
BITS_OF_A_BAND = 2
"""Bits that say in which band of frequency a value is: there are four."""


class Plan(NamedTuple):
    """The comparisons, for compiled code.

    Attributes:
        kind: int64 (c,): number of the kind.
        slots: int64 (c, MOST_COLUMNS): slots (see `Prepared.rows`) of its columns; -1 for none.
        packed: int64 (c,): which of a record's words the first column's packed values begin with; -1 for none.
        limits: float64 (c, 12): thresholds, in the order of the levels; NaN where there are no more.
        same: int64 (c,): how many levels equal values have: as many as there are bands of frequency, or one.
        leaves_out: uint64 (c,): bits that the comparisons have in a pattern which its equal values leave out.
        option: int64 (c,): number of the similarity, or 1 where initials count.
    """

    kind: NDArray[np.int64]
    slots: NDArray[np.int64]
    packed: NDArray[np.int64]
    limits: NDArray[np.float64]
    same: NDArray[np.int64]
    leaves_out: NDArray[np.uint64]
    option: NDArray[np.int64]


@dataclass(frozen=True)
class Slots:
    """Which columns are read in which form; a column that is read in two forms has two slots.

    Attributes:
        columns: Column of each slot.
        kinds: Kind of comparison that reads it.
    """

    columns: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, settings: TableSettings) -> "Slots":
        """Slots in the order of the comparisons."""
        pairs = dict.fromkeys((name, _form(c, name)) for c in settings.comparisons for name in c.columns)
        return cls(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))

    def place(self, comparison: TableComparison, column: str) -> int:
        """Slot that a comparison reads for a column."""
        return list(zip(self.columns, self.kinds, strict=True)).index((column, _form(comparison, column)))

    def packed(self) -> list[int]:
        """Which of a record's words the packed values of each slot begin with, -1 for none; then how many there are."""
        out, at = [], 0
        for form in self.kinds:
            words = _WORDS.get(form, 0)
            out.append(at if words else -1)
            at += words
        return [*out, at]


_FORMS = {
    "string": "chars",
    "code": "digits",
    "han_name": "han",
    "exact": "codes",
    "hierarchy": "codes",
    "date": "date",
    "number": "number",
    "distance": "number",
    "overlap": "items",
    "tokens": "words",
}
_WORDS = {"digits": DIGITS_WORDS, "han": NAME_WORDS, "date": DATE_WORDS}


def _form(comparison: TableComparison, column: str) -> str:
    form = _FORMS[comparison.kind]
    if form == "han" and column != comparison.columns[0]:
        return "codes"  # pinyin
    return form if form != "items" else f"items{comparison.options['separator']}"


def plan(settings: TableSettings) -> Plan:
    """The comparisons of some settings, for compiled code."""
    n = len(settings.comparisons)
    slots = Slots.of(settings)
    packed = slots.packed()
    keys = [c.key for c in settings.comparisons]
    out = Plan(
        kind=np.zeros(n, np.int64),
        slots=np.full((n, MOST_COLUMNS), -1, np.int64),
        packed=np.full(n, -1, np.int64),
        limits=np.full((n, 12), np.nan),
        same=np.ones(n, np.int64),
        leaves_out=np.zeros(n, np.uint64),
        option=np.zeros(n, np.int64),
    )
    for row, comparison in enumerate(settings.comparisons):
        out.kind[row] = list(KINDS).index(comparison.kind)
        for place, column in enumerate(comparison.columns):
            out.slots[row, place] = slots.place(comparison, column)
        out.packed[row] = packed[out.slots[row, 0]]
        limits, option = _limits(comparison)
        out.limits[row, : len(limits)] = limits
        out.option[row] = option
        if comparison.options.get("frequency"):
            out.same[row] = len(BITS) + 1
        if comparison.implied_by:
            out.leaves_out[keys.index(comparison.implied_by)] |= np.uint64(NOTHING << 4 * row)
    return out


def _limits(comparison: TableComparison) -> tuple[tuple[float, ...], int]:
    options = comparison.options
    if comparison.kind == "tokens":
        return (*options["matched"], *options["conflict"], options["alike"]), int(options["initials"])
    if comparison.kind == "string":
        return options["thresholds"], SIMILARITIES.index(options["similarity"])
    if comparison.kind == "code":  # the first that is reached is then as many as are not
        return tuple(np.minimum.accumulate(options["prefixes"]).tolist()), 0
    for name in ("within", "thresholds"):
        if name in options:
            return options[name], 0
    return (), 0
