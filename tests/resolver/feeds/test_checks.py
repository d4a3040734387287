# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
import json
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from resolver.feeds.checks import Checked, accepted_schema, check_batch
from resolver.feeds.contract import contracts
from resolver.feeds.headers import find_header
from resolver.feeds.row_id import unpack
from resolver.feeds.rows import Batch, BrokenRow

DELIVERY = "00000000ab"
HEADER = ["死亡证明编号", "姓名", "身份证号码", "死亡时间", "性别", "备注"]
GOOD = ["D1", "王伟", "371002198001011234", "2026-10-03 04:05", "男", ""]


def check(
    rows: list[list[str]], feed: str = "W01", header: list[str] = HEADER, broken: Any = (), first: int = 0
) -> Checked:
    contract = contracts()[feed]
    layout = find_header([header], contract)
    assert layout is not None
    columns = tuple(pa.array([row[n] for row in rows], pa.string()) for n in range(len(header)))
    taken = {row.row_no for row in broken}
    numbers = [no for no in range(2, 2 + len(rows) + len(taken)) if no not in taken]
    batch = Batch("甲", tuple(header), np.array(numbers, np.int32), columns, tuple(broken))
    return check_batch(batch, layout, contract, DELIVERY, first)


def test_a_good_row_is_accepted_with_typed_columns() -> None:
    checked = check([GOOD], first=7)
    assert checked.accepted.schema == accepted_schema(contracts()["W01"])
    (row,) = checked.accepted.to_pylist()
    assert unpack(row["row_id"]) == (DELIVERY, 7)
    assert (row["sheet"], row["row_no"], row["name"], row["sex"]) == ("甲", 2, "王伟", 1)
    assert row["death_time"] == datetime(2026, 10, 3, 4, 5)
    assert row["birth_date"] is None  # the file lacks the column
    assert checked.n_rows == 1
    assert len(checked.quarantined) == 0


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({3: ""}, "死亡时间", "“死亡时间”为空 required value is missing"),
        ({3: "2026-13-45"}, "死亡时间", "“死亡时间”的内容“2026-13-45”不是日期时间 date and time"),
        ({1: " ", 2: "\u3000"}, None, "姓名和证件号码都为空 the row has neither name nor number"),
        ({1: "371002198001011234", 2: "男"}, "姓名", "可能错位"),
        ({1: "1980-01-01"}, "姓名", "the cells may have slipped"),
        ({1: "男"}, "姓名", "the cells may have slipped"),
    ],
)
def test_quarantine(changes: dict[int, str], column: str | None, reason: str) -> None:
    row = [changes.get(n, cell) for n, cell in enumerate(GOOD)]
    checked = check([GOOD, row, GOOD])
    assert checked.accepted["row_no"].to_pylist() == [2, 4]
    (line,) = checked.quarantined.to_pylist()
    assert (line["sheet"], line["row_no"], line["column"]) == ("甲", 3, column)
    assert reason in line["reason"]
    assert unpack(line["row_id"]) == (DELIVERY, 1)
    assert list(json.loads(line["cells"])) == HEADER
    assert json.loads(line["cells"])["死亡证明编号"] == "D1"


def test_several_problems_of_a_row_are_one_line() -> None:
    checked = check([["D1", "", "", "?", "", ""]])
    (line,) = checked.quarantined.to_pylist()
    assert line["reason"].count("；") == 1
    assert line["column"] == "死亡时间"


@pytest.mark.parametrize("number", ["", "123", "371002198001011235", "0", "不详", "3.71002E+17"])
def test_a_bad_number_is_no_reason_to_refuse_a_row(number: str) -> None:
    checked = check([["D1", "王伟", number, "2026-10-03", "", ""]])
    assert checked.accepted["id_number"].to_pylist() == [number or None]


def test_a_number_without_a_name_is_accepted() -> None:
    assert len(check([["D1", "", "371002198001011234", "2026-10-03", "", ""]]).accepted) == 1


def test_an_organisation_needs_a_name_or_a_code() -> None:
    header = ["统一社会信用代码", "企业名称", "注销日期"]
    rows = [["", "某公司", "2026-10-01"], ["91371000MA3C000000", "", "2026-10-01"], ["", "", "2026-10-01"]]
    checked = check(rows, "W09", header)
    assert checked.accepted["row_no"].to_pylist() == [2, 3]
    assert "名称和代码都为空" in checked.quarantined["reason"][0].as_py()


def test_blank_rows_totals_footnotes_and_repeated_headers_are_no_rows() -> None:
    blank = [""] * 6
    rows = [
        GOOD, blank, [" ", "\u3000", "", "", "", ""], HEADER, ["合计", "", "", "2人", "", ""],
        ["", " 总 计：", "1", "", "", ""], ["小计", *blank[1:]], ["", "", "制表人：王伟", "", "", ""],
        ["D2", "合计明", "1", "2026-10-03", "", ""], ["注：以上数据截至月底", *blank[1:]],
    ]  # fmt: skip
    checked = check(rows)
    assert checked.accepted["row_no"].to_pylist() == [2, 10]
    assert [unpack(i)[1] for i in checked.accepted["row_id"].to_pylist()] == [0, 1]
    assert checked.n_rows == 2
    assert {why.split(" ", 1)[1]: rows for why, rows in checked.skipped.items()} == {
        "total rows skipped": [6, 7, 8],
        "notes below the table skipped": [9, 11],
        "repeated headers skipped": [5],
    }


def test_broken_rows_stand_in_their_place() -> None:
    broken = [BrokenRow(3, "少了", ("D9", "王")), BrokenRow(4, "多了", tuple("1234567"))]
    checked = check([GOOD, GOOD], broken=broken)
    assert checked.n_rows == 4
    assert checked.accepted["row_no"].to_pylist() == [2, 5]
    assert [unpack(i)[1] for i in checked.accepted["row_id"].to_pylist()] == [0, 3]
    first, second = checked.quarantined.to_pylist()
    assert (first["row_no"], unpack(first["row_id"])[1], first["reason"]) == (3, 1, "少了")
    assert json.loads(first["cells"]) == {"死亡证明编号": "D9", "姓名": "王"}
    assert json.loads(second["cells"])["(第7列 column 7)"] == "7"


def test_a_total_of_fewer_cells_is_a_total() -> None:
    checked = check([GOOD], broken=[BrokenRow(3, "少了", ("合计", "1"))])
    assert checked.n_rows == 1
    assert list(checked.skipped.values()) == [[3]]


def test_unread_cells_are_counted_with_their_first_rows() -> None:
    rows = [[*GOOD[:4], word, ""] for word in ("男", "甲", "乙", "甲", "")]
    checked = check(rows)
    assert checked.accepted["sex"].to_pylist() == [1, None, None, None, None]
    assert set(checked.unread) == {"sex"}
    assert checked.unread["sex"].header == "性别"
    assert checked.unread["sex"].count == 3
    assert checked.unread["sex"].examples == {"甲": 3, "乙": 4}


def test_no_rows() -> None:
    checked = check([])
    assert (checked.n_rows, len(checked.accepted), len(checked.quarantined)) == (0, 0, 0)
