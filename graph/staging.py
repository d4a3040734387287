"""A projected graph, or a change of one, made ready for a store: checked, numbered, and every node and edge hashed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from graph.schema import (
    EDGE_COLUMNS,
    EDGES,
    NODE_COLUMNS,
    NODES,
    EdgeType,
    NodeLabel,
    Property,
    indexed_properties,
)
from graph.store import GraphData, GraphDelta
from resolver.database import open_database as database_in_memory
from resolver.errors import StoreError

_NO_VALUE = "chr(30)"  # a separator no value contains, so that null and '' differ
MEMORY = "1200MB"
"""What DuckDB may take to prepare a graph."""


_OPENED = """
CREATE TABLE held_nodes (c BIGINT, held BIGINT);
CREATE TABLE held_edges (c BIGINT, held BIGINT);
CREATE VIEW opened_nodes AS
SELECT n, label, key, who AS access, properties, c
FROM nodes JOIN access USING (a) ANTI JOIN held_nodes USING (c);
CREATE VIEW opened_edges AS
SELECT type, source, target, key, own.who AS access, s.who AS source_access, t.who AS target_access, probability,
    valid_from, valid_to, row_ids, properties, c
FROM edges JOIN access own USING (a) JOIN access s ON s.a = source_a JOIN access t ON t.a = target_a
ANTI JOIN held_edges USING (c);
CREATE VIEW opened_lookups AS SELECT lookups.* FROM lookups SEMI JOIN opened_nodes USING (n);
"""


def open_database(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that spills to a folder."""
    database = database_in_memory({"memory_limit": MEMORY, "preserve_insertion_order": "false"})
    if spill is not None:
        database.execute("SET temp_directory = ?", [str(spill)])
    return database


def number_sql(text: str) -> str:
    """SQL of `graph.store.stable_number` of a text expression."""
    return f"('0x' || left(md5({text}), 15))::BIGINT"


@contextmanager
def staging_errors() -> Iterator[None]:
    """Tell errors of DuckDB and of the spill folder as ours."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise StoreError(
            f"the graph cannot be prepared for the store: {error}",
            remedy="Make more memory, or space on the disk of the workspace, then try again; nothing was changed.",
        ) from error


class Stage:
    """What a store is to write, in an in-memory DuckDB.

    Attributes:
        database: With the views `opened_nodes`, `opened_edges` and `opened_lookups`, whose columns are those of
            `GraphDelta.nodes`, `.edges` and `.lookups`.
    """

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()

    def batches(self, query: str, size: int = 50_000) -> Iterator[list[list[object]]]:
        """Run a query and give its rows in batches of columns of Python values."""
        reader: pa.RecordBatchReader = self.database.sql(query).to_arrow_reader(size)
        for batch in reader:
            yield [column.to_pylist() for column in batch.columns]

    def count(self, query: str) -> int:
        """The one integer a query gives."""
        return int(self.database.execute(query).fetchall()[0][0])


class StagedDelta(Stage):
    """A delta. Tables, beside those of `Stage`: `closed_nodes` and `closed_edges`, as in `GraphDelta`."""

    def __init__(self, delta: GraphDelta) -> None:
        """Stage a delta."""
        super().__init__(open_database())
        for name, table in (
            ("opened_nodes", delta.nodes),
            ("opened_edges", delta.edges),
            ("opened_lookups", delta.lookups),
            ("closed_nodes", delta.closed_nodes),
            ("closed_edges", delta.closed_edges),
        ):
            self.database.register(name, table)


class Staging(Stage):
    """A whole graph, in a DuckDB that spills to a folder.

    Tables: `access` (a, regions, departments and both as `who`; numbered for this publish only), `nodes` (n,
    label, key, a, properties JSON, c), `edges` (type, source and target as numbers, key, a, source_a, target_a,
    probability, valid_from and valid_to in days since 1970, row_ids as text joined by commas, properties JSON or
    null, c), `lookups` (label, property, value, n). `c` is the content number. What a store already holds is told
    by its content numbers, in `held_nodes` and `held_edges` (c); what it does not hold is opened.
    """

    def __init__(self, data: GraphData, spill: Path, outside: pa.Table | None = None) -> None:
        """Stage a graph.

        Args:
            data: The graph.
            spill: Folder for what does not fit into memory; must exist.
            outside: Nodes that are not part of it but may be ends of its edges: `id`, `regions`, `departments`.

        Raises:
            StoreError: A label, type or column is unknown or missing, an id comes twice, or an edge ends nowhere.
        """
        super().__init__(open_database(spill))
        try:
            check_columns(data)
            self._stage_access(data, outside)
            self._stage_nodes(data)
            self._stage_ends(outside)
            self._stage_edges(data)
            self.database.execute(_OPENED)
        except BaseException:
            self.database.close()
            raise

    def _stage_access(self, data: GraphData, outside: pa.Table | None) -> None:
        self.database.execute("CREATE TABLE pairs_seen (regions VARCHAR, departments VARCHAR)")
        for table in (*data.nodes.values(), *data.edges.values(), *([] if outside is None else [outside])):
            self._with(table, "INSERT INTO pairs_seen SELECT DISTINCT regions, departments FROM incoming")
        self.database.execute(
            "CREATE TABLE access AS SELECT row_number() OVER (ORDER BY regions, departments)::INTEGER AS a, "
            "regions, departments, regions || '/' || departments AS who FROM (SELECT DISTINCT "
            "coalesce(regions, '') AS regions, coalesce(departments, '') AS departments FROM pairs_seen)"
        )
        self.database.execute("DROP TABLE pairs_seen")

    def _stage_nodes(self, data: GraphData) -> None:
        self.database.execute(
            "CREATE TABLE nodes (n BIGINT, label VARCHAR, key VARCHAR, a INTEGER, properties VARCHAR, c BIGINT)"
        )
        self.database.execute(
            "CREATE TABLE lookups (label VARCHAR, property VARCHAR, value VARCHAR, n BIGINT)"
        )
        for label in sorted(data.nodes):
            self._with(data.nodes[label], _nodes_sql(NODES[label]))
            for name in indexed_properties(label):
                self._with(data.nodes[label], _lookups_sql(NODES[label], name))
        twice = self.database.execute(
            "SELECT min(label || ':' || key) FROM nodes GROUP BY n HAVING count(*) > 1 ORDER BY 1 LIMIT 3"
        ).fetchall()
        if twice:
            raise StoreError(f"node ids come more than once: {', '.join(str(row[0]) for row in twice)}")

    def _stage_ends(self, outside: pa.Table | None) -> None:
        """What an edge may end at."""
        if outside is None:
            self.database.execute("CREATE VIEW ends AS SELECT n, a FROM nodes")
            return
        self.database.execute("CREATE TABLE beyond (n BIGINT, a INTEGER)")
        self._with(
            outside,
            f"INSERT INTO beyond SELECT {number_sql('id')}, a FROM (SELECT id, coalesce(regions, '') AS regions, "
            "coalesce(departments, '') AS departments FROM incoming) JOIN access USING (regions, departments)",
        )
        self.database.execute(
            "CREATE VIEW ends AS SELECT n, a FROM nodes UNION ALL SELECT n, a FROM beyond ANTI JOIN nodes USING (n)"
        )

    def _stage_edges(self, data: GraphData) -> None:
        self.database.execute(
            "CREATE TABLE edges (type VARCHAR, source BIGINT, target BIGINT, key VARCHAR, a INTEGER, "
            "source_a INTEGER, target_a INTEGER, probability DOUBLE, valid_from INTEGER, valid_to INTEGER, "
            "row_ids VARCHAR, properties VARCHAR, c BIGINT)"
        )
        if not data.edges:
            return
        # All types in one query, so that the nodes are hashed once.
        types = sorted(data.edges)
        for position, edge_type in enumerate(types):
            self.database.register(f"incoming_{position}", data.edges[edge_type])
        parts = [_edges_sql(EDGES[name], f"incoming_{position}") for position, name in enumerate(types)]
        self.database.execute(_joined_edges_sql(" UNION ALL ".join(parts)))
        for position in range(len(types)):
            self.database.unregister(f"incoming_{position}")
        staged = dict(self.database.execute("SELECT type, count(*) FROM edges GROUP BY type").fetchall())
        for edge_type in types:
            if staged.get(edge_type, 0) != data.edges[edge_type].num_rows:
                self._report_dangling(edge_type, data.edges[edge_type])
        twice = self.database.execute(
            "SELECT type, key FROM edges GROUP BY type, source, target, key HAVING count(*) > 1 "
            "ORDER BY ALL LIMIT 1"
        ).fetchall()
        if twice:
            raise StoreError(
                f"edges of type {twice[0][0]} join the same two nodes twice (key {twice[0][1]!r})"
            )

    def _report_dangling(self, edge_type: str, table: pa.Table) -> None:
        found = self._with(
            table,
            f"SELECT end_id FROM (SELECT unnest([source, target]) AS end_id FROM incoming) "
            f"WHERE {number_sql('end_id')} NOT IN (SELECT n FROM ends) ORDER BY 1 LIMIT 3",
        )
        ends = ", ".join(str(row[0]) for row in found)
        raise StoreError(f"edges of type {edge_type} lead to nodes that are not there: {ends}")

    def _with(self, table: pa.Table, query: str) -> list[tuple[object, ...]]:
        self.database.register("incoming", table)
        try:
            return self.database.execute(query).fetchall()
        finally:
            self.database.unregister("incoming")


def check_columns(data: GraphData) -> None:
    """Raise `StoreError` when a label, type or column is unknown or missing."""
    declared: list[tuple[str, pa.Table, tuple[str, ...], tuple[Property, ...]]] = []
    for label, table in data.nodes.items():
        if label not in NODES:
            raise StoreError(f"node label {label!r} is not in the graph's schema")
        declared.append((label, table, NODE_COLUMNS, NODES[label].properties))
    for edge_type, table in data.edges.items():
        if edge_type not in EDGES:
            raise StoreError(f"edge type {edge_type!r} is not in the graph's schema")
        declared.append((edge_type, table, EDGE_COLUMNS, EDGES[edge_type].properties))
    for name, table, columns, properties in declared:
        expected = {*columns, *(p.name for p in properties)}
        if expected != set(table.column_names):
            odd = ", ".join(sorted(expected ^ set(table.column_names)))
            raise StoreError(f"the table of {name} does not have the columns of the graph's schema: {odd}")


def _json_sql(properties: tuple[Property, ...]) -> str:
    """JSON text of the properties that have a value."""
    if not properties:
        return "NULL"
    parts = []
    for p in properties:
        empty = f'len("{p.name}") = 0' if p.type == "texts" else f'"{p.name}" IS NULL'
        parts.append(f"""CASE WHEN "{p.name}" IS NOT NULL AND NOT {empty}
            THEN '"{p.name}":' || to_json("{p.name}")::VARCHAR END""")
    return f"nullif('{{' || concat_ws(',', {', '.join(parts)}) || '}}', '{{}}')"


def _content_sql(*parts: str) -> str:
    texts = ", ".join(f"coalesce(({part})::VARCHAR, {_NO_VALUE})" for part in parts)
    return number_sql(f"concat_ws(chr(31), {texts})")


def _nodes_sql(label: NodeLabel) -> str:
    content = _content_sql("id", "properties", "access.who")
    return f"""
        INSERT INTO nodes
        SELECT {number_sql("id")}, '{label.name}', key, access.a, properties, {content}
        FROM (SELECT '{label.name}:' || key AS id, key, coalesce(regions, '') AS regions,
                     coalesce(departments, '') AS departments, {_json_sql(label.properties)} AS properties
              FROM incoming) s
        JOIN access USING (regions, departments)"""


def _lookups_sql(label: NodeLabel, name: str) -> str:
    listed = any(p.name == name and p.type == "texts" for p in label.properties)
    value = f'unnest("{name}")' if listed else f'"{name}"'
    number = number_sql(f"'{label.name}:' || key")
    return f"""
        INSERT INTO lookups
        SELECT '{label.name}', '{name}', value::VARCHAR, n
        FROM (SELECT {value} AS value, {number} AS n FROM incoming) WHERE value IS NOT NULL"""


def _edges_sql(edge_type: EdgeType, table: str) -> str:
    return f"""
        SELECT '{edge_type.name}' AS type, {number_sql("source")} AS source, {number_sql("target")} AS target,
            coalesce(key, '') AS key, probability, valid_from - DATE '1970-01-01' AS valid_from,
            valid_to - DATE '1970-01-01' AS valid_to, nullif(array_to_string(row_ids, ','), '') AS row_ids,
            coalesce(regions, '') AS regions, coalesce(departments, '') AS departments,
            {_json_sql(edge_type.properties)} AS properties
        FROM {table}"""


def _joined_edges_sql(edges: str) -> str:
    content = _content_sql(
        "type", "s.source", "s.target", "s.key", "probability", "valid_from", "valid_to", "row_ids", "s.properties",
        "access.who", "sx.who", "tx.who",
    )  # fmt: skip
    return f"""
        INSERT INTO edges
        SELECT type, s.source, s.target, s.key, access.a, sn.a, tn.a, probability, valid_from, valid_to, row_ids,
               s.properties, {content}
        FROM ({edges}) s
        JOIN access USING (regions, departments)
        JOIN ends sn ON sn.n = s.source
        JOIN ends tn ON tn.n = s.target
        JOIN access sx ON sx.a = sn.a
        JOIN access tx ON tx.a = tn.a"""
