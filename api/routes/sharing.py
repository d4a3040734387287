"""`/v1/persons/{id}/sharing` and `/attendances`: with whom a person shares things, and days at a facility."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import Reading, ReadingDep, ServiceDep
from api.presenting import entity_of, entity_text
from api.routes.persons import person_asked
from api.schemas.common import PROBLEMS, PersonPath
from api.schemas.sharing import Attendance, Attendances, Shared, SharedType, Sharing
from api.security.audit import AuditedRoute
from graph import store

router = APIRouter(prefix="/v1/persons", tags=["persons 人员"], responses=PROBLEMS, route_class=AuditedRoute)

_USUAL: tuple[SharedType, ...] = ("USES_PHONE", "LIVES_AT", "EMPLOYED_BY")


@router.get("/{person_id}/sharing", summary="Who shares phone, address, employer 共用电话、地址、单位")
def get_sharing(
    person_id: PersonPath,
    reading: ReadingDep,
    held: ServiceDep,
    types: Annotated[
        list[SharedType] | None, Query(description="By which edges; default phone, address and employer")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Others for each thing that is shared")] = 25,
    as_of: Annotated[date | None, Query(description="Only what held on this day")] = None,
) -> Sharing:
    """What the person holds in common with others, and with whom; counts are exact, however many they are."""
    node, _ = person_asked(person_id, reading, held)
    view = reading.view.as_of(as_of)
    found = [
        (kind, shared)
        for kind in dict.fromkeys(types or _USUAL)
        for shared in view.sharing(node.id, kind, limit=limit)
    ]
    items = [
        Shared(
            type=kind,
            via=reading.graph_nodes([shared.via])[0],
            count=shared.count,
            others=reading.summaries(shared.others),
            truncated=shared.truncated,
        )
        for kind, shared in found
    ]
    _record(reading, node, [shared for _, shared in found])
    return Sharing(person_id=entity_text(entity_of(node.id)), items=items)


@router.get("/{person_id}/attendances", summary="Who was treated there on the same days 同日就诊")
def get_attendances(
    person_id: PersonPath,
    reading: ReadingDep,
    held: ServiceDep,
    days: Annotated[int, Query(ge=1, le=200, description="So many of the person's latest days")] = 50,
    limit: Annotated[int, Query(ge=1, le=200, description="Others for each day")] = 25,
    as_of: Annotated[date | None, Query(description="Only treatments of this day")] = None,
) -> Attendances:
    """Who else was treated at the same facility on the same day; days with nobody else are left out."""
    node, _ = person_asked(person_id, reading, held)
    found = reading.view.as_of(as_of).attendances(node.id, days=days, limit=limit)
    items = [
        Attendance(
            day=attendance.day,
            facility=reading.graph_nodes([attendance.via])[0],
            count=attendance.count,
            others=reading.summaries(attendance.others),
            truncated=attendance.truncated,
        )
        for attendance in found
    ]
    _record(reading, node, found)
    return Attendances(person_id=entity_text(entity_of(node.id)), items=items)


def _record(reading: Reading, asked: store.Node, found: Sequence[store.Shared]) -> None:
    """Audit the person and all the others that the answer names."""
    others = {node.id: None for shared in found for node in shared.others}
    reading.record([entity_of(node) for node in {asked.id: None, **others}], results=len(found))
