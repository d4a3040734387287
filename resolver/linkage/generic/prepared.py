"""Records as the compiled comparison reads them: codes of values, and what is derived from each value once."""

import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.encoding import Codes, Column
from resolver.linkage.generic.forms import UNKNOWN_NUMBER, Characters, characters, dates, numbers
from resolver.linkage.generic.frequency import Frequencies
from resolver.linkage.generic.kinds import KINDS, SIMILARITIES
from resolver.linkage.generic.packed import (
    DATE_WORDS,
    DIGITS_WORDS,
    NAME_WORDS,
    pack_dates,
    pack_digits,
    pack_names,
)
from resolver.linkage.generic.settings import TableComparison, TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.vocabulary import Words, list_words
from resolver.linkage.hashing import Hashes, text_buffers
from resolver.linkage.spilling import spacious

EXACT, STRING, CODE, DATE, NUMBER, DISTANCE, OVERLAP, TOKENS, HIERARCHY, HAN_NAME = range(len(KINDS))
"""Numbers of the kinds, in the order of `KINDS`."""

MOST_COLUMNS = 4


class Plan(NamedTuple):
    """The comparisons, for compiled code.

    Attributes:
        kind: int64 (c,): number of the kind.
        slots: int64 (c, MOST_COLUMNS): slots (see `Prepared.rows`) of its columns; -1 for none.
        packed: int64 (c,): where in `Prepared.rows` the first column's packed values begin; -1 for none.
        limits: float64 (c, 12): thresholds, in the order of the levels; NaN where there are no more.
        bits: float64 (c, 3): where the bands of equal values begin; NaN where frequency does not matter.
        implied: int64 (c,): comparison whose equality leaves this one out; -1 for none.
        option: int64 (c,): number of the similarity, or 1 where initials count.
    """

    kind: NDArray[np.int64]
    slots: NDArray[np.int64]
    packed: NDArray[np.int64]
    limits: NDArray[np.float64]
    bits: NDArray[np.float64]
    implied: NDArray[np.int64]
    option: NDArray[np.int64]


class Prepared(NamedTuple):
    """Values of n records.

    Attributes:
        rows: int32 (n, slots and more): what stands of a record side by side, so that it is near when it is needed.
            First, per slot, the number of its value among all values of all slots, -1 for none; then packed values,
            64 bits as two numbers, the lower half first, 0 for one that cannot be packed; then `Blocking.keys`. A
            record begins where a line of the cache does.
        width: How many of these numbers a record has, without what fills its last line.
        keys: Where the keys begin.
        bits: float32 (d,): -log2 of the share of records that have the value.
        chars: uint32 (total,): characters of texts, one after the other, of slots that are not packed altogether.
        starts: int64 (d + 1,): where each value's characters begin; (1,) where there are none.
        numbers: float64 (d,); (0,) where no comparison is of numbers.
        words: Words of values, for comparisons of words.
    """

    rows: NDArray[np.int32]
    width: int
    keys: int
    bits: NDArray[np.float32]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int64]
    numbers: NDArray[np.float64]
    words: Words

    @property
    def n(self) -> int:
        """Number of records."""
        return len(self.rows)


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
        """Where in `Prepared.rows` the packed values of each slot begin, -1 for none; behind the last slot, the end."""
        out, at = [], len(self.columns)
        for form in self.kinds:
            words = _WORDS.get(form, 0)
            out.append(at if words else -1)
            at += 2 * words
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
        bits=np.full((n, 3), np.nan),
        implied=np.full(n, -1, np.int64),
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
    table: Table,
    settings: TableSettings,
    frequencies: dict[str, Frequencies],
    aliases: Hashes,
    keys: NDArray[np.uint32] | None = None,
    room: int = sys.maxsize,
) -> Prepared:
    """Put together what the comparison reads.

    Args:
        table: The records.
        settings: What is compared.
        frequencies: Column -> how common its values are, for columns where that matters; "" -> how common words are.
        aliases: Pairs of words that stand for one another; see `vocabulary.Words`.
        keys: `Blocking.keys` (n, rules) where the candidates of these rules are to be compared.
        room: Bytes of memory that `Prepared.rows` may take; else it is a mapped file.

    Raises:
        LinkageError: There is no space on the disk.
    """
    slots = Slots.of(settings)
    columns = [table.columns[name] for name in slots.columns]
    sizes = [len(column.values) for column in columns]
    bases = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])

    def formed(slot: int) -> _Formed:
        return _form_values(columns[slot], slots.kinds[slot], frequencies.get(slots.columns[slot]))

    with_form = on_all_cores(formed, range(len(columns)))
    lists = list_words(
        [(c.values, form) for c, form in zip(columns, slots.kinds, strict=True)], frequencies[""], aliases
    )
    chars, starts = _characters(with_form, bases)
    amounts = np.zeros(0)
    if "number" in slots.kinds:
        amounts = np.concatenate(
            [
                np.full(n, UNKNOWN_NUMBER) if f.numbers is None else f.numbers
                for f, n in zip(with_form, sizes, strict=True)
            ]
        )
    bits = np.concatenate(
        [np.zeros(0, np.float32)]
        + [
            np.zeros(n, np.float32) if f.bits is None else f.bits
            for f, n in zip(with_form, sizes, strict=True)
        ]
    )
    if keys is None:
        keys = np.zeros((len(table), 0), np.uint32)
    packed = slots.packed()
    rows = _rows_of(len(table), packed[-1] + keys.shape[1], room)
    _put_together(rows, columns, (bases, [f.packed for f in with_form], packed), keys)
    return Prepared(rows, packed[-1] + keys.shape[1], packed[-1], bits, chars, starts, amounts, lists)


class _Formed(NamedTuple):
    """What is derived of the values (d,) of a slot, as far as its form asks for it."""

    bits: NDArray[np.float32] | None
    packed: NDArray[np.uint64] | None
    chars: Characters | None
    numbers: NDArray[np.float64] | None


def _form_values(column: Column, form: str, common: Frequencies | None) -> _Formed:
    values = column.values
    bits = None if common is None else common.of(column.hashes)
    packed, whole = None, form not in ("chars", "digits", "han")
    if form == "date":
        packed = pack_dates(dates(values))
    elif form == "digits":
        packed, whole = pack_digits(*text_buffers(values))
    elif form == "han":
        packed, whole = pack_names(*text_buffers(values))
    return _Formed(
        bits, packed, None if whole else characters(values), numbers(values) if form == "number" else None
    )


def _characters(
    formed: list[_Formed], bases: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Characters of all slots, and where each value's begin."""
    if all(f.chars is None for f in formed):
        return np.zeros(0, np.uint32), np.zeros(1, np.int64)
    starts, total = np.zeros(bases[-1] + 1, np.int64), 0
    for slot, form in enumerate(formed):
        at, stop = bases[slot], bases[slot + 1]
        starts[at : stop + 1] = total
        if form.chars is not None:
            starts[at : stop + 1] += form.chars.starts
            total += len(form.chars.chars)
    return np.concatenate([f.chars.chars for f in formed if f.chars is not None]), starts


LINE = 16
"""Numbers of 32 bits that a line of the cache holds."""
_ROWS_AT_ONCE = 1 << 14


def _rows_of(n: int, width: int, room: int) -> NDArray[np.int32]:
    """Room for rows (n, width, and what fills their last line), each of which begins with a line of the cache."""
    padded = -(-width // LINE) * LINE
    raw = spacious(n * padded + LINE, np.int32, room)
    start = -(raw.ctypes.data // 4) % LINE
    return raw[start : start + n * padded].reshape(n, padded)


def _put_together(
    rows: NDArray[np.int32],
    columns: list[Column],
    packed: tuple[NDArray[np.int64], list[NDArray[np.uint64] | None], list[int]],
    keys: NDArray[np.uint32],
) -> None:
    """Fill rows in; `packed` is where each slot's numbers of values begin, packed values, and their places."""
    bases, of_values, places = packed

    def some(start: int) -> None:
        part = slice(start, start + _ROWS_AT_ONCE)
        _put_keys(rows[part], places[-1], keys[part])
        for slot, column in enumerate(columns):
            codes, words = column.codes[part], of_values[slot]
            _put_codes(rows[part], slot, codes, int(bases[slot]))
            if words is not None:
                _put_words(rows[part], places[slot], codes, words)

    on_all_cores(some, range(0, len(rows), _ROWS_AT_ONCE))


@kernel
def _put_keys(rows: NDArray[np.int32], at: int, keys: NDArray[np.uint32]) -> None:
    for row in range(keys.shape[0]):
        for number in range(keys.shape[1]):
            rows[row, at + number] = np.int32(keys[row, number])


@kernel
def _put_codes(rows: NDArray[np.int32], slot: int, codes: Codes, base: int) -> None:
    for row in range(codes.shape[0]):
        rows[row, slot] = codes[row] + base if codes[row] >= 0 else -1


@kernel
def _put_words(rows: NDArray[np.int32], at: int, codes: Codes, words: NDArray[np.uint64]) -> None:
    for row in range(codes.shape[0]):
        for number in range(words.shape[1]):
            word = words[codes[row], number] if codes[row] >= 0 else np.uint64(0)
            rows[row, at + 2 * number] = np.int32(np.uint32(word & np.uint64(0xFFFFFFFF)))
            rows[row, at + 2 * number + 1] = np.int32(np.uint32(word >> np.uint64(32)))
