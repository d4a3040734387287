"""What rules on punctuality and quality go by: what was delivered, and which rows were not accepted."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from resolver.feeds.archive import archived_files
from resolver.feeds.contract import contracts
from resolver.ledger.delivery import Delivery
from resolver.workspace import Workspace

DELIVERY_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("department", pa.string()),
        ("period", pa.date32()),
        ("delivery_id", pa.string()),
        ("extent", pa.string()),
        ("n_rows", pa.int64()),
        ("n_accepted", pa.int64()),
        ("n_quarantined", pa.int64()),
        ("zero", pa.bool_()),
        ("complete", pa.bool_()),
    ]
)
QUARANTINE_SCHEMA = pa.schema(
    [
        ("feed", pa.string()),
        ("department", pa.string()),
        ("period", pa.date32()),
        ("row_id", pa.int64()),
        ("sheet", pa.string()),
        ("row_no", pa.int32()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
    ]
)


def deliveries_table(deliveries: Sequence[Delivery]) -> pa.Table:
    """One row per delivery, by feed, period and id, as `DELIVERY_SCHEMA`."""
    departments = {contract.feed: contract.department for contract in contracts().values()}
    ordered = sorted(deliveries, key=lambda d: (d.feed, d.period, d.delivery_id))
    rows = [
        {
            "feed": d.feed,
            "department": departments.get(d.feed),
            "period": d.period,
            "delivery_id": d.delivery_id,
            "extent": d.extent,
            "n_rows": d.n_rows,
            "n_accepted": d.n_accepted,
            "n_quarantined": d.n_quarantined,
            "zero": d.zero,
            "complete": d.complete,
        }
        for d in ordered
    ]
    return pa.Table.from_pylist(rows, DELIVERY_SCHEMA)


def quarantine_table(workspace: Workspace, deliveries: Sequence[Delivery]) -> pa.Table:
    """One row per quarantined row, by row id, as `QUARANTINE_SCHEMA`; the cells stay in the archive."""
    departments = {contract.feed: contract.department for contract in contracts().values()}
    parts = [QUARANTINE_SCHEMA.empty_table()]
    for delivery in deliveries:
        if delivery.n_quarantined == 0:
            continue
        own = pq.read_table(
            archived_files(workspace, delivery).quarantine,
            columns=["row_id", "sheet", "row_no", "column", "reason"],
        )
        same = {
            "feed": pa.repeat(delivery.feed, len(own)),
            "department": pa.repeat(departments.get(delivery.feed, ""), len(own)),
            "period": pa.array([delivery.period] * len(own), pa.date32()),
        }
        own = own.rename_columns(["row_id", "sheet", "row_no", "column_name", "reason"])
        columns = {**same, **{name: own[name] for name in own.column_names}}
        table = pa.table([columns[name] for name in QUARANTINE_SCHEMA.names], QUARANTINE_SCHEMA.names)
        parts.append(table.cast(QUARANTINE_SCHEMA))
    return pa.concat_tables(parts).sort_by([("row_id", "ascending"), ("reason", "ascending")])
