"""Rows as they stand in a file, before any cell is understood."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True)
class BrokenRow:
    """A row whose cells cannot be told apart.

    Attributes:
        row_no: As in `Batch`.
        reason: For the department, in Chinese and English.
        cells: Its cells as far as they could be told apart.
    """

    row_no: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one sheet.

    Attributes:
        sheet: Name of the sheet; empty for text files.
        headers: Header of each column as it came.
        row_no: int32 (n,), number of each row in the sheet or file, from 1: title rows, the header and blank rows
            are counted, a line break inside a quoted cell is not. That is what a spreadsheet shows beside the row.
        columns: One string array (n,) per header; an empty cell is an empty string or null.
        broken: Broken rows among them; their numbers are not in `row_no`.
    """

    sheet: str
    headers: tuple[str, ...]
    row_no: npt.NDArray[np.int32]
    columns: tuple[pa.Array, ...]
    broken: tuple[BrokenRow, ...] = ()
