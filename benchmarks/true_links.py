"""Snapshots of a made-up city whose records are linked by the truth: the inputs of rules at a size, without linkage.

Every row is real in the sense that it was written to a department's file and received, and every record was
standardised; only who is one person is taken from the truth. Pairs are the links of each entity, and the namesakes
born on one day who are two persons, so that rules which look for whom somebody *may* be have something to look at.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from resolver.entities.crosswalk import assign
from resolver.entities.employers import with_latest_employer
from resolver.entities.golden_record import golden_organisations, golden_records
from resolver.feeds.contract import contracts
from resolver.feeds.current import current_rows
from resolver.feeds.row_id import ORDINAL_BITS
from resolver.ledger.delivery import Delivery
from resolver.ledger.ledger import Ledger
from resolver.pipeline import CROSSWALK, end_of_month, received_records
from resolver.publication import next_number, published_snapshot
from resolver.recency import recency
from resolver.resolved_rows import resolved_rows
from resolver.snapshot import Snapshot, SnapshotBuilder
from resolver.standardize.records import Extracted
from resolver.truth import read_truth
from resolver.workspace import Workspace

_LINK = 0.999
_MEMBER_FILES = {"person": "members", "organisation": "organisation_members"}

# The true entity of every record; one that no row of the truth is about stands alone.
_CLUSTERS = """
SELECT r.record_key, min(r.record_key) OVER (PARTITION BY coalesce(t.subject, -2 - r.record_key)) AS cluster
FROM records r
LEFT JOIN (
    SELECT record_key, max(subject) AS subject FROM row_records JOIN truth USING (row_id, role)
    WHERE kind = $kind AND subject >= 0 GROUP BY record_key
) t ON t.record_key = r.record_key
ORDER BY r.record_key
"""

_PAIRS = f"""
SELECT parent_record_key AS record_key_l, record_key AS record_key_r, 10.0 AS match_weight,
    {_LINK} AS match_probability
FROM members WHERE parent_record_key IS NOT NULL
UNION ALL
SELECT x.record_key, y.record_key, -4.0, 0.06
FROM records x JOIN records y ON y.name = x.name AND y.birth_date = x.birth_date AND x.record_key < y.record_key
JOIN members m ON m.record_key = x.record_key JOIN members n ON n.record_key = y.record_key
WHERE m.entity_id <> n.entity_id AND x.feed IN ('W07', 'W29') AND y.feed IN ('W07', 'W29')
ORDER BY record_key_l, record_key_r
"""


def true_snapshot(workspace: Workspace, ledger: Ledger, truth: Path) -> Snapshot:
    """Seal a snapshot of everything received, linked by the truth. The caller holds `Workspace.writer()`."""
    deliveries = ledger.deliveries()
    period = max(d.period for d in deliveries)
    as_of = end_of_month(period)
    previous = published_snapshot(workspace, ledger)
    extracted = received_records(workspace, ledger, as_of)
    members, events = {}, {}
    truth_rows = read_truth(workspace, truth, deliveries).rows
    for kind, file in _MEMBER_FILES.items():
        clusters = _clusters(extracted, truth_rows, kind)
        before = previous.read(file, ["record_key", "entity_id"]) if previous else None
        ids, events[CROSSWALK[kind]] = assign(
            clusters, before, ledger.created_entities(kind), ledger.left_entities(kind)
        )
        members[kind] = _members(clusters, ids)
    del truth_rows
    newest = recency(extracted.row_records, deliveries)
    employments, superseded = [], []
    with SnapshotBuilder(workspace, next_number(workspace, ledger)) as builder:
        for feed, contract in contracts().items():
            rows, gone = current_rows(workspace, deliveries, feed, as_of)
            links = _of_feed(extracted.row_records, feed, deliveries)
            rows = resolved_rows(rows, links, contract, members)
            builder.write(f"rows/{feed}", rows)
            superseded.append(gone)
            if {"person_id", "employer_organisation_id"} <= set(rows.column_names):
                employments.append(rows.select(["person_id", "employer_organisation_id", "valid_from"]))
        golden = golden_records(extracted.persons, members["person"], newest)
        tables = {
            "superseded": pa.concat_tables(superseded),
            "records": extracted.persons,
            "organisation_records": extracted.organisations,
            "row_records": extracted.row_records,
            "pairs": _pairs(extracted.persons, members["person"]),
            "members": members["person"],
            "organisation_members": members["organisation"],
            "golden": with_latest_employer(golden, employments),
            "golden_organisations": golden_organisations(
                extracted.organisations, members["organisation"], newest
            ),
            **events,
        }
        for name, table in tables.items():
            builder.write(name, table)
        return builder.seal(
            {
                "reference_date": as_of.isoformat(),
                "period": period.isoformat(),
                "deliveries": sorted(d.delivery_id for d in deliveries),
                "based_on": previous.number if previous else None,
            }
        )


def _clusters(extracted: Extracted, truth_rows: pa.Table, kind: str) -> pa.Table:
    with duckdb.connect() as connection:
        connection.register(
            "records", (extracted.persons if kind == "person" else extracted.organisations).select([0])
        )
        connection.register("row_records", extracted.row_records)
        connection.register("truth", truth_rows)
        return connection.sql(_CLUSTERS, params={"kind": kind}).to_arrow_table()


def _members(clusters: pa.Table, ids: pa.Table) -> pa.Table:
    """Stars: every record hangs on its entity's smallest one."""
    keys, roots = clusters["record_key"].to_numpy(), clusters["cluster"].to_numpy()
    is_root = keys == roots
    probability = np.where(is_root, 1.0, _LINK)
    return pa.table(
        {
            "record_key": keys,
            "entity_id": ids["entity_id"],
            "parent_record_key": pa.array(roots, pa.int64(), mask=is_root),
            "link_probability": probability,
            "path_probability": probability,
            "depth": (~is_root).astype(np.int16),
        }
    )


def _of_feed(row_records: pa.Table, feed: str, deliveries: Sequence[Delivery]) -> pa.Table:
    """Those of `row_records`, which are sorted by row id, whose rows came with deliveries of one feed."""
    row_ids = row_records["row_id"].to_numpy()
    parts = [row_records.slice(0, 0)]
    for delivery in deliveries:
        if delivery.feed == feed:
            first = int(delivery.delivery_id, 16)
            begin, end = np.searchsorted(row_ids, np.array([first, first + 1]) << ORDINAL_BITS)
            parts.append(row_records.slice(begin, end - begin))
    return pa.concat_tables(parts)


def _pairs(records: pa.Table, members: pa.Table) -> pa.Table:
    with duckdb.connect() as connection:
        connection.register("records", records.select(["record_key", "feed", "name", "birth_date"]))
        connection.register("members", members)
        return connection.sql(_PAIRS).to_arrow_table()
