"""Tables that are made some rows at a time: nobody needs memory for all of what is only to be written down."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, eq=False)
class SlicedTable:
    """A table of which any rows can be had.

    Attributes:
        schema: Its columns.
        num_rows: How many rows it has.
        rows: Gives the rows from one to before another one.
    """

    schema: pa.Schema
    num_rows: int
    rows: Callable[[int, int], pa.Table]

    @classmethod
    def of(cls, table: pa.Table) -> "SlicedTable":
        """Of a table that is there as a whole."""
        return cls(table.schema, table.num_rows, lambda start, stop: table.slice(start, stop - start))

    def slices(self, most: int) -> Iterator[pa.Table]:
        """All rows in their order, so many at a time; one slice without rows if there are none."""
        for start in range(0, max(self.num_rows, 1), most):
            yield self.rows(start, min(start + most, self.num_rows))

    def whole(self) -> pa.Table:
        """All of it."""
        return self.rows(0, self.num_rows)
