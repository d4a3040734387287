"""Judgements as a text file that people and spreadsheets can read, and that a rebuilt workspace takes in again.

CSV, UTF-8 with a byte order mark (without it spreadsheets show Chinese wrongly), one judgement a line in the order they
were made, those undone and their undoing too. Record keys stand behind an `R`, so that no spreadsheet takes them for
numbers and rounds them. A text that a spreadsheet would take for a formula has an apostrophe before it.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from resolver.errors import LinkageError
from resolver.ledger.judgement import ContradictionError, Decision, Judgement, Witness
from resolver.ledger.ledger import Ledger
from resolver.ledger.tables import instant_text

_DECISIONS: Mapping[str, Decision] = {
    "same": "same", "different": "different", "undo": "undo",
    "同一人": "same", "非同一人": "different", "撤销": "undo",
}  # fmt: skip
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")
_KEY = re.compile(r"R?([0-9]{1,19})")
_WITNESS = re.compile(r"([^/]+)/([^/]+)/R?([0-9]{1,19})")
_KEEPS_DIGITS = 15  # a spreadsheet turns the digits after these into zeros


@dataclass(frozen=True)
class _Column:
    """A column: its heading, and how a judgement is written into it and read from it."""

    heading: str
    name: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    needed: bool = False


def record_text(record_key: int) -> str:
    """A record key that no spreadsheet takes for a number."""
    return f"R{record_key}"


def record_from_text(text: str) -> int:
    """The record key in a text, with or without `R`.

    Raises:
        ValueError: It is none, or one that a spreadsheet has rounded.
    """
    found = _KEY.fullmatch(text.strip())
    if found is None or int(found[1]) >= 1 << 63:
        raise ValueError(f"{text!r} is not a record key")
    if not text.strip().startswith("R") and set(found[1][_KEEPS_DIGITS:]) == {"0"}:
        raise ValueError(f"{text!r} was rounded by a spreadsheet")
    return int(found[1])


def write_judgements(path: Path, judgements: Iterable[Judgement]) -> int:
    """Write judgements to a file, whole or not at all; returns how many.

    Raises:
        LinkageError: The file cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    lines = [[column.write(getattr(j, column.name)) for column in _COLUMNS] for j in judgements]
    try:
        with partial.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180; so a lone \r is quoted too
            writer.writerow([column.heading for column in _COLUMNS])
            writer.writerows(lines)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise LinkageError(
            f"{path} cannot be written: {error.strerror}",
            remedy="Check the path, its rights and the free space.",
        ) from error
    return len(lines)


def read_judgements(path: Path) -> list[tuple[int, Judgement]]:
    """Read a file that `write_judgements` wrote or a person typed: line number and judgement.

    Needed are the columns of decision, both records, actor, reason and time; others may be missing.

    Raises:
        LinkageError: It cannot be read, or a cell is wrong; file, line and column are named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_lines(path, file))
    except OSError as error:
        raise LinkageError(f"{path} cannot be read: {error.strerror}", remedy="Check the path.") from error
    except UnicodeDecodeError as error:
        raise LinkageError(
            f"{path} is not UTF-8 text", remedy="Save it as “CSV UTF-8”, then import it again."
        ) from error
    except csv.Error as error:
        raise LinkageError(f"{path} is not CSV: {error}", remedy="Export it again.") from error


def import_judgements(ledger: Ledger, path: Path, now: datetime) -> tuple[int, list[Judgement]]:
    """Record what a file lists, all or nothing; what is in the ledger already is skipped.

    Returns:
        How many judgements the file lists, and the new ones.

    Raises:
        LinkageError: The file is wrong, or contradicts itself or the ledger; file and lines are named.
    """
    listed = read_judgements(path)
    line_of = {id(judgement): line for line, judgement in listed}
    try:
        return len(listed), ledger.adopt_judgements([judgement for _, judgement in listed], now)
    except ContradictionError as error:
        here = f"{path} line {line_of[id(error.new)]}"
        lines = [line_of[id(j)] for j in error.judgements if id(j) in line_of]
        beside = f" (of them in this file: line {', '.join(map(str, sorted(lines)))})" if lines else ""
        raise LinkageError(f"{here}: {error.message}{beside}", remedy=error.remedy) from error
    except LinkageError as error:
        raise LinkageError(f"{path}: {error.message}", remedy=error.remedy) from error


def _lines(path: Path, file: Iterable[str]) -> Iterable[tuple[int, Judgement]]:
    reader = csv.reader(file, strict=True)
    places = _places(path, next(reader, []))
    start = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, _judgement(f"{path} line {start}", cells, places)
        start = reader.line_num + 1


def _places(path: Path, headings: Sequence[str]) -> dict[str, int]:
    """Column name -> where it stands; a heading is known by itself or by either of its two words."""
    found = {}
    for column in _COLUMNS:
        words = {column.heading, *column.heading.split()}
        at = [place for place, heading in enumerate(headings) if heading.strip() in words]
        if at:
            found[column.name] = at[0]
    missing = [column.heading for column in _COLUMNS if column.needed and column.name not in found]
    if missing:
        raise LinkageError(
            f"{path} line 1 lacks the columns {', '.join(missing)}",
            remedy="`guiyi judgements export FILE` writes a file with all of them.",
        )
    return found


def _judgement(where: str, cells: Sequence[str], places: Mapping[str, int]) -> Judgement:
    values: dict[str, Any] = {}
    for column in _COLUMNS:
        place = places.get(column.name)
        text = cells[place] if place is not None and place < len(cells) else ""
        try:
            if column.needed and not text.strip():
                raise ValueError("is empty")
            values[column.name] = column.read(text)
        except ValueError as error:
            raise LinkageError(
                f"{where}, column {column.heading}: {error}", remedy="Correct the cell, then import again."
            ) from error
    if (values["decision"] == "undo") != (values["undoes"] is not None):
        raise LinkageError(f"{where}: an undo, and nothing else, names the judgement it takes back")
    if values["decision"] != "undo" and values["record_key_l"] == values["record_key_r"]:
        raise LinkageError(f"{where}: a judgement needs two records")
    return Judgement(**values)


def _write_text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _read_text(text: str) -> str:
    return text[1:] if text.startswith("'") else text


def _read_decision(text: str) -> Decision:
    if text.strip() not in _DECISIONS:
        raise ValueError(f"{text!r} is none of {', '.join(_DECISIONS)}")
    return _DECISIONS[text.strip()]


def _read_number(text: str) -> int:
    if text.strip() and not text.strip().isdecimal():
        raise ValueError(f"{text!r} is not a number")
    return int(text or 0)


def _read_instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"{text!r} is not a time with its offset, as 2026-11-03T13:05:07+08:00")
    return moment


def _write_witness(witness: Witness | None) -> str:
    return f"{witness.feed}/{witness.role}/{record_text(witness.row_id)}" if witness else ""


def _read_witness(text: str) -> Witness | None:
    if not text.strip():
        return None
    found = _WITNESS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not feed/role/row")
    return Witness(found[1], found[2], int(found[3]))


def _write_number(number: int | None) -> str:
    return str(number or "")


_COLUMNS = (
    _Column("编号 number", "judgement_id", _write_number, _read_number),
    _Column("判断 decision", "decision", str, _read_decision, needed=True),
    _Column("记录甲 record_l", "record_key_l", record_text, record_from_text, needed=True),
    _Column("记录乙 record_r", "record_key_r", record_text, record_from_text, needed=True),
    _Column("撤销编号 undoes", "undoes", _write_number, lambda text: _read_number(text) or None),
    _Column("同批编号 statement", "statement_id", _write_number, _read_number),
    _Column("操作人 actor", "actor", _write_text, _read_text, needed=True),
    _Column("理由 reason", "reason", _write_text, _read_text, needed=True),
    _Column("时间 at", "at", lambda moment: instant_text(cast(datetime, moment)), _read_instant, needed=True),
    _Column("来源甲 witness_l", "witness_l", _write_witness, _read_witness),
    _Column("来源乙 witness_r", "witness_r", _write_witness, _read_witness),
)
