"""From one month's projected graph to the next, as a delta; see `docs/decisions/0011-graph-delta.md`.

Rows are compared with a *record* of the last projection, and only those that differ are brought into the form of a
store, so a month costs what changed, not what there is.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from graph.comparison import Comparison
from graph.contents import GraphHash, hash_of
from graph.staging import Staging, staging_errors
from graph.store import GraphData, GraphDelta

FORMAT = f"1, DuckDB {duckdb.__version__}"
"""Records of another format are not compared with: the hashes in them are DuckDB's own."""

_HEAD = "record.json"
_OPENED = {
    "nodes": "n, label, key, access, properties, c",
    "edges": "type, source, target, key, access, source_access, target_access, probability, valid_from, valid_to, "
    "row_ids, properties, c",
    "lookups": "label, property, value, n",
}


@dataclass(frozen=True)
class Record:
    """What is on record of one graph.

    Attributes:
        folder: Where it is.
        graph_hash: Of the graph.
    """

    folder: Path
    graph_hash: str

    @staticmethod
    def read(folder: Path, graph_hash: str | None) -> "Record | None":
        """The record in a folder, if there is one of this very graph that can be compared with."""
        try:
            head = json.loads((folder / _HEAD).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if graph_hash is None or head != {"format": FORMAT, "graph_hash": graph_hash}:
            return None
        return Record(folder, graph_hash)

    def replace(self, folder: Path) -> "Record":
        """Put this record in the place of another one; a crash in between leaves none there."""
        (folder / _HEAD).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(self.folder, folder)
        head = {"format": FORMAT, "graph_hash": self.graph_hash}
        (folder / _HEAD).write_text(json.dumps(head), "utf-8")
        return Record(folder, self.graph_hash)


def delta_between(old: Record, data: GraphData, folder: Path) -> tuple[GraphDelta, Record]:
    """What turns the graph on record into a projected one.

    Args:
        old: The graph before.
        data: The graph after.
        folder: For the record of it (made when missing, else empty), and for what does not fit into memory meanwhile.

    Returns:
        The delta, and the record of the graph after.

    Raises:
        StoreError: `data` is not well formed (see `Staging`), or there is too little memory or disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with staging_errors(), Comparison(data, old.folder, folder) as comparison:
        changed = comparison.changed()
        with Staging(changed, folder, comparison.ends()) as staging:
            opened = {
                name: staging.database.sql(f"SELECT {columns} FROM opened_{name}").to_arrow_table()
                for name, columns in _OPENED.items()
            }
        closed = {kind: comparison.closed(kind) for kind in ("nodes", "edges")}
        comparison.note(changed, opened["nodes"], opened["edges"])
        comparison.write(folder)
    after = (
        GraphHash.parse(old.graph_hash)
        .minus(nodes=_contents(closed["nodes"]), edges=_contents(closed["edges"]))
        .plus(nodes=_contents(opened["nodes"]), edges=_contents(opened["edges"]))
    )
    delta = GraphDelta(
        old.graph_hash, str(after), **opened, closed_nodes=closed["nodes"], closed_edges=closed["edges"]
    )
    return delta, Record(folder, str(after))


def record_of(data: GraphData, folder: Path) -> Record:
    """The record of a graph of which nothing is on record yet, made in an empty or missing folder.

    Raises:
        StoreError: As `delta_between`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with staging_errors(), Comparison(data, None, folder) as comparison:
        with Staging(data, folder) as staging:
            nodes = staging.database.sql("SELECT n, label, key, c FROM nodes").to_arrow_table()
            edges = staging.database.sql("SELECT type, source, target, key, c FROM edges").to_arrow_table()
        comparison.note(data, nodes, edges)
        comparison.write(folder)
    return Record(folder, hash_of([_contents(nodes)], [_contents(edges)]))


def _contents(table: pa.Table) -> np.ndarray:
    numbers: np.ndarray = table["c"].to_numpy()
    return numbers
