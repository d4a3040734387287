import tomllib
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import DeliveryError
from resolver.feeds.contract import Contract, contracts, parse_contract
from resolver.feeds.draft import draft_contract
from resolver.feeds.headers import comparable, find_header, missing_columns


def parsed(text: str) -> Contract:
    folder = resources.files("resolver.feeds") / "contracts"
    return parse_contract(
        tomllib.loads(text), tomllib.loads((folder / "columns.toml").read_text("utf-8")), "draft"
    )


HEADER = [
    "流水号",
    "受助人",
    "姓名",
    "证件号码",
    "性别",
    "救助日期",
    "救助金额(元)",
    "发放月份",
    "年级",
    "是否住校",
    "备注",
    "姓名",
]
ROWS = [
    [
        f"Z{n:03}",
        f"甲{n}",
        "王伟",
        "371002198001011234",
        "男",
        f"2026年10月{n}日",
        f"{n}.50",
        "202610",
        str(n % 6),
        "是",
        "",
        "x",
    ]
    for n in range(1, 20)
]


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", "\t"), (".csv", ","), (".xlsx", ",")])
def test_a_draft_names_types_and_keys_the_columns(
    tmp_path: Path, write_table: Any, suffix: str, delimiter: str
) -> None:
    path = write_table(
        tmp_path / f"Y07临时救助2026-10{suffix}", [["临时救助名单"], HEADER, *ROWS], "utf-8", delimiter
    )
    contract = parsed(draft_contract(path))
    assert (contract.feed, contract.title) == ("Y07", "临时救助")
    assert {name: column.type for name, column in contract.columns.items()} == {
        "liu_shui_hao": "code", "shou_zhu_ren": "text", "name": "name", "id_number": "id_number", "sex": "sex",
        "jiu_zhu_ri_qi": "date", "jiu_zhu_jin_e_yuan": "amount", "pay_month": "month", "nian_ji": "integer",
        "shi_fou_zhu_xiao": "flag", "bei_zhu": "text",
    }  # fmt: skip
    assert contract.natural_key == ("liu_shui_hao",)
    assert contract.valid_from == "jiu_zhu_ri_qi"
    assert contract.columns["name"].mandatory
    assert not contract.columns["bei_zhu"].mandatory
    assert contract.main.values == {"name": "name", "id_number": "id_number", "sex": "sex"}
    # The file fits the contract made from it.
    layout = find_header([HEADER], contract)
    assert layout is not None
    assert missing_columns(layout, contract) == []


@pytest.mark.parametrize("feed", list(contracts()))
def test_columns_of_known_feeds_keep_their_names(tmp_path: Path, write_table: Any, feed: str) -> None:
    columns = contracts()[feed].columns
    path = write_table(tmp_path / "x.csv", [[column.header for column in columns.values()]])
    drafted = parsed(draft_contract(path))
    shared = [name for name in columns if name in drafted.columns]
    assert len(shared) >= 0.5 * len(columns)


HOSTILE = st.lists(st.text(alphabet='姓名期"\\=[]{}#1aü·\n ', min_size=1, max_size=6), min_size=2, max_size=6)


@given(HOSTILE)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_header_gives_a_contract_that_parses(tmp_path: Path, write_table: Any, header: list[str]) -> None:
    path = write_table(tmp_path / "x.csv", [header, ["1"] * len(header)])
    try:
        contract = parsed(draft_contract(path))
    except DeliveryError:  # blank or all alike
        assert len({comparable(text) for text in header} - {""}) < 2
        return
    assert 1 <= len(contract.columns) <= len(header) + 1


def test_no_header_no_draft(tmp_path: Path, write_table: Any) -> None:
    with pytest.raises(DeliveryError, match="could be a header"):
        draft_contract(write_table(tmp_path / "x.csv", [["only"], ["one"]]))


def test_an_empty_table_gives_a_draft_all_the_same(tmp_path: Path, write_table: Any) -> None:
    contract = parsed(draft_contract(write_table(tmp_path / f"{date(2026, 1, 1)}.csv", [["甲", "乙"]])))
    assert list(contract.columns) == ["jia", "yi"]
    assert contract.valid_from == ""
