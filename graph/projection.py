"""From a snapshot to the person graph: every node and edge that its files give, as `GraphData`.

All of it is SQL over the views of one snapshot. What a node or edge may be seen by comes from the records it
stands on: a record's region is that of its address or place of insurance, else its person's surviving one; its
department is the feed's. A person, phone, address, … carries those of all its records, an edge those of the
records that say it. An inferred household belongs to no department. A finding carries its person's regions and
the departments it goes to.
"""

import duckdb
import pyarrow as pa

from graph import projection_events as events
from graph import projection_people as people
from graph.rule_views import rule_views
from graph.schema import EDGE_COLUMNS, EDGES, NODE_COLUMNS, NODES
from graph.store import GraphData
from resolver.entities.outdated import require_current
from resolver.feeds.contract import contracts
from resolver.snapshot import Snapshot

_TYPES = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "integer": pa.int64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
}
_FIXED_TYPES = {
    "probability": pa.float64(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
    "row_ids": pa.list_(pa.int64()),
}


def project(snapshot: Snapshot) -> GraphData:
    """The graph of a snapshot: of its rows, records, entities, and (when it has them) households and findings.

    Raises:
        SnapshotError: A file the manifest names is not there, or an older Guiyi made the snapshot.
    """
    require_current(snapshot)
    with rule_views(snapshot, derived="") as database:
        _prepare(database, snapshot)
        return GraphData(
            {
                label: _table(database, sql, node_schema(label))
                for label, sql in _node_queries(snapshot).items()
            },
            {name: _table(database, sql, edge_schema(name)) for name, sql in _edge_queries(snapshot).items()},
        )


def node_schema(label: str) -> pa.Schema:
    """Columns of a node table of `GraphData`."""
    fixed = [(name, pa.string()) for name in NODE_COLUMNS]
    return pa.schema(fixed + [(p.name, _TYPES[p.type]) for p in NODES[label].properties])


def edge_schema(edge_type: str) -> pa.Schema:
    """Columns of an edge table of `GraphData`."""
    fixed = [(name, _FIXED_TYPES.get(name, pa.string())) for name in EDGE_COLUMNS]
    return pa.schema(fixed + [(p.name, _TYPES[p.type]) for p in EDGES[edge_type].properties])


def _prepare(database: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    database.execute(people.record_rows_sql(list(contracts().values())))
    for statement in (people.RECORD_FACTS, people.PERSON_SCOPE, events.ORGANISATION_NODES, events.PARTIES,
                      events.SERVICES):  # fmt: skip
        database.execute(statement)
    for table, facts in (
        ("employment", events.EMPLOYMENT_FACTS),
        ("representatives", events.REPRESENTATIVE_FACTS),
        ("shareholders", events.SHAREHOLDER_FACTS),
        ("provisions", events.PROVISION_FACTS),
    ):
        database.execute(f"CREATE TEMP TABLE {table} AS {facts}")
    if "findings" in snapshot.names:
        path = str(snapshot.path("findings")).replace("'", "''")
        database.execute(f"CREATE TEMP VIEW findings AS SELECT * FROM read_parquet('{path}')")


def _node_queries(snapshot: Snapshot) -> dict[str, str]:
    queries = {
        "Person": people.PERSONS,
        "Record": people.RECORDS,
        **{label: people.value_nodes_sql(label) for label in people.VALUES},
        **{label: events.organisations_sql(label) for label in ("Employer", "Facility")},
        "Accident": events.ACCIDENTS,
        "Vehicle": events.VEHICLES,
        "Treatment": events.TREATMENTS,
    }
    if "households" in snapshot.names:
        queries["Household"] = people.HOUSEHOLDS
    if "findings" in snapshot.names:
        queries["Finding"] = events.FINDINGS
    return queries


def _edge_queries(snapshot: Snapshot) -> dict[str, str]:
    queries = {
        "RESOLVES_TO": people.RESOLVES_TO,
        "SAME_AS": people.SAME_AS,
        "LIVES_AT": people.value_edges_sql("Address"),
        "USES_PHONE": people.value_edges_sql("Phone"),
        "HOLDS_NUMBER": people.value_edges_sql("IdentityNumber"),
        "EMPLOYED_BY": events.edges_sql("employment", events.BASIS_AND_ROWS),
        "REPRESENTS": events.edges_sql("representatives", events.BASIS_AND_ROWS),
        "OWNS": events.edges_sql("shareholders", events.BASIS_AND_ROWS),
        "INVOLVED_IN": events.INVOLVED_IN,
        "RECEIVED": events.edges_sql(events.RECEIVED_FACTS, events.BASIS),
        "PROVIDED_BY": events.edges_sql("provisions"),
    }
    if "households" in snapshot.names:
        queries["MEMBER_OF"] = people.MEMBER_OF
    if "kinship" in snapshot.names:
        queries |= {"SPOUSE_OF": people.SPOUSE_OF, "PARENT_OF": people.PARENT_OF}
    if "findings" in snapshot.names:
        queries |= {
            "CAUSED_BY": events.CAUSED_BY,
            "ABOUT": events.ABOUT,
            "EVIDENCED_BY": events.EVIDENCED_BY,
        }
    return queries


def _table(database: duckdb.DuckDBPyConnection, sql: str, schema: pa.Schema) -> pa.Table:
    table: pa.Table = database.sql(sql).to_arrow_table()
    return table.select(schema.names).cast(schema)
