"""What goes back to departments: one TOML file per output feed in `outputs/`.

An output says to whom it goes and which columns it has; it is written from findings and cases. The last columns of
some are left empty for the answer.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from resolver.errors import SettingsError
from resolver.feeds.contract import COLUMN_TYPES, Column, read_column


@dataclass(frozen=True)
class Output:
    """A file that is written for departments.

    Attributes:
        feed: Its id.
        title: The item as the policy words it.
        title_en: The same in English.
        to: Roles of the departments that get it; `owner` is whichever sent the row in question.
        basis: Paragraph of the policy that asks for it.
        one_row_per: What a row is about.
        columns: Its columns in order, by canonical name.
        answer: Those that the receiver fills in and sends back.
    """

    feed: str
    title: str
    title_en: str
    to: tuple[str, ...]
    basis: str
    one_row_per: str
    columns: dict[str, Column]
    answer: tuple[str, ...]


@cache
def outputs() -> dict[str, Output]:
    """All outputs, by feed id, in the order of their ids.

    Raises:
        SettingsError: A file lacks something or names an unknown type or column.
    """
    folder = resources.files("resolver.feeds")
    shared = tomllib.loads((folder / "contracts" / "columns.toml").read_text("utf-8"))
    files = sorted((f for f in (folder / "outputs").iterdir() if f.name.endswith(".toml")), key=str)
    found = [parse_output(tomllib.loads(f.read_text("utf-8")), shared, f.name) for f in files]
    return {output.feed: output for output in found}


def parse_output(raw: dict[str, Any], shared: dict[str, Any], where: str) -> Output:
    """Build an output from its TOML document.

    Args:
        raw: The parsed file.
        shared: The parsed `columns.toml`.
        where: File name for error messages.

    Raises:
        SettingsError: Something in the file is missing, misspelt or points to nothing.
    """
    try:
        columns = {name: read_column(name, own, shared.get(name, {})) for name, own in raw["columns"].items()}
        output = Output(
            feed=raw["feed"],
            title=raw["title"],
            title_en=raw["title_en"],
            to=tuple(raw["to"]),
            basis=raw["basis"],
            one_row_per=raw["one_row_per"],
            columns=columns,
            answer=tuple(raw.get("answer", ())),
        )
    except KeyError as missing:
        raise SettingsError(f"output {where}: {missing} is missing") from missing
    wrong = [
        f"column {c.name} has unknown type {c.type!r}" for c in columns.values() if c.type not in COLUMN_TYPES
    ]
    wrong += [f"{name!r} is not one of its columns" for name in output.answer if name not in columns]
    if wrong:
        raise SettingsError(f"output {where}: " + "; ".join(wrong), remedy="Correct the file.")
    return output
