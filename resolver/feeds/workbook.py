"""Spreadsheet files (.xlsx, .xls): their sheets, and every cell as the text a department would read."""

import datetime
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from resolver.errors import DeliveryError
from resolver.feeds.rows import Batch

_MAX_UNPACKED = 8 << 30  # bytes; no workbook is larger, a zip bomb is
_BATCH_ROWS = 200_000
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
# A damaged .xls can ask the reader for terabytes, and the process ends there and then. Let it be another process.
_TRIAL = """
import resource, sys
import python_calamine
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
with open(sys.argv[1], "rb") as file:
    book = python_calamine.CalamineWorkbook.from_filelike(file)
for name in book.sheet_names:
    book.get_sheet_by_name(name)
"""
_EXCEL_EPOCH = datetime.datetime(1899, 12, 30)  # noqa: DTZ001 (a spreadsheet's clock has no zone)


class Workbook:
    """An open spreadsheet file.

    Attributes:
        sheets: Its visible work sheets, in order.
        hidden: Names of those that are hidden and not read.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            DeliveryError: It is damaged, locked by a password, or unpacks to more than any real file.
        """
        self._path = path
        try:
            _check_size(path)
            _try_old_format(path)
            with path.open("rb") as file:  # from_path would go by the name
                self._book = CalamineWorkbook.from_filelike(file)
        except PasswordError as error:
            raise DeliveryError(
                f"{path.name} is locked by a password", remedy="Ask for it without one."
            ) from error
        except (CalamineError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from error
        pages = [sheet for sheet in self._book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        self.sheets = [page.name for page in pages if page.visible == SheetVisibleEnum.Visible]
        self.hidden = [page.name for page in pages if page.visible != SheetVisibleEnum.Visible]

    def first_rows(self, sheet: str, count: int) -> list[list[str]]:
        """The first rows of a sheet; a merged area shows its text in each of its cells."""
        page = self._page(sheet)
        rows = [[cell_text(cell) for cell in row] for row in islice(page.iter_rows(), count)]
        for (top, left), (bottom, right) in page.merged_cell_ranges or ():
            for row in rows[top : bottom + 1]:
                row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
        return rows

    def batches(self, sheet: str, headers: Sequence[str], header_row: int) -> Iterator[Batch]:
        """The rows of a sheet below its header.

        A merged area gives its text to the cells below its first one: a household number beside its members.
        """
        page = self._page(sheet)
        width = len(headers)
        down = _merged_down(page.merged_cell_ranges or (), width)
        shown: dict[tuple[int, int], str] = {}
        rows = islice(page.iter_rows(), header_row + 1, None)
        row_no = header_row + 2
        while block := list(islice(rows, _BATCH_ROWS)):
            # Cells come one by one from the reader: the one place where rows are walked in Python.
            columns = [[cell_text(cell) for cell in column] for column in zip(*block, strict=True)][:width]
            columns += [[""] * len(block)] * (width - len(columns))
            _fill_down(columns, down, row_no - 1, shown)
            numbers = np.arange(row_no, row_no + len(block), dtype=np.int32)
            arrays = tuple(pa.array(column, pa.string()) for column in columns)
            yield Batch(sheet, tuple(headers), numbers, arrays)
            row_no += len(block)

    def _page(self, sheet: str) -> Any:
        try:
            return self._book.get_sheet_by_name(sheet)
        except CalamineError as error:
            raise self._damaged(error, sheet) from error

    def _damaged(self, error: Exception, sheet: str = "") -> DeliveryError:
        where = f", sheet {sheet}" if sheet else ""
        return DeliveryError(
            f"{self._path.name}{where} is not a whole spreadsheet file: {error}",
            remedy="Ask for the file again; it was cut off or damaged on the way, or is of another kind.",
        )


def cell_text(cell: object) -> str:
    """The text of a cell, as its department would write it.

    A number keeps the 15 digits a spreadsheet keeps (an 18-digit number typed as a number ends in 000, and is
    left so), a date is YYYY-MM-DD, a moment is rounded to the second.
    """
    if type(cell) is str:
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return f"{Decimal(f'{cell:.15g}'):f}"
    if isinstance(cell, datetime.timedelta):
        cell = _EXCEL_EPOCH + cell
    if isinstance(cell, datetime.datetime):
        return str((cell + datetime.timedelta(microseconds=500_000)).replace(microsecond=0))
    return str(cell)


def _check_size(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > _MAX_UNPACKED:
        raise DeliveryError(
            f"{path.name} would unpack to {unpacked >> 30} GiB",
            remedy="Ask for it in smaller files, or as .csv.",
        )


def _try_old_format(path: Path) -> None:
    """Read an .xls once in a process of its own; locked and merely wrong ones are told apart later."""
    with path.open("rb") as file:
        if not file.read(4).startswith(_OLD_FORMAT):
            return
    trial = subprocess.run([sys.executable, "-c", _TRIAL, str(path)], capture_output=True, check=False)
    if trial.returncode < 0 or b"PanicException" in trial.stderr:
        raise CalamineError("reading it ends the process that does")


def _merged_down(ranges: Sequence[Any], width: int) -> list[tuple[int, int, int]]:
    """Merged areas of more than one row: (column, first row, last row), from 0."""
    return [(left, top, bottom) for (top, left), (bottom, _) in ranges if bottom > top and left < width]


def _fill_down(
    columns: list[list[str]],
    down: list[tuple[int, int, int]],
    first: int,
    shown: dict[tuple[int, int], str],
) -> None:
    """Fill merged areas inside a block that starts at sheet row `first`; `shown` keeps the texts between blocks."""
    for column, top, bottom in down:
        cells = columns[column]
        after = first + len(cells)
        if first <= top < after:
            shown[column, top] = cells[top - first]
        for row in range(max(top + 1, first), min(bottom + 1, after)):
            cells[row - first] = shown.get((column, top), "")
