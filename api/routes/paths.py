"""`/v1/paths`: how two persons are connected."""

from collections.abc import Sequence

from fastapi import APIRouter

from api.dependencies import Reading, ReadingDep
from api.errors import not_found
from api.presenting import entity_of, person_from_text, person_node
from api.schemas.common import PROBLEMS
from api.schemas.persons import EvidencePath, PathAnswer, PathRequest
from api.security.audit import AuditedRoute
from graph.store import BestPaths, Path, PathBounds

router = APIRouter(prefix="/v1/paths", tags=["graph 图"], responses=PROBLEMS, route_class=AuditedRoute)


@router.post("", summary="How two persons are connected 关联路径")
def find_path(asked: PathRequest, reading: ReadingDep) -> PathAnswer:
    """A shortest path between two persons, or the best paths; not through a supernode (a phone of hundreds, say)."""
    start, end = (person_node(person_from_text(text)) for text in (asked.start, asked.end))
    view = reading.view.as_of(asked.as_of)
    if view.get(start) is None or view.get(end) is None:
        reading.record(results=0)
        raise not_found()
    if asked.best:
        bounds = PathBounds(max_length=asked.max_length)
        best = view.k_best_paths(start, end, asked.best, bounds=bounds, types=asked.types)
        return _answer(best.paths, best, reading)
    path = view.shortest_path(start, end, max_length=asked.max_length, types=asked.types)
    return _answer([path] if path else [], None, reading)


def _answer(paths: Sequence[Path], best: BestPaths | None, reading: Reading) -> PathAnswer:
    first = paths[0] if paths else None
    persons = {node.id: None for path in paths for node in path.nodes if node.label == "Person"}
    reading.record([entity_of(node) for node in persons], results=len(paths))
    return PathAnswer(
        found=first is not None,
        length=first.length if first else None,
        nodes=reading.graph_nodes(first.nodes if first else ()),
        edges=reading.graph_edges(first.edges if first else ()),
        paths=[
            EvidencePath(
                cost=path.cost,
                length=path.length,
                nodes=reading.graph_nodes(path.nodes),
                edges=reading.graph_edges(path.edges),
            )
            for path in (best.paths if best else ())
        ],
        searched=best.searched if best else None,
    )
