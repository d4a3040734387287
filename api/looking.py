"""What commands look at: the published snapshot, whom an argument means, and the audit trail's note of the look."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from api.security import audit
from resolver.entities.entity_id import EntityIdError, from_text
from resolver.errors import LinkageError, SnapshotError
from resolver.ledger.judgement_file import record_from_text
from resolver.ledger.ledger import Ledger
from resolver.lookup import Lookup
from resolver.publication import published_snapshot
from resolver.snapshot import Snapshot
from resolver.version import VERSION
from resolver.workspace import Workspace


def published(workspace: Workspace, ledger: Ledger) -> Snapshot:
    """The published snapshot.

    Raises:
        SnapshotError: Nothing is published.
    """
    snapshot = published_snapshot(workspace, ledger)
    if snapshot is None:
        raise SnapshotError("nothing is published yet", remedy="Run `guiyi month PATH` first.")
    return snapshot


@contextmanager
def sides_meant(
    workspace: Workspace, ledger: Ledger, left: str, right: str
) -> Iterator[tuple[Lookup, tuple[list[int], list[int]]]]:
    """The record keys that two arguments mean: two record keys or two ids, both of persons or both of organisations.

    Raises:
        SnapshotError: Nothing is published.
        LinkageError: One means nothing that is published, or they are not of one kind.
    """
    with published(workspace, ledger).hold() as snapshot:
        lookup = Lookup(snapshot)
        letters = [_letter(text) for text in (left, right)]
        sides = [_records_meant(text, lookup) for text in (left, right) if letters[0] == letters[1]]
        kinds = letters if letters[0] != letters[1] else [kind for kind, _ in sides]
        if kinds[0] != kinds[1]:
            one, other = (called for kind, called in _CALLED.items() if kind in kinds)
            raise LinkageError(f"{one} cannot be judged against {other}", remedy="Give two of one kind.")
        yield lookup, (sides[0][1], sides[1][1])


def recorded(ledger: Ledger, action: str, **about: Any) -> None:
    """Write into the audit trail what was done on the command line, by whom."""
    event = {
        "action": action,
        "caller": getpass.getuser(),
        "purpose": "inspection",
        "version": VERSION,
        **about,
    }
    ledger.append_chained(audit.STREAM, [event], datetime.now(UTC))


_CALLED = {
    "": "a record",
    "P-": "a person",
    "O-": "an organisation",
    "person": "a person's record",
    "organisation": "an organisation's record",
}


def _letter(text: str) -> str:
    """How an entity id of a kind begins; empty for a record key."""
    start = text.strip().upper()[:2]
    return start if start in ("P-", "O-") else ""


def _records_meant(text: str, lookup: Lookup) -> tuple[str, list[int]]:
    """Whether a text is about a person or an organisation, and the record keys that it means."""
    remedy = "`guiyi person` shows persons' record keys; those of organisations are in the snapshot."
    try:
        if _letter(text):
            entity, kind = from_text(text)
            of_person = kind == "person"
            keys = (
                [int(member["record_key"]) for member in lookup.members(entity)]
                if of_person
                else lookup.organisation_records(entity)
            )
        else:
            key = record_from_text(text)
            of_person = lookup.entity_of(key) is not None
            keys = [key] if of_person or lookup.organisation_of(key) is not None else []
    except (EntityIdError, ValueError) as error:
        raise LinkageError(
            f"{text!r} is neither a record key nor the id of a person (P-…) or organisation (O-…)",
            remedy=remedy,
        ) from error
    if not keys:
        raise LinkageError(f"{text} is not in the published snapshot", remedy=remedy)
    return "person" if of_person else "organisation", keys
