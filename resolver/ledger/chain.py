"""Hash-chained streams: each event carries the hash of the one before, so that no change goes unseen.

The hash of an event is SHA-256 over the previous hash, the stream, the number, the time and the body, each
exactly as stored, joined by line feeds. An edited, reordered or missing event breaks the chain. Events cut off at
the end do not: to see that, export the head now and then to another machine and verify against it.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from resolver.ledger.tables import canonical_json, chained_events, instant_text

_START = "0" * 64
_BATCH = 10_000

# Made once: to put a statement together costs more than to run it, and every answer of the service waits for these.
_OF_STREAM = chained_events.c.stream == sa.bindparam("stream")
_HEAD = (
    sa.select(chained_events.c.seq, chained_events.c.hash)
    .where(_OF_STREAM)
    .order_by(chained_events.c.seq.desc())
    .limit(1)
)
_ROWS = (
    sa.select(chained_events)
    .where(_OF_STREAM, chained_events.c.seq > sa.bindparam("after"))
    .order_by(chained_events.c.seq)
    .limit(sa.bindparam("most"))
)
_INSERT = chained_events.insert()


@dataclass(frozen=True)
class ChainedEvent:
    """One event of a stream; `seq` counts from 1 without gaps."""

    stream: str
    seq: int
    at: datetime
    body: dict[str, Any]
    hash: str


@dataclass(frozen=True)
class ChainHead:
    """Number and hash of a stream's last event; 0 and zeros while it is empty."""

    stream: str
    seq: int
    hash: str


@dataclass(frozen=True)
class ChainReport:
    """What a verification found.

    Attributes:
        stream: The stream.
        n_events: Events read.
        head: The last event that the chain still holds together.
        problem: What is wrong, in words; empty when all is well.
    """

    stream: str
    n_events: int
    head: ChainHead
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the chain is whole."""
        return not self.problem


def append(
    connection: sa.Connection, stream: str, bodies: Sequence[dict[str, Any]], at: datetime
) -> list[int]:
    """Append events to a stream within the caller's write transaction; returns their numbers."""
    last = head(connection, stream)
    moment = instant_text(at)
    rows = []
    previous = last.hash
    for seq, body in enumerate(bodies, last.seq + 1):
        text = canonical_json(body)
        own = _digest(previous, stream, seq, moment, text)
        rows.append(
            {
                "stream": stream, "seq": seq, "at": moment, "body": text, "previous_hash": previous, "hash": own,
            }
        )  # fmt: skip
        previous = own
    if rows:
        connection.execute(_INSERT, rows)
    return [last.seq + count for count in range(1, len(rows) + 1)]


def head(connection: sa.Connection, stream: str) -> ChainHead:
    """The stream's last event as the table has it."""
    row = connection.execute(_HEAD, {"stream": stream}).first()
    return ChainHead(stream, 0, _START) if row is None else ChainHead(stream, row.seq, row.hash)


def read(connection: sa.Connection, stream: str, after: int, limit: int) -> list[ChainedEvent]:
    """Up to `limit` events numbered above `after`, in order."""
    return [
        ChainedEvent(row.stream, row.seq, datetime.fromisoformat(row.at), json.loads(row.body), row.hash)
        for row in _rows(connection, stream, after, limit)
    ]


def verify(connection: sa.Connection, stream: str, exported: ChainHead | None) -> ChainReport:
    """Recompute the whole chain.

    Args:
        connection: A transaction.
        stream: The stream.
        exported: A head written down earlier; the chain must still run through it.
    """
    good = ChainHead(stream, 0, _START)
    n_events = 0
    wanted = exported if exported is not None else good
    for row in _every_row(connection, stream):
        n_events += 1
        problem = _fault(good, row)
        if not problem and row.seq == wanted.seq and row.hash != wanted.hash:
            problem = f"event {row.seq} is not the one whose hash was exported: the stream was rewritten"
        if problem:
            return ChainReport(stream, n_events, good, problem)
        good = ChainHead(stream, row.seq, row.hash)
    if good.seq < wanted.seq:
        return ChainReport(
            stream, n_events, good, f"events {good.seq + 1} to {wanted.seq} are missing: cut off at the end"
        )
    return ChainReport(stream, n_events, good)


def _fault(before: ChainHead, row: sa.Row[Any]) -> str:
    if row.seq != before.seq + 1:
        return f"event {before.seq + 1} is missing: the next one is {row.seq}"
    if row.previous_hash != before.hash:
        return f"event {row.seq} does not follow event {before.seq}: reordered or replaced"
    if row.hash != _digest(before.hash, row.stream, row.seq, row.at, row.body):
        return f"event {row.seq} was changed after it was written"
    return ""


def _every_row(connection: sa.Connection, stream: str) -> Iterator[sa.Row[Any]]:
    after = -(2**62)  # an inserted event may have any number
    while batch := _rows(connection, stream, after, _BATCH):
        yield from batch
        after = batch[-1].seq


def _rows(connection: sa.Connection, stream: str, after: int, limit: int) -> Sequence[sa.Row[Any]]:
    return connection.execute(_ROWS, {"stream": stream, "after": after, "most": limit}).all()


def _digest(previous: str, stream: str, seq: int, at: str, body: str) -> str:
    return hashlib.sha256(f"{previous}\n{stream}\n{seq}\n{at}\n{body}".encode()).hexdigest()
