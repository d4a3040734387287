"""`/v1/judgements`: what people decided about records. Linkage obeys them from the next run on."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from api.cursor import decode_cursor, encode_cursor
from api.dependencies import Reading, ReadingDep, ServiceDep
from api.errors import ApiError, not_found
from api.judging import speaker, statement
from api.presenting import entity_text
from api.routes.judged_sides import sides_asked, visible_records
from api.schemas.common import PROBLEMS, Cursor, Limit, problems
from api.schemas.judgements import (
    ActorFilter,
    HoldingFilter,
    IdempotencyKey,
    JudgementItem,
    JudgementPage,
    JudgementPath,
    JudgementRequest,
    JudgementStatement,
    RecordFilter,
    Undone,
    UndoRequest,
)
from api.security.audit import AuditedRoute
from api.security.masking import masked_embedded
from resolver.errors import LinkageError
from resolver.ledger.judgement import ContradictionError, Judgement
from resolver.ledger.judgement_rows import NotHoldingError, Request, RequestReusedError

router = APIRouter(
    prefix="/v1/judgements", tags=["judgements 人工判断"], responses=PROBLEMS, route_class=AuditedRoute
)

_AT_ONCE = 200
_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {
        **problems(409)[409],
        "description": "Judgements that hold say otherwise (`judgements` names those the caller may see), the one to "
        "be undone was undone before, or the cursor is of an earlier snapshot",
    }
}


@router.post("", status_code=201, responses=_CONFLICT, summary="Say that two are one, or two 人工判断")
def add_judgement(
    asked: JudgementRequest, reading: ReadingDep, held: ServiceDep, idempotency_key: IdempotencyKey = None
) -> JudgementStatement:
    """Record that two records, persons or organisations are the same or different; all of it or nothing.

    It moves no record now: the next run obeys it, and every later one until it is undone. Two contradictory judgements
    cannot both hold.
    """
    sides = sides_asked(asked, reading, held)
    said = speaker(_actor(reading), asked.reason, datetime.now(UTC))
    request = _request(reading, idempotency_key, "add", asked.model_dump_json())
    try:
        wanted = statement(asked.decision, sides, said, reading.published.lookup)
        made = held.publications.ledger.state_judgements(wanted, request)
    except ContradictionError as error:
        reading.record(results=0)
        raise _contradicted(error, reading) from error
    except LinkageError as error:
        reading.record(results=0)
        raise _refused(error) from error
    return JudgementStatement(items=_shown(made, {}, reading))


@router.post(
    "/{judgement_id}/undo", status_code=201, responses=_CONFLICT, summary="Take a judgement back 撤销判断"
)
def undo_judgement(
    judgement_id: JudgementPath,
    asked: UndoRequest,
    reading: ReadingDep,
    held: ServiceDep,
    idempotency_key: IdempotencyKey = None,
) -> JudgementStatement:
    """Take back a judgement and what was stated with it; the next run no longer obeys it. It stays on record."""
    ledger = held.publications.ledger
    every = ledger.all_judgements()
    named = {str(j.judgement_id): j for j in every if j.decision != "undo"}.get(judgement_id)
    together = [j for j in every if named is not None and j.statement_id == named.statement_id]
    if named is None or len(_visible(together, reading)) < len(together):
        reading.record(results=0)
        raise not_found()
    said = speaker(_actor(reading), asked.reason, datetime.now(UTC))
    request = _request(reading, idempotency_key, f"undo {judgement_id}", asked.model_dump_json())
    try:
        undoing = ledger.undo_statement(named.judgement_id, said, request)
    except LinkageError as error:
        reading.record(results=0)
        raise _refused(error) from error
    undone = {j.undoes for j in undoing}
    old = [j for j in together if j.judgement_id in undone]
    return JudgementStatement(items=_shown(old, _undoings(undoing), reading))


@router.get("", responses=_CONFLICT, summary="Judgements, the newest first 判断列表")
def list_judgements(  # noqa: PLR0913, PLR0917  (each is a query parameter)
    reading: ReadingDep,
    held: ServiceDep,
    record_key: RecordFilter = None,
    actor: ActorFilter = None,
    holding: HoldingFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JudgementPage:
    """Judgements about records that the caller may see, undone ones too, the newest first."""
    before = decode_cursor(cursor, reading.snapshot)
    every = held.publications.ledger.all_judgements()
    undoings = _undoings(every)
    wanted = [
        j
        for j in reversed(every)
        if j.decision != "undo"
        and (not before or j.judgement_id < before)
        and (record_key is None or record_key in (str(j.record_key_l), str(j.record_key_r)))
        and (actor is None or actor == j.actor)
        and (holding is None or holding != (j.judgement_id in undoings))
    ]
    found: list[Judgement] = []
    for part in _parts(wanted):
        found += _visible(part, reading)
        if len(found) > limit:
            break
    page = found[:limit]
    following = encode_cursor(reading.snapshot, page[-1].judgement_id) if len(found) > limit else None
    return JudgementPage(items=_shown(page, undoings, reading), next_cursor=following)


def _visible(judgements: Sequence[Judgement], reading: Reading) -> list[Judgement]:
    """Those of the judgements of which the caller may see both records.

    Whoever may see everything sees those too whose records are in no snapshot any more.
    """
    if reading.sees_everything:
        return list(judgements)
    seen = visible_records({k for j in judgements for k in (j.record_key_l, j.record_key_r)}, reading)
    return [j for j in judgements if {j.record_key_l, j.record_key_r} <= seen]


def _parts(judgements: Sequence[Judgement]) -> Iterator[Sequence[Judgement]]:
    for start in range(0, len(judgements), _AT_ONCE):
        yield judgements[start : start + _AT_ONCE]


def _actor(reading: Reading) -> str:
    return f"{reading.key.name} ({reading.key.key_id})"


def _request(reading: Reading, key: str | None, action: str, asked: str) -> Request | None:
    if key is None:
        return None
    fingerprint = hashlib.sha256(f"{action}\n{asked}".encode()).hexdigest()
    return Request(f"{reading.key.key_id}:{key}", fingerprint)


def _refused(error: LinkageError) -> ApiError:
    if isinstance(error, NotHoldingError):
        return ApiError(409, "Undone before", "the judgement does not hold any more")
    if isinstance(error, RequestReusedError):
        return ApiError(
            422,
            "The idempotency key was used before",
            "with another request",
            remedy="Make a new key for every request.",
        )
    return ApiError(422, "The request is not valid", error.message, remedy=error.remedy)


def _contradicted(error: ContradictionError, reading: Reading) -> ApiError:
    named = [
        {
            "judgement_id": str(j.judgement_id),
            "decision": j.decision,
            "record_key_l": str(j.record_key_l),
            "record_key_r": str(j.record_key_r),
            "actor": j.actor,
            "at": j.at.isoformat(),
        }
        for j in _visible([j for j in error.judgements if j.judgement_id], reading)
    ]
    return ApiError(
        409,
        "Contradicts other judgements",
        "judgements that hold say otherwise; see `judgements`",
        remedy="Undo the one that is wrong, then judge again.",
        extra={"judgements": named},
    )


def _undoings(judgements: Sequence[Judgement]) -> dict[int, Judgement]:
    """Number of an undone judgement -> its undoing."""
    return {j.undoes: j for j in judgements if j.undoes is not None}


def _shown(
    judgements: Sequence[Judgement], undoings: dict[int, Judgement], reading: Reading
) -> list[JudgementItem]:
    """Judgements for the caller; also says to the audit trail whom they are about."""
    lookup = reading.published.lookup
    keys = sorted({key for j in judgements for key in (j.record_key_l, j.record_key_r)})
    persons = {key: owner for key in keys if (owner := lookup.entity_of(key)) is not None}
    organisations = {key: owner for key in keys if (owner := lookup.organisation_of(key)) is not None}
    reading.record(sorted(set(persons.values())), results=len(judgements))
    event: dict[str, Any] = reading.request.state.audit_event
    event["organisations"] = [
        entity_text(owner, "organisation") for owner in sorted(set(organisations.values()))
    ]
    event["judgements"] = [j.judgement_id for j in judgements]
    owners = {
        "person": {key: entity_text(owner) for key, owner in persons.items()},
        "organisation": {key: entity_text(owner, "organisation") for key, owner in organisations.items()},
    }
    return [_item(j, undoings.get(j.judgement_id), owners, full=reading.sees_numbers) for j in judgements]


def _item(
    judgement: Judgement, undoing: Judgement | None, owners: Mapping[str, Mapping[int, str]], *, full: bool
) -> JudgementItem:
    assert judgement.decision != "undo"  # undoings are shown with what they undo
    return JudgementItem(
        judgement_id=str(judgement.judgement_id),
        statement_id=str(judgement.statement_id),
        decision=judgement.decision,
        record_key_l=str(judgement.record_key_l),
        record_key_r=str(judgement.record_key_r),
        person_id_l=owners["person"].get(judgement.record_key_l),
        person_id_r=owners["person"].get(judgement.record_key_r),
        organisation_id_l=owners["organisation"].get(judgement.record_key_l),
        organisation_id_r=owners["organisation"].get(judgement.record_key_r),
        actor=judgement.actor,
        reason=_text(judgement.reason, full=full),
        at=judgement.at,
        undone=None if undoing is None else _undone(undoing, full=full),
    )


def _undone(undoing: Judgement, *, full: bool) -> Undone:
    return Undone(
        judgement_id=str(undoing.judgement_id),
        actor=undoing.actor,
        reason=_text(undoing.reason, full=full),
        at=undoing.at,
    )


def _text(reason: str, *, full: bool) -> str:
    """A reason; people type numbers into it."""
    return reason if full else masked_embedded(reason)
