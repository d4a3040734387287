"""The sheet that people label: both records of each sampled pair side by side, and an empty column for the answer.

It says nothing of what the model believes of a pair, so that the labeller is not led. Identity numbers and phones are
masked unless asked for in full; how they compare stands beside them.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from api.security.masking import masked_embedded, masked_number, masked_phone
from resolver.errors import DeliveryError, LinkageError
from resolver.feeds.contract import contracts
from resolver.feeds.workbook import Workbook
from resolver.ledger.judgement_file import record_from_text, record_text
from resolver.ledger.labels import Label, Sample
from resolver.linkage.explanation import explain_pair
from resolver.linkage.model import Model
from resolver.lookup import Lookup

ANSWER = "判断 是/否/不确定 same/different/unsure"
ANSWERS: Mapping[str, Label | None] = {
    "": None,
    "是": "same", "否": "different", "不确定": "unsure",
    "same": "same", "different": "different", "unsure": "unsure",
    "y": "same", "n": "different", "?": "unsure",
}  # fmt: skip

_SAMPLE, _PAIR, _LEFT, _RIGHT = "样本 sample", "序号 pair", "记录甲 record_l", "记录乙 record_r"
_WEIGHTS = ("入样概率 inclusion_probability", "权数 weight")
_VALUES = {
    "feed": "来源 source", "name": "姓名 name", "former_name": "曾用名 former name", "sex": "性别 sex",
    "birth_date": "出生日期 born", "id_number": "证件号码 ID number", "phone": "电话 phone",
    "region": "区划 region", "town": "乡镇 town", "village": "村居 village", "address": "地址 address",
    "employer": "单位 employer", "spouse_name": "配偶 spouse", "mother_name": "母亲 mother",
    "father_name": "父亲 father", "kin_name": "亲属 kin",
}  # fmt: skip
_MASKS: Mapping[str, Callable[[str], str]] = {"id_number": masked_number, "phone": masked_phone}
_COMPARED = {"id_number": "证件号码比较 ID numbers", "phone": "电话比较 phones"}
_SEXES = {1: "男", 2: "女"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS = 100_000

Row = dict[str, str]


def sheet_rows(sample: Sample, lookup: Lookup, model: Model, *, full: bool) -> list[Row]:
    """Heading -> cell of every pair of a sample.

    Args:
        sample: The sample.
        lookup: Of the snapshot it was drawn from.
        model: The model version of that snapshot.
        full: Write identity numbers and phones in full.
    """
    strata = sample.about["strata"]
    drawn = [0] * len(strata)
    for _, _, stratum in sample.pairs:
        drawn[stratum] += 1
    rows = []
    for number, (left, right, stratum) in enumerate(sample.pairs, 1):
        records = lookup.records([left, right])
        share = drawn[stratum] / strata[stratum]["size"]
        row = {
            _SAMPLE: str(sample.number),
            _PAIR: str(number),
            ANSWER: "",
            **_side_by_side(records.to_pylist(), full),
        }
        if not full:
            row |= _compared(explain_pair(model, records, left, right).steps)
        row |= {_LEFT: record_text(left), _RIGHT: record_text(right)}
        rows.append(row | dict(zip(_WEIGHTS, (f"{share:.9g}", f"{1 / share:.9g}"), strict=True)))
    return rows


def check_name(path: Path) -> None:
    """See whether a sheet can have this name.

    Raises:
        LinkageError: It ends in neither .xlsx nor .csv.
    """
    if path.suffix.lower() not in (".xlsx", ".csv"):
        raise LinkageError(f"{path.name} ends in neither .xlsx nor .csv", remedy="Name it so.")


def write_sheet(path: Path, rows: Sequence[Row]) -> None:
    """Write a sheet as .xlsx or .csv, whole or not at all.

    Raises:
        LinkageError: The name ends in neither, or the file cannot be written.
    """
    check_name(path)
    write = _write_workbook if path.suffix.lower() == ".xlsx" else _write_csv
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial, rows)
        partial.replace(path)
    except (OSError, FileCreateError) as error:
        partial.unlink(missing_ok=True)
        raise LinkageError(
            f"{path} cannot be written: {error}", remedy="Check the path, its rights and the free space."
        ) from error


def sample_of(path: Path) -> int:
    """Number of the sample that a sheet belongs to.

    Raises:
        LinkageError: The file is no such sheet.
    """
    for where, row in _read(path):
        return _number(row, _SAMPLE, where)
    raise LinkageError(f"{path} has no pairs", remedy="Draw a sample with `guiyi quality sample`.")


def read_answers(path: Path, sample: Sample) -> dict[int, Label]:
    """The labels in a sheet: number of a pair -> its label; pairs without an answer are left out.

    Raises:
        LinkageError: The file is no sheet of this sample, or a cell is wrong; file, row and column are named.
    """
    answers: dict[int, Label] = {}
    seen: set[int] = set()
    for where, row in _read(path):
        number = _number(row, _PAIR, where)
        if _number(row, _SAMPLE, where) != sample.number or not 0 < number <= len(sample.pairs):
            raise LinkageError(f"{where}: that pair is not of sample {sample.number}")
        _check_records(row, sample.pairs[number - 1], where)
        if number in seen:
            raise LinkageError(f"{where}, column {_PAIR}: pair {number} stands in the sheet twice")
        seen.add(number)
        answer = row[ANSWER].strip().lower()
        if answer not in ANSWERS:
            raise LinkageError(
                f"{where}, column {ANSWER}: {row[ANSWER]!r} is no answer", remedy="Write 是, 否 or 不确定."
            )
        label = ANSWERS[answer]
        if label is not None:
            answers[number] = label
    return answers


def _side_by_side(records: Sequence[Mapping[str, Any]], full: bool) -> Row:
    cells: Row = {}
    for name, heading in _VALUES.items():
        values = [_shown(name, record[name], full) for record in records]
        cells |= {f"{side} {heading}": value for side, value in zip("甲乙", values, strict=True)}
    return cells


def _shown(name: str, value: Any, full: bool) -> str:
    if value is None:
        return ""
    if name == "sex":
        return _SEXES[value]
    text = f"{value} {contracts()[value].title}" if name == "feed" else str(value)
    if full:
        return text
    return _MASKS[name](text) if name in _MASKS else masked_embedded(text)


def _compared(steps: Iterable[Any]) -> Row:
    labels = {step.comparison: step.label_zh for step in steps}
    return {heading: labels.get(name, "") for name, heading in _COMPARED.items()}


def _check_records(row: Row, pair: tuple[int, int, int], where: str) -> None:
    for heading, key in ((_LEFT, pair[0]), (_RIGHT, pair[1])):
        try:
            found = record_from_text(row[heading])
        except ValueError as error:
            raise LinkageError(f"{where}, column {heading}: {error}") from error
        if found != key:
            raise LinkageError(
                f"{where}, column {heading}: not the record of this pair",
                remedy="Sort whole rows only, or write the sheet again.",
            )


def _number(row: Row, heading: str, where: str) -> int:
    text = row[heading].strip().removesuffix(".0")
    if not (text.isascii() and text.isdecimal()):
        raise LinkageError(f"{where}, column {heading}: {row[heading]!r} is not a number")
    return int(text)


def _read(path: Path) -> Iterator[tuple[str, Row]]:
    """Where each row stands, and its cells by heading."""
    lines = _lines(path)
    headings = [cell.strip() for cell in next(lines, (1, []))[1]]
    needed = (_SAMPLE, _PAIR, ANSWER, _LEFT, _RIGHT)
    if missing := [heading for heading in needed if heading not in headings]:
        raise LinkageError(
            f"{path} row 1 lacks the columns {', '.join(missing)}",
            remedy="Label a sheet that `guiyi quality sample` wrote, and leave its first row as it is.",
        )
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            filled = [*cells, *[""] * (len(headings) - len(cells))]
            yield f"{path} row {number}", dict(zip(headings, filled, strict=False))


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                yield from enumerate(csv.reader(file), 1)
        else:
            book = Workbook(path)
            yield from enumerate(book.first_rows(book.sheets[0], _MOST_ROWS), 1)
    except OSError as error:
        raise LinkageError(f"{path} cannot be read: {error.strerror}", remedy="Check the path.") from error
    except UnicodeDecodeError as error:
        raise LinkageError(f"{path} is not UTF-8 text", remedy="Save it as “CSV UTF-8” or .xlsx.") from error
    except DeliveryError as error:
        raise LinkageError(error.message, remedy=error.remedy) from error


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(rows[0] if rows else [])
        writer.writerows([_harmless(cell) for cell in row.values()] for row in rows)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _write_workbook(path: Path, rows: Sequence[Row]) -> None:
    # In memory: no temporary files with people's data are left elsewhere, whatever happens.
    with xlsxwriter.Workbook(path, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("抽样判断 labels")
        bold, answer = book.add_format({"bold": True}), book.add_format({"bg_color": "#FFF2CC"})
        headings = list(rows[0]) if rows else []
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        for number, row in enumerate(rows, 1):
            for column, (heading, cell) in enumerate(row.items()):
                sheet.write_string(number, column, cell, answer if heading == ANSWER else None)
        sheet.freeze_panes(1, 3)
        sheet.set_column(2, 2, 14)
        choices = {"validate": "list", "source": ["是", "否", "不确定"]}
        if rows:
            sheet.data_validation(1, headings.index(ANSWER), len(rows), headings.index(ANSWER), choices)
