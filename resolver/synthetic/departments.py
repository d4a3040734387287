"""The departments of the made-up city: what each one's file looks like, read from `departments.toml`.

Nothing here comes from the feed contracts: the headers, words and formats are the departments' own choice.
"""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

MONTH_COLUMNS = frozenset(
    {
        "period", "pay_month", "approval_month", "stop_month", "paid_through", "exit_month", "start_month",
        "end_month", "account_month", "change_month", "warning_month", "cost_from", "cost_to",
    }
)  # fmt: skip
# Columns that a fact table must call otherwise, because the name has another meaning there.
FACT_COLUMNS = {"period": "owed_period"}


@dataclass(frozen=True)
class Role:
    """A person or organisation of which every row of a feed speaks.

    Attributes:
        kind: person or organisation.
        role: Column of the fact table with its number.
        cells: Column of the file -> attribute of the person or organisation.
        key: Columns of the fact table by which the register stores an identity; none = every row anew.
        fits: Attributes that a row gives of the person beside the cells (birth, mother, spouse, employer, household).
    """

    kind: Literal["person", "organisation"]
    role: str
    cells: dict[str, str]
    key: tuple[str, ...] = ()
    fits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Department:
    """How one feed's files are written; see the head of `departments.toml`."""

    feed: str
    title: str
    register: str
    factor: float
    file: str
    format: Literal["xlsx", "csv"]
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"]
    dates: str
    times: str
    months: str
    sex: tuple[str, str]
    address: str
    columns: tuple[tuple[str, str], ...]
    renamed: dict[str, str]
    roles: tuple[Role, ...]
    extent: str = "delta"
    required: str = ""
    unique: tuple[str, ...] = ()
    unique_else: tuple[str, ...] = ()
    unique_blanks: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ("Sheet1",)
    sequence: bool = False
    remark: bool = False
    total: bool = False
    flags: tuple[str, str] = ("1", "0")
    words: dict[str, dict[str, str]] = field(default_factory=dict)

    def headers(self, period: int) -> dict[str, str]:
        """Column -> header in the order of the file of one month; from the second on, some are renamed."""
        return {
            column: self.renamed.get(column, header) if period else header for column, header in self.columns
        }

    def extent_of(self, period: int) -> Literal["full", "delta"]:
        """Whether the file of a month holds everything or what has changed."""
        full = self.extent == "full" or (self.extent == "full_then_delta" and period == 0)
        return "full" if full else "delta"

    @property
    def cells(self) -> dict[str, tuple[str, str]]:
        """Identity column -> (role, attribute)."""
        return {
            column: (role.role, attribute) for role in self.roles for column, attribute in role.cells.items()
        }


@cache
def departments() -> dict[str, Department]:
    """All departments' files, by feed."""
    raw = tomllib.loads((resources.files("resolver.synthetic") / "departments.toml").read_text("utf-8"))
    return {feed: _department(feed, dict(table)) for feed, table in raw.items()}


def _department(feed: str, table: dict[str, Any]) -> Department:
    roles = tuple(
        Role(
            kind=role["kind"],
            role=name,
            cells=role["cells"],
            key=tuple(role.get("key", ())),
            fits=tuple(role.get("fits", ())),
        )
        for name, role in table.pop("roles", {}).items()
    )
    columns = tuple((text.split(" ", 1)[0], text.split(" ", 1)[1]) for text in table.pop("columns"))
    lists = {name: tuple(value) for name, value in table.items() if isinstance(value, list)}
    return Department(**{"feed": feed, "months": "iso", **table, **lists, "columns": columns, "roles": roles})
