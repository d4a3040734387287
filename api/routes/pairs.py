"""`/v1/pairs`: why two records are, or are not, taken for one person."""

from fastapi import APIRouter

from api.dependencies import ReadingDep
from api.errors import ApiError, not_found
from api.explaining import shown
from api.schemas.common import PROBLEMS, RecordPath
from api.schemas.explanations import PairExplanation
from api.security.audit import AuditedRoute
from graph.store import node_id
from resolver.linkage import explanation as linkage_explanation

router = APIRouter(prefix="/v1/pairs", tags=["match 匹配"], responses=PROBLEMS, route_class=AuditedRoute)


@router.get("/{record_l}/{record_r}/explanation", summary="Why two records are one person, or not 解释")
def explain_pair(record_l: RecordPath, record_r: RecordPath, reading: ReadingDep) -> PairExplanation:
    """The waterfall of the match weight of two records, by their keys."""
    left, right = _key(record_l), _key(record_r)
    if left == right:
        raise ApiError(422, "The request is not valid", "a record makes no pair with itself")
    lookup = reading.published.lookup
    records = lookup.records([left, right])
    nodes = reading.view.get_many([node_id("Record", left), node_id("Record", right)])
    if records.num_rows != 2 or len(nodes) != 2:
        reading.record(results=0)
        raise not_found()
    explained = linkage_explanation.explain_pair(reading.published.model, records, left, right)
    owners = [lookup.entity_of(key) for key in (left, right)]
    reading.record(sorted({owner for owner in owners if owner is not None}), results=1)
    return PairExplanation(
        record_key_l=str(left),
        record_key_r=str(right),
        same_person=owners[0] == owners[1],
        explanation=shown(explained, reading),
    )


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 63:
        raise not_found()
    return int(text)
