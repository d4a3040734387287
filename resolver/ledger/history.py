"""Where entity ids went: the crosswalk's events as they hold along the published snapshots.

Every snapshot is made from the one published before it. The snapshots that lead to the pointer are its
*lineage*; events of a snapshot that was never published, or was rolled back, do not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from resolver.entities.crosswalk import EVENT_SCHEMA
from resolver.ledger.tables import crosswalk_events, pointer_moves

_BATCH = 50_000
_OF_LIFE = ("created", "merged", "retired")


@dataclass(frozen=True)
class CrosswalkEvent:
    """What happened to an entity id in one snapshot; see *Crosswalk* in `docs/data.md`."""

    snapshot: int
    kind: str
    event: str
    entity_id: int
    other_entity_id: int | None
    record_key: int | None
    at_reference_date: date
    at: datetime


def lineage(moves: Iterable[tuple[int, datetime]], until: datetime | None = None) -> list[int]:
    """Snapshots that lead to the pointer, newest first.

    Args:
        moves: Snapshot and time of every pointer move, in order.
        until: Leave out later moves.
    """
    based_on: dict[int, int | None] = {}
    current: int | None = None
    for snapshot, at in moves:
        if until is not None and at > until:
            break
        based_on.setdefault(snapshot, current)
        current = snapshot
    chain = []
    while current is not None:
        chain.append(current)
        current = based_on[current]
    return chain


def published_lineage(connection: sa.Connection, until: datetime | None = None) -> list[int]:
    """`lineage` of the ledger's own pointer moves."""
    table = pointer_moves.c
    rows = connection.execute(sa.select(table.snapshot, table.at).order_by(table.seq)).all()
    return lineage([(row.snapshot, row.at) for row in rows], until)


def append(connection: sa.Connection, events: pa.Table, shared: dict[str, Any]) -> int:
    """Append a snapshot's events; nothing when it already has some. Returns how many were written."""
    table = crosswalk_events.c
    present = sa.select(table.event_id).where(
        table.snapshot == shared["snapshot"], table.kind == shared["kind"]
    )
    if connection.execute(present.limit(1)).first() is not None:
        return 0
    for batch in events.select(EVENT_SCHEMA.names).cast(EVENT_SCHEMA).to_batches(max_chunksize=_BATCH):
        if batch.num_rows:
            connection.execute(crosswalk_events.insert().values(shared), batch.to_pylist())
    return int(events.num_rows)


def events_of(connection: sa.Connection, entity_id: int, as_of: date | None) -> list[CrosswalkEvent]:
    """Events that name the entity on either side, oldest first; see `Ledger.entity_history`."""
    table = crosswalk_events.c
    named = sa.or_(table.entity_id == entity_id, table.other_entity_id == entity_id)
    return _select(connection, named, as_of)


def resolve(connection: sa.Connection, entity_id: int, as_of: date | None) -> int | None:
    """Follow merges; see `Ledger.resolve_entity`."""
    table = crosswalk_events.c
    while True:
        events = _select(connection, sa.and_(table.entity_id == entity_id, table.event.in_(_OF_LIFE)), as_of)
        if not events or events[-1].event == "created":
            return entity_id
        if events[-1].other_entity_id is None:
            return None
        entity_id = events[-1].other_entity_id


def created(connection: sa.Connection, kind: str) -> pa.Table:
    """First snapshot of every entity that has a `created` event; see `Ledger.created_entities`."""
    table = crosswalk_events.c
    query = sa.select(table.entity_id, sa.func.min(table.snapshot)).where(
        table.event == "created", table.kind == kind, table.snapshot.in_(published_lineage(connection))
    )
    rows = connection.execute(query.group_by(table.entity_id).order_by(table.entity_id)).all()
    return pa.table(
        {
            "entity_id": pa.array([row[0] for row in rows], pa.int64()),
            "snapshot": pa.array([row[1] for row in rows], pa.int64()),
        }
    )


def left_entities(connection: sa.Connection, kind: str) -> pa.Table:
    """The entity that each moved record left last; see `Ledger.left_entities`."""
    table = crosswalk_events.c
    query = sa.select(table.record_key, table.other_entity_id, table.snapshot).where(
        table.event == "record_moved", table.kind == kind, table.snapshot.in_(published_lineage(connection))
    )
    last = {row[0]: row for row in connection.execute(query.order_by(table.snapshot, table.event_id))}
    names = ("record_key", "entity_id", "snapshot")
    return pa.table(
        {name: pa.array([row[i] for row in last.values()], pa.int64()) for i, name in enumerate(names)}
    )


def _select(
    connection: sa.Connection, condition: sa.ColumnElement[bool], as_of: date | None
) -> list[CrosswalkEvent]:
    """Events of the lineage. `as_of` a moment: as published then; a day: with reference dates up to it."""
    moment = as_of if isinstance(as_of, datetime) else None
    table = crosswalk_events.c
    query = sa.select(crosswalk_events).where(
        condition, table.snapshot.in_(published_lineage(connection, moment))
    )
    if as_of is not None and moment is None:
        query = query.where(table.at_reference_date <= as_of)
    rows = connection.execute(query.order_by(table.snapshot, table.event_id)).all()
    return [CrosswalkEvent(*row[1:]) for row in rows]
