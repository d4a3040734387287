"""What routes ask for: the caller, the purpose, what is published; named once here.

All of it comes from memory, so these run on the event loop; only the route itself needs a thread.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.errors import ApiError
from api.presenting import entity_of, entity_text, graph_edge, graph_node, summary, without_totals
from api.published import Publications, Published
from api.schemas.common import GraphEdge, GraphNode, PersonSummary
from api.security.audit import AuditTrail
from api.security.keys import ApiKey, KeyRing, UnknownKeyError
from api.security.policy import POLICY
from api.security.purpose import ALL, PURPOSES, Purpose
from api.security.roles import may
from api.seen import SeenPerson, seen_persons
from api.watch import Watch
from graph.store import EVERYTHING, Edge, GraphView, Node
from resolver.version import VERSION

_bearer = HTTPBearer(auto_error=False, description="An API key (`guiyi keys create`).")


@dataclass(frozen=True)
class Service:
    """What the application holds for as long as it runs."""

    publications: Publications
    keys: KeyRing
    audit: AuditTrail
    watch: Watch


async def service(request: Request) -> Service:
    """The application's `Service`."""
    held = request.app.state.service
    assert isinstance(held, Service)
    return held


ServiceDep = Annotated[Service, Depends(service)]


async def caller(
    request: Request,
    held: ServiceDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> ApiKey:
    """The key that the request carries; its role must grant what the route needs.

    Raises:
        UnknownKeyError: It carries none, or one that is not valid.
        ApiError: 403, the role does not grant it.
    """
    if credentials is None:
        raise UnknownKeyError("the request carries no API key")
    if not held.watch.is_fresh:
        await run_in_threadpool(held.watch.refresh)
    key = held.keys.verify(credentials.credentials)
    needed = POLICY[request.scope["route"].name]
    if needed is None or not may(key.role, needed):
        raise ApiError(403, "Not allowed", f"the role {key.role} does not grant {needed}")
    return key


CallerDep = Annotated[ApiKey, Depends(caller)]


async def purpose(
    x_purpose: Annotated[
        str | None,
        Header(
            description="Why a person's data is asked for: "
            + "; ".join(f"`{code}` {text}" for code, text in PURPOSES.items())
            + ". Required.",
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
    request: Request

    @cached_property
    def view(self) -> GraphView:
        """The graph, limited to what the caller may see."""
        return self.published.view(self.key.scope)

    @property
    def sees_numbers(self) -> bool:
        """Whether ID numbers and phones are shown in full."""
        return may(self.key.role, "number:read")

    @property
    def sees_everything(self) -> bool:
        """Whether the caller's scope has no restriction."""
        return self.key.scope == EVERYTHING

    @property
    def snapshot(self) -> int:
        """Number of the snapshot that is read."""
        return self.published.snapshot.number

    def persons(self, entities: Sequence[int]) -> dict[int, SeenPerson]:
        """Persons as the caller sees them."""
        return seen_persons(entities, self.published, self.view)

    def properties(self, nodes: Iterable[Node]) -> dict[str, dict[str, Any]]:
        """Node id -> the properties that the caller may see, not masked yet."""
        nodes = list(nodes)
        if self.sees_everything:
            return {node.id: dict(node.properties) for node in nodes}
        seen = self.persons([entity_of(node.id) for node in nodes if node.label == "Person"])
        return {
            node.id: seen[entity_of(node.id)].properties(node)
            if node.label == "Person"
            else without_totals(node.properties)
            for node in nodes
        }

    def summaries(self, nodes: Sequence[Node]) -> list[PersonSummary]:
        """Persons for a list."""
        properties = self.properties(nodes)
        return [
            summary(entity_text(entity_of(node.id)), properties[node.id], full=self.sees_numbers)
            for node in nodes
        ]

    def graph_nodes(self, nodes: Sequence[Node]) -> list[GraphNode]:
        """Nodes as the caller sees them."""
        properties = self.properties(nodes)
        return [graph_node(node, properties[node.id], full=self.sees_numbers) for node in nodes]

    def graph_edges(self, edges: Iterable[Edge]) -> list[GraphEdge]:
        """Edges as the caller sees them."""
        return [graph_edge(edge, full=self.sees_numbers, whole=self.sees_everything) for edge in edges]

    def record(self, persons: Sequence[int] = (), *, results: int | None = None) -> None:
        """Say whom this reading is about; every route does, and `AuditedRoute` writes it before the answer leaves.

        Args:
            persons: Entity ids of the persons that the answer tells of.
            results: Number of things in the answer; default the number of persons.
        """
        client = self.request.client
        self.request.state.audit_event = {
            "action": self.request.scope["route"].name,
            "key_id": self.key.key_id,
            "caller": self.key.name,
            "role": self.key.role,
            "from": client.host if client else "",
            "purpose": self.purpose,
            "case": self.case_no,
            "persons": [entity_text(person) for person in persons],
            "results": len(persons) if results is None else results,
            "numbers_shown": self.sees_numbers,
            "snapshot": self.snapshot,
            "request_id": str(self.request.state.request_id),
            "version": VERSION,
        }


async def reading(
    request: Request,
    held: ServiceDep,
    key: CallerDep,
    stated: Annotated[Purpose, Depends(purpose)],
    x_case: Annotated[
        str, Header(description="Number of the case worked on, if any", max_length=64, examples=["2026-017"])
    ] = "",
) -> Reading:
    """A reading by this caller for the stated purpose."""
    return Reading(key, stated, x_case, held.publications.current(), request)


ReadingDep = Annotated[Reading, Depends(reading)]
