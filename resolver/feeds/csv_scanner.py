"""Find the records of a delimited text, compiled: what Arrow's parser does not tell.

Arrow parses delimited text fast but loses the number of each record, and one stray quote mark can make it swallow
the rest of a file. This scanner finds records by the same grammar (quotes count at the start of a field only, a
doubled quote is a quote), numbers them, sets the broken ones aside and hands on the whole ones.
"""

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

MAX_RECORD = 1 << 20  # bytes; no row is longer, so a quote left open costs one line, not the file

_QUOTE, _LF, _CR, _SPACE = 0x22, 0x0A, 0x0D, 0x20
_BROKEN_COLUMNS = 4


@dataclass(frozen=True)
class Scan:
    """What a scan of a block found.

    Attributes:
        consumed: Bytes used; the rest is an incomplete record, to be put before the next block.
        next_no: Number of the record that comes next.
        text: uint8, the whole records, one below the other, each with as many fields as expected.
        row_no: int64, their record numbers (from 1; blank and skipped records are counted).
        broken: int64 (n, 4): record number, first byte, byte after the last, fields found (0 = quote left open).
    """

    consumed: int
    next_no: int
    text: npt.NDArray[np.uint8]
    row_no: npt.NDArray[np.int64]
    broken: npt.NDArray[np.int64]


def scan_block(block: bytes, delimiter: str, fields: int, skip: int, first_no: int, last: bool) -> Scan:
    """Scan one block of UTF-8 text that starts at a record.

    A record with other than `fields` fields is broken, except that empty surplus fields at its end are cut off. A
    broken record that goes on over several lines ends at its first line: its quote mark was a stray one.

    Args:
        block: The bytes.
        delimiter: One ASCII character.
        fields: Fields that a record has.
        skip: Records up to this number (title rows and header) are counted and left out.
        first_no: Number of the block's first record.
        last: Whether the text ends here.
    """
    data = np.frombuffer(block, dtype=np.uint8)
    most = int(np.count_nonzero(data == _LF)) + int(np.count_nonzero(data == _CR)) + 1
    out = np.empty(data.size + 1, dtype=np.uint8)  # the last line may lack its line end
    row_no = np.empty(most, dtype=np.int64)
    broken = np.empty((most, _BROKEN_COLUMNS), dtype=np.int64)
    task = (ord(delimiter), fields, skip, first_no, int(last))
    consumed, next_no, written, n_whole, n_broken = _scan(data, task, out, row_no, broken)
    return Scan(consumed, next_no, out[:written], row_no[:n_whole], broken[:n_broken])


def _skip_quoted(data: npt.NDArray[np.uint8], start: int) -> tuple[int, bool, int, bool]:
    """From inside a quoted part: (position after it, whether anything is in it, first line end or -1, closed)."""
    i, n, filled, line_end = start, data.size, False, -1
    while i < n:
        c = data[i]
        if c == _QUOTE:
            if i + 1 >= n or data[i + 1] != _QUOTE:
                return i + 1, filled, line_end, True
            i += 1
        elif (c in (_LF, _CR)) and line_end < 0:
            line_end = i
        filled = filled or c > _SPACE
        i += 1
    return n, filled, line_end, False


def _read_record(
    data: npt.NDArray[np.uint8], start: int, delimiter: int, fields: int
) -> tuple[int, int, int, bool, bool, int, bool]:
    """One record from `start`.

    Returns:
        End; fields found; end of the expected last field (-1: not reached); whether anything is in it; whether
        anything is beyond the expected fields; first line end inside quotes (-1: none); whether all quotes close.
    """
    i, n, found, cut, line_end = start, data.size, 1, -1, -1
    filled, surplus, closed, field_start = False, False, True, True
    while i < n:
        c = data[i]
        if c == delimiter:
            if found == fields:
                cut = i
            found += 1
            field_start = True
        elif c in (_LF, _CR):
            break
        else:
            content = c > _SPACE
            if c == _QUOTE and field_start:
                i, content, inner, closed = _skip_quoted(data, i + 1)
                line_end = inner if line_end < 0 else line_end
                i -= 1
            field_start = False
            filled = filled or content
            surplus = surplus or (content and found > fields)
        i += 1
    return i, found, cut, filled, surplus, line_end, closed


def _after(data: npt.NDArray[np.uint8], end: int) -> int:
    """Position after the line end at `end`."""
    if end + 1 < data.size and data[end] == _CR and data[end + 1] == _LF:
        return end + 2
    return min(end + 1, data.size)


def _copy(data: npt.NDArray[np.uint8], start: int, end: int, out: npt.NDArray[np.uint8], written: int) -> int:
    """Copy a record and end its line; returns the new length of `out`."""
    for i in range(start, end):
        out[written + i - start] = data[i]
    out[written + end - start] = _LF
    return written + end - start + 1


def _scan(
    data: npt.NDArray[np.uint8],
    task: tuple[int, int, int, int, int],
    out: npt.NDArray[np.uint8],
    row_no: npt.NDArray[np.int64],
    broken: npt.NDArray[np.int64],
) -> tuple[int, int, int, int, int]:
    """Fill `out`, `row_no` and `broken`; returns where the next block goes on, and how much of each was filled."""
    delimiter, fields, skip, no, last = task
    pos, written, n_whole, n_broken, n = 0, 0, 0, 0, data.size
    while pos < n:
        end, found, cut, filled, surplus, line_end, closed = _read_record(data, pos, delimiter, fields)
        # A line end at the very end of a block may be half of one, a quote there the first of two.
        if not last and end + 1 >= n and n - pos <= MAX_RECORD:
            break
        wrong = not closed or (no > skip and (found < fields or surplus))
        if wrong and line_end >= 0:
            end, filled = line_end, True
        if no > skip and filled and wrong:
            broken[n_broken, 0], broken[n_broken, 1], broken[n_broken, 2] = no, pos, end
            broken[n_broken, 3] = found if closed else 0
            n_broken += 1
        elif no > skip and filled:
            written = _copy(data, pos, cut if found > fields else end, out, written)
            row_no[n_whole] = no
            n_whole += 1
        pos = _after(data, end)
        no += 1
    return pos, no, written, n_whole, n_broken


_skip_quoted = numba.njit(cache=True)(_skip_quoted)
_read_record = numba.njit(cache=True)(_read_record)
_after = numba.njit(cache=True)(_after)
_copy = numba.njit(cache=True)(_copy)
_scan = numba.njit(cache=True)(_scan)
