"""Writing a generation to the embedded graph store: what changed, in one transaction.

All functions work inside the caller's transaction, so a crash at any point leaves the generation before.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from graph.contents import hash_of
from graph.sqlite_edges import open_edges
from graph.sqlite_load import load
from graph.sqlite_node_tables import SOURCES, open_nodes, update_terms
from graph.sqlite_rows import insert_rows, stage_codes
from graph.sqlite_schema import NODE_INDEX, OPEN, index_days, still_held
from graph.staged_terms import stage_terms
from graph.staging import Stage, Staging
from graph.store import Publication
from resolver.errors import StoreError

_FETCH = 100_000
_TABLES = ("nodes", "edges", "ended_nodes", "ended_edges", "adjacent", "lookup", "search", "generations")


def current_generation(db: sqlite3.Connection) -> int | None:
    """The current generation; None = nothing was ever published."""
    current: int | None = db.execute("SELECT current FROM meta").fetchone()[0]
    return current


def publish(db: sqlite3.Connection, generation: int, staging: Staging, folder: Path) -> Publication:
    """Write the difference between the staged graph and the current generation as a new generation.

    Args:
        db: With the room of `sqlite_edges.attach`.
        generation: The new one, or the current one again.
        staging: The whole graph.
        folder: For temporary files.

    Raises:
        StoreError: The generation is older than the current one.
    """
    current = undo_to_current(db, generation)
    _stage_held(db, staging)
    if current == generation:
        if _same(staging):
            record(db, published := _whole(generation, staging, opened=0, closed=0))
            return published
        undo_above(db, generation - 1)
        _stage_held(db, staging)
    nodes, edges = (
        [
            held
            for (held,) in staging.database.execute(
                f"SELECT held FROM held_{table} ANTI JOIN {table} USING (c) ORDER BY 1"
            ).fetchall()
        ]
        for table in ("nodes", "edges")
    )
    if db.execute("SELECT 1 FROM nodes LIMIT 1").fetchone() is None:
        stage_codes(db, staging)
        opened = load(db, generation, staging, folder)
        index_days(db)
    else:
        opened = write(db, generation, staging, nodes, _ends(db, edges))
    done = _whole(generation, staging, opened=sum(opened), closed=len(nodes) + len(edges))
    record(db, published := done)
    return published


def recorded_publication(db: sqlite3.Connection, generation: int) -> Publication | None:
    """What was noted when a generation was published; None = nothing."""
    row = db.execute("SELECT nodes, edges, hash FROM generations WHERE g = ?", (generation,)).fetchone()
    return None if row is None or row[2] is None else Publication(generation, row[0], row[1], 0, 0, row[2])


def undo_to_current(db: sqlite3.Connection, generation: int) -> int | None:
    """Undo what lies above the current generation, and give that; an older one cannot be published."""
    current = current_generation(db)
    if current is not None and generation < current:
        raise StoreError(
            f"graph generation {generation} is older than the current one, {current}",
            remedy="Roll the pointer back first, or publish a newer generation.",
        )
    if current is not None:
        undo_above(db, current)
    return current


def record(db: sqlite3.Connection, done: Publication) -> None:
    """Note what was published, and make it the current generation."""
    db.execute("INSERT OR IGNORE INTO generations (g) VALUES (?)", (done.generation,))
    db.execute(
        "UPDATE generations SET hash = ?, nodes = ?, edges = ? WHERE g = ?",
        (done.graph_hash, done.nodes, done.edges, done.generation),
    )
    db.execute("UPDATE meta SET current = ?", (done.generation,))


def undo_above(db: sqlite3.Connection, generation: int) -> None:
    """Take back every generation above one: what it opened goes, what it closed is open again."""
    if not db.execute("SELECT 1 FROM generations WHERE g > ?", (generation,)).fetchone():
        return
    _delete_versions(
        db, f"SELECT v FROM nodes WHERE f > {generation}", f"SELECT e FROM edges WHERE f > {generation}"
    )
    for table in ("ended_nodes", "ended_edges"):
        db.execute(f"DELETE FROM {table} WHERE t > ?", (generation,))
    db.execute(f"UPDATE adjacent SET t = {OPEN} WHERE t > ? AND t < {OPEN}", (generation,))
    db.execute("DELETE FROM generations WHERE g > ?", (generation,))


def collect_garbage(db: sqlite3.Connection, keep: int) -> tuple[int, ...]:
    """Forget generations; see `GraphStore.collect_garbage`."""
    current = current_generation(db)
    if current is None:
        return ()
    rows = db.execute("SELECT g FROM generations WHERE g <= ? ORDER BY g DESC", (current,))
    up_to_current = [row[0] for row in rows]
    forgotten = tuple(sorted(up_to_current[max(keep, 1) :]))
    if not forgotten:
        return ()
    oldest = up_to_current[max(keep, 1) - 1]
    db.execute("DELETE FROM generations WHERE g < ?", (oldest,))
    _delete_versions(
        db, f"SELECT v FROM ended_nodes WHERE t <= {oldest}", f"SELECT e FROM ended_edges WHERE t <= {oldest}"
    )
    return forgotten


def clear(db: sqlite3.Connection) -> None:
    """Remove everything that was ever published, but no number that a reader may still go by."""
    for table in _TABLES:
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE meta SET current = NULL")


def visible_contents(db: sqlite3.Connection, table: str, generation: int) -> Iterator[np.ndarray]:
    """Content numbers of all nodes, or edges, of a generation."""
    cursor = db.execute(f"SELECT c FROM {table} WHERE f <= {generation} AND {still_held(table, generation)}")
    while rows := cursor.fetchmany(_FETCH):
        yield np.array(rows, dtype=np.int64)[:, 0]


def _delete_versions(db: sqlite3.Connection, nodes: str, edges: str) -> None:
    """Delete the versions that two queries give, and what the indexes hold of nodes that have no version left."""
    for name in ("leaving_nodes", "leaving_edges", "vanished"):
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE leaving_nodes AS {nodes}")
    db.execute(
        f"CREATE TEMP TABLE leaving_edges AS SELECT e, type, source, target FROM edges WHERE e IN ({edges})"
    )
    db.execute(
        "CREATE TEMP TABLE vanished AS SELECT DISTINCT n FROM nodes WHERE v IN (SELECT v FROM leaving_nodes)"
    )
    db.execute(
        "DELETE FROM adjacent WHERE (n, type, other, e) IN (SELECT source, type, target, e FROM leaving_edges "
        "UNION ALL SELECT target, type, source, e FROM leaving_edges)"
    )
    for table, row in (("nodes", "v"), ("edges", "e")):
        for versions in (table, f"ended_{table}"):
            db.execute(f"DELETE FROM {versions} WHERE {row} IN (SELECT {row} FROM leaving_{table})")
    db.execute("DELETE FROM vanished WHERE n IN (SELECT n FROM nodes)")
    db.execute("DELETE FROM search WHERE rowid IN (SELECT n FROM vanished)")
    db.execute("DELETE FROM lookup WHERE n IN (SELECT n FROM vanished)")
    for name in ("leaving_nodes", "leaving_edges", "vanished"):
        db.execute(f"DROP TABLE temp.{name}")


def _stage_held(db: sqlite3.Connection, staging: Staging) -> None:
    """Give the staging the content numbers that the store holds open, with the rows that hold them."""
    for table, row in (("nodes", "v"), ("edges", "e")):
        staging.database.execute(f"DELETE FROM held_{table}")
        cursor = db.execute(f"SELECT c, {row} FROM {table} WHERE {still_held(table)}")
        while rows := cursor.fetchmany(_FETCH):
            numbers = np.array(rows, dtype=np.int64)
            _append(staging, f"held_{table}", {"c": numbers[:, 0], "held": numbers[:, 1]})


def _stage_ended(db: sqlite3.Connection, stage: Stage, nodes: list[int]) -> None:
    """Give the stage the versions of nodes that end, as the table `ended`: what they are found by is indexed."""
    stage.database.execute("CREATE TABLE ended (n BIGINT, label VARCHAR, properties VARCHAR)")
    cursor = db.execute(
        "SELECT n, name, properties FROM (SELECT value FROM json_each(?)) AS closed "
        "CROSS JOIN nodes ON v = closed.value JOIN names ON code = label",
        (json.dumps(nodes),),
    )
    while rows := cursor.fetchmany(_FETCH):
        _append(stage, "ended", dict(zip(("n", "label", "properties"), zip(*rows, strict=True), strict=True)))


def _append(stage: Stage, table: str, columns: Mapping[str, np.ndarray | Sequence[object]]) -> None:
    stage.database.register("appended", pa.table({**columns}))
    stage.database.execute(f"INSERT INTO {table} SELECT * FROM appended")
    stage.database.unregister("appended")


def _same(staging: Staging) -> bool:
    return all(
        staging.count(f"SELECT count(*) FROM {left} ANTI JOIN {right} USING (c)") == 0
        for table in ("nodes", "edges")
        for left, right in ((table, f"held_{table}"), (f"held_{table}", table))
    )


def _whole(generation: int, staging: Staging, *, opened: int, closed: int) -> Publication:
    nodes, edges = (
        np.asarray(staging.database.execute(f"SELECT c FROM {table}").fetchnumpy()["c"])
        for table in ("nodes", "edges")
    )
    return Publication(generation, len(nodes), len(edges), opened, closed, hash_of([nodes], [edges]))


EdgeVersion = tuple[int, int, int, int]
"""Source, type and target of an edge as numbers, and its row."""


def write(
    db: sqlite3.Connection, generation: int, stage: Stage, nodes: list[int], edges: list[EdgeVersion]
) -> tuple[int, int]:
    """Close versions and open what is staged; gives how many nodes and edges were opened.

    Args:
        db: With the room of `sqlite_edges.attach`.
        generation: The new one.
        stage: What to open.
        nodes: Rows of the nodes to close.
        edges: The edges to close.
    """
    stage_codes(db, stage)
    _close(db, generation, nodes, edges)
    _stage_ended(db, stage, nodes)
    opened_nodes = open_nodes(db, generation, stage.batches(SOURCES["nodes.parquet"]))
    _index_nodes(db, stage)
    db.execute(NODE_INDEX)
    opened_edges = open_edges(db, generation, stage)
    index_days(db)
    return opened_nodes, opened_edges


def _ends(db: sqlite3.Connection, edges: list[int]) -> list[EdgeVersion]:
    return db.execute(
        "SELECT edges.source, edges.type, edges.target, edges.e "
        "FROM json_each(?) AS closed CROSS JOIN edges ON edges.e = closed.value",
        (json.dumps(edges),),
    ).fetchall()


def _close(db: sqlite3.Connection, generation: int, nodes: list[int], edges: list[EdgeVersion]) -> None:
    end = f"(?, {generation})"
    insert_rows(db, "INSERT INTO ended_nodes VALUES", end, [sorted(nodes)])
    insert_rows(db, "INSERT INTO ended_edges VALUES", end, [sorted(e for *_, e in edges)])
    adjacent = f"UPDATE adjacent SET t = {generation} WHERE n = ? AND type = ? AND other = ? AND e = ?"
    there: Iterable[EdgeVersion] = ((target, kind, source, e) for source, kind, target, e in edges)
    db.executemany(adjacent, sorted([*edges, *there]))


def _index_nodes(db: sqlite3.Connection, stage: Stage) -> None:
    for columns in stage.batches(SOURCES["lookups.parquet"]):
        insert_rows(db, "INSERT OR IGNORE INTO lookup VALUES", "(?, ?, ?)", columns)
    stage_terms(stage, "ended")
    update_terms(db, stage.batches(SOURCES["terms.parquet"]))
