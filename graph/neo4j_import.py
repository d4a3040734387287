"""The first load of a graph by Neo4j's bulk import: files written by DuckDB, read while the server is stopped.

Only for a server of one's own (`graph.neo4j_server`) whose database is empty, since the import writes the whole
database. A load that is cut off leaves a mark, and the next start of the server throws away what there is of it.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from graph.neo4j_schema import OPEN, Names, is_number
from graph.neo4j_server import LOADING, Server, administer, stopped
from graph.schema import EDGES, NODES, Property, indexed_properties
from graph.staged_terms import stage_terms
from graph.staging import Stage

WORTHWHILE = 300_000
"""Nodes and edges from which on it is quicker than the driver, the restart of the server included."""

_BETWEEN = "chr(31)"  # of the elements of a list
_TYPES = {
    "text": "string",
    "texts": "string[]",
    "integer": "long",
    "number": "double",
    "flag": "boolean",
    "date": "date",
}


def load(server: Server, names: Names, stage: Stage, epoch: int, state: str) -> None:
    """Replace the empty database of a server by what a stage opens; the server is stopped meanwhile.

    Args:
        server: The server; it runs again afterwards.
        names: Names of the graph.
        stage: With `numbered_access` (who, w).
        epoch: In which nodes and edges begin.
        state: What the state is then to say.

    Raises:
        StoreError: The import fails; the database is empty again.
    """
    folder = server.folder / "load"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        arguments = [*_write_nodes(folder, names, stage, epoch), *_write_edges(folder, stage, epoch)]
        arguments += _write_state(folder, names, stage, state)
        with stopped(server):
            (server.folder / LOADING).touch()
            administer(
                server,
                ["database", "import", "full", "neo4j", "--overwrite-destination", "--id-type=actual",
                 "--array-delimiter=U+001F", "--bad-tolerance=0", f"--multiline-fields={str(has_lines(stage)).lower()}",
                 f"--report-file={folder / 'report'}", *arguments],
            )  # fmt: skip
            (server.folder / LOADING).unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def has_lines(stage: Stage) -> bool:
    """Whether any text that a stage opens has several lines; without, the import reads each file in several threads."""
    # In JSON text a line ends with a backslash and a letter.
    ends = ("contains(properties, chr(92) || 'n')", "contains(properties, chr(92) || 'r')",
            "contains(key, chr(10))", "contains(key, chr(13))")  # fmt: skip
    return any(
        stage.count(f"SELECT count(*) FROM {opened} WHERE {' OR '.join(ends)}")
        for opened in ("opened_nodes", "opened_edges")
    )


def _write_nodes(folder: Path, names: Names, stage: Stage, epoch: int) -> list[str]:
    stage.database.execute(
        "CREATE OR REPLACE TEMP TABLE found_by AS SELECT n, string_agg('X' || left(md5(label || '.' || property "
        f"|| '=' || value), 15), ' ') AS terms FROM opened_lookups WHERE NOT {_found_as_numbers()} GROUP BY n"
    )
    stage_terms(stage)
    # The ids of the nodes in the database, which have no more than 56 bits; stable numbers have 60.
    stage.database.execute(
        "CREATE OR REPLACE TEMP TABLE ids AS SELECT n, (SELECT count(*) FROM numbered_access) + row_number() OVER () "
        "AS i FROM opened_nodes"
    )
    arguments = []
    for (label,) in stage.database.execute("SELECT DISTINCT label FROM opened_nodes ORDER BY 1").fetchall():
        properties = NODES[label].properties
        columns = {
            ":ID": "i",
            "n:long": "opened_nodes.n",
            **_common(epoch),
            "key:string": "key",
            "terms:string": "nullif(concat_ws(' ', node_terms.terms, found_by.terms), '')",
            **_declared(properties),
        }
        query = (
            f"FROM {_parsed('opened_nodes', 'label', label, properties)} opened_nodes "
            "JOIN ids ON ids.n = opened_nodes.n JOIN numbered_access ON who = access "
            "LEFT JOIN found_by ON found_by.n = opened_nodes.n LEFT JOIN node_terms ON node_terms.n = opened_nodes.n"
        )
        arguments.append(f"--nodes={names.graph}:{label}={_copy(stage, folder / label, columns, query)}")
    return arguments


def _found_as_numbers() -> str:
    """Condition on a look-up: a search term finds it (`neo4j_schema.find_term`)."""
    numbers = [
        f"'{label}.{name}'" for label in NODES for name in indexed_properties(label) if is_number(label, name)
    ]
    return (
        f"(label || '.' || property IN ({', '.join(numbers)}) AND regexp_full_match(value, '[0-9A-Za-z]+'))"
    )


def _write_edges(folder: Path, stage: Stage, epoch: int) -> list[str]:
    arguments = []
    for (edge_type,) in stage.database.execute(
        "SELECT DISTINCT type FROM opened_edges ORDER BY 1"
    ).fetchall():
        columns = {
            ":START_ID": "s.i",
            ":END_ID": "o.i",
            **_common(epoch),
            "key:string": "nullif(key, '')",
            "probability:double": "probability",
            "valid_from:date": "DATE '1970-01-01' + valid_from",
            "valid_to:date": "DATE '1970-01-01' + valid_to",
            "row_ids:long[]": f"replace(row_ids, ',', {_BETWEEN})",
            **_declared(EDGES[edge_type].properties),
        }
        query = (
            f"FROM {_parsed('opened_edges', 'type', edge_type, EDGES[edge_type].properties)} opened_edges "
            "JOIN ids s ON s.n = source JOIN ids o ON o.n = target JOIN numbered_access "
            "ON who = access || '|' || source_access || '|' || target_access"
        )
        arguments.append(f"--relationships={edge_type}={_copy(stage, folder / edge_type, columns, query)}")
    return arguments


def _write_state(folder: Path, names: Names, stage: Stage, state: str) -> list[str]:
    """The numbers of who may see what, and the state: without it nothing of the load would be known to be there."""
    numbers = {":ID": "row_number() OVER ()", "w:long": "w", "who:string": "who"}
    access = _copy(stage, folder / "access", numbers, "FROM numbered_access")
    stage.database.register("state", pa.table({"state": [state]}))
    columns = {":ID": "0", "one:long": "1", "epoch:long": "0", "state:string": "state"}
    meta = _copy(stage, folder / "state", columns, "FROM state")
    stage.database.unregister("state")
    return [f"--nodes={names.access}={access}", f"--nodes={names.meta}={meta}"]


def _common(epoch: int) -> dict[str, str]:
    return {"f:long": str(epoch), "t:long": str(OPEN), "c:long": "c", "w:long": "w"}


def _parsed(opened: str, kind: str, name: str, properties: Sequence[Property]) -> str:
    """What is opened of one label or type, its declared properties, if it has any, out of the JSON text as `p`."""
    shape = json.dumps({p.name: ["VARCHAR"] if p.type == "texts" else "VARCHAR" for p in properties})
    p = f"json_transform(properties, '{shape}') AS p" if properties else "NULL AS p"
    return f"(SELECT *, {p} FROM {opened} WHERE {kind} = '{name}')"


def _declared(properties: Sequence[Property]) -> dict[str, str]:
    """Columns of declared properties."""
    columns = {}
    for p in properties:
        value = f'p."{p.name}"'
        columns[f"{p.name}:{_TYPES[p.type]}"] = (
            f"array_to_string({value}, {_BETWEEN})" if p.type == "texts" else value
        )
    return columns


def _copy(stage: Stage, path: Path, columns: dict[str, str], query: str) -> str:
    """Write columns to a file and their names to another; gives both as the import takes them."""
    header, data = path.with_suffix(".header.csv"), path.with_suffix(".csv")
    header.write_text(",".join(columns) + "\n", "utf-8")
    listed = ", ".join(columns.values())
    where = str(data).replace("'", "''")
    stage.database.execute(f"COPY (SELECT {listed} {query}) TO '{where}' (FORMAT csv, HEADER false)")
    return f"{header},{data}"
