# ruff: noqa: DTZ001 (what departments write is a wall clock without a zone)
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.feeds.cells import archived_type, read_cells, trim
from resolver.feeds.contract import COLUMN_TYPES, Column

INSUTYPE = {"310": ("职工基本医疗保险", "职工医保"), "390": ("城乡居民基本医疗保险",)}


def one(kind: str, text: str | None, **settings: Any) -> tuple[Any, bool]:
    cells = read_cells(trim(pa.array([text], pa.string())), Column("c", "列", kind, **settings))
    return cells.values[0].as_py(), bool(cells.unread[0])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "  a b\u3000", "a b"),
        ("text", "\ufeff\u00a0x\t", "x"),
        ("name", "王 伟", "王 伟"),
        ("name", "NULL", None),
        ("id_number", "３７１００２19800101123ｘ", "３７１００２19800101123ｘ"),  # raw: for standardisation
        ("code", "007", "007"),
        ("date", "2023年1月2日", date(2023, 1, 2)),
        ("date", "２０２３－０１－０２", date(2023, 1, 2)),
        ("date", "44928", date(2023, 1, 2)),
        ("date", "2023-01-02 23:59:59", date(2023, 1, 2)),
        ("date", "1900-01-01 00:00:00", date(1900, 1, 1)),
        ("date", '="2023-01-02"', date(2023, 1, 2)),
        ("date", "'20230102", date(2023, 1, 2)),
        ("date", "长期", None),
        ("date", "—", None),
        ("datetime", "2023/1/2 3:04", datetime(2023, 1, 2, 3, 4)),
        ("datetime", "1950-01-02 03:04:05", datetime(1950, 1, 2, 3, 4, 5)),
        ("month", "2026-10", date(2026, 10, 1)),
        ("month", "202610", date(2026, 10, 1)),
        ("month", "2026年10月", date(2026, 10, 1)),
        ("month", "2026-10-15", date(2026, 10, 1)),
        ("integer", "2,023", 2023),
        ("integer", "2023年度", 2023),
        ("integer", "2023.0", 2023),
        ("integer", "－３", -3),
        ("amount", "¥1,234.50元", Decimal("1234.50")),
        ("amount", "１２．５", Decimal("12.50")),
        ("amount", "(3.5)", Decimal("-3.50")),
        ("amount", "-0.01", Decimal("-0.01")),
        ("amount", "1.2E+3", Decimal("1200.00")),
        ("amount", "1.005", Decimal("1.01")),
        ("amount", "￥ 100 元整", Decimal("100.00")),
        ("amount", "/", None),
        ("sex", "男性", 1),
        ("sex", "２", 2),
        ("sex", "F", 2),
        ("sex", "未知", None),
        ("sex", "0", None),
        ("flag", "是", True),
        ("flag", "否", False),
        ("flag", "1", True),
        ("flag", "0", False),
        ("flag", "Y", True),
        ("flag", "n", False),
        ("flag", "TRUE", True),
        ("choice", " 职工 医保 ", "310"),
        ("choice", "390", "390"),
        ("choice", "310.0", "310"),
        ("choice", "", None),
    ],
)  # fmt: skip
def test_readable_cells(kind: str, text: str, value: object) -> None:
    settings = {"choices": INSUTYPE} if kind == "choice" else {}
    assert one(kind, text, **settings) == (value, False)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "2023-02-30"),
        ("datetime", "昨天"),
        ("month", "十月"),
        ("integer", "2.5"),
        ("integer", "12345678901234567890"),
        ("amount", "约100"),
        ("amount", "1.2.3"),
        ("amount", "100000000000000"),
        ("sex", "王伟"),
        ("flag", "也许"),
        ("choice", "商业保险"),
    ],
)
def test_unreadable_cells_are_null_and_said_so(kind: str, text: str) -> None:
    settings = {"choices": INSUTYPE} if kind == "choice" else {}
    assert one(kind, text, **settings) == (None, True)


@pytest.mark.parametrize("kind", sorted(COLUMN_TYPES))
def test_every_type_has_its_archived_type_for_full_and_empty_columns(kind: str) -> None:
    column = Column("c", "列", kind, choices=INSUTYPE)
    for texts in ([], [None, None], ["?", None, "1"]):
        cells = read_cells(trim(pa.array(texts, pa.string())), column)
        assert cells.values.type == archived_type(column)
        assert len(cells.values) == len(cells.unread) == len(texts)


@given(st.decimals(-(10**12), 10**12, places=2))
@settings(deadline=None)
def test_amounts_are_exact(amount: Decimal) -> None:
    for text in (str(amount), f"{amount:,}", f"{amount}元"):
        assert one("amount", text) == (amount, False)


@given(st.decimals(0, 10**6, places=4))
@settings(deadline=None)
def test_amounts_with_more_digits_are_rounded_half_up(amount: Decimal) -> None:
    assert one("amount", str(amount))[0] == amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(st.lists(st.sampled_from(["2023-01-02", "x", None, "", "2024/2/29", "长期"]), max_size=20))
@settings(deadline=None)
def test_a_column_is_read_like_its_cells(texts: list[str | None]) -> None:
    cells = read_cells(trim(pa.array(texts, pa.string())), Column("c", "列", "date"))
    assert list(zip(cells.values.to_pylist(), cells.unread.tolist(), strict=True)) == [
        one("date", t) for t in texts
    ]
