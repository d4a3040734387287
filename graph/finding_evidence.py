"""What a finding stands on: the records of its rows, and the weakest link between them."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from graph.link_probability import (
    NO_RECORD,
    Bools,
    Float64s,
    Int64s,
    SpanningForest,
    WeakestLinks,
    weakest_links,
)

# Evidence rows of the table `numbered` in order: first those the finding needs, then those of which one suffices.
_EVIDENCE = """
CREATE TEMP TABLE evidence AS
SELECT finding, joins_rows, person_id, other_person_id, organisation_id,
    unnest(row_ids || any_of) AS row_id,
    generate_subscripts(row_ids || any_of, 1) AS position,
    generate_subscripts(row_ids || any_of, 1) <= len(row_ids) AS needed
FROM numbered
"""

# The record of a row is that of the role in which the row speaks of the finding's person (or organisation).
_RECORDS = """
CREATE TEMP TABLE evidence_records AS
WITH hits AS (
    SELECT row_id, record_key FROM row_records SEMI JOIN evidence USING (row_id)
),
owned AS (
    SELECT h.row_id, h.record_key, m.entity_id, r.feed, true AS of_person
    FROM hits h
    JOIN members m ON m.record_key = h.record_key
    JOIN records r ON r.record_key = h.record_key
    UNION ALL
    SELECT h.row_id, h.record_key, m.entity_id, r.feed, false
    FROM hits h
    JOIN organisation_members m ON m.record_key = h.record_key
    JOIN organisation_records r ON r.record_key = h.record_key
),
best AS (
    SELECT e.finding, e.position,
        min(row(o.entity_id IS DISTINCT FROM coalesce(e.person_id, e.organisation_id), o.record_key,
            o.entity_id, o.feed)) AS record
    FROM evidence e
    JOIN owned o ON o.row_id = e.row_id
    WHERE o.of_person AND o.entity_id IN (e.person_id, e.other_person_id)
        OR NOT o.of_person AND o.entity_id = e.organisation_id
    GROUP BY e.finding, e.position
)
SELECT e.finding, e.position, e.needed, e.joins_rows, e.row_id,
    b.record[2] AS record_key, b.record[3] AS entity_id, d.department
FROM evidence e
LEFT JOIN best b ON b.finding = e.finding AND b.position = e.position
LEFT JOIN departments d ON d.feed = b.record[4]
"""

_TREES = """
SELECT record_key, parent_record_key, link_probability, depth
FROM members
WHERE entity_id IN (SELECT entity_id FROM evidence_records WHERE joins_rows)
UNION ALL
SELECT record_key, parent_record_key, link_probability, depth
FROM organisation_members
WHERE entity_id IN (SELECT entity_id FROM evidence_records WHERE joins_rows)
"""


@dataclass(frozen=True)
class Links:
    """How firmly the rows of each finding are joined; one value per finding, in the order of `numbered`.

    Attributes:
        probability: float64, of the path between its rows; 1.0 where they need no joining.
        record_key_l: int64, smaller end of the weakest link; `NO_RECORD` where there is none.
        record_key_r: int64, its larger end.
    """

    probability: Float64s
    record_key_l: Int64s
    record_key_r: Int64s


def find_links(connection: duckdb.DuckDBPyConnection, n_findings: int) -> Links:
    """Find the records behind the findings of `numbered` and the weakest link each finding stands on.

    Among the rows a finding needs, the weakest path counts; of those of which one suffices, the strongest. On a
    tree it is enough to walk from one of the records to each of the others: the weakest link between any two lies
    on one of these walks. Rows about different persons are not joined with each other. A row that does not speak
    of the finding's person carries nothing: probability 0.

    Args:
        connection: With the views for rules and the table `numbered` (`finding` 0 … n-1, `joins_rows`, `row_ids`,
            `any_of` and the entities); the table `evidence_records` is added to it.
        n_findings: Rows of `numbered`.
    """
    connection.execute(_EVIDENCE)
    connection.execute(_RECORDS)
    forest = SpanningForest.of_members(connection.sql(_TREES).to_arrow_table())
    rows = connection.sql(
        "SELECT finding, needed, record_key, entity_id FROM evidence_records WHERE joins_rows "
        "ORDER BY finding, position"
    ).to_arrow_table()
    finding = rows["finding"].to_numpy()
    needed = rows["needed"].to_numpy()
    keys = _filled(rows["record_key"])
    walks = weakest_links(forest, keys[_anchors(finding, _filled(rows["entity_id"]))], keys)
    firm = Links(np.ones(n_findings), np.full(n_findings, NO_RECORD), np.full(n_findings, NO_RECORD))
    for chosen in (
        _extreme(finding, walks, needed, weakest=True),
        _extreme(finding, walks, ~needed, weakest=False),
    ):
        lower = chosen[walks.probability[chosen] < firm.probability[finding[chosen]]]
        at = finding[lower]
        firm.probability[at] = walks.probability[lower]
        firm.record_key_l[at] = walks.record_key_l[lower]
        firm.record_key_r[at] = walks.record_key_r[lower]
    return firm


def match_weights(connection: duckdb.DuckDBPyConnection, links: Links) -> pa.Array:
    """The match weight of each finding's weakest link; null where the link is not a scored pair."""
    n = len(links.probability)
    edges = pa.table({"finding": np.arange(n), "l": links.record_key_l, "r": links.record_key_r})
    connection.register("weakest_edges", edges)
    found = connection.sql(
        """
        SELECT e.finding, p.match_weight
        FROM pairs p
        JOIN weakest_edges e ON e.l = p.record_key_l AND e.r = p.record_key_r
        """
    ).to_arrow_table()
    connection.unregister("weakest_edges")
    weights, known = np.zeros(n), np.zeros(n, np.bool_)
    at = found["finding"].to_numpy()
    weights[at], known[at] = found["match_weight"].to_numpy(), True
    return pa.array(weights, pa.float64(), mask=~known)


def _filled(column: pa.ChunkedArray) -> Int64s:
    keys: Int64s = column.fill_null(NO_RECORD).to_numpy()
    return keys


def _anchors(finding: Int64s, entity: Int64s) -> Int64s:
    """For each row the position of the first row of the same finding and entity."""
    if len(finding) == 0:
        return finding
    order = np.lexsort((np.arange(len(finding)), entity, finding))
    starts = np.ones(len(order), np.bool_)
    starts[1:] = (finding[order][1:] != finding[order][:-1]) | (entity[order][1:] != entity[order][:-1])
    first = order[starts][np.cumsum(starts) - 1]
    anchors = np.empty(len(order), np.int64)
    anchors[order] = first
    return anchors


def _extreme(finding: Int64s, walks: WeakestLinks, among: Bools, *, weakest: bool) -> Int64s:
    """For each finding the position of its weakest (or strongest) row among some; ties to the smallest edge."""
    at = np.flatnonzero(among)
    signed = walks.probability[at] if weakest else -walks.probability[at]
    order = at[np.lexsort((walks.record_key_r[at], walks.record_key_l[at], signed, finding[at]))]
    first = np.ones(len(order), np.bool_)
    first[1:] = finding[order][1:] != finding[order][:-1]
    return order[first]
