"""A rule's own examples: rows that must and rows that must not raise it, at the end of its file.

    -- [[examples]]
    -- what = "a spell that is open so many days after the death"
    -- rows = '''
    -- W01 deceased=1 death_time=@
    -- W29 insured=1 insutype=310 status=normal start_date=2020-01-01
    -- '''
    -- raises = ["2024-05-30"]
    -- silent = ["2024-05-31", "2024-06-01"]

A line of `rows` is a feed (or another view), then `column=value`; a role is given the number of its person or
organisation, and what stands after `record.` is a value of the main role's record. `@` stands for each of the values
in `raises` and in `silent` in turn; without `@` one of the two is `true`. The reference date is 2024-06-30.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

REFERENCE_DATE = date(2024, 6, 30)
PERIOD = date(2024, 6, 1)

_KEYS = {"what", "rows", "raises", "silent", "parameters"}


@dataclass(frozen=True)
class ExampleRow:
    """One row: the view it belongs to (or its feed), and text by column."""

    view: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Example:
    """Rows, and what is expected of them.

    Attributes:
        what: What the example shows.
        rows: Lines of rows; `@` where they vary.
        expected: Value in the place of `@` (empty = none) -> whether the rule must be raised.
        parameters: Values that differ from the rule's defaults.
    """

    what: str
    rows: str
    expected: Mapping[str, bool]
    parameters: Mapping[str, float]

    def cases(self) -> Iterator[tuple[str, tuple[ExampleRow, ...], bool]]:
        """Each value in the place of `@`, the rows it makes, and whether they must raise the rule."""
        for value, raises in self.expected.items():
            lines = self.rows.replace("@", value).strip().splitlines()
            yield value, tuple(_row(line) for line in lines if line.strip()), raises


def parse_examples(raw: Sequence[Mapping[str, Any]]) -> tuple[Example, ...]:
    """Read the examples of a rule file.

    Raises:
        ValueError: Something in them is missing, unknown or cannot be read.
    """
    return tuple(_example(entry) for entry in raw)


def _example(raw: Mapping[str, Any]) -> Example:
    what = raw.get("what", "")
    if not what or not isinstance(raw.get("rows"), str):
        raise ValueError(f"every example needs what and rows (at {what or 'one without what'!r})")
    if unknown := set(raw) - _KEYS:
        raise ValueError(f"{what!r}: {min(unknown)!r} is not known here")
    expected: dict[str, bool] = {}
    for name in ("silent", "raises"):
        values = raw.get(name, [])
        values = [""] if values is True else values
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise ValueError(f"{what!r}: {name} must be true or a list of texts")
        expected |= dict.fromkeys(values, name == "raises")
    if not expected or ("" in expected) == ("@" in raw["rows"]):
        raise ValueError(f"{what!r}: raises or silent lists the values of @, or is true where there is no @")
    example = Example(what, raw["rows"], expected, dict(raw.get("parameters", {})))
    list(example.cases())  # every line can be read
    return example


def _row(line: str) -> ExampleRow:
    view, *pairs = shlex.split(line)
    values = dict(pair.partition("=")[::2] for pair in pairs)
    if len(values) < len(pairs) or not all("=" in pair for pair in pairs):
        raise ValueError(f"{line.strip()!r} is not a view and column=value, each column once")
    return ExampleRow(view, values)
