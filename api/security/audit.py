"""The audit trail: who looked at whom, why, and when, on disk before the answer leaves.

Events go to the ledger's chained stream `audit`: each carries the hash of the one before, so an edit, a removal
or a new order shows (`guiyi audit verify`). Requests that come while a transaction is being written share the next
one (group commit): each still waits until its own event is on disk. If that fails the request is refused: no read
without a trace.

Source: PIPL 51, 54 (audit of processing); IHE BALP names the fields.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Thread
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from resolver.errors import GuiyiError
from resolver.ledger.ledger import Ledger

STREAM = "audit"
_MOST_AT_ONCE = 512

_Waiting = tuple[Mapping[str, Any], asyncio.Future[None]]


class AuditError(GuiyiError):
    """The event could not be written; what it was about must not be answered."""


def _now() -> datetime:
    return datetime.now(UTC)


class AuditTrail:
    """Writes audit events on a thread of its own: no slow request of the thread pool stands before it."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime] = _now) -> None:
        self._ledger = ledger
        self._clock = clock
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    async def record(self, event: Mapping[str, Any]) -> None:
        """Write an event; it is on disk when this returns.

        Raises:
            AuditError: It could not be written.
        """
        if not self._thread.is_alive():
            raise AuditError("the audit trail is closed")
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((event, written))
        await written

    async def close(self) -> None:
        """Wait until everything is written; nothing can be recorded any more."""
        self._waiting.put(None)
        await run_in_threadpool(self._thread.join)

    def check(self) -> None:
        """See whether the trail can be written, without writing.

        Raises:
            AuditError: It cannot.
        """
        try:
            self._ledger.append_chained(STREAM, [], self._clock())
        except GuiyiError as error:
            raise _unwritten(error) from error

    def _run(self) -> None:
        while batch := self._next():
            failure = self._write([dict(event) for event, _ in batch])
            with suppress(RuntimeError):  # the event loop has ended, and with it everybody who waited
                batch[0][1].get_loop().call_soon_threadsafe(_tell, batch, failure)

    def _next(self) -> list[_Waiting]:
        """All that waits now, at least one; nothing once the trail is closed."""
        batch: list[_Waiting] = []
        while (found := self._waiting.get()) is not None:
            batch.append(found)
            if self._waiting.empty() or len(batch) == _MOST_AT_ONCE:
                return batch
        if batch:
            self._waiting.put(None)  # to be met again when these are written
        return batch

    def _write(self, events: list[dict[str, Any]]) -> AuditError | None:
        try:
            self._ledger.append_chained(STREAM, events, self._clock())
        except Exception as error:  # whatever it was: none of these may be answered, later ones may
            failure = _unwritten(error)
            failure.__cause__ = error
            return failure
        return None


class AuditedRoute(APIRoute):
    """A route whose answer, good or bad, leaves only after its audit event is on disk.

    The route leaves the event in `request.state.audit_event` and does not wait for it itself, so no thread does.
    An answer without an event is refused: a route that forgets to say whom it read answers nothing.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, followed by the audit."""
        handle = super().get_route_handler()

        async def audited(request: Request) -> Response:
            try:
                response = await handle(request)
            except Exception:
                await _record_event_of(request)
                raise
            if not await _record_event_of(request):
                raise AuditError("the route recorded no audit event")
            return response

        return audited


async def _record_event_of(request: Request) -> bool:
    event = getattr(request.state, "audit_event", None)
    if event is None:
        return False
    await request.app.state.service.audit.record(event)
    return True


def _tell(batch: list[_Waiting], failure: AuditError | None) -> None:
    """Let those go on whose events are on disk, or fail them all. To be called on their event loop."""
    for _, written in batch:
        if written.done():  # its request was cancelled
            continue
        if failure is None:
            written.set_result(None)
        else:
            written.set_exception(failure)


def _unwritten(error: Exception) -> AuditError:
    remedy = error.remedy if isinstance(error, GuiyiError) else ""
    return AuditError(f"the audit trail cannot be written: {type(error).__name__}", remedy=remedy)
