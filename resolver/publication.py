"""Which snapshot readers see and which are kept: the folder of snapshots beside the ledger's pointer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger
from resolver.snapshot import Snapshot, remove, remove_leftovers, replace_file, sealed_numbers
from resolver.workspace import Workspace


@dataclass(frozen=True)
class SnapshotStatus:
    """A sealed snapshot as `guiyi snapshots` lists it.

    Attributes:
        number: Its number.
        manifest: Its manifest.
        published: It was published at some time.
        current: Readers see it now.
        graph_generation: The graph made from it; None when it was never published.
    """

    number: int
    manifest: dict[str, Any]
    published: bool
    current: bool
    graph_generation: int | None


def next_number(workspace: Workspace, ledger: Ledger) -> int:
    """The number for a new snapshot: above every one that lies in the workspace or was ever published."""
    published = [move.snapshot for move in ledger.pointer_moves()]
    made = [run.snapshot for run in ledger.runs() if run.snapshot is not None]
    return max([0, *published, *made, *sealed_numbers(workspace)]) + 1


def list_snapshots(workspace: Workspace, ledger: Ledger) -> list[SnapshotStatus]:
    """All sealed snapshots, oldest first."""
    generations = {move.snapshot: move.graph_generation for move in ledger.pointer_moves()}
    pointer = ledger.pointer()
    return [
        SnapshotStatus(
            number=number,
            manifest=Snapshot.open(workspace, number).manifest,
            published=number in generations,
            current=pointer is not None and pointer.snapshot == number,
            graph_generation=generations.get(number),
        )
        for number in sealed_numbers(workspace)
    ]


def published_snapshot(workspace: Workspace, ledger: Ledger) -> Snapshot | None:
    """The snapshot that readers see now; None before the first publication.

    Raises:
        SnapshotError: The ledger points to a snapshot that is not there.
    """
    pointer = ledger.pointer()
    return None if pointer is None else Snapshot.open(workspace, pointer.snapshot)


def add_file(
    ledger: Ledger, snapshot: Snapshot, name: str, table: pa.Table, facts: Mapping[str, Any] | None = None
) -> Snapshot:
    """Add a file to a snapshot before it is published, or replace it when a run is resumed.

    Args:
        ledger: Knows what is published.
        snapshot: A sealed snapshot.
        name: Without `.parquet`, e.g. `findings`.
        table: Its content.
        facts: What the manifest is to say of it from then on, at the same moment.

    Returns:
        The snapshot with the new manifest; the one given is out of date.

    Raises:
        SnapshotError: The snapshot is or was published, or the file cannot be written.
    """
    if any(move.snapshot == snapshot.number for move in ledger.pointer_moves()):
        raise SnapshotError(
            f"{name} cannot be added: snapshot {snapshot.number} was published and is never changed",
            remedy="Make a new snapshot.",
        )
    return replace_file(snapshot, name, table, facts)


def rollback(workspace: Workspace, ledger: Ledger, to: int, at: datetime, reason: str) -> None:
    """Show readers an earlier snapshot again.

    Raises:
        SnapshotError: Snapshot `to` was never published, or is no longer there.
    """
    generations = {move.snapshot: move.graph_generation for move in ledger.pointer_moves()}
    Snapshot.open(workspace, to)
    if to not in generations:
        possible = ", ".join(str(n) for n in sealed_numbers(workspace) if n in generations) or "none"
        raise SnapshotError(
            f"snapshot {to} was never published, so no graph belongs to it",
            remedy=f"Choose a published one: {possible}.",
        )
    ledger.move_pointer(to, generations[to], reason, at)


def collect(workspace: Workspace, ledger: Ledger, keep: int = 3) -> list[int]:
    """Remove old snapshots; the caller holds `Workspace.writer()`.

    Kept are the last `keep` that lead to the pointer, the `keep` with the highest numbers, whatever is newer
    than the pointer's and was never published (a run may go on from it), and those that a reader holds.

    Returns:
        Numbers of the snapshots removed.
    """
    remove_leftovers(workspace)
    numbers = sealed_numbers(workspace)
    pointer = ledger.pointer()
    if pointer is None:
        return []
    published = {move.snapshot for move in ledger.pointer_moves()}
    kept = {*ledger.lineage()[:keep], *numbers[-keep:]}
    kept |= {number for number in numbers if number > pointer.snapshot and number not in published}
    return [number for number in numbers if number not in kept and remove(workspace, number)]
