"""`/v1/match`: who is meant by a description."""

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from api.dependencies import Reading, ReadingDep
from api.explaining import shown
from api.presenting import entity_of, person_node
from api.schemas.common import PROBLEMS
from api.schemas.match import MatchAnswer, MatchCandidate, MatchExample
from api.security.audit import AuditedRoute
from graph.store import node_id
from resolver.linkage.index import Within
from resolver.standardize.example import person_example

router = APIRouter(prefix="/v1", tags=["match 匹配"], responses=PROBLEMS, route_class=AuditedRoute)


@router.post("/match", summary="Who is meant by a description 按样例匹配")
async def match_person(example: MatchExample, reading: ReadingDep) -> MatchAnswer:
    """Who may be meant by this description: the weights of the monthly linkage, most probable first."""
    if reading.sees_everything:  # takes a millisecond: handing it to a thread would cost more
        return _answer(example, reading)
    return await run_in_threadpool(_answer, example, reading)


def _answer(example: MatchExample, reading: Reading) -> MatchAnswer:
    values = {name: value for name, value in example.model_dump(exclude={"k"}).items() if value}
    within = None if reading.sees_everything else _within(reading)
    found = reading.published.matcher.match(person_example(values), example.k, within)
    nodes = {entity_of(n.id): n for n in reading.view.get_many([person_node(m.entity_id) for m in found])}
    found = [match for match in found if match.entity_id in nodes]
    persons = reading.summaries([nodes[match.entity_id] for match in found])
    answer = MatchAnswer(
        items=[
            MatchCandidate(
                person=person,
                record_key=str(match.record_key),
                explanation=shown(match.explanation, reading),
            )
            for person, match in zip(persons, found, strict=True)
        ]
    )
    reading.record([match.entity_id for match in found])
    return answer


def _within(reading: Reading) -> Within:
    """Which records a match may look at: those in the caller's scope, so that no hidden one takes a place."""

    def seen(record_keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        nodes = reading.view.get_many([node_id("Record", int(key)) for key in record_keys])
        return np.isin(record_keys, np.array([entity_of(node.id) for node in nodes], np.int64))

    return seen
