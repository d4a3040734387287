"""What of a file is accepted, and what goes back to the department."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.feeds.cells import Cells, archived_type, read_cells, trim
from resolver.feeds.contract import Column, Contract, EntityRole
from resolver.feeds.headers import Layout, labels
from resolver.feeds.row_id import pack
from resolver.feeds.rows import Batch, BrokenRow

QUARANTINE = pa.schema(
    [
        ("row_id", pa.int64()),
        ("sheet", pa.string()),
        ("row_no", pa.int32()),
        ("column", pa.string()),
        ("reason", pa.string()),
        ("cells", pa.string()),
    ]
)
_EXAMPLES = 10  # different unread texts that a receipt shows of a column

UNREADABLE = "的内容"  # between header and text in a reason

_TOTAL = r"^(?:本页|本月|累)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)\s*(?:[:：(（\d].*)?$"
_FOOTNOTE = r"^(?:制表|填表|填报|审核|复核|经办人|负责人|单位负责|联系人|备注|注[:：]|说明|以下空白)"
# What stands in the name column when the cells of a row have slipped by one: a number, a date, or the sex.
_NO_NAME = r"^(?:[\d０-９*\s./:：－-]{4,}[XxＸｘ]?|男|女|男性|女性)$"
_IDENTITY = ("name", "id_number", "credit_code", "registration_no")
_TYPE_WORDS = {
    "date": "日期 date",
    "datetime": "日期时间 date and time",
    "month": "年月 month",
    "integer": "整数 whole number",
    "amount": "金额 amount",
    "sex": "性别 sex",
    "flag": "是/否 yes or no",
    "choice": "约定的选项 agreed choice",
}


@dataclass(frozen=True)
class Unread:
    """Cells of a column whose text could not be read.

    Attributes:
        header: The column's header as it came.
        count: Number of cells.
        examples: Different texts -> number of the first row with it, a few of each batch.
    """

    header: str
    count: int
    examples: Mapping[str, int]


@dataclass(frozen=True)
class Checked:
    """A batch, divided.

    Attributes:
        accepted: `row_id`, `sheet`, `row_no`, and every column of the contract, typed.
        quarantined: Of schema `QUARANTINE`.
        n_rows: Data rows: accepted and quarantined ones.
        unread: Canonical column -> its unread cells in accepted rows and others.
        skipped: Why rows that are no data were skipped -> their row numbers.
    """

    accepted: pa.Table
    quarantined: pa.Table
    n_rows: int
    unread: Mapping[str, Unread]
    skipped: Mapping[str, list[int]]


@dataclass(frozen=True)
class _Rows:
    """Data rows of a batch: their numbers, texts (trimmed, by position) and values (by canonical column)."""

    row_no: npt.NDArray[np.int32]
    texts: list[pa.Array]
    cells: dict[str, Cells]


def accepted_schema(contract: Contract) -> pa.Schema:
    """Schema of a feed's archived rows."""
    keys = [("row_id", pa.int64()), ("sheet", pa.string()), ("row_no", pa.int32())]
    return pa.schema([*keys, *((c.name, archived_type(c)) for c in contract.columns.values())])


def check_batch(batch: Batch, layout: Layout, contract: Contract, delivery: str, first: int) -> Checked:
    """Read the cells of a batch and divide its rows into accepted and quarantined.

    Args:
        batch: Rows of one sheet.
        layout: The sheet's header.
        contract: The feed's contract.
        delivery: Delivery id.
        first: Ordinal of the batch's first data row in the delivery.
    """
    texts = [trim(column) for column in batch.columns]
    skipped = _no_data(texts, layout)
    keep = np.ones(len(batch.row_no), dtype=bool)
    for mask in skipped.values():
        keep &= ~mask
    notes = {why: batch.row_no[mask].tolist() for why, mask in skipped.items() if why and mask.any()}
    if not keep.all():
        texts = [text.filter(pa.array(keep)) for text in texts]
    row_no = batch.row_no[keep]
    broken = [row for row in batch.broken if not _is_total(row.cells)]
    totals = [row.row_no for row in batch.broken if _is_total(row.cells)]
    if totals:
        notes[_TOTALS] = sorted([*notes.get(_TOTALS, []), *totals])

    columns = {name: contract.columns[name] for name in layout.positions}
    cells = {name: read_cells(texts[layout.positions[name]], column) for name, column in columns.items()}
    rows = _Rows(row_no, texts, cells)
    names = labels(layout.headers, len(texts))
    problems = _problems(rows, layout, contract, names)

    numbers = np.concatenate([row_no, np.array([row.row_no for row in broken], dtype=np.int32)])
    ordinals = np.empty(len(numbers), dtype=np.int64)
    ordinals[np.argsort(numbers, kind="stable")] = first + np.arange(len(numbers))
    row_ids = pack(delivery, ordinals)
    good = np.ones(len(row_no), dtype=bool)
    good[list(problems)] = False
    return Checked(
        accepted=_accepted(rows, row_ids, good, batch.sheet, contract),
        quarantined=_quarantined(rows, row_ids, problems, broken, (batch.sheet, names)),
        n_rows=len(numbers),
        unread=_unread(rows, layout),
        skipped=notes,
    )


_TOTALS = "合计行已跳过 total rows skipped"
_FOOTNOTES = "表尾说明已跳过 notes below the table skipped"
_HEADERS = "重复的表头已跳过 repeated headers skipped"


def _no_data(texts: Sequence[pa.Array], layout: Layout) -> dict[str, npt.NDArray[np.bool_]]:
    """Rows that are no data, by the note they leave in the receipt; blank rows leave none."""
    filled = np.zeros(len(texts[0]), dtype=np.int32)
    for text in texts:
        filled += _mask(text.is_valid())
    total = np.zeros(len(filled), dtype=bool)
    for text in texts[:3]:
        total |= _mask(pc.match_substring_regex(text, _TOTAL))
    footnote = filled == 1
    if footnote.any():
        lone = pa.array(np.flatnonzero(footnote))
        notes = pc.coalesce(*(text.take(lone) for text in texts))
        footnote[footnote] = _mask(pc.match_substring_regex(notes, _FOOTNOTE))
    repeated = filled > 1
    for position in list(layout.positions.values())[:2]:
        repeated &= _mask(pc.equal(texts[position], layout.headers[position]))
    return {"": filled == 0, _TOTALS: total, _FOOTNOTES: footnote, _HEADERS: repeated}


def _mask(booleans: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(pc.fill_null(booleans, False).to_numpy(zero_copy_only=False), dtype=bool)


def _is_total(cells: Sequence[str]) -> bool:
    return any(re.match(_TOTAL, cell.strip()) for cell in cells[:3])


def _problems(
    rows: _Rows, layout: Layout, contract: Contract, names: Sequence[str]
) -> dict[int, list[tuple[str | None, str]]]:
    """Row -> what is wrong with it: (header or None, reason)."""
    found: list[tuple[int, str | None, str]] = []
    for column in contract.columns.values():
        if column.required:
            header = names[layout.positions[column.name]]
            found += [(row, header, reason) for row, reason in _unreadable(rows, layout, column)]
    if contract.entities:
        found += _nobody(rows, contract.main)
        found += _slipped(rows, layout, contract.main, names)
    problems: dict[int, list[tuple[str | None, str]]] = {}
    for row, header_or_none, reason in found:
        problems.setdefault(row, []).append((header_or_none, reason))
    return problems


def _unreadable(rows: _Rows, layout: Layout, column: Column) -> list[tuple[int, str]]:
    bad = np.flatnonzero(~_mask(rows.cells[column.name].values.is_valid()))
    texts = rows.texts[layout.positions[column.name]].take(pa.array(bad)).to_pylist()
    missing = f"“{column.header}”为空 required value is missing"
    kind = _TYPE_WORDS.get(column.type, "有效内容 valid content")
    return [
        (row, missing if text is None else f"“{column.header}”{UNREADABLE}“{text}”不是{kind}")
        for row, text in zip(bad.tolist(), texts, strict=True)
    ]


def _nobody(rows: _Rows, main: EntityRole) -> list[tuple[int, None, str]]:
    """Rows with neither name nor number of the person or organisation they are about."""
    identity = [
        rows.cells[column].values
        for attribute, column in main.values.items()
        if attribute in _IDENTITY and column in rows.cells
    ]
    if not identity:
        return []
    nobody = np.flatnonzero(~_mask(pc.coalesce(*identity).is_valid()))
    who = "姓名和证件号码" if main.kind == "person" else "名称和代码"
    return [(row, None, f"{who}都为空 the row has neither name nor number") for row in nobody.tolist()]


def _slipped(
    rows: _Rows, layout: Layout, main: EntityRole, names: Sequence[str]
) -> list[tuple[int, str, str]]:
    """Rows whose cells have slipped by one: the name column holds what no name is."""
    column = main.values.get("name")
    if main.kind != "person" or column not in rows.cells:
        return []
    slipped = np.flatnonzero(_mask(pc.match_substring_regex(rows.cells[column].values, _NO_NAME)))
    reason = (
        "姓名栏的内容不是姓名，本行单元格可能错位 the name column holds no name: the cells may have slipped"
    )
    return [(row, names[layout.positions[column]], reason) for row in slipped.tolist()]


def _accepted(
    rows: _Rows, row_ids: npt.NDArray[np.int64], good: npt.NDArray[np.bool_], sheet: str, contract: Contract
) -> pa.Table:
    schema = accepted_schema(contract)
    count = len(rows.row_no)
    arrays = [
        pa.array(row_ids[:count]),
        pa.repeat(pa.scalar(sheet, pa.string()), count),
        pa.array(rows.row_no, pa.int32()),
    ]
    for name in contract.columns:
        found = rows.cells.get(name)
        arrays.append(found.values if found else pa.nulls(count, schema.field(name).type))
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table if good.all() else table.filter(pa.array(good))


def _quarantined(
    rows: _Rows,
    row_ids: npt.NDArray[np.int64],
    problems: Mapping[int, list[tuple[str | None, str]]],
    broken: Sequence[BrokenRow],
    place: tuple[str, Sequence[str]],
) -> pa.Table:
    """One line per quarantined row, by row id; several problems of a row stand in one reason."""
    sheet, names = place
    numbers = sorted(problems)
    picked = [text.take(pa.array(numbers, pa.int64())).to_pylist() for text in rows.texts]
    lines = [
        {
            "row_id": int(row_ids[row]),
            "sheet": sheet,
            "row_no": int(rows.row_no[row]),
            "column": next((header for header, _ in problems[row] if header), None),
            "reason": "；".join(reason for _, reason in problems[row]),
            "cells": _json(names, [column[line] for column in picked]),
        }
        for line, row in enumerate(numbers)
    ]
    lines += [
        {
            "row_id": int(row_id),
            "sheet": sheet,
            "row_no": row.row_no,
            "column": None,
            "reason": row.reason,
            "cells": _json(labels(names, max(len(names), len(row.cells))), row.cells),
        }
        for row_id, row in zip(row_ids[len(rows.row_no) :], broken, strict=True)
    ]
    lines.sort(key=lambda line: line["row_id"])  # type: ignore[arg-type, return-value]
    return pa.Table.from_pylist(lines, QUARANTINE)


def _json(names: Sequence[str], cells: Sequence[str | None]) -> str:
    return json.dumps({n: c or "" for n, c in zip(names, cells, strict=False)}, ensure_ascii=False)


def _unread(rows: _Rows, layout: Layout) -> dict[str, Unread]:
    found = {}
    for name, cells in rows.cells.items():
        bad = np.flatnonzero(cells.unread)
        if len(bad):
            position = layout.positions[name]
            texts = rows.texts[position].take(pa.array(bad))
            distinct = texts.unique().slice(0, _EXAMPLES)
            first = bad[pc.index_in(distinct, texts).to_numpy(zero_copy_only=False)]
            examples = dict(zip(distinct.to_pylist(), rows.row_no[first].tolist(), strict=True))
            found[name] = Unread(layout.headers[position], len(bad), examples)
    return found
