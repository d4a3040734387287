import resource
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from resolver.errors import DeliveryError
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.feeds.returns import write_returns
from resolver.workspace import Workspace

HEADER = ["死亡证明编号", "姓名", "身份证号码", "死亡时间", "死亡原因"]


def deliver(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, folder: Path, write_table: Any
) -> None:
    deaths = [["D1", "王伟", "1", "", '=HYPERLINK("http://x")'], ["D2", "李芳", "2", "2026-10-01", ""]]
    more = [["D3", "", "", "2026-10-01", "+1"], ["D4", "-", "x"]]
    births = [["B1", "王之子", "2026-13-01", "李芳", "3", "@x"]]
    birth_header = ["出生证编号", "新生儿姓名", "出生时间", "母亲姓名", "母亲身份证号", "备注"]
    write_table(folder / "2026-10" / "W01甲.csv", [HEADER, *deaths])
    write_table(folder / "2026-10" / "W01乙.csv", [[*HEADER, "备用"], *([*row, "z"] for row in more)])
    write_table(folder / "2026-10" / "W02.csv", [birth_header, *births])
    write_table(folder / "2026-11" / "W01.csv", [HEADER, deaths[0]])
    write_table(folder / "2026-11" / "W05.csv", [["火化证编号", "逝者姓名", "逝者身份证号", "火化时间"]])
    receive(workspace, ledger, [folder], options)


def test_each_department_gets_its_rows_back(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    deliver(workspace, ledger, options, tmp_path / "feeds", write_table)
    written = write_returns(workspace, ledger.recorded)
    assert [str(path.relative_to(workspace.returns)) for path in written] == [
        "2026-10/HEALTH.xlsx", "2026-11/HEALTH.xlsx",
    ]  # fmt: skip
    book = CalamineWorkbook.from_path(written[0])
    assert book.sheet_names == ["W01 死亡证明", "W02 出生医学证明"]
    rows = book.get_sheet_by_name("W01 死亡证明").to_python()
    assert rows[0] == [
        "文件 file", "工作表 sheet", "行号 row", "列 column", "原因 reason", *HEADER, "备用", "(第4列 column 4)",
    ][: len(rows[0])]  # fmt: skip
    by_file = {(row[0], row[2]): row for row in rows[1:]}
    assert set(by_file) == {("W01甲.csv", "2"), ("W01乙.csv", "2"), ("W01乙.csv", "3")}
    assert by_file["W01甲.csv", "2"][3:5] == ["死亡时间", "“死亡时间”为空 required value is missing"]
    assert by_file["W01甲.csv", "2"][5:10] == ["D1", "王伟", "1", "", '=HYPERLINK("http://x")']
    assert by_file["W01乙.csv", "2"][10] == "z"


def test_nothing_in_a_cell_is_a_formula(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    deliver(workspace, ledger, options, tmp_path / "feeds", write_table)
    for path in write_returns(workspace, ledger.recorded):
        with zipfile.ZipFile(path) as archive:
            sheets = [
                archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name
            ]
            assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()
        assert all("<f>" not in sheet for sheet in sheets)


def test_the_same_rows_give_the_same_file(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    deliver(workspace, ledger, options, tmp_path / "feeds", write_table)
    first = [path.read_bytes() for path in write_returns(workspace, ledger.recorded)]
    again = [path.read_bytes() for path in write_returns(workspace, ledger.recorded[::-1])]
    assert first == again
    assert [path.name for path in (workspace.returns / "2026-10").iterdir()] == ["HEALTH.xlsx"]


def test_nothing_to_correct_no_file(workspace: Workspace) -> None:
    assert write_returns(workspace, []) == []
    assert not workspace.returns.exists()


def test_a_file_that_cannot_be_written_is_named_and_leaves_nothing(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    deliver(workspace, ledger, options, tmp_path / "feeds", write_table)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        with pytest.raises(DeliveryError, match="the disk is full"):
            write_returns(workspace, ledger.recorded)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list((workspace.returns / "2026-10").iterdir()) == []
