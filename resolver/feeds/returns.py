"""Files back to the departments: every quarantined row, what is wrong with it, and its cells to be corrected."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format

from resolver.feeds.archive import archived_files, disk_error
from resolver.feeds.contract import Contract, contracts
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

_PLACE = ("文件 file", "工作表 sheet", "行号 row", "列 column", "原因 reason")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_SHEET_ROWS = 1_000_000  # a spreadsheet holds 1,048,576
_CELL_CHARACTERS = 32_767


def write_returns(workspace: Workspace, deliveries: Sequence[Delivery]) -> list[Path]:
    """Write `returns/<period>/<department>.xlsx` for every department and month with quarantined rows.

    One sheet per feed. A file of the same department and month is replaced, so give all deliveries of the month.
    Cells are written as text: nothing in them is taken for a formula.

    Args:
        workspace: Where the rows are archived and the files go.
        deliveries: The deliveries to report on, in any order.

    Returns:
        The files written, in order.

    Raises:
        DeliveryError: The disk is full or cannot be written.
    """
    wanted: dict[tuple[date, str], list[Delivery]] = {}
    known = contracts()
    for delivery in sorted(deliveries, key=lambda d: (d.period, d.feed, d.file_name, d.delivery_id)):
        if delivery.n_quarantined:
            key = (delivery.period, known[delivery.feed].department)
            wanted.setdefault(key, []).append(delivery)
    return [
        _write(workspace, period, department, wanted[period, department])
        for period, department in sorted(wanted)
    ]


def _write(workspace: Workspace, period: date, department: str, deliveries: Sequence[Delivery]) -> Path:
    folder = workspace.returns / f"{period:%Y-%m}"
    target = folder / f"{department}.xlsx"
    partial = target.with_name(f".{target.name}.partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_book(workspace, partial, deliveries)
        partial.replace(target)
    except (OSError, FileCreateError) as error:
        partial.unlink(missing_ok=True)
        cause = error if isinstance(error, OSError) else error.args[0]
        raise disk_error(cause, folder) from error
    return target


def _write_book(workspace: Workspace, path: Path, deliveries: Sequence[Delivery]) -> None:
    period = deliveries[0].period
    # In memory: no temporary files with people's data are left elsewhere, whatever happens.
    with xlsxwriter.Workbook(path, {"in_memory": True, "strings_to_formulas": False}) as book:
        # The file says nothing of when it was made, so that the same rows give the same bytes.
        book.set_properties({"created": datetime(period.year, period.month, 1, tzinfo=UTC)})
        for feed in dict.fromkeys(delivery.feed for delivery in deliveries):
            own = [delivery for delivery in deliveries if delivery.feed == feed]
            _write_feed(book, contracts()[feed], list(_lines(workspace, own)))


def _lines(
    workspace: Workspace, deliveries: Sequence[Delivery]
) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Place and reason of each quarantined row, and its cells."""
    for delivery in deliveries:
        table = pq.read_table(archived_files(workspace, delivery).quarantine)
        for row in table.to_pylist():
            place = [delivery.file_name, row["sheet"], str(row["row_no"]), row["column"] or "", row["reason"]]
            yield place, json.loads(row["cells"])


def _write_feed(
    book: xlsxwriter.Workbook, contract: Contract, lines: Sequence[tuple[list[str], Mapping[str, str]]]
) -> None:
    headers = list(dict.fromkeys(header for _, cells in lines for header in cells))
    bold, quoted = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    for part, start in enumerate(range(0, len(lines), _SHEET_ROWS)):
        sheet = book.add_worksheet(
            f"{contract.feed} {contract.title}"[:28] + (f" {part + 1}" if part else "")
        )
        sheet.freeze_panes(1, 0)
        _write_row(sheet, 0, [*_PLACE, *headers], bold, bold)
        for number, (place, cells) in enumerate(lines[start : start + _SHEET_ROWS], 1):
            _write_row(sheet, number, [*place, *(cells.get(h, "") for h in headers)], None, quoted)


def _write_row(
    sheet: xlsxwriter.worksheet.Worksheet,
    number: int,
    texts: Sequence[str],
    plain: Format | None,
    quoted: Format,
) -> None:
    for column, text in enumerate(texts):
        style = quoted if text.startswith(_FORMULA_STARTS) else plain
        sheet.write_string(number, column, text[:_CELL_CHARACTERS], style)
