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
    """The record keys that two arguments mean, each a record key or a person id; both of one kind.

    Raises:
        SnapshotError: Nothing is published.
        LinkageError: One means nothing that is published, or they are not of one kind.
    """
    with published(workspace, ledger).hold() as snapshot:
        lookup = Lookup(snapshot)
        kinds = {_is_person(text) for text in (left, right)}
        if len(kinds) > 1:
            raise LinkageError("a record cannot be judged against a person", remedy="Give two of one kind.")
        yield lookup, (_records_meant(left, lookup), _records_meant(right, lookup))


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


def _is_person(text: str) -> bool:
    return text.strip().upper().startswith("P-")


def _records_meant(text: str, lookup: Lookup) -> list[int]:
    remedy = "`guiyi person` shows persons and their record keys."
    try:
        if _is_person(text):
            members = lookup.members(from_text(text)[0])
            keys = [int(member["record_key"]) for member in members]
        else:
            key = record_from_text(text)
            keys = [key] if lookup.entity_of(key) is not None else []
    except (EntityIdError, ValueError) as error:
        raise LinkageError(f"{text!r} is neither a record key nor a person id", remedy=remedy) from error
    if not keys:
        raise LinkageError(f"{text} is not in the published snapshot", remedy=remedy)
    return keys
