"""Tables of lines as files that a department opens: XLSX, or CSV that Excel reads as UTF-8."""

import csv
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from resolver.errors import SettingsError
from resolver.feeds.contract import Column

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_lines(
    path: Path, title: str, columns: Sequence[Column], lines: Sequence[Mapping[str, Any]], month: date
) -> None:
    """Write lines as the file's name says, with the columns' headers above; whole, or not at all.

    A text that a spreadsheet would take for a formula is marked as text (in CSV by an apostrophe).

    Args:
        path: Ends with `.xlsx` or `.csv`; replaced.
        title: Name of the sheet.
        columns: Which values of a line, in order.
        lines: Values by the columns' names; what is missing stays empty.
        month: Stands in the properties of the file as its date, so that the same lines give the same file.

    Raises:
        SettingsError: The name ends otherwise.
        OSError: The file cannot be written.
    """
    writers = {".xlsx": _write_xlsx, ".csv": _write_csv}
    write = writers.get(path.suffix.lower())
    if write is None:
        raise SettingsError(
            f"cannot write a table as {path.name}", remedy="End the file's name with .xlsx or .csv."
        )
    rows = [[_shown(column, line.get(column.name)) for column in columns] for line in lines]
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial, title, [column.header for column in columns], rows, month)
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _write_xlsx(
    path: Path, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], month: date
) -> None:
    # In memory, so that no temporary files with people's data are left elsewhere, whatever happens.
    options = {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": datetime(month.year, month.month, 1, tzinfo=UTC)})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
        for place, header in enumerate(headers):
            sheet.write_string(0, place, header, bold)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write_cell(sheet, number, place, value, quoted)


def _write_csv(
    path: Path, title: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], month: date
) -> None:
    del title, month  # a CSV has no place for them
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows([_harmless(value) for value in row] for row in rows)


def _shown(column: Column, value: Any) -> Any:
    """A value as the department is to read it."""
    if value is None:
        return None
    if column.type == "flag":
        return "是" if value else "否"
    if column.type == "month":
        return f"{value:%Y-%m}"
    if column.type == "integer":
        return int(value)
    return float(value) if column.type == "amount" else value


def _write_cell(sheet: Any, row: int, column: int, value: Any, quoted: Any) -> None:
    if isinstance(value, str):
        sheet.write_string(row, column, value, quoted if value.startswith(_FORMULA_STARTS) else None)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif value is not None:
        sheet.write_number(row, column, value)


def _harmless(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.2f}"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value
