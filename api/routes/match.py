"""`/v1/match` and `/v1/pairs`: who is meant by a description, and why two records are taken for one person."""

from fastapi import APIRouter

from api.dependencies import Reading, ReadingDep
from api.errors import ApiError, not_found
from api.presenting import hide, person_node, summary
from api.schemas.common import PROBLEMS
from api.schemas.match import (
    Explanation,
    ExplanationStep,
    MatchAnswer,
    MatchCandidate,
    MatchExample,
    PairExplanation,
)
from resolver.linkage import explanation as linkage_explanation
from resolver.standardize.records import person_example

router = APIRouter(prefix="/v1", tags=["match 匹配"], responses=PROBLEMS)


@router.post("/match")
def match_person(example: MatchExample, reading: ReadingDep) -> MatchAnswer:
    """Who may be meant by this description: the weights of the monthly linkage, most probable first."""
    values = {name: value for name, value in example.model_dump(exclude={"k"}).items() if value}
    found = reading.published.matcher.match(person_example(values), example.k)
    items = []
    for match in found:
        node = reading.view.get(person_node(match.entity_id))
        if node is not None:
            items.append(
                MatchCandidate(
                    person=summary(node, full=reading.sees_numbers),
                    record_key=str(match.record_key),
                    explanation=_shown(match.explanation, reading),
                )
            )
    reading.record([match.entity_id for match in found], results=len(items))
    return MatchAnswer(items=items)


@router.get("/pairs/{record_l}/{record_r}/explanation")
def explain_pair(record_l: str, record_r: str, reading: ReadingDep) -> PairExplanation:
    """The waterfall of the match weight of two records, by their keys."""
    left, right = _key(record_l), _key(record_r)
    if left == right:
        raise ApiError(422, "The request is not valid", "a record makes no pair with itself")
    lookup = reading.published.lookup
    records = lookup.records([left, right])
    nodes = reading.view.get_many([f"Record:{left}", f"Record:{right}"])
    if records.num_rows != 2 or len(nodes) != 2:
        reading.record(results=0)
        raise not_found("pair of records")
    explained = linkage_explanation.explain_pair(reading.published.model, records, left, right)
    owners = [lookup.entity_of(key) for key in (left, right)]
    reading.record(sorted({owner for owner in owners if owner is not None}), results=1)
    return PairExplanation(
        record_key_l=str(left),
        record_key_r=str(right),
        same_person=owners[0] == owners[1],
        explanation=_shown(explained, reading),
    )


def _shown(explained: linkage_explanation.Explanation, reading: Reading) -> Explanation:
    return Explanation(
        prior=explained.prior,
        steps=[
            ExplanationStep(
                comparison=step.comparison,
                level=step.label,
                match_weight=step.match_weight,
                value_l=_value(step.comparison, step.value_l, reading),
                value_r=_value(step.comparison, step.value_r, reading),
            )
            for step in explained.steps
        ],
        match_weight=explained.match_weight,
        match_probability=explained.match_probability,
    )


def _value(comparison: str, value: object, reading: Reading) -> object:
    """A compared value; a phone or a number is masked wherever it stands in it."""
    return hide({comparison: value}, full=reading.sees_numbers).get(comparison)


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 63:
        raise not_found("record")
    return int(text)
