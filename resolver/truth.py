"""The truth of a made-up city, brought to the rows of a workspace that received it.

`guiyi synthesize` writes down which row is about whom by file, sheet and row number; the workspace knows rows
by `row_id`. A file is recognised by its SHA-256, so renamed and repeated files find their rows too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from resolver.database import open_database
from resolver.errors import SettingsError
from resolver.ledger.delivery import Delivery
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace

_FILES = ("files", "rows", "households", "conflicts", "traps", "casework")

LIABILITY = "liability"
"""Stands in place of a rule in a conflict that is about a lead for third-party liability, not about a finding."""


@dataclass(frozen=True)
class Truth:
    """What `read_truth` found.

    Attributes:
        rows: One row per archived row × role: `row_id` int64, `truth_row` int64, `feed`, `role`, `kind`,
            `subject` int64 (-1 = nobody), `unlinkable` bool.
        households: `truth/households.parquet` as written.
        conflicts: `truth/conflicts.parquet` as written.
        traps: `truth/traps.parquet` as written.
        casework: `truth/casework.parquet` as written.
        rows_in_truth: Rows × roles in the truth for the files received, quarantined ones included.
        rows_quarantined: How many of them were quarantined.
    """

    rows: pa.Table
    households: pa.Table
    conflicts: pa.Table
    traps: pa.Table
    casework: pa.Table
    rows_in_truth: int
    rows_quarantined: int


def read_truth(workspace: Workspace, folder: Path, deliveries: Sequence[Delivery]) -> Truth:
    """Read `DIR/truth` (or `DIR`) and bring it to the rows of these deliveries.

    Raises:
        SettingsError: The folder holds no truth, or none of its files was received here.
    """
    folder = folder / "truth" if (folder / "truth").is_dir() else folder
    missing = [name for name in _FILES if not (folder / f"{name}.parquet").is_file()]
    if missing:
        raise SettingsError(
            f"{folder} holds no truth: {', '.join(f'{name}.parquet' for name in missing)} missing",
            remedy="Name the folder that `guiyi synthesize` wrote.",
        )
    archived = _archived(workspace, deliveries)
    with open_database() as connection:
        connection.register("archived", archived)
        rows = connection.sql(
            """
            SELECT a.row_id, t.truth_row, t.feed, t.role, t.kind, t.subject, t.unlinkable, a.quarantined
            FROM read_parquet($rows) t
            JOIN read_parquet($files) f ON f.path = t.path
            JOIN archived a ON a.sha256 = f.sha256 AND a.feed = t.feed
                AND a.sheet = t.sheet AND a.row_no = t.row_no
            ORDER BY t.truth_row, a.row_id
            """,
            params={"rows": str(folder / "rows.parquet"), "files": str(folder / "files.parquet")},
        ).to_arrow_table()
    if rows.num_rows == 0:
        raise SettingsError(
            f"none of the files of {folder} was received in this workspace",
            remedy="Name the truth of the files received.",
        )
    quarantined = rows["quarantined"]
    accepted = rows.filter(pc.invert(quarantined)).drop_columns(["quarantined"])
    return Truth(
        rows=accepted,
        households=pq.read_table(folder / "households.parquet"),
        conflicts=pq.read_table(folder / "conflicts.parquet"),
        traps=pq.read_table(folder / "traps.parquet"),
        casework=pq.read_table(folder / "casework.parquet"),
        rows_in_truth=rows.num_rows,
        rows_quarantined=rows.num_rows - accepted.num_rows,
    )


def person_records(snapshot: Snapshot, rows: pa.Table) -> pa.Table:
    """Those rows of the truth that are about persons; see `records_of`."""
    return records_of(snapshot, rows, "person")


def records_of(snapshot: Snapshot, rows: pa.Table, kind: Literal["person", "organisation"]) -> pa.Table:
    """Those rows of the truth that are about one kind of entity, each with the `record_key` it gave in a snapshot.

    Args:
        snapshot: Made of the same deliveries.
        rows: `Truth.rows`, or some of them.
        kind: Whom or what they are about.
    """
    made = snapshot.read("row_records")
    made = made.set_column(made.schema.get_field_index("role"), "role", made["role"].cast(pa.string()))
    about = rows.filter(pc.equal(rows["kind"], kind))
    return about.join(made, ["row_id", "role"], join_type="inner")


def _archived(workspace: Workspace, deliveries: Sequence[Delivery]) -> pa.Table:
    """Where every archived row stood in its file, and whether it was quarantined."""
    parts = [_EMPTY]
    for delivery in deliveries:
        folder = workspace.archive / delivery.feed / f"{delivery.period:%Y-%m}"
        for suffix, quarantined in (("parquet", False), ("quarantine.parquet", True)):
            path = folder / f"{delivery.delivery_id}.{suffix}"
            if not path.is_file():
                continue
            table = pq.read_table(path, columns=["sheet", "row_no", "row_id"])
            n = table.num_rows
            columns = {
                "sha256": pa.repeat(delivery.sha256, n),
                "feed": pa.repeat(delivery.feed, n),
                "sheet": pc.fill_null(table["sheet"].cast(pa.string()), ""),
                "row_no": table["row_no"],
                "row_id": table["row_id"],
                "quarantined": pa.repeat(quarantined, n),
            }
            parts.append(pa.table(columns).cast(_EMPTY.schema))
    return pa.concat_tables(parts)


_EMPTY = pa.schema(
    [
        ("sha256", pa.string()),
        ("feed", pa.string()),
        ("sheet", pa.string()),
        ("row_no", pa.int32()),
        ("row_id", pa.int64()),
        ("quarantined", pa.bool_()),
    ]
).empty_table()
