# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
import csv
import datetime
import tempfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import DeliveryError
from resolver.feeds.contract import contracts
from resolver.feeds.reader import Source, sheets_of

W01 = contracts()["W01"]
HEADER = ["死亡证明编号", "姓名", "身份证号码", "死亡时间"]
ROW = ["D1", "王伟", "371002198001011234", "2026-10-03"]


def read(path: Path) -> dict[tuple[str, int], list[str]]:
    """Sheet and row number -> cells."""
    source = Source.open(path)
    sheets, _ = sheets_of(source, W01)
    found: dict[tuple[str, int], list[str]] = {}
    for batch in source.batches(sheets):
        assert batch.broken == ()
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        found |= {(batch.sheet, no): list(row) for no, row in zip(batch.row_no.tolist(), rows, strict=True)}
    return found


CELL = st.text(alphabet="王伟㼆䶮·aB1,;|\t\"' \n=＋", max_size=8)
TABLE = st.lists(st.tuples(st.just("D"), CELL, CELL, CELL), min_size=1, max_size=8)
FORMATS = st.sampled_from(
    [(".xlsx", "", ","), (".xls", "", ",")]
    + [(".csv", e, d) for e in ("utf-8", "utf-8-sig", "gb18030", "utf-16") for d in ",\t;|"]
)


@given(TABLE, FORMATS, st.integers(0, 3), st.permutations(range(4)), st.booleans())
@settings(max_examples=80, deadline=None)
def test_what_is_written_is_read(
    write_table: Any,
    table: list[tuple[str, ...]],
    form: tuple[str, str, str],
    titles: int,
    order: list[int],
    quote_all: bool,
) -> None:
    suffix, encoding, delimiter = form
    rows = [["死亡证明登记表"]] * titles + [[row[i] for i in order] for row in [tuple(HEADER), *table]]
    quoting = {"quoting": csv.QUOTE_ALL} if quote_all else {}
    with tempfile.TemporaryDirectory() as folder:
        path = write_table(Path(folder) / f"x{suffix}", rows, encoding or "utf-8", delimiter, **quoting)
        found = read(path)
    expected = {titles + 2 + n: row for n, row in enumerate(rows[titles + 1 :])}
    assert {no: cells for (_, no), cells in found.items()} == expected


@pytest.mark.parametrize(("name", "like"), [("x.xls", ".csv"), ("x.csv", ".xlsx"), ("x.xlsx", ".xls")])
def test_the_content_says_what_a_file_is(tmp_path: Path, write_table: Any, name: str, like: str) -> None:
    made = write_table(tmp_path / f"made{like}", [HEADER, ROW], "gb18030", "\t")
    path = made.rename(tmp_path / name)
    assert list(read(path).values()) == [ROW]


def test_every_sheet_has_its_own_header(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, header, start in (("环翠", HEADER, 0), ("文登", HEADER[::-1], 2)):
            sheet = book.add_worksheet(name)
            sheet.write_row(start, 0, header)
            sheet.write_row(start + 1, 0, ROW if start == 0 else ROW[::-1])
        book.add_worksheet("说明").write(0, 0, "请按要求填写")
    source = Source.open(path)
    sheets, notes = sheets_of(source, W01)
    assert [sheet.name for sheet in sheets] == ["环翠", "文登"]
    assert notes == ["工作表没有表头，已跳过 sheet without a header skipped: 说明"]
    assert read(path) == {("环翠", 2): ROW, ("文登", 4): ROW[::-1]}


def test_hidden_sheets_leave_a_note(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("新").write_row(0, 0, HEADER)
        book.add_worksheet("旧").hide()
    _, notes = sheets_of(Source.open(path), W01)
    assert notes == ["隐藏的工作表未读取 hidden sheet not read: 旧"]


def test_a_file_without_any_header_is_refused(tmp_path: Path, write_table: Any) -> None:
    path = write_table(tmp_path / "x.xlsx", [["甲", "乙"], ["1", "2"]])
    with pytest.raises(DeliveryError, match="W01 死亡证明") as error:
        sheets_of(Source.open(path), W01)
    assert "死亡证明编号" in error.value.remedy


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_that_lacks_a_mandatory_column_is_refused(
    tmp_path: Path, write_table: Any, suffix: str
) -> None:
    path = write_table(tmp_path / f"x{suffix}", [["标题"], HEADER[:3]])
    with pytest.raises(DeliveryError, match=r"row 2: the header lacks 死亡时间") as error:
        sheets_of(Source.open(path), W01)
    assert ("sheet Sheet1" in str(error.value)) == (suffix == ".xlsx")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot be read"):
        Source.open(tmp_path / "no.csv")


def test_dates_and_numbers_of_a_spreadsheet_are_text(tmp_path: Path, write_table: Any) -> None:
    row = [17, "王伟", 371002198001011234, datetime.datetime(2026, 10, 3, 4, 5, 6)]
    path = write_table(tmp_path / "x.xlsx", [HEADER, row])
    assert list(read(path).values()) == [["17", "王伟", "371002198001011000", "2026-10-03 04:05:06"]]
