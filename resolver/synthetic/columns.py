"""From arrays of whole numbers to the typed columns of a feed's facts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from resolver.synthetic.timeline import DAY, NEVER, NO_MONTH, Bools, Ints, Timeline, first_day

FULL_EVERY_MONTH = (
    "W29", "W14", "W15", "W16", "W17", "W18", "W19", "W20", "W21", "J01", "J02", "J03", "J04", "J06", "J13", "X06",
)  # fmt: skip

_NO_SECOND = NEVER * DAY


def dates(days: Ints) -> pa.Array:
    """date32; `NEVER` becomes null."""
    return pa.array(days.astype(np.int32), mask=days >= NEVER).cast(pa.date32())


def months(numbers: Ints) -> pa.Array:
    """The first day of each month as date32; `NO_MONTH` becomes null."""
    days = first_day(np.where(numbers >= NO_MONTH, 0, numbers))
    return pa.array(days.astype(np.int32), mask=numbers >= NO_MONTH).cast(pa.date32())


def moments(seconds: Ints) -> pa.Array:
    """timestamp[s]; the day `NEVER` and later become null."""
    return pa.array(seconds, mask=seconds >= _NO_SECOND).cast(pa.timestamp("s"))


def words(indexes: Ints, vocabulary: Sequence[str]) -> pa.Array:
    """One word of a vocabulary for each index; -1 becomes null."""
    return pa.array(vocabulary, pa.string()).take(pa.array(indexes, mask=indexes < 0))


def constant(value: str | None, count: int) -> pa.Array:
    """The same text, or null, in every row."""
    return pa.nulls(count, pa.string()) if value is None else pa.repeat(pa.scalar(value), count)


def taken(texts: pa.Array, indexes: Ints) -> pa.Array:
    """pa.StringArray at the indexes; -1 becomes null."""
    return texts.take(pa.array(indexes, mask=indexes < 0))


def yuan(amounts: np.ndarray) -> pa.Array:
    """Amounts in yuan, whole fen; NaN becomes null."""
    return pa.array(np.round(amounts, 2), mask=np.isnan(amounts))


def planned_columns(rows: Sequence[Mapping[str, Any]], defaults: Mapping[str, int]) -> dict[str, Ints]:
    """Planned rows as int64 columns; a value not given takes its default."""
    return {
        name: np.array([int(row.get(name, default)) for row in rows], np.int64)
        for name, default in defaults.items()
    }


def stacked(first: Mapping[str, Ints], second: Mapping[str, Ints]) -> dict[str, Ints]:
    """Two sets of the same columns, one below the other."""
    return {name: np.concatenate([first[name], second[name]]) for name in first}


def selected(columns: Mapping[str, Ints], rows: Bools | Ints) -> dict[str, Ints]:
    """The columns at some rows only."""
    return {name: column[rows] for name, column in columns.items()}


def assemble(
    feed: str, period: Ints, columns: Mapping[str, Any], timeline: Timeline, last: Ints | None = None
) -> pa.Table:
    """A feed's facts: those delivered by the newest month, numbered.

    Args:
        feed: Feed id.
        period: Delivery of each row; rows of deliveries to come are left out.
        columns: Roles as int64 arrays, all others as Arrow arrays.
        timeline: The months of delivery.
        last: For feeds sent in full every month: the last delivery that carries the row, -1 = still there.
    """
    keep = np.flatnonzero(period < timeline.months)
    fixed: dict[str, Any] = {
        "fact": np.arange(len(keep), dtype=np.int64),
        "period": period[keep].astype(np.int16),
    }
    if feed in FULL_EVERY_MONTH:
        ends = np.full(len(period), -1, np.int64) if last is None else last
        fixed["last_period"] = np.where(ends >= timeline.months - 1, -1, ends)[keep].astype(np.int16)
    rows = pa.array(keep)
    everything = len(keep) == len(period)
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            fixed[name] = column[keep].astype(np.int64)
        else:
            fixed[name] = column if everything else column.take(rows)
    return pa.table(fixed)


def unfold(start: Ints, end: Ints, timeline: Timeline) -> tuple[Ints, Ints, Ints, Bools]:
    """Rows of a list sent in full every month: one while open, another once it is closed.

    Args:
        start: Period in which each spell is first told of.
        end: Period in which its end is first told of.
        timeline: The months of delivery.

    Returns:
        Spell of each row, its first and last period, and whether the row is the closed one.
    """
    spell = np.arange(len(start))
    first_closed = np.maximum(end, start)
    has_open = first_closed > start
    has_closed = first_closed < timeline.months
    rows = np.concatenate([spell[has_open], spell[has_closed]])
    period = np.concatenate([start[has_open], first_closed[has_closed]])
    last = np.concatenate([first_closed[has_open] - 1, np.full(int(has_closed.sum()), -1)])
    closed = np.repeat([False, True], [int(has_open.sum()), int(has_closed.sum())])
    order = np.lexsort((closed, rows))
    return rows[order], period[order], last[order], closed[order]
