"""The first load of the embedded graph store: a whole graph into empty tables.

Nodes and what they are found by are made by a second process in a file of its own meanwhile, and copied table by table.
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph.sqlite_edges import open_edges
from graph.sqlite_node_tables import DATABASE, SOURCES, make_node_tables
from graph.sqlite_schema import NODE_INDEX
from graph.staged_terms import stage_terms
from graph.staging import Stage
from resolver.errors import StoreError

WORTHWHILE = 100_000
"""Nodes from which on a second process is worth its start."""

_COPIED = ("nodes", "lookup", "search_config", "search_content", "search_data", "search_idx")


def load(db: sqlite3.Connection, generation: int, stage: Stage, folder: Path) -> tuple[int, int]:
    """Open what is staged, in tables that are empty; gives how many nodes and edges there are.

    Args:
        db: With the room of `sqlite_edges.attach`.
        generation: That the nodes and edges begin in.
        stage: With the numbers of `stage_codes`.
        folder: For temporary files.
    """
    stage_terms(stage)
    with _nodes_made(db, generation, stage, folder):
        edges = open_edges(db, generation, stage)
    return stage.count("SELECT count(*) FROM opened_nodes"), edges


@contextmanager
def _nodes_made(db: sqlite3.Connection, generation: int, stage: Stage, folder: Path) -> Iterator[None]:
    """Make the tables of nodes: in a second process during the block, or after it when that is not worthwhile."""
    if stage.count("SELECT count(*) FROM opened_nodes") < WORTHWHILE:
        yield
        make_node_tables(db, generation, lambda name: stage.batches(SOURCES[name]))
        return
    for name, query in SOURCES.items():
        path = str(folder / name).replace("'", "''")
        stage.database.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, COMPRESSION uncompressed)")
    child = subprocess.Popen(
        [sys.executable, "-m", "graph.sqlite_node_tables", str(folder), str(generation)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    with child:
        try:
            yield
            said = child.communicate()[1]
        finally:
            child.kill()
    if child.returncode != 0:
        raise StoreError(
            f"the nodes of the graph store cannot be written: {(said.splitlines() or ['it was ended'])[-1]}",
            remedy="Make more memory, or space on the disk of the workspace, then try again; nothing was changed.",
        )
    # Rows go over as they are, an index that both have with them, and full text by its own tables.
    db.execute(NODE_INDEX)
    db.execute("ATTACH ? AS made", (str(folder / DATABASE),))
    for table in _COPIED:
        db.execute(f"DELETE FROM main.{table}")
        db.execute(f"INSERT INTO main.{table} SELECT * FROM made.{table}")
