"""Errors as RFC 9457 problem details. No answer repeats what was sent: a mistyped ID number is still one.

ApiError         → the status and words it carries
GuiyiError       → status and words by the table below, 500 where it is not named there; its own message, which
                   may name files of this machine, goes to the log only
validation       → 422 with the place and reason of each error, never the value
"""

from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.security.audit import AuditError
from api.security.keys import UnknownKeyError
from resolver.entities.entity_id import EntityIdError
from resolver.errors import GuiyiError, LinkageError, SnapshotError, StoreError, WorkspaceError

_UNSEEN = "it does not exist, or it lies outside what your key may see"
_LATER = "Try again; if it goes on, tell the operator the request_id."
_ANSWERS: dict[type[GuiyiError], tuple[int, str, str, str]] = {
    UnknownKeyError: (
        401, "The API key is not valid", "it is missing, unknown, mistyped or revoked",
        "Send it as: Authorization: Bearer <key>. The operator makes one with `guiyi keys create`.",
    ),
    EntityIdError: (404, "Not found", _UNSEEN, ""),
    LinkageError: (422, "Cannot be compared", "the linkage cannot compare this", "Check the fields."),
    AuditError: (503, "The audit trail cannot be written", "nobody is answered without a trace", _LATER),
    SnapshotError: (
        503, "Nothing is published", "there is no readable snapshot", "The operator runs `guiyi month PATH`.",
    ),
    StoreError: (503, "The graph store does not answer", "the graph cannot be read just now", _LATER),
    WorkspaceError: (503, "The workspace cannot be used", "the ledger cannot be read just now", _LATER),
}  # fmt: skip
_log = structlog.get_logger("guiyi")


class ApiError(GuiyiError):
    """A request that cannot be answered as it is.

    Args:
        status: HTTP status.
        title: The same for every such error.
        message: What was wrong this time.
        remedy: What the caller can do.
        extra: Further fields of the problem document.
    """

    def __init__(
        self,
        status: int,
        title: str,
        message: str,
        *,
        remedy: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.title = title
        self.extra = dict(extra or {})


def not_found() -> ApiError:
    """The same answer for what does not exist and for what the caller may not see."""
    return ApiError(404, "Not found", _UNSEEN)


def problem(status: int, title: str, detail: str = "", **extra: Any) -> JSONResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({**body, **extra}, status, headers, media_type="application/problem+json")


def internal_error(request_id: str) -> JSONResponse:
    """What is answered to a failure nobody foresaw."""
    return problem(500, "Internal error", "the service failed", remedy=_LATER, request_id=request_id)


def install_handlers(app: FastAPI) -> None:
    """Make every error of the service a problem document."""
    app.add_exception_handler(GuiyiError, _on_guiyi_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _on_guiyi_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GuiyiError)
    request_id = _request_id(request)
    extra: dict[str, Any] = {}
    if isinstance(error, ApiError):
        status, title, detail, remedy = error.status, error.title, error.message, error.remedy
        extra = error.extra
    else:
        kinds = [kind for kind in type(error).__mro__ if kind in _ANSWERS]
        if not kinds:
            return internal_error(request_id)
        status, title, detail, remedy = _ANSWERS[kinds[0]]
        if status >= 500:
            _log.error("refused", request_id=request_id, kind=type(error).__name__, message=error.message)
    if remedy:
        extra = {"remedy": remedy, **extra}
    return problem(status, title, detail, request_id=request_id, **extra)


def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"at": _place(e), "reason": str(e["msg"])} for e in error.errors()]
    return problem(
        422, "The request is not valid", "see `errors`", errors=errors, request_id=_request_id(request)
    )


def _place(error: dict[str, Any]) -> list[str]:
    """Where an error is; the name of a field we do not have comes from the caller and is not repeated."""
    place = [str(part) for part in error["loc"]]
    return [*place[:-1], "(unknown field)"] if error["type"] == "extra_forbidden" else place


def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(error.status_code, str(error.detail), request_id=_request_id(request))
    answer.headers.update(error.headers or {})
    return answer


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
