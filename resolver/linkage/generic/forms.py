"""What is derived from the distinct values of a column: characters, dates, numbers, words; each once per value."""

import math
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from resolver.linkage.compiled import kernel
from resolver.linkage.hashing import text_buffers
from resolver.linkage.texts import decode

UNKNOWN_NUMBER = math.nan


@dataclass(frozen=True)
class Characters:
    """Code points of texts, one after the other: those of text k are `chars[starts[k]:starts[k + 1]]`."""

    chars: NDArray[np.uint32]
    starts: NDArray[np.int64]


@kernel
def _decode_all(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], chars: NDArray[np.uint32], starts: NDArray[np.int64]
) -> None:
    used = 0
    for row in range(offsets.shape[0] - 1):
        starts[row] = used
        position = offsets[row]
        while position < offsets[row + 1]:
            chars[used], position = decode(data, position)
            used += 1
    starts[offsets.shape[0] - 1] = used


def characters(values: pa.Array) -> Characters:
    """Code points of texts (d,)."""
    data, offsets = text_buffers(values)
    lengths = pc.sum(pc.utf8_length(values)).as_py() or 0
    chars, starts = np.empty(lengths, np.uint32), np.zeros(len(offsets), np.int64)
    _decode_all(data, offsets, chars, starts)
    return Characters(chars, starts)


@kernel
def _runs(data: NDArray[np.uint8], start: int, stop: int, runs: NDArray[np.int64]) -> int:
    """Runs of digits: value and length of each, up to four; returns how many."""
    found, inside = 0, False
    for position in range(start, stop):
        digit = data[position] - 0x30
        if 0x30 <= data[position] <= 0x39:
            if not inside:
                if found == 4:
                    return 5
                runs[found, 0], runs[found, 1] = 0, 0
                found += 1
                inside = True
            runs[found - 1, 0] = runs[found - 1, 0] * 10 + digit
            runs[found - 1, 1] += 1
        else:
            inside = False
    return found


@kernel
def _date_of(runs: NDArray[np.int64], found: int) -> int:
    """Year * 10000 + month * 100 + day of runs of digits, 0 for parts unknown; 0 if it is no date."""
    year, month, day = 0, 0, 0
    if found == 1 and runs[0, 1] == 8:
        year, month, day = runs[0, 0] // 10000, runs[0, 0] // 100 % 100, runs[0, 0] % 100
    elif found == 1 and runs[0, 1] == 6:
        year, month = runs[0, 0] // 100, runs[0, 0] % 100
    elif runs[0, 1] == 4:
        year = runs[0, 0]
        month = runs[1, 0] if found > 1 else 0
        day = runs[2, 0] if found > 2 else 0
    elif found >= 3 and runs[2, 1] == 4:
        year, month, day = runs[2, 0], runs[1, 0], runs[0, 0]
        if month > 12 >= day:
            month, day = day, month
    elif found == 2 and runs[1, 1] == 4:
        year, month = runs[1, 0], runs[0, 0]
    if not 0 < year < 10000 or month > 99 or day > 99:
        return 0
    return int(year * 10000 + month * 100 + day)


@kernel
def _dates(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], runs: NDArray[np.int64], out: NDArray[np.int32]
) -> None:
    for row in range(out.shape[0]):
        found = _runs(data, offsets[row], offsets[row + 1], runs)
        out[row] = _date_of(runs, found) if 0 < found <= 4 else 0


def dates(values: pa.Array) -> NDArray[np.int32]:
    """Dates (d,) as year * 10000 + month * 100 + day, 0 for an unknown part; 0 where a text holds no date.

    Read are ISO 8601 in whole or in part (1850, 1850-03, 1850-03-12, 18500312), and day, month, year (12/03/1850).
    """
    data, offsets = text_buffers(values)
    out = np.zeros(len(offsets) - 1, np.int32)
    _dates(data, offsets, np.zeros((4, 2), np.int64), out)
    return out


def numbers(values: pa.Array) -> NDArray[np.float64]:
    """Numbers (d,); NaN where a text is none."""
    is_number = pc.match_substring_regex(values, r"^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$")
    kept = pc.if_else(is_number, values, pa.scalar(None, pa.string()))
    found = pc.fill_null(kept.cast(pa.float64()), UNKNOWN_NUMBER)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.float64)


def words(values: pa.Array) -> list[list[str]]:
    """Words of each text: letters and digits, without accents, titles' dots and hyphens."""
    return [_words(text) for text in values.to_pylist()]


def _words(text: str | None) -> list[str]:
    if not text:
        return []
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else "" if c == "'" else " " for c in plain).split()
