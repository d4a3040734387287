"""`/v1/conflicts`, `/v1/duplicates`, `/v1/liability` and a person's own findings."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.cursor import decode_cursor, encode_cursor
from api.dependencies import Reading, ReadingDep
from api.errors import not_found
from api.presenting import hide, person_from_text, person_node, summary
from api.schemas.common import PROBLEMS
from api.schemas.findings import (
    ConflictSearch,
    Duplicate,
    DuplicatePage,
    EvidenceLink,
    Finding,
    FindingPage,
    LiabilityLead,
    LiabilityPage,
)
from resolver.entities.entity_id import to_text
from resolver.standardize.records import person_example

router = APIRouter(prefix="/v1", tags=["findings 疑点"], responses=PROBLEMS)

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.post("/conflicts/search")
def search_conflicts(asked: ConflictSearch, reading: ReadingDep) -> FindingPage:
    """Findings by person, ID number, rule, department or region; the gravest first."""
    reading.require("finding:read")
    persons = _persons_asked(asked, reading)
    return _page(_matching(asked, persons, reading), asked.cursor, asked.limit, reading)


@router.get("/persons/{person_id}/findings")
def get_person_findings(
    person_id: str, reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None
) -> FindingPage:
    """Findings about one person, suppressed ones included."""
    reading.require("finding:read")
    person = person_from_text(person_id)
    if reading.view.get(person_node(person)) is None:
        reading.record(results=0)
        raise not_found("person")
    asked = ConflictSearch(person_id=person_id, include_suppressed=True)
    return _page(_matching(asked, {person}, reading), cursor, limit, reading)


@router.get("/duplicates")
def list_duplicates(reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None) -> DuplicatePage:
    """Pairs of persons who may be one: kept apart, but with a doubtful link; the most probable first."""
    start = decode_cursor(cursor)
    items: list[Duplicate] = []
    persons: list[int] = []
    end = start
    for pair in reading.published.doubtful_pairs(start):
        end += 1
        nodes = [reading.view.get(person_node(pair[side])) for side in ("person_id_l", "person_id_r")]
        left, right = nodes
        if left is None or right is None:
            continue
        persons += [pair["person_id_l"], pair["person_id_r"]]
        items.append(
            Duplicate(
                persons=[summary(node, full=reading.sees_numbers) for node in (left, right)],
                record_key_l=str(pair["record_key_l"]),
                record_key_r=str(pair["record_key_r"]),
                match_weight=pair["match_weight"],
                match_probability=pair["match_probability"],
            )
        )
        if len(items) == limit:
            break
    reading.record(sorted(set(persons)), results=len(items))
    more = len(items) == limit
    return DuplicatePage(items=items, next_cursor=encode_cursor(end) if more else None)


@router.get("/liability")
def list_liability(reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None) -> LiabilityPage:
    """Third-party-liability leads, strongest evidence first. A lead is a question to be asked."""
    reading.require("finding:read")
    start = decode_cursor(cursor)
    seen = [lead for lead in reading.published.leads if _visible(lead.get("person_id"), reading)]
    page = seen[start : start + limit]
    reading.record(sorted({lead["person_id"] for lead in page}), results=len(page))
    return LiabilityPage(
        items=[
            LiabilityLead(
                finding_key=str(lead["finding_key"]),
                person_id=to_text(lead["person_id"], "person"),
                rank=rank,
                facts=hide(
                    {k: v for k, v in lead.items() if k not in ("finding_key", "person_id")},
                    full=reading.sees_numbers,
                ),
            )
            for rank, lead in enumerate(page, start + 1)
        ],
        next_cursor=encode_cursor(start + limit) if len(seen) > start + limit else None,
    )


def _persons_asked(asked: ConflictSearch, reading: Reading) -> set[int] | None:
    """The persons that the search is limited to; None when it is not."""
    wanted: set[int] | None = None
    if asked.person_id:
        wanted = {person_from_text(asked.person_id)}
    if asked.id_number:
        number = person_example({"id_number": asked.id_number}).to_pylist()[0]["id_number"]
        nodes = reading.view.find("Person", "id_numbers", number) if number else ()
        holders = {int(node.id.partition(":")[2]) for node in nodes}
        wanted = holders if wanted is None else wanted & holders
    return wanted


def _matching(asked: ConflictSearch, persons: set[int] | None, reading: Reading) -> list[dict[str, Any]]:
    """Findings that match and that the caller may see, in the order of the list."""
    index = reading.published.finding_index
    found = (
        index.all if persons is None else [f for person in sorted(persons) for f in index.of_person(person)]
    )
    return [
        finding
        for finding in found
        if (asked.rule is None or finding["rule"] == asked.rule)
        and (asked.department is None or asked.department in (finding["return_to"] or ()))
        and (asked.include_suppressed or finding["suppressed_by"] is None)
        and (asked.region is None or _region(finding, reading) == asked.region)
        and _in_scope(finding, reading)
    ]


def _page(found: list[dict[str, Any]], cursor: str | None, limit: int, reading: Reading) -> FindingPage:
    start = decode_cursor(cursor)
    page = found[start : start + limit]
    persons = {f[name] for f in page for name in ("person_id", "other_person_id") if f[name] is not None}
    reading.record(sorted(persons), results=len(page))
    return FindingPage(
        items=[_finding(finding, reading) for finding in page],
        next_cursor=encode_cursor(start + limit) if len(found) > start + limit else None,
        total=len(found),
    )


def _finding(finding: dict[str, Any], reading: Reading) -> Finding:
    weakest = finding["weakest_link"]
    rule = reading.published.rules.get(finding["rule"])
    other, organisation = finding["other_person_id"], finding["organisation_id"]
    return Finding(
        **{
            name: finding[name]
            for name in (
                "rule", "severity", "direction", "link_probability", "route", "return_to", "due", "amount",
                "since", "until", "suppressed_by",
            )
        },
        finding_key=str(finding["finding_key"]),
        title=rule.title if rule else finding["rule"],
        person_id=None if finding["person_id"] is None else to_text(finding["person_id"], "person"),
        other_person_id=None if other is None else to_text(other, "person"),
        organisation_id=None if organisation is None else to_text(organisation, "organisation"),
        weakest_link=None
        if weakest is None
        else EvidenceLink(
            record_key_l=str(weakest["record_key_l"]),
            record_key_r=str(weakest["record_key_r"]),
            match_weight=weakest["match_weight"],
        ),
        facts=hide(json.loads(finding["facts"] or "{}"), full=reading.sees_numbers),
        row_ids=[str(row) for row in finding["row_ids"]],
    )  # fmt: skip


def _in_scope(finding: dict[str, Any], reading: Reading) -> bool:
    if reading.key.regions is None and reading.key.departments is None:
        return True
    return reading.view.get(f"Finding:{finding['finding_key']}") is not None


def _visible(person: int | None, reading: Reading) -> bool:
    return person is not None and reading.view.get(person_node(person)) is not None


def _region(finding: dict[str, Any], reading: Reading) -> str | None:
    if finding["person_id"] is None:
        golden = reading.published.lookup.organisation(finding["organisation_id"] or -1)
    else:
        golden = reading.published.lookup.golden(finding["person_id"])
    return golden["region"] if golden else None
