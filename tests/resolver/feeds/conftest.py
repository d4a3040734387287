"""Files as departments make them, and a ledger in memory."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from resolver.feeds.intake import ReceiveOptions
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

WriteTable = Callable[..., Path]


class MemoryLedger:
    """The part of the ledger that intake uses."""

    def __init__(self) -> None:
        self.recorded: list[Delivery] = []
        self.broken = False

    def deliveries(self, feed: str | None = None) -> list[Delivery]:
        return [d for d in self.recorded if feed in (None, d.feed)]

    def record_delivery(self, delivery: Delivery) -> bool:
        if self.broken:
            raise KeyboardInterrupt  # the process is killed before it can acknowledge
        if any(d.delivery_id == delivery.delivery_id for d in self.recorded):
            return False
        self.recorded.append(replace(delivery))
        return True


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def options() -> ReceiveOptions:
    return ReceiveOptions(now=datetime(2026, 11, 2, 9, tzinfo=UTC))


@pytest.fixture(scope="session")
def write_table() -> WriteTable:
    """Write rows (title rows and header included) as the suffix says; returns the path."""

    def write(
        path: Path,
        rows: Sequence[Sequence[Any]],
        encoding: str = "utf-8",
        delimiter: str = ",",
        **quoting: Any,
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".xlsx":
            with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
                sheet = book.add_worksheet()
                for r, row in enumerate(rows):
                    for c, cell in enumerate(row):
                        if isinstance(cell, str):
                            sheet.write_string(r, c, cell)
                        elif cell is not None:
                            sheet.write(r, c, cell)
        elif path.suffix == ".xls":
            old = xlwt.Workbook()
            page = old.add_sheet("Sheet1")
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    page.write(r, c, cell)
            old.save(str(path))
        else:
            out = io.StringIO(newline="")
            csv.writer(out, delimiter=delimiter, **quoting).writerows(rows)
            path.write_bytes(out.getvalue().encode(encoding))
        return path

    return write
