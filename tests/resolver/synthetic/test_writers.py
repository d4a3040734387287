import csv
from datetime import date, datetime

import pyarrow as pa
import pytest
from python_calamine import CalamineWorkbook

from resolver.synthetic.writers import Layout, Rows, write_spreadsheet, write_text

MORNING = datetime.fromisoformat("2026-10-01T08:30:00")  # wall clock, as in the files


def some_rows(n, cut=None, patches=None):
    columns = {
        "编号": pa.array([f"A{i}" for i in range(n)]),
        "姓名": pa.array([f"王,{i}" if i % 2 else None for i in range(n)], pa.string()),
        "地点": pa.array([f"村{i}" for i in range(n)]),
    }
    return Rows(columns, cut or {}, patches or {})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_files_have_their_rows_where_they_are_said_to_be(tmp_path, encoding):
    layout = Layout(heading=("火化登记表", ""), sequence=True, remark=True)
    sheets, row_nos = write_text(tmp_path / "a.csv", some_rows(7, {3: 2}), layout, encoding)
    raw = (tmp_path / "a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    lines = list(csv.reader(raw.decode(encoding).splitlines()))
    assert lines[:3] == [["火化登记表"], [], ["序号", "编号", "姓名", "地点", "备注"]]
    assert set(sheets) == {""}
    for i, row_no in enumerate(row_nos.tolist()):
        whole = [str(i + 1), f"A{i}", f"王,{i}" if i % 2 else "", f"村{i}", ""]
        assert lines[row_no - 1] == (whole[:2] if i == 3 else whole)
    assert len(lines) == 3 + 7


def test_bytes_that_no_standard_knows_come_out_as_they_came_in(tmp_path):
    rows = Rows({"姓名": pa.array(["王\ue81e"])}, {}, {})
    write_text(tmp_path / "a.csv", rows, Layout(), "gb18030")
    assert b"\xfe\x59" in (tmp_path / "a.csv").read_bytes()


def test_spreadsheets_have_their_rows_where_they_are_said_to_be(tmp_path):
    n = 101
    layout = Layout(heading=("汇总表", ""), sheets=("甲", "乙"), sequence=True, total=True)
    sheets, row_nos = write_spreadsheet(tmp_path / "a.xlsx", some_rows(n), layout)
    book = CalamineWorkbook.from_path(tmp_path / "a.xlsx")
    cells = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    assert list(cells) == ["甲", "乙"]
    for i, (sheet, row_no) in enumerate(zip(sheets, row_nos.tolist(), strict=True)):
        assert cells[sheet][row_no - 1][1] == f"A{i}"
        assert cells[sheet][row_no - 1][2] == (f"王,{i}" if i % 2 else "")
    for name, rows in cells.items():
        assert rows[0][0] == "汇总表"
        assert rows[2] == ["序号", "编号", "姓名", "地点"]
        assert rows[-1][:2] == ["合计", f"{sheets.count(name)}人"]
        assert ["", "", "", ""] in rows[3:-1]


def test_cells_keep_their_types_and_patches_win(tmp_path):
    columns = {
        "身份证号": pa.array(["371002199001011234", "3.71002199001010E+17"]),
        "日期": pa.array([date(2026, 10, 1), date(1890, 1, 1)]),
        "时间": pa.array([MORNING, None], pa.timestamp("s")),
        "金额": pa.array([12.5, 3.25]),
    }
    rows = Rows(columns, {}, {"金额": {1: "待核实"}})
    write_spreadsheet(tmp_path / "a.xlsx", rows, Layout())
    first, second = CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python()[1:]
    assert first == ["371002199001011234", date(2026, 10, 1), MORNING, 12.5]
    assert second == [3.71002199001010e17, "1890-01-01", "", "待核实"]


def test_the_same_rows_make_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_spreadsheet(tmp_path / f"{name}.xlsx", some_rows(50), Layout(heading=("表",)))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_file_without_rows_has_its_header(tmp_path):
    _, row_nos = write_text(tmp_path / "a.csv", some_rows(0), Layout(), "utf-8")
    assert (tmp_path / "a.csv").read_text("utf-8").split() == ["编号,姓名,地点"]
    assert len(row_nos) == 0
    _, row_nos = write_spreadsheet(tmp_path / "a.xlsx", some_rows(0), Layout(total=True))
    assert CalamineWorkbook.from_path(tmp_path / "a.xlsx").get_sheet_by_index(0).to_python() == [
        ["编号", "姓名", "地点"]
    ]
    assert len(row_nos) == 0
