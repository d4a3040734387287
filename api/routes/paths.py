"""`/v1/paths`: how two persons are connected."""

from fastapi import APIRouter

from api.dependencies import ReadingDep
from api.errors import not_found
from api.presenting import entity_of, person_from_text, person_node
from api.schemas.common import PROBLEMS
from api.schemas.persons import PathAnswer, PathRequest
from api.security.audit import AuditedRoute

router = APIRouter(prefix="/v1/paths", tags=["graph 图"], responses=PROBLEMS, route_class=AuditedRoute)


@router.post("", summary="How two persons are connected 关联路径")
def find_path(asked: PathRequest, reading: ReadingDep) -> PathAnswer:
    """A shortest path between two persons that does not lead through a supernode (a phone of hundreds, say)."""
    start, end = (person_node(person_from_text(text)) for text in (asked.start, asked.end))
    view = reading.view
    if view.get(start) is None or view.get(end) is None:
        reading.record(results=0)
        raise not_found()
    path = view.shortest_path(start, end, max_length=asked.max_length)
    nodes = path.nodes if path else ()
    answer = PathAnswer(
        found=path is not None,
        length=path.length if path else None,
        nodes=reading.graph_nodes(nodes),
        edges=reading.graph_edges(path.edges if path else ()),
    )
    persons = [entity_of(node.id) for node in nodes if node.label == "Person"]
    reading.record(persons, results=int(path is not None))
    return answer
