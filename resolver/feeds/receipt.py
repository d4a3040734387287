"""What a department is told about its file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow as pa

from resolver.errors import DeliveryError
from resolver.feeds.checks import UNREADABLE, Checked, Unread
from resolver.feeds.contract import Contract
from resolver.feeds.identify import Extent
from resolver.feeds.reader import Sheet
from resolver.ledger.delivery import Delivery

Status = Literal["received", "already_received", "refused"]

_EXAMPLES = 10
_SHOWN_ROWS = 20


@dataclass(frozen=True)
class ColumnMatch:
    """A column of the contract and the header under which a sheet brought it."""

    sheet: str
    column: str
    header: str


@dataclass(frozen=True)
class Receipt:
    """Outcome for one file.

    Attributes:
        status: `received`, `already_received` (nothing was changed), or `refused` (nothing was changed).
        path: The file as it was named to `receive`.
        feed: Feed id; None when refused before it was known.
        period: First day of the month; None when refused before it was known.
        extent: `full` or `delta`; None when refused.
        delivery_id: None when refused.
        n_rows: Data rows read.
        n_accepted: Rows accepted.
        n_quarantined: Rows that go back to the department.
        zero: The file has a header and no rows: a month without change.
        complete: A full delivery that may close rows which it lacks.
        headers: Which header was taken for which column.
        ignored: Headers that no column of the contract answers to.
        warnings: What a reader of the receipt should look at.
        notes: What was skipped, and other remarks.
        reasons: Reason of quarantine -> number of rows.
        refused: Why the file was refused, and what to do; empty otherwise.
    """

    status: Status
    path: Path
    feed: str | None = None
    period: date | None = None
    extent: Extent | None = None
    delivery_id: str | None = None
    n_rows: int = 0
    n_accepted: int = 0
    n_quarantined: int = 0
    zero: bool = False
    complete: bool = False
    headers: tuple[ColumnMatch, ...] = ()
    ignored: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""

    def for_ledger(self) -> dict[str, Any]:
        """The part that the ledger's row does not say itself; the same for the same file."""
        return {
            "headers": [asdict(match) for match in self.headers],
            "ignored": list(self.ignored),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "reasons": dict(self.reasons),
        }


def refusal(path: Path, error: DeliveryError, feed: str | None, period: date | None) -> Receipt:
    """The receipt of a file that is refused."""
    return Receipt("refused", path, feed, period, refused=str(error))


def from_ledger(delivery: Delivery, path: Path) -> Receipt:
    """The receipt of a file that the ledger knows."""
    told = delivery.receipt
    return Receipt(
        status="already_received",
        path=path,
        feed=delivery.feed,
        period=delivery.period,
        extent=cast(Extent, delivery.extent),
        delivery_id=delivery.delivery_id,
        n_rows=delivery.n_rows,
        n_accepted=delivery.n_accepted,
        n_quarantined=delivery.n_quarantined,
        zero=delivery.zero,
        complete=delivery.complete,
        headers=tuple(ColumnMatch(**match) for match in told["headers"]),
        ignored=tuple(told["ignored"]),
        warnings=tuple(told["warnings"]),
        notes=tuple(told["notes"]),
        reasons=told["reasons"],
    )


class Tally:
    """What the batches of a file add up to."""

    def __init__(self) -> None:
        self.n_rows = 0
        self.n_quarantined = 0
        self._reasons: dict[str, int] = {}
        self._unread: dict[str, Unread] = {}
        self._skipped: dict[tuple[str, str], list[int]] = {}

    def add(self, sheet: str, checked: Checked) -> None:
        """Add a batch of a sheet."""
        self.n_rows += checked.n_rows
        self.n_quarantined += len(checked.quarantined)
        for reason in _kinds(checked.quarantined):
            self._reasons[reason] = self._reasons.get(reason, 0) + 1
        for column, unread in checked.unread.items():
            known = self._unread.get(column)
            if known is not None:
                examples = {**unread.examples, **known.examples}  # the earlier row number stays
                unread = replace(known, count=known.count + unread.count, examples=examples)  # noqa: PLW2901
            self._unread[column] = unread
        for why, rows in checked.skipped.items():
            self._skipped.setdefault((sheet, why), []).extend(rows)

    def receipt(self, blank: Receipt, contract: Contract, sheets: Sequence[Sheet]) -> Receipt:
        """The receipt of the whole file.

        Args:
            blank: A receipt that says which file, feed, period, extent and delivery it is.
            contract: The feed's contract.
            sheets: The sheets that were read.
        """
        ignored = [header for sheet in sheets for header in sheet.layout.ignored]
        return replace(
            blank,
            n_rows=self.n_rows,
            n_accepted=self.n_rows - self.n_quarantined,
            n_quarantined=self.n_quarantined,
            zero=self.n_rows == 0,
            headers=tuple(
                ColumnMatch(sheet.name, column, sheet.layout.headers[position])
                for sheet in sheets
                for column, position in sheet.layout.positions.items()
            ),
            ignored=tuple(dict.fromkeys(ignored)),
            warnings=tuple(_warning(contract, name, unread) for name, unread in self._unread.items()),
            notes=(*blank.notes, *(_note(*where, rows) for where, rows in self._skipped.items())),
            reasons=dict(self._reasons),
        )


def _kinds(quarantined: pa.Table) -> list[str]:
    """Reason of each quarantined row without the text of its cells, so that alike rows are of one kind."""
    texts = re.escape(UNREADABLE) + "“.*?”不是"
    return [re.sub(texts, "无法识别，不是", reason) for reason in quarantined["reason"].to_pylist()]


def _warning(contract: Contract, name: str, unread: Unread) -> str:
    column = contract.columns[name]
    what = "选项不在约定之中 unknown choice" if column.type == "choice" else "内容无法识别 unreadable"
    examples = list(unread.examples.items())[:_EXAMPLES]
    shown = "、".join(f"“{text}”(第{row}行 row {row})" for text, row in examples)
    return f"“{unread.header}”有{unread.count}个单元格{what}: {shown}"


def _note(sheet: str, why: str, rows: list[int]) -> str:
    where = f"{sheet}: " if sheet else ""
    shown = ", ".join(str(row) for row in rows[:_SHOWN_ROWS]) + (" …" if len(rows) > _SHOWN_ROWS else "")
    return f"{where}{why}: {shown}"
