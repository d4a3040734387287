import csv
import hashlib
import io
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from resolver.errors import DeliveryError
from resolver.feeds.intake import ReceiveOptions, delivery_files, receive
from resolver.feeds.receipt import Receipt
from resolver.workspace import Workspace

HEADER = ["死亡证明编号", "姓名", "身份证号码", "死亡时间", "性别"]
ROWS = [["D1", "王伟", "371002198001011234", "2026-10-03", "男"], ["D2", "李芳", "", "2026-10-04", "女"]]
W29 = ["人员编号", "姓名", "身份证号码", "险种类型", "参保状态", "参保开始日期", "参保地区划"]


def enrolments(count: int) -> list[list[str]]:
    return [W29, *([f"P{n}", f"王{n}", "", "310", "正常", "2020-01-01", "371002"] for n in range(count))]


def tree(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def statuses(receipts: list[Receipt]) -> list[str]:
    return [receipt.status for receipt in receipts]


@pytest.fixture
def deaths(tmp_path: Path, write_table: Any) -> Path:
    path: Path = write_table(
        tmp_path / "in" / "2026-10" / "W01死亡证明.csv", [["标题"], HEADER, *ROWS, ["合计", "", "", "2", ""]]
    )
    return path


def test_a_file_is_received(workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path) -> None:
    told: list[tuple[str, int, int]] = []
    (receipt,) = receive(workspace, ledger, [deaths], options, lambda *step: told.append(step))
    assert receipt.status == "received"
    assert (receipt.feed, receipt.period, receipt.extent) == ("W01", date(2026, 10, 1), "delta")
    assert (receipt.n_rows, receipt.n_accepted, receipt.n_quarantined, receipt.zero) == (2, 2, 0, False)
    assert {match.column: match.header for match in receipt.headers} == dict(
        zip(["certificate_no", "name", "id_number", "death_time", "sex"], HEADER, strict=True)
    )
    assert receipt.notes == ("合计行已跳过 total rows skipped: 5",)
    (delivery,) = ledger.recorded
    assert delivery.delivery_id == receipt.delivery_id
    assert delivery.sha256 == hashlib.sha256(deaths.read_bytes()).hexdigest()
    assert delivery.received_at == options.now
    assert delivery.file_name == deaths.name
    rows = pq.read_table(workspace.archive / "W01" / "2026-10" / f"{receipt.delivery_id}.parquet")
    assert rows["row_no"].to_pylist() == [3, 4]
    assert told[0][1:] == (0, 1)
    assert told[-1][1:] == (1, 1)


def test_the_same_file_twice_is_one_delivery(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path
) -> None:
    (first,) = receive(workspace, ledger, [deaths], options)
    before = tree(workspace.root)
    again = deaths.with_name("W01改名.csv")
    again.write_bytes(deaths.read_bytes())
    later = replace(options, now=datetime(2027, 1, 1, tzinfo=UTC))
    receipts = receive(workspace, ledger, [deaths, again], later)
    assert statuses(receipts) == ["already_received", "already_received"]
    assert receipts[0] == replace(first, status="already_received")
    assert tree(workspace.root) == before
    assert len(ledger.recorded) == 1


def test_the_same_content_of_another_month_is_another_delivery(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path
) -> None:
    for month in (10, 11):
        (receipt,) = receive(workspace, ledger, [deaths], replace(options, period=date(2026, month, 1)))
        assert receipt.status == "received"
    assert len({delivery.delivery_id for delivery in ledger.recorded}) == 2


def test_a_process_killed_before_the_ledger_is_made_good_by_the_next(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path
) -> None:
    ledger.broken = True
    with pytest.raises(KeyboardInterrupt):
        receive(workspace, ledger, [deaths], options)
    left = tree(workspace.root)
    ledger.broken = False
    (receipt,) = receive(workspace, ledger, [deaths], options)
    assert receipt.status == "received"
    assert tree(workspace.root) == left


def bad_files(folder: Path, write_table: Any) -> dict[str, Path]:
    good = write_table(folder / "whole.xlsx", [HEADER, *ROWS])
    files = {
        "is empty": b"",
        "neither UTF-8 nor GB18030": bytes(range(128, 256)) * 10,
        "binary": b"\x01\x00\x02" * 10,
        "not a whole spreadsheet": good.read_bytes()[:-100],
        "is a header of W01": b"a,b\n1,2\n",
        "lacks 死亡时间": "死亡证明编号,姓名,身份证号码\n".encode(),
    }
    good.unlink()
    made = {}
    for number, (words, data) in enumerate(files.items()):
        made[words] = folder / f"W01_{number}.csv"
        made[words].write_bytes(data)
    made["fits no feed"] = write_table(folder / "不明.csv", [["姓名", "爱好"], ["甲", "乙"]])
    made["not a table"] = folder / "W01.pdf"
    made["not a table"].write_bytes(b"%PDF")
    return made


def test_refused_files_change_nothing_and_do_not_hinder_others(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path, write_table: Any
) -> None:
    bad = bad_files(deaths.parent, write_table)
    before = tree(workspace.root)
    receipts = receive(workspace, ledger, list(bad.values()), options)
    assert statuses(receipts) == ["refused"] * len(bad)
    for words, receipt in zip(bad, receipts, strict=True):
        assert words in receipt.refused, receipt.refused
        assert receipt.path.name in receipt.refused
    assert tree(workspace.root) == before
    assert not workspace.archive.exists()
    assert ledger.recorded == []
    mixed = receive(workspace, ledger, [deaths.parent], options)
    assert sorted(statuses(mixed)) == ["received", *["refused"] * len(bad)]


def test_a_file_that_says_no_month_is_refused(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    path = write_table(tmp_path / "W01.csv", [HEADER, *ROWS])
    (receipt,) = receive(workspace, ledger, [path], options)
    assert receipt.status == "refused"
    assert receipt.feed == "W01"
    assert "which month" in receipt.refused


def test_a_path_that_does_not_exist_is_an_error(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path
) -> None:
    with pytest.raises(DeliveryError, match="there is no file"):
        receive(workspace, ledger, [tmp_path / "no"], options)


def test_a_header_without_rows_is_a_zero_receipt(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path, write_table: Any
) -> None:
    for name in ("W01.csv", "W01.xlsx"):
        path = write_table(deaths.with_name(name), [["标题"], HEADER])
        (receipt,) = receive(workspace, ledger, [path], options)
        assert (receipt.status, receipt.zero, receipt.n_rows) == ("received", True, 0)
        stored = workspace.archive / "W01" / "2026-10" / f"{receipt.delivery_id}.parquet"
        assert pq.read_table(stored).num_rows == 0


def test_quarantined_rows_are_archived_with_their_cells(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, deaths: Path, write_table: Any
) -> None:
    path = write_table(
        deaths.with_name("W01坏.csv"), [HEADER, ["D3", "", "", "2026-10-01", ""], ["D4", "王"], *ROWS]
    )
    (receipt,) = receive(workspace, ledger, [path], options)
    assert (receipt.n_rows, receipt.n_accepted, receipt.n_quarantined) == (4, 2, 2)
    assert sum(receipt.reasons.values()) == 2
    stored = workspace.archive / "W01" / "2026-10" / f"{receipt.delivery_id}.quarantine.parquet"
    assert pq.read_table(stored)["row_no"].to_pylist() == [2, 3]


def test_folders_are_walked_by_month(tmp_path: Path, write_table: Any) -> None:
    for name in (
        "2026-11/b.csv",
        "2026-10/z.xlsx",
        "2026-10/a.csv",
        "2026-10/~$z.xlsx",
        "2026-10/.x.csv",
        "x/y.csv",
    ):
        path = tmp_path / "city" / "feeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    (tmp_path / "city" / "truth").mkdir()
    (tmp_path / "city" / "truth" / "t.csv").write_text("x", "utf-8")

    def names(period: date | None) -> list[str]:
        return [f"{p.parent.name}/{p.name}" for p in delivery_files([tmp_path / "city"], period)]

    assert names(None) == ["2026-10/a.csv", "2026-10/z.xlsx", "2026-11/b.csv"]
    assert names(date(2026, 11, 1)) == ["2026-11/b.csv"]
    month = tmp_path / "city" / "feeds" / "2026-10"
    assert [p.name for p in delivery_files([month / "z.xlsx", month])] == ["z.xlsx", "a.csv"]


def test_a_shrunken_full_delivery_is_not_complete(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    for month, count in ((9, 100), (10, 60)):
        write_table(tmp_path / f"2026-{month:02}" / "W29.csv", enrolments(count))
    write_table(tmp_path / "2026-10" / "W29续.csv", enrolments(100)[:1] + enrolments(100)[61:])
    receipts = receive(workspace, ledger, [tmp_path / "2026-09", tmp_path / "2026-10"], options)
    assert [(r.extent, r.complete) for r in receipts] == [("full", True), ("full", False), ("full", True)]
    assert "removes nobody" in receipts[1].warnings[0]


def test_the_register_comes_full_once_and_then_in_deltas(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    for name in ("2026-09/W07一.csv", "2026-09/W07二.csv", "2026-10/W07.csv"):
        rows = [["户号", "姓名", "公民身份号码"], [name, "王伟", ""]]
        write_table(tmp_path / "feeds" / name, rows)
    receipts = receive(workspace, ledger, [tmp_path], options)
    assert [receipt.extent for receipt in receipts] == ["full", "full", "delta"]


def test_unknown_choices_and_unread_cells_are_warned_of(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path, write_table: Any
) -> None:
    rows = enrolments(3)
    rows[0] = [*rows[0], "出生日期", "备用"]
    rows[1:] = [[*row, "x" if row[0] == "P1" else "", ""] for row in rows[1:]]
    rows[3][3] = "商业保险"
    path = write_table(tmp_path / "2026-10" / "W29.csv", rows)
    (receipt,) = receive(workspace, ledger, [path], options)
    assert receipt.n_accepted == 3
    assert set(receipt.warnings) == {
        "“险种类型”有1个单元格选项不在约定之中 unknown choice: “商业保险”(第4行 row 4)",
        "“出生日期”有1个单元格内容无法识别 unreadable: “x”(第3行 row 3)",
    }
    assert receipt.ignored == ("备用",)


def test_a_larger_file_takes_seconds(
    workspace: Workspace, ledger: Any, options: ReceiveOptions, tmp_path: Path
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*W29, "出生日期", "联系电话", "家庭住址"])
    writer.writerows(
        [f"P{n}", f"王{n % 997}", f"3710021980{n:08}", "310", "正常", f"20{n % 20:02}-01-{n % 28 + 1:02}", "371002",
         f"{1940 + n % 80}年{n % 12 + 1}月{n % 28 + 1}日", f"138{n:08}", f"环翠区{n % 5000}号"]
        for n in range(300_000)
    )  # fmt: skip
    path = tmp_path / "2026-10" / "W29.csv"
    path.parent.mkdir()
    path.write_bytes(out.getvalue().encode("gb18030"))
    start = time.process_time()
    (receipt,) = receive(workspace, ledger, [path], options)
    assert (receipt.n_accepted, receipt.warnings) == (300_000, ())
    assert time.process_time() - start < 12  # about 3 CPU seconds; the machine may be slow and busy
