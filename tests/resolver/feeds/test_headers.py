import pytest

from resolver.feeds.contract import Contract, contracts
from resolver.feeds.headers import comparable, find_header, labels, match_headers, missing_columns

ALL = list(contracts().values())
W01 = contracts()["W01"]
W04 = contracts()["W04"]


@pytest.mark.parametrize("contract", ALL, ids=lambda c: c.feed)
def test_every_header_and_alias_of_a_contract_is_its_own_column(contract: Contract) -> None:
    for column in contract.columns.values():
        for name in (column.header, column.name, *column.aliases):
            # Beside all the other columns' headers, in any place.
            others = [c.header for c in contract.columns.values() if c is not column]
            cells = [*others, name]
            found = match_headers(cells, contract)
            assert found[column.name] == len(others), (column.name, name)
            assert len(found) == len(contract.columns)


def test_headers_are_found_in_any_order_below_title_rows() -> None:
    rows = [
        ["全市死亡证明登记表"],
        [],
        ["填报单位：卫健委"],
        ["备用", "死亡日期", "证件号码", "证明书编号", "姓 名"],
    ]
    layout = find_header(rows, W01)
    assert layout is not None
    assert layout.row == 3
    assert dict(layout.positions) == {"death_time": 1, "id_number": 2, "certificate_no": 3, "name": 4}
    assert layout.ignored == ("备用",)
    assert missing_columns(layout, W01) == []


@pytest.mark.parametrize(
    "header",
    [
        "*姓名",
        "姓名（必填）",
        " 姓\n名 ",
        "姓名：",
        "姓名(汉字)",
        "ｐｓｎ＿ｎａｍｅ",
        "\ufeff姓名",
        "NAME",
        "姓名【必须与身份证一致】",
    ],
)
def test_marks_and_remarks_around_a_header_do_not_matter(header: str) -> None:
    assert match_headers([header, "身份证号"], W01)["name"] == 0


def test_the_header_itself_wins_over_an_alias() -> None:
    accident = contracts()["W22"]
    assert match_headers(["序号", "当事人序号"], accident)["party_no"] == 1
    assert match_headers(["序号", "姓名"], accident)["party_no"] == 0


def test_a_bracket_that_is_part_of_the_header_stays() -> None:
    assert match_headers(["注册资本(万元)"], contracts()["W08"]) == {"capital": 0}
    assert match_headers(["注册资本（万元）"], contracts()["W08"]) == {"capital": 0}


def test_two_rows_make_one_header() -> None:
    upper = ["婚姻证字号", "登记类型", "登记日期", "男方", "男方", "女方", "女方"]
    lower = ["婚姻证字号", "登记类型", "登记日期", "姓名", "身份证号", "姓名", "身份证号"]
    layout = find_header(
        [upper, lower, ["J1", "结婚", "2026-01-01", "甲", "1", "乙", "2"]], W04, two_rows=True
    )
    assert layout is not None
    assert layout.row == 1
    assert missing_columns(layout, W04) == []
    assert layout.positions["wife_id_number"] == 6


def test_a_row_that_is_hardly_like_the_contract_is_no_header() -> None:
    assert find_header([["姓名", "电话"], ["王伟", "13900000000"]], W01) is None
    assert find_header([[""], []], W01) is None


def test_a_header_below_twenty_rows_is_not_looked_for() -> None:
    header = ["死亡证明编号", "姓名", "身份证号码", "死亡时间"]
    assert find_header([["x"]] * 19 + [header], W01) is not None
    assert find_header([["x"]] * 20 + [header], W01) is None


def test_labels_are_unique_and_never_empty() -> None:
    assert labels(["a", "", "a"], 4) == [
        "a", "(第2列 column 2)", "a(第3列 column 3)", "(第4列 column 4)",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["＊姓 名：", "死亡时间 (YYYY-MM-DD)", "Ｎａｍｅ", ""])
def test_the_comparable_form_is_stable(text: str) -> None:
    assert comparable(comparable(text)) == comparable(text)
