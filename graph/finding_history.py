"""Findings from month to month: which are new, which go on, which rest on other rows now, and which are gone."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

GONE_SCHEMA = pa.schema(
    [
        pa.field("finding_key", pa.int64(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("person_id", pa.int64()),
        pa.field("organisation_id", pa.int64()),
        pa.field("amount", pa.decimal128(16, 2)),
        pa.field("first_seen", pa.date32(), nullable=False),
        pa.field("last_seen", pa.date32(), nullable=False),
    ]
)
"""`findings_gone.parquet`: findings of the snapshot before that are no longer raised."""


def with_history(findings: pa.Table, before: pa.Table | None, period: date) -> pa.Table:
    """Add to findings how they stand to those of the snapshot before.

    Args:
        findings: As `graph.findings.run_rules` gives them.
        before: The findings of the snapshot that this one is based on; None for the first.
        period: The month of the snapshot.

    Returns:
        The findings with `state` (new: first raised in this period; continued; changed: its rows say something else
        than before) and `first_seen` (the month in which it was first raised).
    """
    keys, hashes = findings["finding_key"].to_numpy(), findings["evidence_hash"].to_numpy()
    month = np.datetime64(period, "D")
    first_seen, earlier = np.full(len(keys), month), hashes.copy()
    if before is not None and "first_seen" in before.column_names:
        at = pc.index_in(findings["finding_key"], before["finding_key"].combine_chunks())
        known = at.is_valid().to_numpy()
        rows = at.drop_null()
        first_seen[known] = before["first_seen"].take(rows).to_numpy()
        earlier[known] = before["evidence_hash"].take(rows).to_numpy()
    states = np.where(hashes != earlier, "changed", np.where(first_seen >= month, "new", "continued"))
    return findings.append_column("state", pa.array(states, pa.string())).append_column(
        "first_seen", pa.array(first_seen, pa.date32())
    )


def gone(findings: pa.Table, before: pa.Table | None, before_period: date | None) -> pa.Table:
    """Findings of the snapshot before that are no longer there, as `GONE_SCHEMA`, by rule and key."""
    if before is None or before_period is None or "first_seen" not in before.column_names:
        return GONE_SCHEMA.empty_table()
    lost = before.filter(pc.invert(pc.is_in(before["finding_key"], findings["finding_key"].combine_chunks())))
    lost = lost.append_column("last_seen", pa.array([before_period] * len(lost), pa.date32()))
    return (
        lost.select(GONE_SCHEMA.names)
        .cast(GONE_SCHEMA)
        .sort_by([("rule", "ascending"), ("finding_key", "ascending")])
    )
