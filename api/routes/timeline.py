"""`/v1/persons/{id}/timeline`: every current row about a person, in the order of time."""

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter

from api.dependencies import Reading, ReadingDep, ServiceDep
from api.presenting import entity_of, entity_text, hide, with_offset
from api.routes.persons import person_asked
from api.schemas.common import PROBLEMS, PersonPath
from api.schemas.persons import Timeline, TimelineEvent
from api.security.audit import AuditedRoute
from api.security.masking import masked_number, masked_phone
from resolver.feeds.contract import Contract, contracts

router = APIRouter(prefix="/v1/persons", tags=["persons 人员"], responses=PROBLEMS, route_class=AuditedRoute)

_MASKS = {"id_number": masked_number, "phone": masked_phone}


@router.get("/{person_id}/timeline", summary="What was true when 时间线")
def get_timeline(person_id: PersonPath, reading: ReadingDep, held: ServiceDep) -> Timeline:
    """Every row about the person, in the order of time in which it was true; rows without a date last."""
    node, _ = person_asked(person_id, reading, held)
    entity = entity_of(node.id)
    keys = reading.persons([entity])[entity].records
    lookup = reading.published.lookup
    feeds = dict(zip(keys, lookup.records(keys, ["feed"])["feed"].to_pylist(), strict=True))
    by_feed: dict[str, dict[int, list[str]]] = {}
    for row in lookup.rows(keys):
        by_feed.setdefault(feeds[row["record_key"]], {}).setdefault(row["row_id"], []).append(row["role"])
    items = [event for feed, roles in sorted(by_feed.items()) for event in _events(feed, roles, reading)]
    items.sort(key=lambda e: (e.valid_from or date.max, e.feed, int(e.row_id), e.role))
    reading.record([entity], results=len(items))
    return Timeline(person_id=entity_text(entity), items=items)


def _events(feed: str, roles: dict[int, list[str]], reading: Reading) -> list[TimelineEvent]:
    """The current rows of one feed, as events; identity columns are left to the records."""
    contract = contracts()[feed]
    rows = reading.published.lookup.current_rows(feed, sorted(roles))
    return [
        TimelineEvent(
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            feed=feed,
            title=contract.title,
            department=contract.department,
            role=role,
            row_id=str(row["row_id"]),
            facts=_facts({name: row[name] for name in contract.facts}, contract, full=reading.sees_numbers),
        )
        for row in rows.to_pylist()
        for role in roles[row["row_id"]]
    ]


def _facts(values: dict[str, Any], contract: Contract, *, full: bool) -> dict[str, Any]:
    """A row's cells; the contract says which hold numbers and phones."""
    shown = {
        name: with_offset(value) if isinstance(value, datetime) else value
        for name, value in hide(values, full=full).items()
    }
    if not full:
        for name in shown:
            mask = _MASKS.get(contract.columns[name].type)
            if mask is not None:
                shown[name] = mask(str(values[name]))
    return shown
