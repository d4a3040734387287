"""A first contract for a file of a new feed, to be corrected by hand: `guiyi feeds draft FILE`."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pypinyin import lazy_pinyin

from resolver.errors import DeliveryError
from resolver.feeds.cells import read_cells, trim
from resolver.feeds.contract import Column, contracts, parse_contract
from resolver.feeds.headers import SEARCHED_ROWS, Layout, comparable
from resolver.feeds.reader import Sheet, Source

_SAMPLE_ROWS = 20_000
_MOSTLY = 0.98  # share of a column's texts that a type must read
_GUESSED_TYPES = ("sex", "month", "date", "datetime", "flag", "integer", "amount")
_HEADER_WORDS = (
    ("organisation", r"单位名称|机构名称|企业名称|公司"),
    ("name", r"姓名|名字"),
    ("id_number", r"身份证|证件号"),
    ("credit_code", r"信用代码"),
    ("phone", r"电话|手机|联系方式"),
    ("address", r"地址|住址|住所"),
    ("amount", r"金额|费用|工资|基数"),
    ("code", r"编号|编码|代码|号码|证号|序号|号$"),
)
_PERSON = ("name", "id_number", "id_type", "sex", "birth_date", "phone", "address", "region")


@dataclass(frozen=True)
class _Guess:
    """What a column seems to be.

    Attributes:
        name: Canonical name.
        header: As it came.
        settings: Lines of its TOML table; empty where a shared column says everything.
        type: Its type, shared or guessed.
        filled: Whether every row has a value.
        distinct: Whether all values differ.
    """

    name: str
    header: str
    settings: dict[str, Any]
    type: str
    filled: bool
    distinct: bool


def draft_contract(path: Path) -> str:
    """Propose a feed contract from a department's file.

    Columns are named after the shared ones, or after columns of other feeds, whose header or alias theirs is, else
    by the pinyin of their header; types are what reads the first rows; columns filled everywhere are mandatory.

    Returns:
        TOML that `parse_contract` accepts.

    Raises:
        DeliveryError: The file cannot be read, or has no row that could be a header.
    """
    source = Source.open(path)
    sheet = _most_likely_header(source)
    texts = _sample(source, sheet)
    guesses: dict[str, _Guess] = {}
    seen = {""}
    for header, column in zip(sheet.layout.headers, texts, strict=True):
        if comparable(header) not in seen:  # of two alike, matching would know the first only
            seen.add(comparable(header))
            guess = _guess(header, column, guesses)
            guesses[guess.name] = guess
    text = _toml(path, list(guesses.values()))
    parse_contract(tomllib.loads(text), _shared(), path.name)
    return text


@cache
def _shared() -> dict[str, Any]:
    folder = resources.files("resolver.feeds") / "contracts"
    return tomllib.loads((folder / "columns.toml").read_text("utf-8"))


def _most_likely_header(source: Source) -> Sheet:
    """The row with most known headers, then most different texts, among the first rows of all sheets."""
    known = set(_known_columns())
    best: tuple[tuple[int, int], Sheet] | None = None
    for page in source.pages:
        for delimiter, rows in page.readings.items():
            for number, cells in enumerate(rows[:SEARCHED_ROWS]):
                words = {comparable(cell) for cell in cells} - {""}
                rank = (len(words & known), len(words))
                if len(words) > 1 and (best is None or rank > best[0]):
                    headers = tuple(re.sub(r"\s+", " ", cell).strip() for cell in cells)
                    best = rank, Sheet(page.name, Layout(number, headers, {}), delimiter)
    if best is None:
        raise DeliveryError(
            f"{source.path.name}: none of the first {SEARCHED_ROWS} rows could be a header",
            remedy="The header is the row that names the columns; there must be at least two.",
        )
    return best[1]


def _sample(source: Source, sheet: Sheet) -> list[pa.Array]:
    """The first rows of each column, trimmed."""
    empty = [pa.array([], pa.string()) for _ in sheet.layout.headers]
    for batch in source.batches([sheet]):
        return [trim(column.slice(0, _SAMPLE_ROWS)) for column in batch.columns]
    return empty


@cache
def _known_columns() -> dict[str, str]:
    """Header or alias in comparable form -> canonical name: shared columns first, then those of all feeds."""
    known: dict[str, str] = {}
    for name, settings in _shared().items():
        for header in _headers(name, settings):
            known.setdefault(comparable(header), name)
    for contract in contracts().values():
        for column in contract.columns.values():
            for header in (column.header, column.name, *column.aliases):
                known.setdefault(comparable(header), column.name)
    return known


def _headers(name: str, settings: Mapping[str, Any]) -> tuple[str, ...]:
    return (settings["header"], name, *settings.get("aliases", ()), *settings.get("platform", ()))


def _guess(header: str, texts: pa.Array, taken: Mapping[str, _Guess]) -> _Guess:
    name = _known_columns().get(comparable(header), "")
    if not name or name in taken:
        name = _pinyin_name(header, taken)
    shared = _shared().get(name)
    settings: dict[str, Any] = {}
    kind = shared["type"] if shared else _guess_type(header, texts)
    if not shared:
        settings = {"header": header, "type": kind}
    elif comparable(header) not in {comparable(text) for text in _headers(name, shared)}:
        settings = {"aliases": [*shared.get("aliases", ()), header]}
    filled = len(texts) > 0 and texts.null_count == 0
    if filled:
        settings["mandatory"] = True
    distinct = filled and pc.count_distinct(texts).as_py() == len(texts)
    return _Guess(name, header, settings, kind, filled, distinct)


def _pinyin_name(header: str, taken: Mapping[str, _Guess]) -> str:
    sounds = "_".join(lazy_pinyin(header.replace("ü", "v")))
    base = re.sub(r"[^a-z0-9]+", "_", sounds.lower()).strip("_") or "column"
    base = f"c_{base}" if base[0].isdigit() else base
    number, name = 2, base
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name


def _guess_type(header: str, texts: pa.Array) -> str:
    """By the words of the header, else the first type that reads nearly all texts."""
    for kind, words in _HEADER_WORDS:
        if re.search(words, header):
            return kind
    given = texts.drop_null()
    if not len(given):
        return "text"
    for kind in _GUESSED_TYPES:
        column = Column("sample", header, kind)
        if read_cells(given, column).values.null_count <= (1 - _MOSTLY) * len(given) and _likely(kind, given):
            return kind
    return "text"


def _likely(kind: str, texts: pa.Array) -> bool:
    """Whether texts that a type can read are likely meant so: 0 and 1 are no sex, long digits no amount."""
    lengths = pc.min_max(pc.utf8_length(texts)).as_py()
    if kind in ("sex", "flag"):
        return bool(np.any(~pc.match_substring_regex(texts, r"^\d").to_numpy(zero_copy_only=False)))
    if kind == "month":
        return bool(lengths["max"] <= 8 and lengths["min"] >= 6 and not _is_day(texts))
    if kind == "date":
        return bool(lengths["min"] >= 6 and lengths["max"] <= 11)
    if kind == "datetime":
        return bool(lengths["min"] >= 8)
    if kind == "integer":
        return bool(lengths["max"] <= 9)
    return True


def _is_day(texts: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, r"^\d{8}$|日|\d+[-/.]\d+[-/.]\d+")).as_py())


def _toml(path: Path, guesses: Sequence[_Guess]) -> str:
    """The contract's text."""
    feed = next((name for name in re.findall(r"[A-Z]\d{2}", path.stem) if name not in contracts()), "X00")
    title = re.sub(r"[\dA-Za-z_\-.\s年月]+", "", path.stem) or path.stem
    dates = [g for g in guesses if g.type in ("date", "datetime", "month") and g.name != "birth_date"]
    head = {
        "feed": feed,
        "title": title,
        "title_en": " ".join(lazy_pinyin(title)),
        "view": _pinyin_name(title, {}),
        "department": "UNKNOWN",
        "basis": "",
        "kind": "event",
        "default_extent": "delta",
        "natural_key": _natural_key(guesses),
        "valid_from": next((g.name for g in dates if g.filled), dates[0].name if dates else ""),
    }
    lines = [f"# Draft from {path.name}: correct department, kind, keys and roles; give choices their words."]
    lines += [f"{key} = {_value(value)}" for key, value in head.items()]
    lines += ["", "[columns]"]
    lines += [f"{g.name} = {_value(g.settings)}" for g in guesses]
    person = {g.name: g.name for g in guesses if g.name in _PERSON}
    if "name" in person or "id_number" in person:
        lines += ["", "[[entities]]", 'kind = "person"', 'role = "person"', f"values = {_value(person)}"]
    return "\n".join(lines) + "\n"


def _natural_key(guesses: Sequence[_Guess]) -> list[str]:
    """A code whose values all differ, else any such column, else the ID number, else the first column."""
    codes = [g.name for g in guesses if g.distinct and g.type in ("code", "id_number", "credit_code")]
    others = [g.name for g in guesses if g.distinct and g.type == "text"]
    numbers = [g.name for g in guesses if g.type == "id_number"]
    return [*codes, *others, *numbers, guesses[0].name][:1]


def _value(value: object) -> str:
    """A TOML value; JSON strings are TOML strings."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
