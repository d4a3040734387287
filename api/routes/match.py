"""`/v1/match` and `/v1/pairs`: who is meant by a description, and why two records are taken for one person."""

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter

from api.dependencies import Reading, ReadingDep
from api.errors import ApiError, not_found
from api.presenting import entity_of, person_node
from api.schemas.common import PROBLEMS, RecordPath
from api.schemas.match import (
    Explanation,
    ExplanationStep,
    MatchAnswer,
    MatchCandidate,
    MatchExample,
    PairExplanation,
)
from api.security.audit import AuditedRoute
from api.security.masking import masked_embedded, masked_number, masked_phone
from graph.store import node_id
from resolver.linkage import explanation as linkage_explanation
from resolver.linkage.index import Within
from resolver.standardize.records import person_example

router = APIRouter(prefix="/v1", tags=["match 匹配"], responses=PROBLEMS, route_class=AuditedRoute)

_MASKS: dict[str, Callable[[str], str]] = {
    "id_number": masked_number, "spouse": masked_number, "phone": masked_phone
}  # fmt: skip
_DIGITS = re.compile(r"[0-9]{4}")


@router.post("/match", summary="Who is meant by a description 按样例匹配")
def match_person(example: MatchExample, reading: ReadingDep) -> MatchAnswer:
    """Who may be meant by this description: the weights of the monthly linkage, most probable first."""
    values = {name: value for name, value in example.model_dump(exclude={"k"}).items() if value}
    within = None if reading.sees_everything else _within(reading)
    found = reading.published.matcher.match(person_example(values), example.k, within)
    nodes = {node.id: node for node in reading.view.get_many([person_node(m.entity_id) for m in found])}
    found = [match for match in found if person_node(match.entity_id) in nodes]
    persons = reading.summaries([nodes[person_node(match.entity_id)] for match in found])
    answer = MatchAnswer(
        items=[
            MatchCandidate(
                person=person,
                record_key=str(match.record_key),
                explanation=_shown(match.explanation, reading),
            )
            for person, match in zip(persons, found, strict=True)
        ]
    )
    reading.record([match.entity_id for match in found])
    return answer


@router.get("/pairs/{record_l}/{record_r}/explanation", summary="Why two records are one person, or not 解释")
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
        explanation=_shown(explained, reading),
    )


def _within(reading: Reading) -> Within:
    """Which records a match may look at: those in the caller's scope, so that no hidden one takes a place."""

    def seen(record_keys: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        nodes = reading.view.get_many([node_id("Record", int(key)) for key in record_keys])
        return np.isin(record_keys, np.array([entity_of(node.id) for node in nodes], np.int64))

    return seen


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


def _value(comparison: str, value: str | None, reading: Reading) -> str | None:
    """A compared value; a phone or a number is masked wherever it stands in it."""
    if value is None or reading.sees_numbers:
        return value
    mask = _MASKS.get(comparison, masked_embedded)
    return " ".join(mask(part) if _DIGITS.search(part) else part for part in value.split(" "))


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 1 << 63:
        raise not_found()
    return int(text)
