"""What the operator sees of each request: an id, a count, a time, one log line; never what was asked or answered."""

import secrets
import time
import traceback

import structlog
from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import internal_error

_REQUESTS = Counter("guiyi_requests", "Requests answered", ["route", "status"])
_SECONDS = Histogram("guiyi_request_seconds", "Time to answer", ["route"])
_log = structlog.get_logger("guiyi")


class Observation:
    """ASGI middleware. The log and the metrics carry the route's pattern, so no id or value reaches them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and note it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def observed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
            await send(message)

        try:
            await self._app(scope, receive, observed)
        except Exception as error:  # the outermost place: nothing of it may reach the caller or another's log
            _log.error("failed", request_id=request_id, kind=type(error).__name__, at=_where(error))
            if status == 0:
                await internal_error(request_id)(scope, receive, observed)
        finally:
            _note(request_id, scope, status, time.perf_counter() - started)


def _note(request_id: str, scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unknown")
    _REQUESTS.labels(route, status).inc()
    _SECONDS.labels(route).observe(seconds)
    _log.info(
        "request",
        request_id=request_id,
        method=scope["method"],
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )


def _where(error: Exception) -> list[str]:
    """Places of the failure; its message is left out, for it may hold a value of somebody's record."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.name}:{frame.lineno}" for frame in frames]
