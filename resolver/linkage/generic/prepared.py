"""Records as the compiled comparison reads them: codes of values, and what is derived from each value once."""

import sys
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.cores import on_all_cores
from resolver.linkage.generic.encoding import Column
from resolver.linkage.generic.forms import UNKNOWN_NUMBER, Characters, characters, dates, numbers
from resolver.linkage.generic.frequency import Frequencies
from resolver.linkage.generic.numbering import Codes
from resolver.linkage.generic.packed import pack_dates, pack_digits, pack_names
from resolver.linkage.generic.plan import BITS_OF_A_BAND, Slots
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.vocabulary import Words, list_words
from resolver.linkage.hashing import Hashes, text_buffers
from resolver.linkage.spilling import spacious


class Layout(NamedTuple):
    """What stands of a record in `Prepared.rows`.

    Attributes:
        words: Packed words, of two numbers each.
        slots: Numbers of values.
    """

    words: int
    slots: int

    @property
    def bands(self) -> int:
        """Where the bands of frequency stand."""
        return 2 * self.words + self.slots

    @property
    def width(self) -> int:
        """Numbers that a record has."""
        return self.bands + 1


class Prepared(NamedTuple):
    """Values of n records.

    Attributes:
        rows: int32 (n, slots and more): what stands of a record side by side, so that it is near when it is needed.
            First words: packed values, 64 bits as two numbers, 0 for one that cannot be packed; then, per slot, the
            number of its value among all values of all slots, -1 for none; then bands of frequency, two bits for each
            comparison. A record begins where a line of the cache does, or half of one.
        layout: How many there are of each.
        whole: Per slot, whether all its values are packed, if they are of a form that is.
        chars: uint32 (total,): characters of texts, one after the other, of slots that are not packed altogether.
        starts: int64 (d + 1,): where each value's characters begin; (1,) where there are none.
        numbers: float64 (d,); (0,) where no comparison is of numbers.
        words: Words of values, for comparisons of words.
    """

    rows: NDArray[np.int32]
    layout: Layout
    whole: tuple[bool, ...]
    chars: NDArray[np.uint32]
    starts: NDArray[np.int64]
    numbers: NDArray[np.float64]
    words: Words

    @property
    def n(self) -> int:
        """Number of records."""
        return len(self.rows)

    @property
    def codes(self) -> NDArray[np.int32]:
        """Number of the value of every record in every slot: (slots, n)."""
        return self.rows.T[2 * self.layout.words : self.layout.bands]


def prepare(
    table: Table,
    settings: TableSettings,
    frequencies: dict[str, Frequencies],
    aliases: Hashes,
    room: int = sys.maxsize,
) -> Prepared:
    """Put together what the comparison reads.

    Args:
        table: The records.
        settings: What is compared.
        frequencies: Column -> how common its values are, for columns where that matters; "" -> how common words are.
        aliases: Pairs of words that stand for one another; see `vocabulary.Words`.
        room: Bytes of memory that `Prepared.rows` may take; else it is a mapped file.

    Raises:
        LinkageError: There is no space on the disk.
    """
    slots = Slots.of(settings)
    columns = [table.columns[name] for name in slots.columns]
    sizes = [len(column.values) for column in columns]
    bases = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])

    def formed(slot: int) -> _Formed:
        return _form_values(columns[slot], slots.kinds[slot])

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
    *packed, n_words = slots.packed()
    layout = Layout(n_words, len(columns))
    rows = _rows_of(len(table), layout.width, room)
    fill = _Fill(columns, bases, packed, [f.packed for f in with_form], _banded(settings, table, frequencies))
    _put_together(rows, layout, fill)
    whole = tuple(form.chars is None for form in with_form)
    return Prepared(rows, layout, whole, chars, starts, amounts, lists)


class _Banded(NamedTuple):
    """A comparison to which it matters how frequent a value is: its column, its place, and the band (d,) of values."""

    column: Column
    comparison: int
    bands: NDArray[np.uint8]


def _banded(settings: TableSettings, table: Table, frequencies: dict[str, Frequencies]) -> list[_Banded]:
    def one(row: int) -> _Banded:
        comparison = settings.comparisons[row]
        column = table.columns[comparison.columns[0]]
        bits = frequencies[comparison.columns[0]].of(column.hashes)
        bands = np.zeros(len(bits), np.uint8)
        for edge in np.minimum.accumulate(comparison.options["bits"]):
            bands += bits < edge
        return _Banded(column, row, bands)

    return on_all_cores(
        one, [row for row, c in enumerate(settings.comparisons) if c.options.get("frequency")]
    )


class _Formed(NamedTuple):
    """What is derived of the values (d,) of a slot, as far as its form asks for it."""

    packed: NDArray[np.uint64] | None
    chars: Characters | None
    numbers: NDArray[np.float64] | None


def _form_values(column: Column, form: str) -> _Formed:
    values = column.values
    packed, whole = None, form not in ("chars", "digits", "han")
    if form == "date":
        packed = pack_dates(dates(values))
    elif form == "digits":
        packed, whole = pack_digits(*text_buffers(values))
    elif form == "han":
        packed, whole = pack_names(*text_buffers(values))
    chars = None if whole else characters(values)
    return _Formed(packed, chars, numbers(values) if form == "number" else None)


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
_HALF = LINE // 2
_ROWS_AT_ONCE = 1 << 14


def _rows_of(n: int, width: int, room: int) -> NDArray[np.int32]:
    """Room for rows (n, width and more): none takes more lines of the cache than it would where one begins."""
    padded = -(-width // _HALF) * _HALF
    raw = spacious(n * padded + LINE, np.int32, room)
    start = -(raw.ctypes.data // 4) % LINE
    return raw[start : start + n * padded].reshape(n, padded)


class _Fill(NamedTuple):
    """What rows are filled with.

    Attributes:
        columns: Column of each slot.
        bases: int64 (slots + 1,): where the numbers of each slot's values begin.
        places: Which of a record's words each slot's packed values begin with.
        packed: Packed values (d, words) of each slot, None where it has none.
        banded: Comparisons with bands of frequency.
    """

    columns: list[Column]
    bases: NDArray[np.int64]
    places: list[int]
    packed: list[NDArray[np.uint64] | None]
    banded: list[_Banded]


def _put_together(rows: NDArray[np.int32], layout: Layout, fill: _Fill) -> None:
    """Fill rows in."""
    words = rows.view(np.uint64)

    def some(start: int) -> None:
        part = slice(start, start + _ROWS_AT_ONCE)
        rows[part, layout.bands] = 0
        for slot, column in enumerate(fill.columns):
            codes, packed = column.codes[part], fill.packed[slot]
            _put_codes(rows[part], 2 * layout.words + slot, codes, int(fill.bases[slot]))
            if packed is not None:
                _put_words(words[part], fill.places[slot], codes, packed)
        for column, comparison, bands in fill.banded:
            _put_bands(rows[part], (layout.bands, BITS_OF_A_BAND * comparison), column.codes[part], bands)

    on_all_cores(some, range(0, len(rows), _ROWS_AT_ONCE))


@kernel
def _put_codes(rows: NDArray[np.int32], slot: int, codes: Codes, base: int) -> None:
    for row in range(codes.shape[0]):
        rows[row, slot] = codes[row] + base if codes[row] >= 0 else -1


@kernel
def _put_words(rows: NDArray[np.uint64], at: int, codes: Codes, packed: NDArray[np.uint64]) -> None:
    for row in range(codes.shape[0]):
        for number in range(packed.shape[1]):
            rows[row, at + number] = packed[codes[row], number] if codes[row] >= 0 else np.uint64(0)


@kernel
def _put_bands(
    rows: NDArray[np.int32], where: tuple[int, int], codes: Codes, bands: NDArray[np.uint8]
) -> None:
    at, shift = where
    for row in range(codes.shape[0]):
        if codes[row] >= 0:
            rows[row, at] |= np.int32(bands[codes[row]]) << shift
