"""`/v1/pairs/…/explanation` and `/v1/persons/…/explanation`: why records are, or are not, taken for one person."""

from fastapi import APIRouter

from api.dependencies import Reading, ReadingDep, Service, ServiceDep
from api.errors import ApiError, not_found
from api.explaining import link_shown, shown, side_of, why_not_shown
from api.presenting import entity_of, entity_text
from api.routes.persons import person_asked
from api.schemas.common import PROBLEMS, PersonPath, RecordPath
from api.schemas.explanations import EntityExplanation, PairExplanation, SpeakingPair, WhyNot
from api.security.audit import AuditedRoute
from graph.store import node_id
from resolver.linkage import why_not as linkage_why_not
from resolver.linkage.entity_explanation import explain_entity
from resolver.linkage.explanation import explain_pair as explain_records

router = APIRouter(prefix="/v1", tags=["explanations 解释"], responses=PROBLEMS, route_class=AuditedRoute)

_MOST_OPPOSED = 100


@router.get("/pairs/{record_l}/{record_r}/explanation", summary="Why two records are one person, or not 解释")
def explain_pair(
    record_l: RecordPath, record_r: RecordPath, reading: ReadingDep, held: ServiceDep
) -> PairExplanation:
    """The waterfall of the match weight of two records, in words too; of two persons also what keeps them apart."""
    left, right = _key(record_l), _key(record_r)
    if left == right:
        raise ApiError(422, "The request is not valid", "a record makes no pair with itself")
    lookup = reading.published.lookup
    records = lookup.records([left, right])
    nodes = reading.view.get_many([node_id("Record", left), node_id("Record", right)])
    if records.num_rows != 2 or len(nodes) != 2:
        reading.record(results=0)
        raise not_found()
    explained = explain_records(reading.published.model, records, left, right)
    owners = [lookup.entity_of(key) for key in (left, right)]
    reading.record(sorted({owner for owner in owners if owner is not None}), results=1)
    same = owners[0] == owners[1]
    return PairExplanation(
        record_key_l=str(left),
        record_key_r=str(right),
        same_person=same,
        explanation=shown(explained, reading),
        why_not=None if same else _why_not((left, right), reading, held),
    )


@router.get("/persons/{person_id}/explanation", summary="What holds a person's records together 人员解释")
def explain_person(person_id: PersonPath, reading: ReadingDep, held: ServiceDep) -> EntityExplanation:
    """The links that hold a person's records together, the weakest first, and what would be without each."""
    node, _ = person_asked(person_id, reading, held)
    entity = entity_of(node.id)
    lookup = reading.published.lookup
    visible = set(_visible(entity, reading))
    members = [member for member in lookup.members(entity) if member["record_key"] in visible]
    records = lookup.records(sorted(visible))
    explained = explain_entity(
        reading.published.model, records, members, held.publications.ledger.judgements()
    )
    reading.record([entity], results=len(explained.links))
    return EntityExplanation(
        person_id=entity_text(entity),
        summary_zh=explained.summary.zh,
        summary_en=explained.summary.en,
        n_links=explained.n_links,
        links=[link_shown(link, reading) for link in explained.links],
        opposed=[SpeakingPair(**pair.to_json()) for pair in explained.opposed[:_MOST_OPPOSED]],
    )


def _why_not(keys: tuple[int, int], reading: Reading, held: Service) -> WhyNot:
    """Worked out over records that the caller may see, so that nothing tells of others."""
    lookup = reading.published.lookup
    sides = [side_of(key, lookup, _visible(lookup.entity_of(key), reading)) for key in keys]
    judgements = held.publications.ledger.judgements()
    return why_not_shown(linkage_why_not.why_not(reading.published.model, sides[0], sides[1], judgements))


def _visible(entity: int | None, reading: Reading) -> list[int]:
    """Keys of the person's records that the caller may see."""
    assert entity is not None
    return sorted(reading.persons([entity])[entity].records)


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 63:
        raise not_found()
    return int(text)
