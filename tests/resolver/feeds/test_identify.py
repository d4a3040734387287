from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from resolver.errors import DeliveryError
from resolver.feeds.contract import contracts
from resolver.feeds.identify import extent_of, feed_of, period_of
from resolver.feeds.reader import Source
from resolver.ledger.delivery import Delivery

FULL = Delivery(
    "00",
    "W07",
    date(2026, 9, 1),
    "",
    "",
    "full",
    10,
    10,
    0,
    False,
    True,
    datetime(2026, 1, 1, tzinfo=UTC),
    "",
    {},
)


def headers(feed: str) -> list[str]:
    return [column.header for column in contracts()[feed].columns.values()]


@pytest.mark.parametrize(
    ("name", "feed"),
    [
        ("W05_202610.csv", "W05"),
        ("卫健委w01死亡证明.csv", "W01"),
        ("威海市婚姻登记2026年10月.csv", "W04"),
        ("企业和机关事业单位养老保险缴费基数.csv", "W11"),
        ("W28L_费用明细_202610.csv", "W28L"),
        ("数据.csv", "W12"),
        ("AW01X.csv", "W12"),
        ("W99.csv", "W12"),
    ],
)
def test_feed_by_name_else_by_header(tmp_path: Path, write_table: Any, name: str, feed: str) -> None:
    source = Source.open(write_table(tmp_path / name, [["标题"], headers("W12"), ["1"]]))
    assert feed_of(source, contracts(), None).feed == feed


@pytest.mark.parametrize("feed", list(contracts()))
def test_every_feed_is_known_by_its_full_header(tmp_path: Path, write_table: Any, feed: str) -> None:
    source = Source.open(write_table(tmp_path / "x.csv", [headers(feed)]))
    assert feed_of(source, contracts(), None).feed == feed


def test_a_given_feed_wins(tmp_path: Path, write_table: Any) -> None:
    source = Source.open(write_table(tmp_path / "W05.csv", [headers("W01")]))
    assert feed_of(source, contracts(), "W01").feed == "W01"
    with pytest.raises(DeliveryError, match="no feed W77"):
        feed_of(source, contracts(), "W77")


def test_a_header_of_no_feed_or_of_several_is_refused(tmp_path: Path, write_table: Any) -> None:
    none = Source.open(write_table(tmp_path / "x.csv", [["姓名", "身份证号码", "爱好"]]))
    with pytest.raises(DeliveryError, match="fits no feed"):
        feed_of(none, contracts(), None)
    twin = {**contracts(), "Z01": replace(contracts()["W01"], feed="Z01", title="另一种")}
    both = Source.open(write_table(tmp_path / "y.csv", [headers("W01")]))
    with pytest.raises(DeliveryError, match=r"several feeds alike \(W01, Z01"):
        feed_of(both, twin, None)


@pytest.mark.parametrize(
    ("path", "period"),
    [
        ("2026-10/x.csv", date(2026, 10, 1)),
        ("2026-10/x_202609.csv", date(2026, 10, 1)),
        ("in/x_202609.csv", date(2026, 9, 1)),
        ("in/x2026年9月.csv", date(2026, 9, 1)),
        ("in/x2026年12月.csv", date(2026, 12, 1)),
        ("in/x-2026-09-30.csv", date(2026, 9, 1)),
        ("in/x20260930.csv", date(2026, 9, 1)),
        ("in/W01_2026.09.csv", date(2026, 9, 1)),
    ],
)
def test_period(path: str, period: date) -> None:
    assert period_of(Path(path), None) == period
    assert period_of(Path(path), date(2025, 5, 17)) == date(2025, 5, 1)


@pytest.mark.parametrize("path", ["in/x.csv", "in/x202613.csv", "in/3710022026101.csv", "2026-13/x.csv"])
def test_a_file_that_says_no_period_is_refused(path: str) -> None:
    with pytest.raises(DeliveryError, match="which month"):
        period_of(Path(path), None)


def test_extent() -> None:
    w07, w29, w01 = contracts()["W07"], contracts()["W29"], contracts()["W01"]
    october = date(2026, 10, 1)
    assert extent_of(Path("x增量.csv"), w29, october, [], None) == "delta"
    assert extent_of(Path("x_FULL_1.csv"), w01, october, [], None) == "full"
    assert extent_of(Path("全量.csv"), w01, october, [], "delta") == "delta"
    assert extent_of(Path("x.csv"), w29, october, [], None) == "full"
    assert extent_of(Path("x.csv"), w01, october, [], None) == "delta"
    assert extent_of(Path("x.csv"), w07, october, [], None) == "full"
    assert extent_of(Path("x.csv"), w07, october, [FULL], None) == "delta"


def test_files_of_the_first_month_are_one_full_register() -> None:
    w07 = contracts()["W07"]
    assert extent_of(Path("x2.csv"), w07, FULL.period, [FULL], None) == "full"
    # Nor does a later month that came first, or an empty file, make the first register a delta.
    assert extent_of(Path("x.csv"), w07, date(2026, 8, 1), [FULL], None) == "full"
    assert extent_of(Path("x.csv"), w07, date(2026, 10, 1), [replace(FULL, n_accepted=0)], None) == "full"
