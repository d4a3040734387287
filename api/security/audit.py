"""The audit trail: who looked at whom, why, and when, on disk before the answer leaves.

Events go to the ledger's chained stream `audit`: each carries the hash of the one before, so an edit, a removal
or a new order shows (`guiyi audit verify`). Requests that come while a transaction is being written share the next
one (group commit): each still waits until its own event is on disk. If that fails the request is refused: no read
without a trace.

Source: PIPL 51, 54 (audit of processing); IHE BALP names the fields.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

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
    """Writes audit events. To be used on one event loop; the disk is waited for on a thread of its own.

    So no slow request on the thread pool stands before an event, and handing over costs the least. Events are handed
    over together once the loop has come to the end of what it can do without waiting.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime] = _now) -> None:
        self._ledger = ledger
        self._clock = clock
        self._waiting: deque[_Waiting] = deque()
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "audit")

    async def record(self, event: Mapping[str, Any]) -> None:
        """Write an event; it is on disk when this returns.

        Raises:
            AuditError: It could not be written.
        """
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await written

    async def close(self) -> None:
        """Wait until everything is written; nothing can be recorded any more."""
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    def check(self) -> None:
        """See whether the trail can be written, without writing.

        Raises:
            AuditError: It cannot.
        """
        try:
            self._ledger.append_chained(STREAM, [], self._clock())
        except GuiyiError as error:
            raise _unwritten(error) from error

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_AT_ONCE))]
            events = [dict(event) for event, _ in batch]
            failure: AuditError | None = None
            try:
                append = partial(self._ledger.append_chained, STREAM, events, self._clock())
                await loop.run_in_executor(self._thread, append)
            except Exception as error:  # whatever it was: none of these may be answered, later ones may
                failure = _unwritten(error)
                failure.__cause__ = error
            for _, written in batch:
                if written.done():  # its request was cancelled
                    continue
                if failure is None:
                    written.set_result(None)
                else:
                    written.set_exception(failure)


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


def _unwritten(error: Exception) -> AuditError:
    remedy = error.remedy if isinstance(error, GuiyiError) else ""
    return AuditError(f"the audit trail cannot be written: {type(error).__name__}", remedy=remedy)
