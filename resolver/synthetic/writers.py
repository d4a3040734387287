"""Rows to files: spreadsheets with title rows and totals, text files in the encodings that departments use."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import xlsxwriter

from resolver.synthetic.draws import Ints

CREATED = datetime(2020, 1, 1)  # noqa: DTZ001 - a fixed date, so that the same seed makes the same bytes
_BLANK_FROM = 40  # spreadsheets of at least so many rows have a blank line in the middle
_PIECE = 200_000  # rows turned into text at once


@dataclass(frozen=True)
class Layout:
    """How the rows stand in their file.

    Attributes:
        heading: Lines above the header; an empty one is a blank line.
        sheets: Names of the sheets over which the rows are spread (spreadsheets only).
        sequence: A first column 序号 that counts the rows.
        remark: A last column 备注, empty.
        total: A last row 合计.
    """

    heading: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ("Sheet1",)
    sequence: bool = False
    remark: bool = False
    total: bool = False


@dataclass(frozen=True)
class Rows:
    """What to write: header -> values in the order of the file, all of one length.

    Attributes:
        cut: Row -> number of cells after which it breaks off.
        patches: Header -> row -> text that stands in a column of dates or amounts (spreadsheets only).
    """

    columns: dict[str, pa.Array]
    cut: dict[int, int]
    patches: dict[str, dict[int, str | None]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def write_text(path: Path, rows: Rows, layout: Layout, encoding: str) -> tuple[list[str], Ints]:
    """Write a text file with commas.

    Args:
        path: The file.
        rows: All columns as text.
        layout: Its heading is written; sheets and totals have no place in a text file.
        encoding: `utf-8`, `utf-8-sig` (with a byte order mark) or `gb18030`.

    Returns:
        For every row its sheet (empty) and its 1-based line.
    """
    n = len(rows)
    headers = [*(["序号"] if layout.sequence else []), *rows.columns, *(["备注"] if layout.remark else [])]
    columns = list(rows.columns.values())
    if layout.sequence:
        columns.insert(0, pa.array(np.arange(1, n + 1)).cast(pa.string()))
    if layout.remark:
        columns.append(pa.nulls(n, pa.string()))
    table = pa.table(columns, names=[str(i) for i in range(len(columns))])
    breaks = sorted(rows.cut)
    with path.open("wb") as file:
        top = "".join(f"{line}\r\n" for line in (*layout.heading, ",".join(headers)))
        file.write(top.encode(encoding))
        start = 0
        for row in (*breaks, n):
            for piece in range(start, row, _PIECE):
                _write_piece(file, table.slice(piece, min(_PIECE, row - piece)), encoding)
            if row < n:
                cells = table.slice(row, 1).to_pylist()[0].values()
                line = ",".join(cell or "" for cell in list(cells)[: rows.cut[row]])
                file.write(f"{line}\n".encode(encoding.removesuffix("-sig")))
            start = row + 1
    return [""] * n, np.arange(n, dtype=np.int64) + len(layout.heading) + 2


def _write_piece(file: io.BufferedWriter, piece: pa.Table, encoding: str) -> None:
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    if encoding.startswith("utf-8"):
        pa_csv.write_csv(piece, file, options)
        return
    buffer = io.BytesIO()
    pa_csv.write_csv(piece, buffer, options)
    file.write(buffer.getvalue().decode("utf-8").encode(encoding))


def write_spreadsheet(path: Path, rows: Rows, layout: Layout) -> tuple[list[str], Ints]:
    """Write an .xlsx file: heading merged over the columns, header, rows with one blank line among them, total.

    Dates, times and amounts stay such; a text like 3.71002E+17 becomes the number that a spreadsheet makes of an
    ID number typed without an apostrophe.

    Returns:
        For every row its sheet and its 1-based row in it.
    """
    n = len(rows)
    headers = [*(["序号"] if layout.sequence else []), *rows.columns, *(["备注"] if layout.remark else [])]
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"created": CREATED, "author": "", "title": ""})
    formats = {
        "title": book.add_format({"bold": True, "align": "center"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheets: list[str] = []
    row_nos: list[Ints] = []
    for part, name in enumerate(layout.sheets):
        start, end = n * part // len(layout.sheets), n * (part + 1) // len(layout.sheets)
        sheet = book.add_worksheet(name)
        first = _write_top(sheet, layout.heading, headers, formats["title"])
        row_no = _positions(end - start, first)
        cells = _cells(rows, start, end)
        for i in range(end - start):
            values: list[Any] = [column[i] for column in cells]
            values = [i + 1, *values] if layout.sequence else values
            cut = rows.cut.get(start + i, len(values))
            _write_row(sheet, int(row_no[i]) - 1, values[:cut], formats)
        if layout.total and end > start:
            sheet.write_string(int(row_no[-1]), 0, "合计")
            sheet.write_string(int(row_no[-1]), 1, f"{end - start}人")
        sheets += [name] * (end - start)
        row_nos.append(row_no)
    book.close()
    return sheets, np.concatenate(row_nos)


def _cells(rows: Rows, start: int, end: int) -> list[list[Any]]:
    cells = [column.slice(start, end - start).to_pylist() for column in rows.columns.values()]
    for column, header in zip(cells, rows.columns, strict=True):
        for row, text in rows.patches.get(header, {}).items():
            if start <= row < end:
                column[row - start] = text
    return cells


def _write_top(sheet: Any, heading: Sequence[str], headers: Sequence[str], title: Any) -> int:
    """Write heading and header; return the 1-based row in which the data begin."""
    for i, line in enumerate(heading):
        if line:
            sheet.merge_range(i, 0, i, len(headers) - 1, line, title)
    for k, header in enumerate(headers):
        sheet.write_string(len(heading), k, header)
    return len(heading) + 2


def _positions(n: int, first: int) -> Ints:
    positions = np.arange(n, dtype=np.int64) + first
    if n >= _BLANK_FROM:
        positions[n // 2 :] += 1
    return positions


def _write_row(sheet: Any, row: int, values: Sequence[Any], formats: dict[str, Any]) -> None:
    for k, value in enumerate(values):
        if value is None:
            continue
        if isinstance(value, datetime):
            sheet.write_datetime(row, k, value, formats["time"])
        elif isinstance(value, date):
            if value.year >= 1900:
                sheet.write_datetime(row, k, value, formats["date"])
            else:  # before the spreadsheet's calendar begins
                sheet.write_string(row, k, value.isoformat())
        elif isinstance(value, int | float):
            sheet.write_number(row, k, value)
        elif "E+" in value and value.replace(".", "").replace("E+", "").isdigit():
            sheet.write_number(row, k, float(value))
        else:
            sheet.write_string(row, k, value)
