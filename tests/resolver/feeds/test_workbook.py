# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
import datetime
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from resolver.errors import DeliveryError
from resolver.feeds import workbook
from resolver.feeds.workbook import Workbook, cell_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  x ", "  x "),
        ("", ""),
        (True, "TRUE"),
        (1.0, "1"),
        (1.5, "1.5"),
        (0.1 + 0.2, "0.3"),
        (13800138000.0, "13800138000"),
        (3.71002198001011e17, "371002198001011000"),
        (371002198001011234.0, "371002198001011000"),
        (1e-7, "0.0000001"),
        (-12.5, "-12.5"),
        (datetime.date(2023, 1, 2), "2023-01-02"),
        (datetime.datetime(2023, 1, 2), "2023-01-02 00:00:00"),
        (datetime.datetime(2023, 1, 2, 3, 4, 59, 999_600), "2023-01-02 03:05:00"),
        (datetime.time(1, 2), "01:02:00"),
        (datetime.timedelta(days=44928, hours=1), "2023-01-02 01:00:00"),
    ],
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert cell_text(cell) == text


@pytest.fixture
def book(tmp_path: Path) -> Any:
    """Merged title, a header of two rows, a household number merged beside its members, a hidden sheet."""
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as file:
        sheet = file.add_worksheet("低保")
        sheet.merge_range(0, 0, 0, 2, "标题")
        sheet.merge_range(2, 0, 3, 0, "证号")
        sheet.merge_range(2, 1, 2, 2, "成员")
        sheet.write_row(3, 1, ["姓名", "身份证号"])
        sheet.merge_range(4, 0, 6, 0, "D1")
        for row, name in enumerate(["甲", "乙", "丙", "丁"], 4):
            sheet.write_row(row, 1, [name, f"{row}"])
        sheet.write(7, 0, "D2")
        file.add_worksheet("旧").hide()
        file.add_worksheet("空")
        file.add_chartsheet("图")
    return path


def test_merged_cells_show_their_text_in_the_header(book: Path) -> None:
    rows = Workbook(book).first_rows("低保", 5)
    assert rows[0] == ["标题"] * 3
    assert rows[2] == ["证号", "成员", "成员"]
    assert rows[3] == ["证号", "姓名", "身份证号"]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_merged_cells_of_the_data_are_filled_down(
    book: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(workbook, "_BATCH_ROWS", size)
    batches = list(Workbook(book).batches("低保", ["证号", "姓名", "身份证号"], 3))
    assert [no for batch in batches for no in batch.row_no.tolist()] == [5, 6, 7, 8]
    assert [text for batch in batches for text in batch.columns[0].to_pylist()] == ["D1", "D1", "D1", "D2"]
    assert [text for batch in batches for text in batch.columns[1].to_pylist()] == ["甲", "乙", "丙", "丁"]


def test_only_visible_work_sheets_are_read(book: Path) -> None:
    opened = Workbook(book)
    assert opened.sheets == ["低保", "空"]
    assert opened.hidden == ["旧"]
    assert opened.first_rows("空", 5) == []
    assert list(opened.batches("空", [], 0)) == []


def test_a_damaged_file_is_refused(tmp_path: Path, book: Path) -> None:
    whole = book.read_bytes()
    cut = tmp_path / "cut.xlsx"
    for length in (4, 100, len(whole) // 2, len(whole) - 30):
        cut.write_bytes(whole[:length])
        with pytest.raises(DeliveryError, match=r"cut\.xlsx is not a whole spreadsheet file"):
            Workbook(cut)


def test_a_zip_that_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(DeliveryError, match="not a whole spreadsheet"):
        Workbook(path)


def test_a_zip_bomb_is_refused_unopened(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "_MAX_UNPACKED", 1000)
    with pytest.raises(DeliveryError, match="would unpack to"):
        Workbook(book)


def test_a_damaged_sheet_is_refused_by_name(tmp_path: Path, book: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(broken, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, data[: len(data) // 2] if "sheet1.xml" in entry.filename else data)
    with pytest.raises(DeliveryError, match="sheet 低保"):
        Workbook(broken).first_rows("低保", 5)


def test_an_old_spreadsheet_that_would_end_the_process_is_refused(
    tmp_path: Path, write_table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_table(tmp_path / "x.xls", [["a", "b"], ["1", "2"]])
    assert Workbook(path).sheets == ["Sheet1"]
    monkeypatch.setattr(workbook, "_TRIAL", "import os; os.abort()")
    with pytest.raises(DeliveryError, match="not a whole spreadsheet"):
        Workbook(path)
    monkeypatch.setattr(workbook, "_TRIAL", "raise SystemExit('pyo3_runtime.PanicException')")
    with pytest.raises(DeliveryError, match="not a whole spreadsheet"):
        Workbook(path)
