"""Records as the compiled comparison reads them: codes of values, and what is derived from each value once."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.generic.forms import UNKNOWN_NUMBER, characters, dates, numbers
from resolver.linkage.generic.frequency import Frequencies
from resolver.linkage.generic.kinds import KINDS, SIMILARITIES
from resolver.linkage.generic.settings import TableComparison, TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.vocabulary import Words, list_words
from resolver.linkage.hashing import Hashes

EXACT, STRING, CODE, DATE, NUMBER, DISTANCE, OVERLAP, TOKENS, HIERARCHY, HAN_NAME = range(len(KINDS))
"""Numbers of the kinds, in the order of `KINDS`."""

MOST_COLUMNS = 4


class Plan(NamedTuple):
    """The comparisons, for compiled code.

    Attributes:
        kind: int64 (c,): number of the kind.
        slots: int64 (c, MOST_COLUMNS): columns of `Prepared.codes`; -1 for none.
        limits: float64 (c, 12): thresholds, in the order of the levels; NaN where there are no more.
        bits: float64 (c, 3): where the bands of equal values begin; NaN where frequency does not matter.
        implied: int64 (c,): comparison whose equality leaves this one out; -1 for none.
        option: int64 (c,): number of the similarity, or 1 where initials count.
    """

    kind: NDArray[np.int64]
    slots: NDArray[np.int64]
    limits: NDArray[np.float64]
    bits: NDArray[np.float64]
    implied: NDArray[np.int64]
    option: NDArray[np.int64]


class Prepared(NamedTuple):
    """Values of n records.

    Attributes:
        codes: int32 (slots, n): number of a value among all values of all slots; -1 for none.
        bits: float32 (d,): -log2 of the share of records that have the value.
        chars: uint32 (total,): characters of texts, one after the other.
        starts: int64 (d + 1,): where each value's characters begin.
        dates: int32 (d,): `forms.dates`.
        numbers: float64 (d,).
        words: Words of values, for comparisons of words.
    """

    codes: NDArray[np.int32]
    bits: NDArray[np.float32]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int64]
    dates: NDArray[np.int32]
    numbers: NDArray[np.float64]
    words: Words


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
        pairs = dict.fromkeys((column, _form(c)) for c in settings.comparisons for column in c.columns)
        return cls(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs))

    def place(self, comparison: TableComparison, column: str) -> int:
        """Slot that a comparison reads for a column."""
        return list(zip(self.columns, self.kinds, strict=True)).index((column, _form(comparison)))


_FORMS = {
    "string": "chars",
    "code": "chars",
    "han_name": "chars",
    "exact": "codes",
    "hierarchy": "codes",
    "date": "date",
    "number": "number",
    "distance": "number",
    "overlap": "items",
    "tokens": "words",
}


def _form(comparison: TableComparison) -> str:
    form = _FORMS[comparison.kind]
    return form if form != "items" else f"items{comparison.options['separator']}"


def plan(settings: TableSettings) -> Plan:
    """The comparisons of some settings, for compiled code."""
    n = len(settings.comparisons)
    slots = Slots.of(settings)
    keys = [c.key for c in settings.comparisons]
    out = Plan(
        np.zeros(n, np.int64),
        np.full((n, MOST_COLUMNS), -1, np.int64),
        np.full((n, 12), np.nan),
        np.full((n, 3), np.nan),
        np.full(n, -1, np.int64),
        np.zeros(n, np.int64),
    )
    for row, comparison in enumerate(settings.comparisons):
        out.kind[row] = list(KINDS).index(comparison.kind)
        for place, column in enumerate(comparison.columns):
            out.slots[row, place] = slots.place(comparison, column)
        limits, option = _limits(comparison)
        out.limits[row, : len(limits)] = limits
        out.option[row] = option
        if comparison.options.get("frequency"):
            out.bits[row] = comparison.options["bits"]
        if comparison.implied_by:
            out.implied[row] = keys.index(comparison.implied_by)
    return out


def _limits(comparison: TableComparison) -> tuple[tuple[float, ...], int]:
    options = comparison.options
    if comparison.kind == "tokens":
        return (*options["matched"], *options["conflict"], options["alike"]), int(options["initials"])
    if comparison.kind == "string":
        return options["thresholds"], SIMILARITIES.index(options["similarity"])
    for name in ("prefixes", "within", "thresholds"):
        if name in options:
            return options[name], 0
    return (), 0


def prepare(
    table: Table, settings: TableSettings, frequencies: dict[str, Frequencies], aliases: Hashes
) -> Prepared:
    """Put together what the comparison reads.

    Args:
        table: The records.
        settings: What is compared.
        frequencies: Column -> how common its values are, for columns where that matters; "" -> how common words are.
        aliases: Pairs of words that stand for one another; see `vocabulary.Words`.
    """
    slots = Slots.of(settings)
    codes = np.empty((len(slots.columns), len(table)), np.int32)
    parts = []
    base = 0
    for slot, (name, form) in enumerate(zip(slots.columns, slots.kinds, strict=True)):
        column = table.columns[name]
        codes[slot] = np.where(column.codes >= 0, column.codes + np.int32(base), np.int32(-1))
        parts.append((column, form, frequencies.get(name)))
        base += len(column.values)
    bits = np.zeros(base, np.float32)
    days, amounts = np.zeros(base, np.int32), np.full(base, UNKNOWN_NUMBER)
    starts, chars, total, at = np.zeros(base + 1, np.int64), [], 0, 0
    for column, form, common in parts:
        stop = at + len(column.values)
        if common is not None:
            bits[at:stop] = common.of(column.hashes)
        if form == "date":
            days[at:stop] = dates(column.values)
        if form == "number":
            amounts[at:stop] = numbers(column.values)
        if form == "chars":
            found = characters(column.values)
            starts[at : stop + 1] = found.starts + total
            chars.append(found.chars)
            total += len(found.chars)
        else:
            starts[at : stop + 1] = total
        at = stop
    lists = list_words([(column.values, form) for column, form, _ in parts], frequencies[""], aliases)
    characters_of_all = np.concatenate(chars) if chars else np.zeros(0, np.uint32)
    return Prepared(codes, bits, characters_of_all, starts, days, amounts, lists)
