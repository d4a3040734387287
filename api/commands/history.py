"""`guiyi history`: what happened to the id of a person or organisation, and where it leads, now or earlier."""

from datetime import date, datetime
from typing import Annotated, Any

import pyarrow.compute as pc
import typer

from api.console import print_facts, print_json, print_table, say
from api.looking import published, recorded
from api.session import JsonOption, WorkspaceOption, opened
from resolver.entities.entity_id import Kind, from_text, to_text
from resolver.errors import SnapshotError
from resolver.ledger.history import CrosswalkEvent
from resolver.ledger.ledger import Ledger
from resolver.workspace import Workspace

_MEMBERS = {"person": "members", "organisation": "organisation_members"}


def history(
    entity_id: Annotated[
        str, typer.Argument(metavar="ENTITY_ID", help="Person (P-…) or organisation (O-…).")
    ],
    as_of: Annotated[
        str,
        typer.Option(
            metavar="DAY",
            help="As known by reference dates up to a day (2026-03-31), or as published at a moment "
            "(2026-03-31T12:00:00+08:00).",
        ),
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What happened to the id of a person or organisation.

    Merges, splits and moves of records, and the id under which it is found. The look is in the audit trail.
    """
    entity, kind = from_text(entity_id)
    if kind not in _MEMBERS:
        raise typer.BadParameter(f"{entity_id} is neither the id of a person nor that of an organisation")
    until = _until(as_of)
    with opened(workspace) as (held, ledger):
        facts = _facts(held, ledger, (entity, kind), until)
        recorded(ledger, "cli.history", entities=[facts["entity_id"]])
    if as_json:
        print_json(facts)
        return
    events = facts.pop("events")
    print_facts(f"{kind.capitalize()} {facts['entity_id']}", facts)
    if not events:
        say("nothing happened to this id")
        return
    headers = ["reference date", "snapshot", "event", "id", "other id", "record"]
    print_table("Events", headers, [list(event.values()) for event in events])


def _until(text: str) -> date | None:
    if not text:
        return None
    try:
        until = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is neither a day nor a moment (ISO 8601)") from error
    if isinstance(until, datetime) and until.tzinfo is None:
        raise typer.BadParameter(f"{text!r} lacks the offset from UTC, such as +08:00")
    return until


def _facts(
    workspace: Workspace, ledger: Ledger, asked: tuple[int, Kind], until: date | None
) -> dict[str, Any]:
    entity, kind = asked
    whole = ledger.entity_history(entity)
    if not whole and not _is_published(workspace, ledger, entity, kind):
        raise SnapshotError(
            f"no snapshot that was published has {to_text(entity, kind)}",
            remedy="`guiyi person` shows a person's id.",
        )
    found_as = ledger.resolve_entity(entity, until)
    events = ledger.entity_history(entity, until)
    later = [event for event in whole if event not in events]
    if not _life(entity, events) and _life(entity, later)[:1] == ["created"]:
        found_as, state = None, "not given out yet"
    elif found_as is None:
        state = "retired"
    else:
        state = "in use" if found_as == entity else "merged"
    return {
        "entity_id": to_text(entity, kind),
        "as_of": until.isoformat() if until else None,
        "state": state,
        "found_as": None if found_as is None else to_text(found_as, kind),
        "events": [_event(event, kind) for event in events],
    }


def _life(entity: int, events: list[CrosswalkEvent]) -> list[str]:
    """What began and ended the id itself, oldest first."""
    return [e.event for e in events if e.entity_id == entity and e.event in ("created", "merged", "retired")]


def _is_published(workspace: Workspace, ledger: Ledger, entity: int, kind: Kind) -> bool:
    with published(workspace, ledger).hold() as snapshot:
        filters = pc.field("entity_id") == entity
        return bool(snapshot.read(_MEMBERS[kind], ["entity_id"], filters).num_rows)


def _event(event: CrosswalkEvent, kind: Kind) -> dict[str, Any]:
    other = event.other_entity_id
    return {
        "reference_date": event.at_reference_date,
        "snapshot": event.snapshot,
        "event": event.event,
        "entity_id": to_text(event.entity_id, kind),
        "other_entity_id": None if other is None else to_text(other, kind),
        "record_key": None if event.record_key is None else str(event.record_key),
    }
