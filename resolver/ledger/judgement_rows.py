"""Judgements in the ledger: a table that is asked, and beside it a hash-chained stream in which a change would show."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from resolver.errors import LinkageError
from resolver.ledger import chain
from resolver.ledger.chain import ChainHead, ChainReport
from resolver.ledger.judgement import Decision, Judgement, Standing, Witness, effective
from resolver.ledger.tables import instant_text, judgements

STREAM = "judgements"


class NotHoldingError(LinkageError):
    """A judgement that is to be undone is not there, or was undone before."""


class RequestReusedError(LinkageError):
    """An idempotency key that came before, with another request."""


@dataclass(frozen=True)
class Request:
    """What makes a repeated request known.

    Attributes:
        key: Who asks and their idempotency key, at most 128 characters.
        fingerprint: Hash of what is asked, at most 64 characters.
    """

    key: str
    fingerprint: str


def every(connection: sa.Connection) -> list[Judgement]:
    """All judgements, the undone ones and the undoing ones too, oldest first."""
    query = sa.select(judgements).order_by(judgements.c.judgement_id)
    return [_judgement(row) for row in connection.execute(query)]


def state(
    connection: sa.Connection, statement: Sequence[Judgement], request: Request | None = None
) -> list[Judgement]:
    """Record judgements that were made together, all or none; those of a repeated request are given again.

    Raises:
        ContradictionError: Earlier judgements say otherwise.
        LinkageError: One is about one record only, or neither `same` nor `different`.
        RequestReusedError: The request came before and asked something else.
    """
    for judgement in statement:
        _check(judgement)
    repeated = _made_by(connection, request)
    if repeated:
        return repeated
    standing = Standing(effective(every(connection)))
    for judgement in statement:
        standing.add(judgement)
    return _write(connection, statement, request)


def undo(
    connection: sa.Connection, judgement_id: int, said: Judgement, request: Request | None = None
) -> list[Judgement]:
    """Take back what still holds of the statement that a judgement belongs to.

    Args:
        connection: A write transaction.
        judgement_id: Number of any judgement of the statement that holds.
        said: Gives actor, reason and time.
        request: As in `state`.

    Raises:
        NotHoldingError: No judgement of that number holds.
        RequestReusedError: The request came before and asked something else.
    """
    repeated = _made_by(connection, request)
    if repeated:
        return repeated
    holding = effective(every(connection))
    named = [j for j in holding if j.judgement_id == judgement_id]
    if not named:
        raise NotHoldingError(
            f"judgement {judgement_id} cannot be undone: there is none, or it was undone before",
            remedy="`guiyi judgements list` shows those that hold.",
        )
    together = [j for j in holding if j.statement_id == named[0].statement_id]
    return _write(connection, [undoing(old, said) for old in together], request)


def undoing(old: Judgement, said: Judgement) -> Judgement:
    """The `undo` of a judgement, with actor, reason and time of `said`."""
    return Judgement(
        "undo", old.record_key_l, old.record_key_r, said.actor, said.reason, said.at, undoes=old.judgement_id
    )


def adopt(connection: sa.Connection, listed: Sequence[Judgement], now: datetime) -> list[Judgement]:
    """Record judgements of another ledger with their actors and times, all or none; those that are here are skipped.

    Args:
        connection: A write transaction.
        listed: In the order they were made; their numbers are those of the other ledger.
        now: When they are adopted: stands in the chain.

    Returns:
        The new ones, with the numbers they have here.

    Raises:
        ContradictionError: What holds of them cannot stand beside what holds here.
        LinkageError: An `undo` of what is not among them.
    """
    present = every(connection)
    _check_together(present, listed)
    known = _by_identity(present)
    numbers: dict[int, int] = {}
    statements: dict[int, int] = {}
    added = []
    for judgement in listed:
        here = replace(judgement, undoes=_number(judgement.undoes, numbers), judgement_id=0)
        number = known.get(_identity(here))
        if number is None:
            here = replace(here, statement_id=statements.get(judgement.statement_id, 0))
            here = _insert(connection, here, None)
            added.append(here)
            number = here.judgement_id
        if judgement.judgement_id in numbers:
            raise LinkageError(f"two judgements have the number {judgement.judgement_id}")
        if judgement.judgement_id:  # one that a person typed may have none
            numbers[judgement.judgement_id] = number
        if judgement.statement_id:
            statements.setdefault(judgement.statement_id, number)
    chain.append(connection, STREAM, [_body(j) for j in added], now)
    return added


def verify(connection: sa.Connection, exported: ChainHead | None = None) -> ChainReport:
    """Check that the stream is whole and that the table says the same."""
    report = chain.verify(connection, STREAM, exported)
    if not report.ok:
        return report
    chained = {e.body["judgement_id"]: e.body for e in chain.read(connection, STREAM, 0, report.n_events)}
    listed = {j.judgement_id: _body(j) for j in every(connection)}
    wrong = sorted(n for n in chained.keys() | listed.keys() if chained.get(n) != listed.get(n))
    if wrong:
        named = ", ".join(map(str, wrong))
        return replace(report, problem=f"table and chain do not say the same of judgement {named}")
    return report


def _check(judgement: Judgement) -> None:
    if judgement.record_key_l == judgement.record_key_r:
        raise LinkageError(f"a judgement needs two records; both are {judgement.record_key_l}")
    if judgement.decision not in ("same", "different"):
        raise LinkageError(f"a judgement says same or different, not {judgement.decision!r}")


def _check_together(present: Sequence[Judgement], listed: Sequence[Judgement]) -> None:
    """Refuse judgements of which what holds in the end contradicts what holds here."""
    known = _by_identity(present)
    undone = {j.undoes for j in listed if j.decision == "undo"}
    undone_here = [j for j in listed if j.judgement_id in undone]
    taken_back = {known.get(_identity(j)) for j in undone_here}
    standing = Standing(j for j in effective(present) if j.judgement_id not in taken_back)
    for judgement in listed:
        if judgement.decision == "undo" or judgement.judgement_id in undone or _identity(judgement) in known:
            continue
        _check(judgement)
        standing.add(judgement)


def _by_identity(present: Iterable[Judgement]) -> dict[tuple[Any, ...], int]:
    return {_identity(judgement): judgement.judgement_id for judgement in present}


def _identity(judgement: Judgement) -> tuple[Any, ...]:
    """What makes two judgements of different ledgers the same one."""
    j = judgement
    return (j.decision, j.record_key_l, j.record_key_r, j.actor, j.reason, instant_text(j.at), j.undoes)


def _number(undoes: int | None, numbers: Mapping[int, int]) -> int | None:
    if undoes is None:
        return None
    if undoes not in numbers:
        raise LinkageError(f"judgement {undoes} is undone, but does not stand before its undoing")
    return numbers[undoes]


def _made_by(connection: sa.Connection, request: Request | None) -> list[Judgement]:
    """What an earlier request of this key made; nothing when it is new."""
    if request is None:
        return []
    table = judgements.c
    first = connection.execute(sa.select(judgements).where(table.request_key == request.key)).first()
    if first is None:
        return []
    if first.request_hash != request.fingerprint:
        raise RequestReusedError("the idempotency key was used for another request")
    number = first.judgement_id
    together = sa.or_(table.judgement_id == number, table.statement_id == number)
    query = sa.select(judgements).where(together).order_by(table.judgement_id)
    return [_judgement(row) for row in connection.execute(query)]


def _write(
    connection: sa.Connection, statement: Sequence[Judgement], request: Request | None
) -> list[Judgement]:
    written: list[Judgement] = []
    for judgement in statement:
        number = written[0].judgement_id if written else 0
        written.append(
            _insert(connection, replace(judgement, statement_id=number), None if written else request)
        )
    chain.append(connection, STREAM, [_body(j) for j in written], written[0].at)
    return written


def _insert(connection: sa.Connection, judgement: Judgement, request: Request | None) -> Judgement:
    row = {name: value for name, value in asdict(judgement).items() if name != "judgement_id"}
    row["statement_id"] = judgement.statement_id or None
    if request is not None:
        row |= {"request_key": request.key, "request_hash": request.fingerprint}
    inserted = connection.execute(judgements.insert().values(row))
    key = inserted.inserted_primary_key
    assert key is not None  # a single-row insert always reports it
    number = int(key[0])
    return replace(judgement, judgement_id=number, statement_id=judgement.statement_id or number)


def _judgement(row: sa.Row[Any]) -> Judgement:
    return Judgement(
        decision=cast(Decision, row.decision),
        record_key_l=row.record_key_l,
        record_key_r=row.record_key_r,
        actor=row.actor,
        reason=row.reason,
        at=row.at,
        undoes=row.undoes,
        judgement_id=row.judgement_id,
        statement_id=row.statement_id or row.judgement_id,
        witness_l=Witness(**row.witness_l) if row.witness_l else None,
        witness_r=Witness(**row.witness_r) if row.witness_r else None,
    )


def _body(judgement: Judgement) -> dict[str, Any]:
    return {**asdict(judgement), "at": instant_text(judgement.at)}
