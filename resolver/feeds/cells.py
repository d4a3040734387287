"""Cell text -> typed value, for every contract type; see `docs/data.md` for the archived types.

Everything is read on the distinct values of a column. Text types stay as they came (outer space trimmed), so that
standardisation can be improved later without asking the departments again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from resolver.feeds.contract import Column
from resolver.feeds.dates import read_moments

AMOUNT = pa.decimal128(16, 2)

_TYPES: Mapping[str, pa.DataType] = MappingProxyType(
    {
        "sex": pa.int8(),
        "date": pa.date32(),
        "month": pa.date32(),
        "datetime": pa.timestamp("s"),
        "integer": pa.int64(),
        "amount": AMOUNT,
        "flag": pa.bool_(),
    }
)
_SEX = {"男": 1, "男性": 1, "1": 1, "m": 1, "male": 1, "女": 2, "女性": 2, "2": 2, "f": 2, "female": 2}
_SEX |= {"1.0": 1, "2.0": 2, "01": 1, "02": 2, "1-男": 1, "2-女": 2, "1男": 1, "2女": 2}
_NO_SEX = frozenset({"0", "9", "未知", "未说明", "未说明的性别", "未知的性别", "其他", "不详"})
_TRUE = frozenset({"是", "1", "1.0", "y", "yes", "t", "true", "有", "√", "✓"})
_FALSE = frozenset({"否", "0", "0.0", "n", "no", "f", "false", "无", "×", "非"})

# What programs print for "nothing", and what people write for it in a cell that wants a number, date or choice.
NULLS = ("NULL", "null", "(null)", "\\N", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!")
OUTER_SPACE = " \t\r\n\u3000\u00a0\ufeff\u200b"
_NOTHING = frozenset(
    {"-", "--", "—", "——", "/", "\\", "无", "空", "不详", "未知", "nan", "none", "n/a", "nat"}
)
_OPEN_END = frozenset({"长期", "至今", "永久", "长期有效", "无期限"})

_INTEGER = r"^([+-]?\d{1,18})(?:\.0*)?$"
_AMOUNT = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?$"
_MAX_AMOUNT = 9e13  # yuan; up to here a double holds every fen


@dataclass(frozen=True)
class Cells:
    """The values of one column.

    Attributes:
        values: Array of the archived type; null where the cell is empty or could not be read.
        unread: bool numpy array: the cell has a text that could not be read.
    """

    values: pa.Array
    unread: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Distinct:
    """Values of the distinct texts, and which of these could be read (nothing meant is read as null)."""

    values: pa.Array
    read: npt.NDArray[np.bool_]


def archived_type(column: Column) -> pa.DataType:
    """The Arrow type a column is archived as."""
    return _TYPES.get(column.type, pa.string())


def trim(texts: pa.Array) -> pa.Array:
    """Texts without outer white space (of any kind); empty ones and printed nulls as null."""
    texts = pc.utf8_trim(texts, OUTER_SPACE)
    empty = pc.or_(pc.equal(pc.binary_length(texts), 0), pc.is_in(texts, pa.array(NULLS)))
    return pc.if_else(empty, pa.scalar(None, pa.string()), texts)


def read_cells(texts: pa.Array, column: Column) -> Cells:
    """Read the cells of a column.

    Args:
        texts: string array, from `trim`.
        column: The column of the contract; its type decides.

    Returns:
        Values of type `archived_type(column)`, the same length.
    """
    nothing_unread = np.zeros(len(texts), dtype=bool)
    if column.type not in _TYPES and column.type != "choice":
        return Cells(texts, nothing_unread)
    coded = texts.dictionary_encode()
    cleaned = _clean(coded.dictionary)
    distinct = _read_distinct(cleaned, column)
    values = distinct.values.take(coded.indices)
    if distinct.read.all():
        return Cells(values, nothing_unread)
    unread = pc.fill_null(pa.array(~distinct.read).take(coded.indices), False)
    return Cells(values, unread.to_numpy(zero_copy_only=False))


def _clean(texts: pa.Array) -> pa.Array:
    """NFKC, without outer space and the wrappings (`'…`, `="…"`) that keep a spreadsheet from reformatting."""
    texts = pc.utf8_normalize(texts, form="NFKC")
    texts = pc.replace_substring_regex(texts, r'^(?:="?|\')|"$', "")
    return pc.utf8_trim_whitespace(texts)


def _read_distinct(texts: pa.Array, column: Column) -> _Distinct:
    match column.type:
        case "date" | "month" | "datetime":
            return _moments(texts, column.type)
        case "integer":
            return _integers(texts)
        case "amount":
            return _amounts(texts)
        case "sex":
            return _words(texts, _SEX, _NO_SEX, pa.int8())
        case "flag":
            words = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
            return _words(texts, words, frozenset(), pa.bool_())
        case _:
            return _words(texts, choice_words(column), frozenset(), pa.string())


def choice_words(column: Column) -> dict[str, str]:
    """Every word of a choice, in comparable form -> its code; the code itself is one."""
    words: dict[str, str] = {}
    for code, meanings in column.choices.items():
        for word in (code, *meanings):
            words.setdefault(_comparable(word), code)
    return words


def _comparable(word: str) -> str:
    return re.sub(r"\s+", "", _clean(pa.array([word]))[0].as_py()).lower()


def _words(
    texts: pa.Array, words: Mapping[str, object], silent: frozenset[str], to: pa.DataType
) -> _Distinct:
    keys = [re.sub(r"\s+", "", text).lower() for text in texts.to_pylist()]
    whole = [key[:-2] if key.endswith(".0") and key not in words else key for key in keys]  # 1.0 from a sheet
    values = pa.array([words.get(key) for key in whole], to)
    known = [key in words or key in silent or key in _NOTHING or not key for key in whole]
    return _Distinct(values, np.array(known, dtype=bool))


def _moments(texts: pa.Array, kind: str) -> _Distinct:
    moments = read_moments(texts)
    seconds = moments.seconds
    mask = ~moments.read
    if kind == "datetime":
        values = pa.array(seconds.astype("datetime64[s]"), pa.timestamp("s"), mask=mask)
    else:
        days = np.floor_divide(seconds, 86_400).astype("datetime64[D]")
        if kind == "month":
            days = days.astype("datetime64[M]").astype("datetime64[D]")
        values = pa.array(days, pa.date32(), mask=mask)
    return _Distinct(values, moments.read | _means_nothing(texts, _NOTHING | _OPEN_END))


def _integers(texts: pa.Array) -> _Distinct:
    bare = pc.replace_substring_regex(texts, r"[, ]|(?:年度?|人|个|元|岁)$", "")
    good = pc.match_substring_regex(bare, _INTEGER)
    digits = pc.replace_substring_regex(bare, r"\.0*$", "")
    values = pc.cast(pc.if_else(good, digits, pa.scalar(None, pa.string())), pa.int64())
    return _Distinct(values, good.to_numpy(zero_copy_only=False) | _means_nothing(texts, _NOTHING))


def _amounts(texts: pa.Array) -> _Distinct:
    bare = pc.replace_substring_regex(texts, r"[, ¥￥$]|(?:人民币|RMB|CNY)|(?:元整?|圆整?)$", "")
    bare = pc.replace_substring_regex(bare, r"^\((.*)\)$", r"-\1")  # (12.50), as accountants write
    good = pc.match_substring_regex(bare, _AMOUNT)
    number = pc.cast(pc.if_else(good, bare, pa.scalar(None, pa.string())), pa.float64())
    yuan = pc.fill_null(number, np.nan).to_numpy(zero_copy_only=False)
    read = np.abs(yuan) <= _MAX_AMOUNT  # False for nan
    fen = np.zeros(len(yuan), dtype=np.int64)
    fen[read] = _half_up(yuan[read] * 100)
    return _Distinct(_decimals(fen, read), read | _means_nothing(texts, _NOTHING))


def _half_up(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Rounded to integers, halves away from zero; forgives the last bits of a double (1.005 * 100 < 100.5)."""
    return (np.sign(values) * np.floor(np.abs(values) * (1 + 1e-15) + 0.5)).astype(np.int64)


def _decimals(fen: npt.NDArray[np.int64], valid: npt.NDArray[np.bool_]) -> pa.Array:
    """decimal128(16, 2) from hundredths, which are its little-endian 128-bit integers."""
    words = np.empty((len(fen), 2), dtype="<i8")
    words[:, 0], words[:, 1] = fen, fen >> 63
    validity = pa.array(valid).buffers()[1]
    return pa.Array.from_buffers(AMOUNT, len(fen), [validity, pa.py_buffer(words.tobytes())])


def _means_nothing(texts: pa.Array, words: frozenset[str]) -> npt.NDArray[np.bool_]:
    lower = pc.utf8_lower(texts)
    empty = pc.equal(pc.binary_length(lower), 0)
    found = pc.or_(pc.is_in(lower, pa.array(sorted(words))), empty)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)
