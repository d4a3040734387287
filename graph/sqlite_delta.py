"""Writing a delta to the embedded graph store, in one transaction of the caller's."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from graph.contents import GraphHash
from graph.sqlite_rows import insert_rows
from graph.sqlite_schema import OPEN, still_held
from graph.sqlite_writer import EdgeVersion, record, recorded_publication, undo_to_current, write
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
    opened = write(db, generation, stage, [v for _, v in nodes], [edge for _, edge in edges])
    after = (
        GraphHash.parse(recorded.graph_hash)
        .minus(nodes=_numbers(c for c, _ in nodes), edges=_numbers(c for c, _ in edges))
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
    """(content, row) of the nodes that a delta closes."""
    db.execute("CREATE TABLE loading.closed_nodes (n INTEGER, c INTEGER)")
    for columns in stage.batches("SELECT n, c FROM closed_nodes ORDER BY n"):
        insert_rows(db, "INSERT INTO loading.closed_nodes VALUES", "(?, ?)", columns)
    found = db.execute(
        "SELECT closed.n, closed.c, (SELECT v FROM nodes WHERE nodes.n = closed.n AND nodes.c = closed.c "
        f"AND {still_held('nodes')}) FROM loading.closed_nodes AS closed"
    ).fetchall()
    for n, _, v in found:
        if v is None:
            raise delta_refused(generation, f"it closes a node that the store does not hold (number {n})")
    return [(c, v) for _, c, v in found]


def _held_edges(db: sqlite3.Connection, generation: int, stage: StagedDelta) -> list[tuple[int, EdgeVersion]]:
    """(content, edge) of the edges that a delta closes."""
    codes = {name: code for code, name in db.execute("SELECT code, name FROM names")}
    db.execute("CREATE TABLE loading.closed_edges (source INTEGER, type INTEGER, target INTEGER, c INTEGER)")
    for types, *columns in stage.batches(
        "SELECT type, source, target, c FROM closed_edges ORDER BY source, type, target"
    ):
        source, target, c = columns
        coded = [codes.get(str(name)) for name in types]
        insert_rows(db, "INSERT INTO loading.closed_edges VALUES", "(?, ?, ?, ?)", [source, coded, target, c])
    beside = (
        "SELECT edges.e FROM adjacent CROSS JOIN edges ON edges.e = adjacent.e WHERE adjacent.n = closed.source "
        "AND adjacent.type = closed.type AND adjacent.other = closed.target "
        f"AND adjacent.t = {OPEN} AND edges.c = closed.c"
    )
    loop = (
        "SELECT e FROM edges WHERE edges.source = edges.target AND edges.source = closed.source "
        f"AND edges.type = closed.type AND edges.c = closed.c AND {still_held('edges')}"
    )
    found = db.execute(
        f"SELECT c, source, type, target, CASE WHEN source = target THEN ({loop}) ELSE ({beside}) END "
        "FROM loading.closed_edges AS closed"
    ).fetchall()
    if any(edge[-1] is None for edge in found):
        code = next(edge[2] for edge in found if edge[-1] is None)
        name = next((name for name, known in codes.items() if known == code), "that is new to it")
        raise delta_refused(generation, f"it closes an edge of type {name} that the store does not hold")
    return [(c, (source, kind, target, e)) for c, source, kind, target, e in found]


def _numbers(contents: Iterable[int]) -> np.ndarray:
    return np.fromiter(contents, dtype=np.int64)


def _contents(stage: StagedDelta, kind: str) -> np.ndarray:
    numbers = stage.database.execute(f"SELECT c FROM opened_{kind}").fetchnumpy()["c"]
    return np.asarray(numbers, dtype=np.int64)
