"""A projected graph compared, row by row, with a record of another one: what is new, changed, gone.

Everything here is hashes and sets of them, a column at a time, in an in-memory DuckDB that spills to a folder. The
record of a graph is two Parquet files: `nodes` (id, row, who, n, c) and `edges` (id, row, type, source, target, c);
`id`, `row` and `who` are DuckDB's 64-bit hashes of the id, of the row, and of its regions and departments.
"""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa

from graph.schema import EDGE_COLUMNS, EDGES, NODE_COLUMNS, NODES
from graph.staging import check_columns, number_sql, open_database
from graph.store import GraphData

RECORDED = {
    "nodes": {"id": "UBIGINT", "row": "UBIGINT", "who": "UBIGINT", "n": "BIGINT", "c": "BIGINT"},
    "edges": {
        "id": "UBIGINT",
        "row": "UBIGINT",
        "type": "VARCHAR",
        "source": "BIGINT",
        "target": "BIGINT",
        "c": "BIGINT",
    },
}
"""Columns of the record."""


class Comparison:
    """The tables of one comparison.

    Tables: `new_nodes` (id, row, who) and `new_edges` (id, row, source_id, target_id) of the graph; `old_nodes` and
    `old_edges`, the record; `changed_…` (id), rows to bring into the form of a store; `kept_…`, the part of the
    record that stays; `closed_…`, the part that ends; `noted_…`, what takes its place.
    """

    def __init__(self, data: GraphData, record: Path | None, folder: Path) -> None:
        """Compare.

        Args:
            data: The graph.
            record: Folder with the record of the other one; None = of an empty one.
            folder: For what does not fit into memory; must exist.

        Raises:
            StoreError: A label, type or column is unknown or missing.
        """
        check_columns(data)
        self._data = data
        self._database = open_database(folder)
        try:
            self._hash_new()
            for kind, columns in RECORDED.items():
                self._declare_old(kind, columns, record)
            for statement in _COMPARED:
                self._database.execute(statement)
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def changed(self) -> GraphData:
        """The rows that are new or differ, and what an error in the data makes suspect."""
        return GraphData(
            self._picked(
                self._data.nodes, {name: _node_id(name) for name in self._data.nodes}, "changed_nodes"
            ),
            self._picked(
                self._data.edges, {name: _edge_id(name) for name in self._data.edges}, "changed_edges"
            ),
        )

    def ends(self) -> pa.Table:
        """The nodes that changed edges end at: `id`, `regions`, `departments`."""
        tables = {label: table.select(NODE_COLUMNS) for label, table in self._data.nodes.items()}
        found = self._picked(tables, {name: _node_id(name) for name in tables}, "changed_ends")
        schema = pa.schema([(name, pa.string()) for name in ("id", "regions", "departments")])
        parts = [
            self._ask(table, f"SELECT '{label}:' || key AS id, regions, departments FROM incoming")
            for label, table in found.items()
        ]
        return pa.concat_tables([schema.empty_table(), *(part.cast(schema) for part in parts)])

    def closed(self, kind: str) -> pa.Table:
        """What ends of the record: the columns from the fourth (nodes) or third (edges) on."""
        columns = ", ".join([name for name in RECORDED[kind] if name not in ("id", "row", "who")])
        table: pa.Table = self._database.sql(f"SELECT {columns} FROM closed_{kind}").to_arrow_table()
        return table

    def note(self, changed: GraphData, nodes: pa.Table, edges: pa.Table) -> None:
        """Take in the numbers that the changed rows were given.

        Args:
            changed: The rows.
            nodes: `label`, `key`, `n`, `c`.
            edges: `type`, `source`, `target`, `key`, `c`.
        """
        self._database.register("numbered_nodes", nodes)
        self._database.register("numbered_edges", edges)
        for label, table in changed.nodes.items():
            self._do(
                table,
                f"INSERT INTO noted_nodes SELECT id, row, who, n, c FROM (SELECT {_node_hashes(label)}, key "
                f"FROM incoming) JOIN numbered_nodes USING (key) WHERE label = '{label}'",
            )
        for name, table in changed.edges.items():
            self._do(
                table,
                f"INSERT INTO noted_edges SELECT id, row, '{name}', source, target, c FROM (SELECT "
                f"{_edge_hashes(name)}, {number_sql('source')} AS source, {number_sql('target')} AS target, "
                "coalesce(key, '') AS key FROM incoming) JOIN numbered_edges USING (source, target, key) "
                f"WHERE type = '{name}'",
            )

    def write(self, folder: Path) -> None:
        """Write the record of the graph, once what changed is noted."""
        for kind, columns in RECORDED.items():
            names = ", ".join(columns)
            self._database.execute(
                f"COPY (SELECT {names} FROM kept_{kind} UNION ALL SELECT {names} FROM noted_{kind}) "
                f"TO '{_quoted(folder / f'{kind}.parquet')}' (FORMAT parquet, COMPRESSION uncompressed)"
            )

    def _hash_new(self) -> None:
        self._database.execute("CREATE TABLE new_nodes (id UBIGINT, row UBIGINT, who UBIGINT)")
        for label, table in self._data.nodes.items():
            self._do(table, f"INSERT INTO new_nodes SELECT {_node_hashes(label)} FROM incoming")
        self._database.execute(
            "CREATE TABLE new_edges (id UBIGINT, row UBIGINT, source_id UBIGINT, target_id UBIGINT)"
        )
        for name, table in self._data.edges.items():
            self._do(
                table,
                f"INSERT INTO new_edges SELECT {_edge_hashes(name)}, hash(source), hash(target) FROM incoming",
            )

    def _declare_old(self, kind: str, columns: Mapping[str, str], record: Path | None) -> None:
        declared = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
        self._database.execute(f"CREATE TABLE noted_{kind} ({declared})")
        source = (
            f"read_parquet('{_quoted(record / f'{kind}.parquet')}')"
            if record
            else f"noted_{kind} WHERE false"
        )
        self._database.execute(f"CREATE VIEW old_{kind} AS SELECT * FROM {source}")

    def _picked(
        self, tables: Mapping[str, pa.Table], identities: Mapping[str, str], wanted: str
    ) -> dict[str, pa.Table]:
        found = {
            name: self._ask(
                table, f"SELECT * FROM incoming WHERE {identities[name]} IN (SELECT id FROM {wanted})"
            )
            for name, table in tables.items()
        }
        return {name: table for name, table in found.items() if table.num_rows}

    def _ask(self, table: pa.Table, query: str) -> pa.Table:
        self._database.register("incoming", table)
        try:
            found: pa.Table = self._database.sql(query).to_arrow_table()
            return found
        finally:
            self._database.unregister("incoming")

    def _do(self, table: pa.Table, statement: str) -> None:
        self._database.register("incoming", table)
        try:
            self._database.execute(statement)
        finally:
            self._database.unregister("incoming")


def _node_id(label: str) -> str:
    return f"hash('{label}:' || key)"


def _edge_id(name: str) -> str:
    return f"hash('{name}', source, target, coalesce(key, ''))"


def _node_hashes(label: str) -> str:
    values = ", ".join(f'"{p.name}"' for p in NODES[label].properties)
    return (
        f"{_node_id(label)} AS id, hash(regions, departments, {values}) AS row, "
        "hash(coalesce(regions, ''), coalesce(departments, '')) AS who"
    )


def _edge_hashes(name: str) -> str:
    identity = ("source", "target", "key")
    values = [column for column in EDGE_COLUMNS if column not in identity]
    values += [p.name for p in EDGES[name].properties]
    listed = ", ".join(f'"{value}"' for value in values)
    return f"{_edge_id(name)} AS id, hash({listed}) AS row"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


_COMPARED = (
    # rows whose id comes twice count as changed, so that they are looked at, and refused
    """CREATE TABLE changed_nodes AS
    SELECT id FROM new_nodes ANTI JOIN old_nodes USING (id, row)
    UNION SELECT id FROM new_nodes GROUP BY id HAVING count(*) > 1""",
    # an edge is another one when its end is seen by others; one whose end is gone is looked at, and refused
    """CREATE TABLE moved AS
    SELECT old.id FROM old_nodes old LEFT JOIN new_nodes new USING (id)
    WHERE new.id IS NULL OR new.who <> old.who""",
    """CREATE TABLE changed_edges AS
    SELECT id FROM new_edges ANTI JOIN old_edges USING (id, row)
    UNION SELECT id FROM new_edges GROUP BY id HAVING count(*) > 1
    UNION SELECT id FROM new_edges WHERE source_id IN (SELECT id FROM moved)
    UNION SELECT id FROM new_edges WHERE target_id IN (SELECT id FROM moved)""",
    """CREATE TABLE changed_ends AS
    SELECT source_id AS id FROM new_edges SEMI JOIN changed_edges USING (id)
    UNION SELECT target_id FROM new_edges SEMI JOIN changed_edges USING (id)""",
    *(
        f"""CREATE TABLE kept_{kind} AS
        SELECT * FROM old_{kind} SEMI JOIN new_{kind} USING (id, row) ANTI JOIN changed_{kind} USING (id)"""
        for kind in RECORDED
    ),
    *(
        f"CREATE TABLE closed_{kind} AS SELECT * FROM old_{kind} ANTI JOIN kept_{kind} USING (id)"
        for kind in RECORDED
    ),
)
