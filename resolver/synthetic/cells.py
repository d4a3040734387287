"""True values to the cells of a department's file: dates, months, amounts and words in the department's manner."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.departments import MONTH_COLUMNS, Department

_DATES: dict[str, Callable[[date], str]] = {
    "iso": lambda d: d.isoformat(),
    "cn": lambda d: f"{d.year}年{d.month}月{d.day}日",
    "slash": lambda d: f"{d.year}/{d.month}/{d.day}",
    "compact": lambda d: f"{d:%Y%m%d}",
    "full": lambda d: f"{d.isoformat()} 00:00:00",
    "excel": lambda d: d.isoformat(),
}
_MONTHS: dict[str, Callable[[date], str]] = {
    "iso": lambda d: f"{d:%Y-%m}",
    "cn": lambda d: f"{d.year}年{d.month}月",
    "compact": lambda d: f"{d:%Y%m}",
}
_DAY = 86400


def render(column: str, values: pa.Array, department: Department, typed: bool) -> pa.Array:
    """One column as the department writes it.

    Args:
        column: Canonical name.
        values: True values.
        department: Its formats and words.
        typed: Keep amounts, and dates where the department uses real ones, as such (for spreadsheets).

    Returns:
        Text; with `typed` also date32, timestamp or float64.
    """
    kind = values.type
    if pa.types.is_date(kind):
        if column in MONTH_COLUMNS:
            return _by_value(values, _MONTHS[department.months])
        return values if typed and department.dates == "excel" else write_dates(values, department.dates)
    if pa.types.is_timestamp(kind):
        values = values.cast(pa.timestamp("s"))
        return values if typed and department.times == "excel" else _times(values, department.times)
    if pa.types.is_floating(kind):
        cents = pc.round(values, 2)
        return cents if typed else cents.cast(pa.decimal128(16, 2)).cast(pa.string())
    if column.endswith("sex") and pa.types.is_integer(kind):
        words = {1: department.sex[0], 2: department.sex[1]}
        return _by_value(values, lambda code: words[code])
    if pa.types.is_boolean(kind):
        return pc.if_else(values, *department.flags)
    texts = values.dictionary_decode() if pa.types.is_dictionary(kind) else values.cast(pa.string())
    words_of = department.words.get(column)
    return _by_value(texts, lambda code: words_of.get(code, code)) if words_of else texts


def write_dates(values: pa.Array, style: str) -> pa.Array:
    """Dates as text: `iso`, `cn` (2023年1月2日), `slash`, `compact`, `full` (with 00:00:00)."""
    return _by_value(values, _DATES[style])


def _times(values: pa.Array, style: str) -> pa.Array:
    seconds = values.cast(pa.int64())
    days = pc.floor(pc.divide(seconds.cast(pa.float64()), float(_DAY))).cast(pa.int32())
    within = pc.subtract(seconds, pc.multiply(days.cast(pa.int64()), _DAY)).cast(pa.int32())
    dates = write_dates(days.cast(pa.date32()), "slash" if style == "slash" else "iso")
    clock = _clocks("{h}:{m:02d}" if style == "slash" else "{h:02d}:{m:02d}:{s:02d}")
    return pc.binary_join_element_wise(dates, clock.take(within), " ")


@cache
def _clocks(form: str) -> pa.Array:
    every = np.arange(_DAY)
    return pa.array(
        [
            form.format(h=h, m=m, s=s)
            for h, m, s in zip(every // 3600, every // 60 % 60, every % 60, strict=True)
        ]
    )


def _by_value(values: pa.Array, write: Callable[[Any], str]) -> pa.Array:
    codes = values.dictionary_encode()
    texts = pa.array([None if v is None else write(v) for v in codes.dictionary.to_pylist()], pa.string())
    return texts.take(codes.indices)
