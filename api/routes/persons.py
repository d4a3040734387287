"""`/v1/persons`: find persons; one person with records, history and neighbourhood."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from starlette.concurrency import run_in_threadpool

from api.cursor import decode_cursor, open_cursor, page_of, seal_cursor
from api.dependencies import Reading, ReadingDep, Service, ServiceDep
from api.errors import not_found
from api.presenting import (
    entity_of,
    entity_text,
    hide,
    person_from_text,
    person_node,
    public_id,
    summary,
)
from api.routes.search import MOST_FOUND, find_persons
from api.schemas.common import PROBLEMS, PersonPage, PersonPath, problems
from api.schemas.persons import (
    EdgeType,
    Employer,
    History,
    HistoryEvent,
    Neighbour,
    Neighbourhood,
    Neighbours,
    PersonDetail,
    PersonRecord,
    PersonRecords,
    PersonSearch,
    SourcedValue,
)
from api.security.audit import AuditedRoute
from api.seen import SeenPerson
from graph.store import GraphView, Node, node_id
from resolver.feeds.contract import contracts
from resolver.ledger.history import CrosswalkEvent

_T = TypeVar("_T")

router = APIRouter(prefix="/v1/persons", tags=["persons 人员"], responses=PROBLEMS, route_class=AuditedRoute)


@router.post("/search", responses=problems(409), summary="Find persons 人员查询")
async def search_persons(asked: PersonSearch, reading: ReadingDep) -> PersonPage:
    """Find persons by name, ID number or phone; what is given must all hold. An exact name comes first."""
    quick = reading.sees_everything and asked.name is None
    return await _answered(quick, partial(_search, asked, reading))


@router.get("/{person_id}", summary="One person with golden record and sources 人员详情")
async def get_person(person_id: PersonPath, reading: ReadingDep, held: ServiceDep) -> PersonDetail:
    """One person: the golden record, every value with the record it comes from."""
    return await _answered(reading.sees_everything, partial(_detail, person_id, reading, held))


@router.get("/{person_id}/records", summary="All records of a person 来源记录")
def get_records(person_id: PersonPath, reading: ReadingDep, held: ServiceDep) -> PersonRecords:
    """How each source describes the person, and by which link the description was joined to the others."""
    node, _ = person_asked(person_id, reading, held)
    entity = entity_of(node.id)
    lookup = reading.published.lookup
    visible = set(reading.persons([entity])[entity].records)
    members = {m["record_key"]: m for m in lookup.members(entity) if m["record_key"] in visible}
    items = []
    for record in lookup.records(sorted(members)).to_pylist():
        member, contract = members[record["record_key"]], contracts()[record["feed"]]
        values = {k: v for k, v in record.items() if k not in ("record_key", "feed", "role")}
        parent = member["parent_record_key"]
        items.append(
            PersonRecord(
                record_key=str(record["record_key"]),
                feed=record["feed"],
                title=contract.title,
                role=record["role"],
                department=contract.department,
                parent_record_key=str(parent) if parent in visible else None,
                link_probability=member["link_probability"],
                n_rows=len(lookup.rows([record["record_key"]])),
                values=hide(values, full=reading.sees_numbers),
            )
        )
    reading.record([entity], results=len(items))
    return PersonRecords(person_id=entity_text(entity), items=items)


@router.get("/{person_id}/history", summary="What happened to the id 编号沿革")
def get_history(person_id: PersonPath, reading: ReadingDep, held: ServiceDep) -> History:
    """What happened to the person's id: merges, splits and moves of records."""
    node, _ = person_asked(person_id, reading, held)
    entity = entity_of(node.id)
    known = _known_ids(entity, reading, held)
    events = [
        event
        for event in held.publications.ledger.entity_history(entity)
        if known(event.entity_id) and known(event.other_entity_id)
    ]
    reading.record([entity], results=len(events))
    return History(person_id=entity_text(entity), items=[_history_event(event) for event in events])


@router.get("/{person_id}/neighbourhood", summary="The graph around a person 关系网络")
def get_neighbourhood(  # noqa: PLR0913, PLR0917  (each is a query parameter)
    person_id: PersonPath,
    reading: ReadingDep,
    held: ServiceDep,
    depth: Annotated[int, Query(ge=1, le=3, description="Steps outwards")] = 1,
    types: Annotated[list[EdgeType] | None, Query(description="Edge types to follow; default all")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Neighbours per node and edge type")] = 25,
    as_of: Annotated[date | None, Query(description="Only what held on this day")] = None,
) -> Neighbourhood:
    """The graph around the person, breadth first; at most 500 nodes, supernodes cut and marked."""
    node, _ = person_asked(person_id, reading, held)
    around = reading.view.as_of(as_of).neighbourhood(node.id, depth, types=types, limit=limit)
    if around is None:
        raise not_found()
    answer = Neighbourhood(
        nodes=reading.graph_nodes(around.nodes),
        edges=reading.graph_edges(around.edges),
        counts={public_id(key): dict(counts) for key, counts in around.counts.items()},
        truncated=sorted(public_id(key) for key in around.truncated),
    )
    reading.record([entity_of(n.id) for n in around.nodes if n.label == "Person"], results=len(around.nodes))
    return answer


@router.get(
    "/{person_id}/neighbours",
    responses=problems(409),
    summary="All neighbours by one edge type, in pages 关系明细",
)
def get_neighbours(  # noqa: PLR0913, PLR0917  (each is a query parameter)
    person_id: PersonPath,
    reading: ReadingDep,
    held: ServiceDep,
    type: Annotated[EdgeType, Query(description="By which edges")],
    via: Annotated[
        str | None,
        Query(
            description="Id of such a neighbour, as the service gave it: then *its* neighbours, such as all who use a "
            "phone of the person",
            max_length=60,
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    as_of: Annotated[date | None, Query(description="Only what held on this day")] = None,
) -> Neighbours:
    """The neighbours of the person by one edge type, or of what the person shares: pages of what is too many."""
    node, _ = person_asked(person_id, reading, held)
    view = reading.view.as_of(as_of)
    start = node.id if via is None else _neighbour(view, node.id, type, via)
    page = view.neighbours(start, type, after=open_cursor(cursor, reading.snapshot), limit=limit)
    if page is None:
        raise not_found()
    nodes = reading.graph_nodes([beside.node for beside in page.neighbours])
    reading.record(
        [entity_of(n.node.id) for n in page.neighbours if n.node.label == "Person"], results=len(nodes)
    )
    return Neighbours(
        of=public_id(start),
        items=[
            Neighbour(node=shown, edges=reading.graph_edges(beside.edges))
            for shown, beside in zip(nodes, page.neighbours, strict=True)
        ],
        count=page.count,
        next_cursor=None if page.after is None else seal_cursor(reading.snapshot, page.after),
    )


def _neighbour(view: GraphView, node: str, edge_type: str, public: str) -> str:
    """The store's id of the neighbour that the caller knows by a public one.

    Raises:
        ApiError: 404, there is none.
    """
    after = None
    while page := view.neighbours(node, edge_type, after=after, limit=200):
        for beside in page.neighbours:
            if public_id(beside.node.id) == public:
                return beside.node.id
        after = page.after
        if after is None:
            break
    raise not_found()


async def _answered(quick: bool, work: Callable[[], _T]) -> _T:
    """Do the work: a look-up of some hundred microseconds here, for handing it to a thread would cost more."""
    return work() if quick else await run_in_threadpool(work)


def _search(asked: PersonSearch, reading: Reading) -> PersonPage:
    start = decode_cursor(asked.cursor, reading.snapshot)
    found = find_persons(asked, reading, start + asked.limit + 1)
    page, following = page_of(found[:MOST_FOUND], start, asked.limit, reading.snapshot)
    reading.record([entity_of(node.id) for node in page])
    return PersonPage(items=reading.summaries(page), next_cursor=following, truncated=len(found) > MOST_FOUND)


def _detail(person_id: str, reading: Reading, held: Service) -> PersonDetail:
    node, asked_as = person_asked(person_id, reading, held)
    entity = entity_of(node.id)
    seen = reading.persons([entity])[entity]
    full = reading.sees_numbers
    reading.record([entity])
    return PersonDetail(
        person_id=entity_text(entity),
        asked_as=asked_as,
        summary=summary(entity_text(entity), seen.properties(node), full=full),
        values=_sourced(seen, reading),
        employer=_employer(seen.employer_id, reading),
        n_records=len(seen.records),
        weakest_link=seen.weakest_link,
        neighbours=reading.view.neighbour_counts(node.id),
        **hide(seen.collected, full=full),
    )


def person_asked(text: str, reading: Reading, held: Service) -> tuple[Node, str | None]:
    """The node of a person the caller may see, and the id asked for if it was merged into another.

    Raises:
        ApiError: 404, there is none.
    """
    asked = person_from_text(text)
    node = reading.view.get(person_node(asked))
    if node is not None:
        return node, None
    now = held.publications.ledger.resolve_entity(asked)
    node = None if now in (None, asked) else reading.view.get(person_node(int(now or 0)))
    if node is None:
        reading.record(results=0)
        raise not_found()
    return node, entity_text(asked)


def _sourced(seen: SeenPerson, reading: Reading) -> dict[str, SourcedValue]:
    """The values with the records they come from."""
    keys = sorted(set(seen.sources.values()))
    table = reading.published.lookup.records(keys, ["record_key", "feed"])
    feeds = dict(zip(table["record_key"].to_pylist(), table["feed"].to_pylist(), strict=True))
    shown = hide(seen.values, full=reading.sees_numbers)
    return {
        name: SourcedValue(
            value=shown[name],
            record_key=str(key),
            feed=feeds[key],
            department=contracts()[feeds[key]].department,
        )
        for name, key in seen.sources.items()
    }


def _employer(number: int | None, reading: Reading) -> Employer | None:
    if number is None:
        return None
    for label in ("Employer", "Facility"):
        node = reading.view.get(node_id(label, number))
        if node is not None:
            name = node.properties.get("name")
            return Employer(
                organisation_id=public_id(node.id),
                name=name if isinstance(name, str) else None,
                ambiguous=bool(node.properties.get("ambiguous")),
            )
    return None


def _known_ids(entity: int, reading: Reading, held: Service) -> Callable[[int | None], bool]:
    """Says which ids the caller may learn: this person's, former ones of theirs, and visible persons'."""

    def known(other: int | None) -> bool:
        if reading.sees_everything or other is None or other == entity:
            return True
        if reading.view.get(person_node(other)) is not None:
            return True
        return held.publications.ledger.resolve_entity(other) == entity

    return known


def _history_event(event: CrosswalkEvent) -> HistoryEvent:
    other = event.other_entity_id
    return HistoryEvent(
        event=event.event,
        snapshot=event.snapshot,
        reference_date=event.at_reference_date,
        person_id=entity_text(event.entity_id),
        other_person_id=None if other is None else entity_text(other),
        record_key=None if event.record_key is None else str(event.record_key),
    )
