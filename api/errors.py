"""Errors as RFC 9457 problem details. No answer repeats what was sent: a mistyped ID number is still one.

GuiyiError       → status by the table below, 500 where it is not named there
ApiError         → the status it carries
validation       → 422 with the place and reason of each error, never the value
"""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.security.audit import AuditError
from api.security.keys import UnknownKeyError
from resolver.entities.entity_id import EntityIdError
from resolver.errors import GuiyiError, LinkageError, SnapshotError, StoreError, WorkspaceError

_STATUS: dict[type[GuiyiError], tuple[int, str]] = {
    UnknownKeyError: (401, "The API key is not valid"),
    EntityIdError: (404, "Not found"),
    AuditError: (503, "The audit trail cannot be written"),
    SnapshotError: (503, "Nothing is published"),
    StoreError: (503, "The graph store does not answer"),
    WorkspaceError: (503, "The workspace cannot be used"),
    LinkageError: (422, "Cannot be compared"),
}


class ApiError(GuiyiError):
    """A request that cannot be answered as it is.

    Args:
        status: HTTP status.
        title: The same for every such error.
        message: What was wrong this time.
        remedy: What the caller can do.
    """

    def __init__(self, status: int, title: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.title = title


def not_found(what: str) -> ApiError:
    """The same answer for what does not exist and for what the caller may not see."""
    return ApiError(404, "Not found", f"there is no such {what}, or it lies outside what your key may see")


def problem(status: int, title: str, detail: str = "", **extra: Any) -> JSONResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({**body, **extra}, status, headers, media_type="application/problem+json")


def install_handlers(app: FastAPI) -> None:
    """Make every error of the service a problem document."""
    app.add_exception_handler(GuiyiError, _on_guiyi_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _on_guiyi_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GuiyiError)
    if isinstance(error, ApiError):
        status, title = error.status, error.title
    else:
        kinds = [kind for kind in type(error).__mro__ if kind in _STATUS]
        status, title = _STATUS[kinds[0]] if kinds else (500, "Internal error")
    extra: Mapping[str, str] = {"remedy": error.remedy} if error.remedy else {}
    return problem(status, title, error.message, request_id=_request_id(request), **extra)


def _on_validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [{"at": [str(part) for part in e["loc"]], "reason": e["msg"]} for e in error.errors()]
    return problem(
        422, "The request is not valid", "see `errors`", errors=errors, request_id=_request_id(request)
    )


def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), request_id=_request_id(request))


def _request_id(request: Request) -> str:
    return str(getattr(request.state, "request_id", ""))
