"""What routes ask for: the caller, the purpose, what is published; named once here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.errors import ApiError
from api.published import Publications, Published
from api.security.audit import AuditTrail
from api.security.keys import ApiKey, KeyRing, UnknownKeyError
from api.security.purpose import ALL, PURPOSES, Purpose
from api.security.roles import Permission, may
from graph.store import GraphView
from resolver.entities.entity_id import to_text
from resolver.version import VERSION

_bearer = HTTPBearer(auto_error=False, description="An API key (`guiyi keys create`).")


@dataclass(frozen=True)
class Service:
    """What the application holds for as long as it runs."""

    publications: Publications
    keys: KeyRing
    audit: AuditTrail


def service(request: Request) -> Service:
    """The application's `Service`."""
    held = request.app.state.service
    assert isinstance(held, Service)
    return held


ServiceDep = Annotated[Service, Depends(service)]


def caller(
    held: ServiceDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiKey:
    """The key that the request carries.

    Raises:
        UnknownKeyError: It carries none, or one that is not valid.
    """
    if credentials is None:
        raise UnknownKeyError(
            "the request carries no API key", remedy="Send it as: Authorization: Bearer <key>."
        )
    return held.keys.verify(credentials.credentials)


CallerDep = Annotated[ApiKey, Depends(caller)]


def purpose(
    x_purpose: Annotated[
        str | None,
        Header(
            description="Why a person's data is asked for: "
            + "; ".join(f"`{code}` {text}" for code, text in PURPOSES.items()),
            examples=["verification"],
        ),
    ] = None,
) -> Purpose:
    """The purpose stated in the `X-Purpose` header.

    Raises:
        ApiError: 400, none is stated or it is not one there is.
    """
    for known in ALL:
        if known == x_purpose:
            return known
    raise ApiError(
        400,
        "A purpose is required",
        "the X-Purpose header is missing" if x_purpose is None else "the X-Purpose header names no purpose",
        remedy=f"State one of: {', '.join(ALL)}.",
    )


@dataclass(frozen=True)
class Reading:
    """One audited reading of person data: who reads, why, and what is published at this moment."""

    key: ApiKey
    purpose: Purpose
    case_no: str
    published: Published
    audit: AuditTrail
    request: Request

    @property
    def view(self) -> GraphView:
        """The graph, limited to what the caller may see."""
        return self.published.view(self.key.scope)

    @property
    def sees_numbers(self) -> bool:
        """Whether ID numbers and phones are shown in full."""
        return may(self.key.role, "number:read")

    def require(self, permission: Permission) -> None:
        """Refuse a caller whose role lacks a permission.

        Raises:
            ApiError: 403.
        """
        if not may(self.key.role, permission):
            raise ApiError(403, "Not allowed", f"the role {self.key.role} does not grant {permission}")

    def record(self, persons: Sequence[int] = (), *, results: int | None = None) -> None:
        """Write the audit event; called by every route before it answers.

        Args:
            persons: Entity ids of the persons that the answer tells of.
            results: Number of things in the answer; default the number of persons.

        Raises:
            AuditError: It could not be written: the request is then refused.
        """
        route = self.request.scope.get("route")
        client = self.request.client
        self.audit.record(
            {
                "action": getattr(route, "name", ""),
                "key_id": self.key.key_id,
                "caller": self.key.name,
                "role": self.key.role,
                "from": client.host if client else "",
                "purpose": self.purpose,
                "case": self.case_no,
                "persons": [to_text(person, "person") for person in persons],
                "results": len(persons) if results is None else results,
                "numbers_shown": self.sees_numbers,
                "snapshot": self.published.snapshot.number,
                "request_id": str(self.request.state.request_id),
                "version": VERSION,
            }
        )


def reading(
    request: Request,
    held: ServiceDep,
    key: CallerDep,
    stated: Annotated[Purpose, Depends(purpose)],
    x_case: Annotated[str, Header(description="Number of the case worked on, if any", max_length=64)] = "",
) -> Reading:
    """A reading by this caller for the stated purpose; the role must allow reading persons."""
    made = Reading(key, stated, x_case, held.publications.current(), held.audit, request)
    made.require("person:read")
    return made


ReadingDep = Annotated[Reading, Depends(reading)]
