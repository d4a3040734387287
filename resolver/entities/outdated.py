"""Snapshots of an older Guiyi: their golden records lack columns that this one asks of every snapshot."""

import pyarrow.parquet as pq

from resolver.entities.golden_record import GOLDEN_ORGANISATION_SCHEMA, GOLDEN_SCHEMA
from resolver.errors import SnapshotError
from resolver.snapshot import OUTDATED_REMEDY, Snapshot

_SCHEMAS = {"golden": GOLDEN_SCHEMA, "golden_organisations": GOLDEN_ORGANISATION_SCHEMA}


def lacking(snapshot: Snapshot) -> list[str]:
    """What its golden records have no column for, as `golden.parquet: ambiguous`; empty if this Guiyi made it."""
    found = []
    for name, schema in _SCHEMAS.items():
        columns = set(pq.read_schema(snapshot.path(name)).names)
        found += [f"{name}.parquet: {column}" for column in schema.names if column not in columns]
    return found


def require_current(snapshot: Snapshot) -> None:
    """Refuse a snapshot whose golden records lack columns.

    Raises:
        SnapshotError: They do; it names file and column, and what makes the snapshot anew.
    """
    if missing := lacking(snapshot):
        raise SnapshotError(
            f"snapshot {snapshot.number} was made by an older Guiyi and lacks columns ({', '.join(missing)})",
            remedy=OUTDATED_REMEDY,
        )
