"""`/v1/persons`: find persons; one person with records, timeline, history and neighbourhood."""

from datetime import date
from typing import Annotated, Any

import pyarrow.compute as pc
from fastapi import APIRouter, Query

from api.cursor import decode_cursor, encode_cursor
from api.dependencies import Reading, ReadingDep, ServiceDep
from api.errors import not_found
from api.presenting import (
    entity_of,
    graph_edge,
    graph_node,
    hide,
    person_from_text,
    person_node,
    public_id,
    summary,
)
from api.schemas.common import PROBLEMS, PersonPage
from api.schemas.persons import (
    History,
    HistoryEvent,
    Neighbourhood,
    PersonDetail,
    PersonRecord,
    PersonRecords,
    PersonSearch,
    SourcedValue,
    Timeline,
    TimelineEvent,
)
from graph.store import Node
from resolver.entities.entity_id import to_text
from resolver.feeds.contract import contracts
from resolver.standardize.records import person_example

router = APIRouter(prefix="/v1/persons", tags=["persons 人员"], responses=PROBLEMS)

_MOST_RECORDS = 1000
_MOST_FOUND = 1000
_SOURCED = (
    "name",
    "sex",
    "birth_date",
    "id_type",
    "id_number",
    "phone",
    "region",
    "town",
    "village",
    "address",
)
_DEPARTMENTS = {feed: contract.department for feed, contract in contracts().items()}


@router.post("/search")
def search_persons(asked: PersonSearch, reading: ReadingDep) -> PersonPage:
    """Find persons by name, ID number or phone; what is given must all hold. An exact name comes first."""
    start = decode_cursor(asked.cursor)
    end = start + asked.limit
    nodes = _found(asked, reading, end + 1)
    page = nodes[start:end]
    reading.record([_entity(node) for node in page])
    return PersonPage(
        items=[summary(node, full=reading.sees_numbers) for node in page],
        next_cursor=encode_cursor(end) if len(nodes) > end else None,
    )


@router.get("/{person_id}")
def get_person(person_id: str, reading: ReadingDep, held: ServiceDep) -> PersonDetail:
    """One person: the golden record, every value with the record it comes from."""
    node, asked_as = _person(person_id, reading, held)
    entity = _entity(node)
    golden = reading.published.lookup.golden(entity) or {}
    visible = _visible_records(node, reading)
    members = [m for m in reading.published.lookup.members(entity) if m["record_key"] in visible]
    counts = reading.view.neighbour_counts(node.id)
    reading.record([entity])
    return PersonDetail(
        person_id=to_text(entity, "person"),
        asked_as=asked_as,
        summary=summary(node, full=reading.sees_numbers),
        values=_sourced(golden, visible, reading),
        n_records=len(members),
        weakest_link=min((m["link_probability"] for m in members), default=1.0),
        neighbours=dict(counts),
        **_collected(golden, reading, whole=len(members) == golden.get("n_records")),
    )


@router.get("/{person_id}/records")
def get_records(person_id: str, reading: ReadingDep, held: ServiceDep) -> PersonRecords:
    """How each source describes the person, and by which link the description was joined to the others."""
    node, _ = _person(person_id, reading, held)
    lookup = reading.published.lookup
    visible = _visible_records(node, reading)
    members = {m["record_key"]: m for m in lookup.members(_entity(node)) if m["record_key"] in visible}
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
                parent_record_key=None if parent is None else str(parent),
                link_probability=member["link_probability"],
                n_rows=len(lookup.rows([record["record_key"]])),
                values=hide(values, full=reading.sees_numbers),
            )
        )
    reading.record([_entity(node)], results=len(items))
    return PersonRecords(person_id=to_text(_entity(node), "person"), items=items)


@router.get("/{person_id}/timeline")
def get_timeline(person_id: str, reading: ReadingDep, held: ServiceDep) -> Timeline:
    """Every row about the person, in the order of time in which it was true."""
    node, _ = _person(person_id, reading, held)
    keys = sorted(_visible_records(node, reading))
    feeds = dict(_feed_of_records(keys, reading))
    by_feed: dict[str, dict[int, str]] = {}
    for row in reading.published.lookup.rows(keys):
        by_feed.setdefault(feeds[row["record_key"]], {})[row["row_id"]] = row["role"]
    items = [event for feed, roles in sorted(by_feed.items()) for event in _events(feed, roles, reading)]
    items.sort(key=lambda e: (e.valid_from or date.max, e.feed, e.row_id))
    reading.record([_entity(node)], results=len(items))
    return Timeline(person_id=to_text(_entity(node), "person"), items=items)


@router.get("/{person_id}/history")
def get_history(person_id: str, reading: ReadingDep, held: ServiceDep) -> History:
    """What happened to the person's id: merges, splits and moves of records."""
    node, _ = _person(person_id, reading, held)
    entity = _entity(node)
    events = held.publications.ledger.entity_history(entity)
    reading.record([entity], results=len(events))
    return History(
        person_id=to_text(entity, "person"),
        items=[
            HistoryEvent(
                event=event.event,
                snapshot=event.snapshot,
                reference_date=event.at_reference_date,
                person_id=to_text(event.entity_id, "person"),
                other_person_id=_text_or_none(event.other_entity_id),
            )
            for event in events
        ],
    )


@router.get("/{person_id}/neighbourhood")
def get_neighbourhood(  # noqa: PLR0913, PLR0917  (each is a query parameter)
    person_id: str,
    reading: ReadingDep,
    held: ServiceDep,
    depth: Annotated[int, Query(ge=1, le=3)] = 1,
    types: Annotated[list[str] | None, Query(description="Edge types to follow; default all")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Neighbours per node and edge type")] = 25,
    as_of: Annotated[date | None, Query(description="Only what held on this day")] = None,
) -> Neighbourhood:
    """The graph around the person, breadth first; at most 500 nodes, supernodes cut and marked."""
    node, _ = _person(person_id, reading, held)
    around = reading.view.neighbourhood(node.id, depth, types=types, limit=limit, as_of=as_of)
    if around is None:
        raise not_found("person")
    full = reading.sees_numbers
    reading.record([_entity(n) for n in around.nodes if n.label == "Person"], results=len(around.nodes))
    return Neighbourhood(
        nodes=[graph_node(n, full=full) for n in around.nodes],
        edges=[graph_edge(e) for e in around.edges],
        counts={public_id(key): dict(counts) for key, counts in around.counts.items()},
        truncated=sorted(public_id(key) for key in around.truncated),
    )


def _found(asked: PersonSearch, reading: Reading, limit: int) -> list[Node]:
    """Up to `limit` persons, in a fixed order; the exact values are looked up first, the name then filters."""
    view = reading.view
    wanted = person_example({"id_number": asked.id_number or "", "phone": asked.phone or ""}).to_pylist()[0]
    exact = [
        {node.id: node for node in view.find("Person", name, wanted[column], limit=_MOST_FOUND)}
        for name, column, given in (
            ("id_numbers", "id_number", asked.id_number),
            ("phones", "phone", asked.phone),
        )
        if given
    ]
    if not exact:
        found = view.search(asked.name or "", limit=limit, birth_date=asked.birth_date)
        return [node for node in found if node.label == "Person"]
    both = [node for key, node in sorted(exact[0].items()) if all(key in others for others in exact[1:])]
    if asked.name:
        named = {node.id for node in view.search(asked.name, limit=_MOST_FOUND, birth_date=asked.birth_date)}
        both = [node for node in both if node.id in named]
    born = asked.birth_date.isoformat() if asked.birth_date else None
    return [node for node in both if born is None or str(node.properties.get("birth_date")) == born][:limit]


def _person(text: str, reading: Reading, held: ServiceDep) -> tuple[Node, str | None]:
    """The node of a person the caller may see, and the id asked for if it was merged into another."""
    asked = person_from_text(text)
    node = reading.view.get(person_node(asked))
    if node is not None:
        return node, None
    now = held.publications.ledger.resolve_entity(asked)
    node = None if now in (None, asked) else reading.view.get(person_node(int(now or 0)))
    if node is None:
        reading.record(results=0)
        raise not_found("person")
    return node, to_text(asked, "person")


def _entity(node: Node) -> int:
    return entity_of(node.id)


def _visible_records(node: Node, reading: Reading) -> set[int]:
    """Keys of the person's records within the caller's scope."""
    around = reading.view.neighbourhood(
        node.id, types=["RESOLVES_TO"], limit=_MOST_RECORDS, max_nodes=_MOST_RECORDS + 1
    )
    return {entity_of(n.id) for n in around.nodes if n.label == "Record"} if around else set()


def _sourced(golden: dict[str, Any], visible: set[int], reading: Reading) -> dict[str, SourcedValue]:
    """The golden record's values whose source the caller may see, each with it."""
    sources = {
        name: int(golden[f"{name}_record_key"])
        for name in _SOURCED
        if golden.get(f"{name}_record_key") is not None
    }
    feeds = dict(_feed_of_records(sorted(set(sources.values())), reading))
    shown = hide({name: golden[name] for name in sources}, full=reading.sees_numbers)
    return {
        name: SourcedValue(
            value=shown[name],
            record_key=str(key),
            feed=feeds[key],
            department=_DEPARTMENTS[feeds[key]],
        )
        for name, key in sources.items()
        if key in visible
    }


def _collected(golden: dict[str, Any], reading: Reading, *, whole: bool) -> dict[str, list[str]]:
    """All names, phones and numbers of a person; none when the caller sees only some of the records."""
    names = ("former_names", "phones", "id_numbers")
    return {
        name: hide({name: golden.get(name) or []}, full=reading.sees_numbers)[name] if whole else []
        for name in names
    }


def _feed_of_records(keys: list[int], reading: Reading) -> list[tuple[int, str]]:
    records = reading.published.lookup.records(keys).select(["record_key", "feed"])
    return [(record["record_key"], record["feed"]) for record in records.to_pylist()]


def _events(feed: str, roles: dict[int, str], reading: Reading) -> list[TimelineEvent]:
    """The current rows of one feed, as events; identity columns are left to the records."""
    contract = contracts()[feed]
    identity = {column for entity in contract.entities for column in entity.values.values()}
    facts = [name for name in contract.columns if name not in identity]
    rows = reading.published.snapshot.read(
        f"rows/{feed}", ["row_id", "valid_from", "valid_to", *facts], pc.field("row_id").isin(sorted(roles))
    )
    return [
        TimelineEvent(
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            feed=feed,
            title=contract.title,
            role=roles[row["row_id"]],
            row_id=str(row["row_id"]),
            facts=hide({name: row[name] for name in facts}, full=reading.sees_numbers),
        )
        for row in rows.to_pylist()
    ]


def _text_or_none(entity_id: int | None) -> str | None:
    return None if entity_id is None else to_text(entity_id, "person")
