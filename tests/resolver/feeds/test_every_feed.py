"""Every feed's made-up file is known, read and archived, whichever of its headers it comes under."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from resolver.feeds.contract import Column, Contract, contracts
from resolver.feeds.current import current_rows
from resolver.feeds.headers import comparable
from resolver.feeds.intake import ReceiveOptions, receive
from resolver.feeds.receipt import Receipt
from resolver.standardize.records import extract_records
from resolver.workspace import Workspace

AS_OF = date(2026, 10, 31)
NUMBERS = ("371002198001011237", "371002198203052345")
CELLS = {
    "name": ("王伟", "李芳"),
    "organisation": ("威海海洋食品有限公司", "济宁华美纺织有限公司"),
    "id_number": NUMBERS,
    "credit_code": ("91371000MA3C1234X5", "91370800MA3C5678X9"),
    "phone": ("13806310001", "13806310002"),
    "address": ("山东省威海市环翠区温泉镇一村1号", "山东省威海市环翠区温泉镇二村2号"),
    "sex": ("男", "女"),
    "date": ("2026-09-01", "2026年9月2日"),
    "datetime": ("2026-09-01 08:30", "2026-09-02 09:00:00"),
    "month": ("2026-09", "202608"),
    "integer": ("1", "2"),
    "amount": ("1234.50", "1,000.00"),
    "flag": ("是", "否"),
    "code": ("370001", "370002"),
    "text": ("甲", "乙"),
}


def cell(column: Column, row: int) -> str:
    if column.name == "op":
        return "新增"
    if column.choices:
        return next(iter(column.choices.values()))[0]
    if column.type == "code":
        return f"{column.name.upper()}{row}" if "certificate" not in column.name else f"{NUMBERS[row]}41"
    return CELLS[column.type][row]


@pytest.fixture(params=list(contracts()))
def contract(request: pytest.FixtureRequest) -> Contract:
    return contracts()[request.param]


Receive = Callable[[Path], Receipt]


@pytest.fixture
def received(workspace: Workspace, ledger: Any, options: ReceiveOptions) -> Receive:
    def take(path: Path) -> Receipt:
        (receipt,) = receive(workspace, ledger, [path], options)
        assert receipt.status == "received", receipt
        return receipt

    return take


def test_a_file_of_each_feed_is_known_by_its_header_and_received(
    contract: Contract, workspace: Workspace, ledger: Any, received: Receive, tmp_path: Path, write_table: Any
) -> None:
    header = [column.header for column in contract.columns.values()]
    rows = [[cell(column, row) for column in contract.columns.values()] for row in (0, 1)]
    path = write_table(tmp_path / "in" / "2026-09" / "数据.csv", [["某市某局报表"], header, *rows])
    receipt = received(path)
    assert (receipt.feed, receipt.n_accepted, receipt.n_quarantined) == (contract.feed, 2, 0)
    archived = pq.read_table(workspace.archive / contract.feed / "2026-09" / f"{receipt.delivery_id}.parquet")
    unread = [name for name in contract.columns if archived[name].null_count]
    assert unread == []  # every kind of cell is understood

    current, superseded = current_rows(workspace, ledger.recorded, contract.feed, AS_OF)
    assert (len(current), len(superseded)) == (2, 0)
    records = extract_records(archived, contract, as_of=AS_OF)
    for entity in contract.entities:
        table = records.persons if entity.kind == "person" else records.organisations
        of_role = [record for record in table.to_pylist() if record["role"] == entity.role]
        assert of_role, entity.role
        assert all(
            r["source_key"].startswith(f"{entity.source_key_scheme}:") for r in of_role if entity.source_key
        )
        assert all(r["id_number"] for r in of_role if "id_number" in entity.values)


@pytest.mark.parametrize("rank", [0, 1, -1], ids=["canonical", "first alias", "last alias"])
def test_a_file_under_other_headers_is_read_the_same(
    contract: Contract, rank: int, received: Receive, tmp_path: Path, write_table: Any
) -> None:
    columns = [column for column in contract.columns.values() if column.name != "op"]
    header = [(column.name, *column.aliases)[rank if column.aliases else 0] for column in columns]
    assert len({comparable(text) for text in header}) == len(header)
    rows = [[cell(column, row) for column in columns] for row in (1, 0)]
    path = write_table(tmp_path / "in" / "2026-09" / f"{contract.title}.csv", [header, *rows])
    receipt = received(path)
    assert receipt.feed == contract.feed
    assert {match.column: match.header for match in receipt.headers} == {
        column.name: text for column, text in zip(columns, header, strict=True)
    }
