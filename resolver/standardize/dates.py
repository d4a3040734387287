"""Birth dates 出生日期: which days are one, and which only fill a form.

Reading dates from text is intake's (`resolver.feeds.dates`); lunar dates are compared in `resolver.linkage.lunar`.
"""

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from resolver.identifiers.columns import Column

PLACEHOLDERS = frozenset(
    {date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1), date(1900, 1, 2), date(1901, 1, 1), date(1911, 11, 11),
     date(1970, 1, 1), date(9999, 12, 31)}
)  # fmt: skip
"""Days that programs and clerks write when they know none. A few people are born on such a day and lose it here."""

EARLIEST = date(1870, 1, 1)
"""Nobody born before is in any register."""


def is_placeholder(day: date) -> bool:
    """Whether a birth date only fills a form."""
    return day in PLACEHOLDERS or day < EARLIEST


def birth_dates(column: Column, *, as_of: date | None = None) -> pa.Array:
    """Birth dates without placeholders and without days after `as_of`.

    Args:
        column: date32, or timestamp, of which the day is taken.
        as_of: The day the records are seen; None = no upper bound.

    Returns:
        date32, null where there is no birth date.
    """
    days = column.cast(pa.date32())
    if isinstance(days, pa.ChunkedArray):
        days = pa.concat_arrays(days.chunks) if days.num_chunks else pa.array([], pa.date32())
    wrong = pc.or_(
        pc.is_in(days, pa.array(sorted(PLACEHOLDERS), pa.date32())),
        pc.less(days, pa.scalar(EARLIEST, pa.date32())),
    )
    if as_of is not None:
        wrong = pc.or_(wrong, pc.greater(days, pa.scalar(as_of, pa.date32())))
    return pc.if_else(pc.fill_null(wrong, False), pa.scalar(None, pa.date32()), days)
