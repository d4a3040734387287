"""Changes that storylines make to finished facts: other values, missing rows, rows told twice.

Most storylines change lives, and all feeds follow. Where departments must disagree about one life (another base, a
bill of another amount, a flag never set), a storyline leaves the life alone and amends what one department tells:

    lives.amend("W23", "payer", person, {"amount": 812.0})
    lives.drop("J06", "recipient", person)
    lives.repeat("J05", "patient", person, {"setl_id": "S0000000001", "bill_no": None})

`where` narrows all rows about someone down to those with certain values. Feeds that are drawn from others (bills and
fee lines from settlements, stock from fee lines) are drawn before anything is amended.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Amendment:
    """One change to the rows of a feed about someone.

    Attributes:
        role: Column with the number of the person or organisation.
        who: The number.
        values: Column -> new value, in every row concerned.
        where: Column -> value that a row must have to be concerned.
        last: Only the last row concerned, in order of the table.
    """

    feed: str
    kind: Literal["set", "drop", "repeat"]
    role: str
    who: int
    values: Mapping[str, Any] = field(default_factory=dict)
    where: Mapping[str, Any] = field(default_factory=dict)
    last: bool = False


def amended(facts: Mapping[str, pa.Table], amendments: Sequence[Amendment]) -> dict[str, pa.Table]:
    """The facts after all amendments, in their order; facts are numbered anew.

    Raises:
        ValueError: An amendment concerns no row, or names a column that the feed does not have.
    """
    by_feed: dict[str, list[Amendment]] = defaultdict(list)
    for amendment in amendments:
        by_feed[amendment.feed].append(amendment)
    return {
        feed: _amended(table, by_feed[feed]) if feed in by_feed else table for feed, table in facts.items()
    }


def rows_concerned(table: pa.Table, amendments: Sequence[Amendment]) -> list[_Rows]:
    """Positions of the rows that each amendment of one feed concerns, in order.

    Raises:
        ValueError: There is none, or it names a column that the table does not have.
    """
    who = _Subjects(table)
    return [who.rows(amendment) for amendment in amendments]


def _amended(table: pa.Table, amendments: Sequence[Amendment]) -> pa.Table:
    places = rows_concerned(table, amendments)
    repeated = [
        _with_values(table.take(pa.array(rows)), [(np.arange(len(rows)), amendment.values)])
        for amendment, rows in zip(amendments, places, strict=True)
        if amendment.kind == "repeat"
    ]
    pairs = list(zip(places, amendments, strict=True))
    table = _with_values(table, [(rows, a.values) for rows, a in pairs if a.kind == "set"])
    keep = np.ones(table.num_rows, bool)
    for rows, amendment in pairs:
        if amendment.kind == "drop":
            keep[rows] = False
    table = pa.concat_tables([table.filter(pa.array(keep)), *repeated]).combine_chunks()
    number = table.schema.get_field_index("fact")
    return table.set_column(number, "fact", pa.array(np.arange(table.num_rows), pa.int64()))


class _Subjects:
    """The rows of a table about somebody, found without reading it whole for everyone."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._sorted: dict[str, tuple[_Rows, _Rows]] = {}

    def rows(self, amendment: Amendment) -> _Rows:
        """Positions of the rows that an amendment concerns, in order."""
        table, feed, role = self._table, amendment.feed, amendment.role
        unknown = sorted({role, *amendment.where, *amendment.values} - set(table.column_names))
        if unknown:
            raise ValueError(f"{feed} has no column {unknown[0]}")
        rows = self._about(role, amendment.who)
        for name, value in amendment.where.items():
            column = table[name].take(pa.array(rows))
            same = column.is_null() if value is None else pc.equal(column, pa.scalar(value, column.type))
            rows = rows[np.asarray(pc.fill_null(same, False).to_numpy(), bool)]
        if not len(rows):
            raise ValueError(f"{feed} has no row about {role} {amendment.who} to amend")
        return rows[-1:] if amendment.last else rows

    def _about(self, role: str, who: int) -> _Rows:
        if role not in self._sorted:
            column = self._table[role].to_numpy()
            order = np.argsort(column, kind="stable")
            self._sorted[role] = (order, column[order])
        order, column = self._sorted[role]
        start, end = np.searchsorted(column, [who, who + 1])
        return order[start:end]


def _with_values(table: pa.Table, changes: Sequence[tuple[_Rows, Mapping[str, Any]]]) -> pa.Table:
    """The table with new values in some rows; of several for one cell the last holds."""
    cells: dict[str, dict[int, Any]] = defaultdict(dict)
    for rows, values in changes:
        for name, value in values.items():
            cells[name].update(dict.fromkeys(rows.tolist(), value))
    for name, new in cells.items():
        column = table[name].combine_chunks()
        rows = np.array(sorted(new), np.int64)
        mask = np.zeros(table.num_rows, bool)
        mask[rows] = True
        wanted = pa.array([new[row] for row in rows.tolist()], column.type)
        replaced = pc.replace_with_mask(column, pa.array(mask), wanted)
        table = table.set_column(table.schema.get_field_index(name), name, replaced)
    return table
