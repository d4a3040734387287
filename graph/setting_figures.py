"""Figures that a jurisdiction gives beside its rules: `[income]`, `[wage]`, `[aid_ranks]`, `provisional_years`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WrongFigure:
    """A figure that is none: where it stands, what is wrong with it, and how it could be written."""

    table: str
    name: str
    message: str
    example: str


def wrong_figure(values: Mapping[str, Any]) -> WrongFigure | None:
    """The first wrong figure of a settings file, None if all are right."""
    for table, kind in _KINDS.items():
        given = values.get(table, kind.empty)
        if type(given) is not type(kind.empty):
            return WrongFigure(table, "", f"{table} must be {kind.called}", kind.example)
        named = given.items() if isinstance(given, dict) else (("", value) for value in given)
        for name, value in named:
            if not kind.is_right(name, value):
                stated = f"{table}.{name} = {value!r}" if name else f"{value!r} in {table}"
                return WrongFigure(table, name, f"{stated}: {kind.asked}", kind.example)
    return None


@dataclass(frozen=True)
class _Kind:
    empty: dict[str, Any] | list[Any]
    called: str
    asked: str
    example: str
    is_right: Callable[[str, Any], bool]


def _is_year(value: Any) -> bool:
    return type(value) is int and 1990 <= value <= 2100


def _is_sum_of_year(name: str, value: Any) -> bool:
    return name.isdecimal() and _is_year(int(name)) and type(value) in (int, float) and 0 < value < 10**9


def _is_rank(_name: str, value: Any) -> bool:
    return type(value) is int and 1 <= value <= 99


_SUM = "a year and yuan above 0 are asked for"
_KINDS = {
    "income": _Kind({}, "a table", _SUM, "2024 = 42077", _is_sum_of_year),
    "wage": _Kind({}, "a table", _SUM, "2026 = 7500", _is_sum_of_year),
    "aid_ranks": _Kind({}, "a table", "a whole number from 1 is asked for", "destitute = 1", _is_rank),
    "provisional_years": _Kind(
        [], "a list", "years are asked for", "provisional_years = [2025]", lambda _, value: _is_year(value)
    ),
}
FIGURES = tuple(_KINDS)
"""Names of the tables and of the list."""
