"""Writing a delta to the embedded graph store, in one transaction of the caller's."""

import sqlite3
from dataclasses import replace

import numpy as np

from graph.contents import GraphHash
from graph.sqlite_schema import OPEN
from graph.sqlite_writer import record, recorded_publication, undo_to_current, write
from graph.staging import StagedDelta
from graph.store import DeltaRefusedError, GraphDelta, Publication


def publish_delta(
    db: sqlite3.Connection, generation: int, delta: GraphDelta, stage: StagedDelta
) -> Publication:
    """Write a delta against the current generation as a new generation.

    Raises:
        StoreError: See `GraphStore.publish_delta`.
    """
    current = undo_to_current(db, generation)
    recorded = None if current is None else recorded_publication(db, current)
    if recorded is not None and current == generation and recorded.graph_hash == delta.graph_hash:
        return replace(recorded, opened=0, closed=0)
    if recorded is None or current == generation or recorded.graph_hash != delta.base:
        raise delta_refused(generation, "the store holds another graph than the delta starts from")
    nodes, edges = _held_nodes(db, generation, stage), _held_edges(db, generation, stage)
    opened = write(db, generation, stage, [(v,) for v, _ in nodes], [(e,) for e, _ in edges])
    after = (
        GraphHash.parse(recorded.graph_hash)
        .minus(nodes=_second(nodes), edges=_second(edges))
        .plus(nodes=_contents(stage, "nodes"), edges=_contents(stage, "edges"))
    )
    if str(after) != delta.graph_hash:
        raise delta_refused(generation, "it does not lead to the graph it promises")
    published = Publication(
        generation,
        recorded.nodes + opened[0] - len(nodes),
        recorded.edges + opened[1] - len(edges),
        sum(opened),
        len(nodes) + len(edges),
        delta.graph_hash,
    )
    record(db, published)
    return published


def delta_refused(generation: int, why: str) -> DeltaRefusedError:
    """The error of a delta that does not fit."""
    return DeltaRefusedError(
        f"graph generation {generation} cannot be published as a delta: {why}",
        remedy="Publish the whole graph: guiyi publish does so by itself.",
    )


def _held_nodes(db: sqlite3.Connection, generation: int, stage: StagedDelta) -> list[tuple[int, int]]:
    """(version, content) of the nodes that a delta closes."""
    found: list[tuple[int, int]] = []
    for n, c in stage.database.execute("SELECT n, c FROM closed_nodes ORDER BY n").fetchall():
        row = db.execute(f"SELECT v, c FROM nodes WHERE n = ? AND t = {OPEN} AND c = ?", (n, c)).fetchone()
        if row is None:
            raise delta_refused(generation, f"it closes a node that the store does not hold (number {n})")
        found.append(row)
    return found


def _held_edges(db: sqlite3.Connection, generation: int, stage: StagedDelta) -> list[tuple[int, int]]:
    """(version, content) of the edges that a delta closes."""
    codes = {name: code for code, name in db.execute("SELECT code, name FROM names")}
    beside = (
        "SELECT edges.e, edges.c FROM adjacent CROSS JOIN edges ON edges.e = adjacent.e WHERE adjacent.n = ? "
        f"AND adjacent.type = ? AND adjacent.other = ? AND adjacent.t = {OPEN} AND edges.c = ?"
    )
    loop = (
        f"SELECT e, c FROM edges WHERE source = target AND source = ? AND type = ? AND t = {OPEN} AND c = ?"
    )
    found: list[tuple[int, int]] = []
    for name, source, target, c in stage.database.execute(
        "SELECT type, source, target, c FROM closed_edges ORDER BY source, type, target"
    ).fetchall():
        given = (source, codes.get(name), c) if source == target else (source, codes.get(name), target, c)
        row = db.execute(loop if source == target else beside, given).fetchone()
        if row is None:
            raise delta_refused(generation, f"it closes an edge of type {name} that the store does not hold")
        found.append(row)
    return found


def _second(pairs: list[tuple[int, int]]) -> np.ndarray:
    return np.array([second for _, second in pairs], dtype=np.int64)


def _contents(stage: StagedDelta, kind: str) -> np.ndarray:
    numbers = stage.database.execute(f"SELECT c FROM opened_{kind}").fetchnumpy()["c"]
    return np.asarray(numbers, dtype=np.int64)
