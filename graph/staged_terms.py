"""The terms of all nodes that a stage opens, made in bulk: what `search_terms.index_terms` gives, a value at a time.

Plain numbers and birth dates, most of all values, are done by DuckDB; of names, pinyin and odd numbers every distinct
value once by Python.
"""

import json

import duckdb
import pyarrow as pa

from graph.schema import NODES
from graph.search_terms import searched_properties, value_terms
from graph.staging import Stage

_PLAIN = "kind IN ('number', 'phone') AND regexp_full_match(value, '[0-9A-Za-z]+')"
_NUMBER_TERMS = r"""concat_ws(' ', lower(value), 'r' || reverse(lower(value)),
    CASE WHEN regexp_full_match(lower(value), '\d{17}[\dx]') THEN 'd' || substr(value, 7, 8) END)"""


def stage_terms(stage: Stage, indexed: str | None = None) -> None:
    """Make the table `node_terms` of a stage: n, terms (with spaces between, in any order; one may come twice).

    Args:
        stage: What is opened.
        indexed: Table of versions (n, label, properties) of the same nodes of which the terms are known: those of
            their values are left out.
    """
    database = stage.database
    _stage_values(database, "searched", "opened_nodes")
    if indexed is not None:
        _stage_values(database, "known", indexed)
        database.execute(
            "DELETE FROM searched USING known WHERE searched.n = known.n AND searched.kind = known.kind "
            "AND searched.value = known.value"
        )
        database.execute("DROP TABLE known")
    odd = database.execute(f"SELECT DISTINCT kind, value FROM searched WHERE NOT ({_PLAIN})").fetchall()
    terms = [" ".join(value_terms(kind, value)) for kind, value in odd]
    columns = {"kind": [kind for kind, _ in odd], "value": [value for _, value in odd], "terms": terms}
    database.register("odd", pa.table(columns, schema=pa.schema(dict.fromkeys(columns, pa.string()))))
    database.execute(
        "CREATE OR REPLACE TEMP TABLE node_terms AS SELECT n, string_agg(terms, ' ') AS terms FROM ("
        f"SELECT n, {_NUMBER_TERMS} AS terms FROM searched WHERE {_PLAIN} "
        "UNION ALL SELECT n, terms FROM searched JOIN odd USING (kind, value)) WHERE terms <> '' GROUP BY n"
    )
    database.unregister("odd")
    database.execute("DROP TABLE searched")


def _stage_values(database: duckdb.DuckDBPyConnection, table: str, versions: str) -> None:
    """Make a table (n, kind, value) of the searched values of versions of nodes."""
    database.execute(f"CREATE OR REPLACE TEMP TABLE {table} (n BIGINT, kind VARCHAR, value VARCHAR)")
    for (label,) in database.execute(f"SELECT DISTINCT label FROM {versions} ORDER BY 1").fetchall():
        if searched_properties(label):
            database.execute(f"INSERT INTO {table} {_values_sql(label, versions)}")


def _values_sql(label: str, versions: str) -> str:
    """The values of a label, each kind of value once per node."""
    listed = {p.name: p.type == "texts" for p in NODES[label].properties}
    properties = searched_properties(label)
    shape = json.dumps({name: ["VARCHAR"] if listed[name] else "VARCHAR" for name, _ in properties})
    parts = [
        f"[{{'kind': '{kind}', 'value': v}} FOR v IN {f'p.{name}' if listed[name] else f'[p.{name}]'}]"
        for name, kind in properties
    ]
    return f"""
        SELECT n, one.kind, one.value FROM (
            SELECT n, unnest(list_distinct(flatten([{", ".join(parts)}]))) AS one
            FROM (SELECT n, json_transform(properties, '{shape}') AS p FROM {versions} WHERE label = '{label}'))
        WHERE one.value <> ''"""
