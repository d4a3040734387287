"""The audit trail: who looked at whom, why, and when, on disk before the answer leaves.

Events go to the ledger's chained stream `audit`: each carries the hash of the one before, so an edit, a removal
or a new order shows (`guiyi audit verify`). Requests that come together share one transaction (group commit):
each still waits until its own event is on disk. If that fails the request is refused: no read without a trace.

Source: PIPL 51, 54 (audit of processing); IHE BALP names the fields.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from resolver.errors import GuiyiError
from resolver.ledger.ledger import Ledger

STREAM = "audit"
_MOST_AT_ONCE = 512


class AuditError(GuiyiError):
    """The event could not be written; what it was about must not be answered."""


def _now() -> datetime:
    return datetime.now(UTC)


class AuditTrail:
    """Writes audit events; one thread does the writing, any number may ask for it."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime] = _now) -> None:
        self._ledger = ledger
        self._clock = clock
        self._waiting: SimpleQueue[tuple[Mapping[str, Any], Future[None]] | None] = SimpleQueue()
        self._closed = False
        self._lock = Lock()
        self._writer = Thread(target=self._write, name="audit", daemon=True)
        self._writer.start()

    def record(self, event: Mapping[str, Any]) -> None:
        """Write an event; it is on disk when this returns.

        Raises:
            AuditError: It could not be written.
        """
        written: Future[None] = Future()
        with self._lock:
            if self._closed:
                raise AuditError("the audit trail is closed")
            self._waiting.put((event, written))
        try:
            written.result()
        except Exception as error:  # whatever stopped it: what was not recorded is not answered
            remedy = error.remedy if isinstance(error, GuiyiError) else ""
            raise AuditError("the audit trail cannot be written", remedy=remedy) from error

    def check(self) -> None:
        """See whether the trail can be written, without writing.

        Raises:
            AuditError: It cannot.
        """
        try:
            self._ledger.append_chained(STREAM, [], self._clock())
        except GuiyiError as error:
            raise AuditError("the audit trail cannot be written", remedy=error.remedy) from error

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._writer.join()

    def _write(self) -> None:
        open_for_more = True
        while open_for_more:
            batch = [self._waiting.get()]
            while not self._waiting.empty() and len(batch) < _MOST_AT_ONCE:
                batch.append(self._waiting.get())
            open_for_more = None not in batch
            events = [item for item in batch if item is not None]
            if events:
                self._commit(events)

    def _commit(self, events: list[tuple[Mapping[str, Any], Future[None]]]) -> None:
        try:
            self._ledger.append_chained(STREAM, [dict(event) for event, _ in events], self._clock())
        except Exception as error:  # the thread must live on, or later requests would wait for ever
            for _, written in events:
                written.set_exception(error)
        else:
            for _, written in events:
                written.set_result(None)
