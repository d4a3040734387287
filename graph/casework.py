"""What people did about findings, as the ledger keeps it: the chained stream `casework`.

An event names a finding by its key and carries what the finding stood on: the hash of its evidence, its rows, and the
record of its first row, by which it is found again when keys of entities change. A *denied* finding (否认) stays
silent until its evidence is another one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args

import pyarrow as pa

from resolver.errors import LinkageError
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot

STREAM = "casework"

Event = Literal[
    "issued", "replied", "updated", "returned", "denied", "undenied", "resolved", "advance_paid", "urged",
    "recovering", "recovered", "no_third_party",
]  # fmt: skip
"""反馈/下发 · 回复 · 更新补录 · 回传 · 否认 · 撤回否认 · 办结 · 先行支付 · 催告 · 追偿中 · 已追回 · 无第三方."""

CASE_EVENT_SCHEMA = pa.schema(
    [
        ("finding_key", pa.int64()),
        ("rule", pa.string()),
        ("event", pa.string()),
        ("day", pa.date32()),
        ("department", pa.string()),
        ("record_key", pa.int64()),
        ("row_ids", pa.list_(pa.int64())),
        ("evidence_hash", pa.int64()),
        ("due", pa.date32()),
    ]
)


@dataclass(frozen=True)
class CaseEvent:
    """One step of a case.

    Attributes:
        finding_key: The finding's.
        rule: Its rule.
        event: What was done.
        day: On which day.
        actor: Account of who did it.
        reason: Why, in words.
        department: Role of the department it concerns; empty = none.
        record_key: Of the finding's first row; None when that is about nobody.
        row_ids: The finding's rows.
        evidence_hash: What the finding stood on.
        due: For `issued` and `returned`: the day by which the reply is owed; None = by the rule's own count.
    """

    finding_key: int
    rule: str
    event: Event
    day: date
    actor: str
    reason: str
    department: str = ""
    record_key: int | None = None
    row_ids: tuple[int, ...] = ()
    evidence_hash: int = 0
    due: date | None = None


def event_about(
    finding: Mapping[str, Any], event: Event, day: date, actor: str, reason: str, **more: Any
) -> CaseEvent:
    """An event about a finding as `findings` of a snapshot holds it; `more` are `department` and `due`."""
    records = finding["record_keys"]
    return CaseEvent(
        finding["finding_key"], finding["rule"], event, day, actor, reason,
        record_key=records[0] if records else None,
        row_ids=tuple(finding["row_ids"]),
        evidence_hash=finding["evidence_hash"],
        **more,
    )  # fmt: skip


def finding_of(snapshot: Snapshot, finding_key: int) -> dict[str, Any]:
    """A finding of a snapshot.

    Raises:
        LinkageError: The snapshot has none with this key.
    """
    found = snapshot.read("findings", filters=[("finding_key", "=", finding_key)]).to_pylist()
    if not found:
        raise LinkageError(
            f"snapshot {snapshot.number} has no finding {finding_key}",
            remedy="Take the key from the list of findings.",
        )
    return dict(found[0])


def record_events(ledger: Ledger, events: Iterable[CaseEvent], at: datetime) -> None:
    """Append events to the ledger; the next `check` obeys them."""
    bodies = [
        {
            "finding_key": event.finding_key,
            "rule": event.rule,
            "event": event.event,
            "day": event.day.isoformat(),
            "actor": event.actor,
            "reason": event.reason,
            "department": event.department,
            "record_key": event.record_key,
            "row_ids": list(event.row_ids),
            "evidence_hash": event.evidence_hash,
            "due": event.due.isoformat() if event.due else None,
        }
        for event in events
    ]
    ledger.append_chained(STREAM, bodies, at)


def case_events(ledger: Ledger, until: date | None = None) -> pa.Table:
    """All events in order, as `CASE_EVENT_SCHEMA`; for replaying, only those up to a day."""
    rows = []
    after = 0
    while batch := ledger.read_chained(STREAM, after):
        after = batch[-1].seq
        rows += [_dated(event.body) for event in batch]
    chosen = [row for row in rows if until is None or row["day"] <= until]
    if unknown := {row["event"] for row in chosen} - set(get_args(Event)):
        raise LinkageError(f"the ledger holds a case event of an unknown kind: {min(unknown)}")
    columns = {name: [row[name] for row in chosen] for name in CASE_EVENT_SCHEMA.names}
    return pa.table(columns, schema=CASE_EVENT_SCHEMA)


def _dated(body: dict[str, Any]) -> dict[str, Any]:
    due = body.get("due")
    return {
        **body,
        "day": date.fromisoformat(body["day"]),
        "due": date.fromisoformat(due) if due else None,
    }
