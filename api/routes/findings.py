"""`/v1/conflicts`, `/v1/duplicates`, `/v1/liability` and a person's own findings."""

import json
from collections.abc import Container
from typing import Any

from fastapi import APIRouter

from api.cursor import decode_cursor, page_of
from api.dependencies import Reading, ReadingDep
from api.errors import not_found
from api.lists import Wanted
from api.presenting import entity_of, entity_text, hide, person_from_text, person_node, public_id, with_offset
from api.routes.search import id_number_form, persons_holding
from api.schemas.common import PROBLEMS, Cursor, Limit, PersonPath, problems
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
from api.security.audit import AuditedRoute

router = APIRouter(
    prefix="/v1", tags=["findings 疑点"], responses=PROBLEMS | problems(409), route_class=AuditedRoute
)

_AS_THEY_ARE = (
    "rule", "severity", "direction", "link_probability", "route", "return_to", "due", "amount", "since", "until",
    "suppressed_by",
)  # fmt: skip


@router.post("/conflicts/search", summary="Findings by person, number, rule, department or region 疑点查询")
def search_conflicts(asked: ConflictSearch, reading: ReadingDep) -> FindingPage:
    """Findings by person, ID number, rule, department or region; the gravest first."""
    wanted = Wanted(
        _persons_asked(asked, reading), asked.rule, asked.department, asked.region, asked.include_suppressed
    )
    return _page(wanted, asked.cursor, asked.limit, reading)


@router.get("/persons/{person_id}/findings", summary="Findings about one person 个人疑点")
def get_person_findings(
    person_id: PersonPath, reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None
) -> FindingPage:
    """Findings about one person, suppressed ones included."""
    person = person_from_text(person_id)
    if reading.view.get(person_node(person)) is None:
        reading.record(results=0)
        raise not_found()
    return _page(Wanted(frozenset({person}), suppressed=True), cursor, limit, reading)


@router.get("/duplicates", summary="Pairs of persons who may be one 疑似重复")
def list_duplicates(reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None) -> DuplicatePage:
    """Pairs of persons who may be one: kept apart, but with a doubtful link; the most probable first."""
    pairs = reading.published.visible(reading.key.scope).duplicates
    start = decode_cursor(cursor, reading.snapshot)
    page, following = page_of(range(pairs.num_rows), start, limit, reading.snapshot)
    rows = pairs.slice(start, len(page)).to_pylist()
    sides = ("person_id_l", "person_id_r")
    nodes = reading.view.get_many({person_node(row[side]) for row in rows for side in sides})
    persons = dict(zip((entity_of(node.id) for node in nodes), reading.summaries(nodes), strict=True))
    reading.record(sorted(persons), results=len(rows))
    return DuplicatePage(
        items=[
            Duplicate(
                persons=[persons[row[side]] for side in sides],
                record_key_l=str(row["record_key_l"]),
                record_key_r=str(row["record_key_r"]),
                match_weight=row["match_weight"],
                match_probability=row["match_probability"],
            )
            for row in rows
        ],
        next_cursor=following,
        total=pairs.num_rows,
    )


@router.get("/liability", summary="Third-party-liability leads 第三人责任线索")
def list_liability(reading: ReadingDep, limit: Limit = 50, cursor: Cursor = None) -> LiabilityPage:
    """Third-party-liability leads, strongest evidence first. A lead is a question to be asked."""
    leads = reading.published.visible(reading.key.scope).leads
    start = decode_cursor(cursor, reading.snapshot)
    page, following = page_of(range(leads.num_rows), start, limit, reading.snapshot)
    rows = leads.slice(start, len(page)).to_pylist()
    nodes = {node for row in rows for node in row["path"]}
    seen = {node.id for node in reading.view.get_many(sorted(nodes))}
    persons = {row["person_id"] for row in rows} | {
        entity_of(node) for node in seen if node.startswith("Person:")
    }
    reading.record(sorted(persons), results=len(rows))
    return LiabilityPage(
        items=[_lead(row, rank, seen, reading) for rank, row in enumerate(rows, start + 1)],
        next_cursor=following,
        total=leads.num_rows,
    )


def _persons_asked(asked: ConflictSearch, reading: Reading) -> frozenset[int] | None:
    """The persons that the search is limited to; None when it is not."""
    wanted: frozenset[int] | None = None
    if asked.person_id:
        wanted = frozenset({person_from_text(asked.person_id)})
    if asked.id_number:
        nodes = persons_holding("id_numbers", id_number_form(asked.id_number), reading)
        holders = frozenset(entity_of(node.id) for node in nodes)
        wanted = holders if wanted is None else wanted & holders
    return wanted


def _page(wanted: Wanted, cursor: str | None, limit: int, reading: Reading) -> FindingPage:
    lists = reading.published.visible(reading.key.scope)
    positions = lists.findings(wanted)
    start = decode_cursor(cursor, reading.snapshot)
    page, following = page_of(range(len(positions)), start, limit, reading.snapshot)
    found = lists.finding_rows(positions[start : start + len(page)])
    persons = {f[name] for f in found for name in ("person_id", "other_person_id") if f[name] is not None}
    reading.record(sorted(persons), results=len(found))
    return FindingPage(
        items=[_finding(finding, reading) for finding in found],
        next_cursor=following,
        total=len(positions),
    )


def _finding(finding: dict[str, Any], reading: Reading) -> Finding:
    rule = reading.published.rules.get(finding["rule"])
    person, other = finding["person_id"], finding["other_person_id"]
    organisation = finding["organisation_id"]
    return Finding(
        **{name: finding[name] for name in _AS_THEY_ARE},
        finding_key=str(finding["finding_key"]),
        title=rule.title if rule else finding["rule"],
        person_id=None if person is None else entity_text(person),
        other_person_id=None if other is None else entity_text(other),
        organisation_id=None if organisation is None else entity_text(organisation, "organisation"),
        weakest_link=_evidence_link(finding["weakest_link"], reading),
        facts=hide(json.loads(finding["facts"] or "{}"), full=reading.sees_numbers),
        row_ids=[str(row) for row in finding["row_ids"]],
    )


def _evidence_link(link: dict[str, Any] | None, reading: Reading) -> EvidenceLink | None:
    """The weakest link, when the caller may see both of its records."""
    if link is None:
        return None
    ends = [link["record_key_l"], link["record_key_r"]]
    if not reading.sees_everything and len(reading.view.get_many([f"Record:{key}" for key in ends])) < 2:
        return None
    return EvidenceLink(
        record_key_l=str(ends[0]), record_key_r=str(ends[1]), match_weight=link["match_weight"]
    )


def _lead(lead: dict[str, Any], rank: int, seen: Container[str], reading: Reading) -> LiabilityLead:
    own = {name: value for name, value in lead.items() if name in LiabilityLead.model_fields}
    shown = {**own, **hide(own, full=reading.sees_numbers)}
    return LiabilityLead(
        **{
            **shown,
            "finding_key": None if lead["finding_key"] is None else str(lead["finding_key"]),
            "person_id": entity_text(lead["person_id"]),
            "liable": [
                {**who, "node": public_id(who["node"]) if who["node"] in seen else None}
                for who in lead["liable"]
            ],
            "path": [public_id(node) for node in lead["path"] if node in seen],
            "accident_time": None if lead["accident_time"] is None else with_offset(lead["accident_time"]),
            "row_ids": [str(row) for row in lead["row_ids"]],
        },
        rank=rank,
    )
