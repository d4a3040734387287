"""Writing a generation to the embedded graph store: what changed, in one transaction.

All functions work inside the caller's transaction, so a crash at any point leaves the generation before.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from graph.contents import hash_of
from graph.sqlite_load import load
from graph.sqlite_node_tables import SOURCES, open_nodes, update_terms
from graph.sqlite_rows import stage_codes
from graph.sqlite_schema import NODE_INDEX, OPEN, index_days
from graph.staged_terms import stage_terms
from graph.staging import Stage, Staging
from graph.store import Publication
from resolver.errors import StoreError

_FETCH = 100_000
_VERSIONED = ("nodes", "edges", "adjacent")


def current_generation(db: sqlite3.Connection) -> int | None:
    """The current generation; None = nothing was ever published."""
    current: int | None = db.execute("SELECT current FROM meta").fetchone()[0]
    return current


def publish(db: sqlite3.Connection, generation: int, staging: Staging, folder: Path) -> Publication:
    """Write the difference between the staged graph and the current generation as a new generation.

    Args:
        db: With the file of `sqlite_load.attach`.
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
    closed = [
        staging.database.execute(f"SELECT held FROM held_{t} ANTI JOIN {t} USING (c) ORDER BY 1").fetchall()
        for t in ("nodes", "edges")
    ]
    if db.execute("SELECT 1 FROM nodes LIMIT 1").fetchone() is None:
        stage_codes(db, staging)
        opened = load(db, generation, staging, folder)
        index_days(db)
    else:
        opened = write(db, generation, staging, closed[0], closed[1])
    record(db, published := _whole(generation, staging, opened=sum(opened), closed=sum(map(len, closed))))
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
    _delete_versions(db, f"f > {generation}")
    for table in _VERSIONED:
        db.execute(f"UPDATE {table} SET t = {OPEN} WHERE t > ? AND t < {OPEN}", (generation,))
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
    _delete_versions(db, f"t <= {oldest}")
    return forgotten


def clear(db: sqlite3.Connection) -> None:
    """Remove everything that was ever published, but no number that a reader may still go by."""
    for table in (*_VERSIONED, "lookup", "search", "generations"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE meta SET current = NULL")


def visible_contents(db: sqlite3.Connection, table: str, generation: int) -> Iterator[np.ndarray]:
    """Content numbers of all nodes, or edges, of a generation."""
    cursor = db.execute(f"SELECT c FROM {table} WHERE f <= ? AND t > ?", (generation, generation))
    while rows := cursor.fetchmany(_FETCH):
        yield np.array(rows, dtype=np.int64)[:, 0]


def _delete_versions(db: sqlite3.Connection, condition: str) -> None:
    """Delete versions, and what the indexes hold of nodes that have no version left."""
    db.execute("DROP TABLE IF EXISTS temp.vanished")
    db.execute(f"CREATE TEMP TABLE vanished AS SELECT DISTINCT n FROM nodes WHERE {condition}")
    for table in _VERSIONED:
        db.execute(f"DELETE FROM {table} WHERE {condition}")
    db.execute("DELETE FROM vanished WHERE n IN (SELECT n FROM nodes)")
    db.execute("DELETE FROM search WHERE rowid IN (SELECT n FROM vanished)")
    db.execute("DELETE FROM lookup WHERE n IN (SELECT n FROM vanished)")
    db.execute("DROP TABLE temp.vanished")


def _stage_held(db: sqlite3.Connection, staging: Staging) -> None:
    """Give the staging the content numbers that the store holds open, with the rows that hold them."""
    for table, row in (("nodes", "v"), ("edges", "e")):
        staging.database.execute(f"DELETE FROM held_{table}")
        cursor = db.execute(f"SELECT c, {row} FROM {table} WHERE t = {OPEN}")
        while rows := cursor.fetchmany(_FETCH):
            numbers = np.array(rows, dtype=np.int64)
            _append(staging, f"held_{table}", {"c": numbers[:, 0], "held": numbers[:, 1]})


def _append(stage: Stage, table: str, columns: dict[str, np.ndarray]) -> None:
    stage.database.register("appended", pa.table(columns))
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


Rows = Sequence[tuple[int]]


def write(db: sqlite3.Connection, generation: int, stage: Stage, nodes: Rows, edges: Rows) -> tuple[int, int]:
    """Close versions (by their row numbers) and open what is staged; gives how many nodes and edges were opened."""
    stage_codes(db, stage)
    _close(db, generation, nodes, edges)
    opened_nodes = open_nodes(db, generation, stage.batches(SOURCES["nodes.parquet"]))
    _index_nodes(db, stage)
    db.execute(NODE_INDEX)
    opened_edges = _open_edges(db, generation, stage)
    index_days(db)
    return opened_nodes, opened_edges


def _close(db: sqlite3.Connection, generation: int, nodes: Rows, edges: Rows) -> None:
    db.executemany(f"UPDATE nodes SET t = {generation} WHERE v = ?", nodes)
    ends = db.execute(
        "SELECT edges.source, edges.type, edges.target, edges.e "
        "FROM json_each(?) AS closed CROSS JOIN edges ON edges.e = closed.value",
        (json.dumps([e for (e,) in edges]),),
    ).fetchall()
    adjacent = f"UPDATE adjacent SET t = {generation} WHERE n = ? AND type = ? AND other = ? AND e = ?"
    db.executemany(adjacent, sorted(ends))
    db.executemany(adjacent, sorted((target, kind, source, e) for source, kind, target, e in ends))
    db.executemany(f"UPDATE edges SET t = {generation} WHERE e = ?", sorted(edges))


def _index_nodes(db: sqlite3.Connection, stage: Stage) -> None:
    for columns in stage.batches(
        "SELECT code, value, n FROM opened_lookups JOIN names ON name = label || '.' || property ORDER BY ALL"
    ):
        db.executemany(
            "INSERT INTO lookup VALUES (?, ?, ?) ON CONFLICT DO NOTHING", zip(*columns, strict=True)
        )
    stage_terms(stage)
    update_terms(db, stage.batches(SOURCES["terms.parquet"]))


def _open_edges(db: sqlite3.Connection, generation: int, stage: Stage) -> int:
    next_edge = int(db.execute("SELECT coalesce(max(e), 0) + 1 FROM edges").fetchone()[0])
    contents: list[np.ndarray] = []
    for columns in stage.batches(
        "SELECT c, code, source, target, stored, nullif(key, ''), probability, valid_from, valid_to, row_ids, "
        "properties FROM opened_edges JOIN names ON name = type JOIN stored_access USING (access)"
    ):
        start = next_edge + sum(map(len, contents))
        db.executemany(
            f"INSERT INTO edges (e, f, t, c, type, source, target, a, key, probability, valid_from, valid_to, "
            f"row_ids, properties) VALUES (?, {generation}, {OPEN}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            zip(range(start, start + len(columns[0])), *columns, strict=True),
        )
        contents.append(np.array(columns[0], dtype=np.int64))
    opened = np.concatenate([np.empty(0, dtype=np.int64), *contents])
    stage.database.execute("CREATE TABLE numbered (c BIGINT, e BIGINT)")
    _append(stage, "numbered", {"c": opened, "e": np.arange(next_edge, next_edge + len(opened))})
    for columns in stage.batches(_ADJACENT):
        db.executemany(
            f"INSERT INTO adjacent (n, type, other, e, f, t, a, other_a, valid_from, valid_to) "
            f"VALUES (?, ?, ?, ?, {generation}, {OPEN}, ?, ?, ?, ?)",
            zip(*columns, strict=True),
        )
    return len(opened)


_ADJACENT = """
    WITH opened AS (
        SELECT source, target, code, e, own.stored AS a, s.stored AS source_a, t.stored AS target_a,
               valid_from, valid_to
        FROM opened_edges JOIN numbered USING (c) JOIN names ON name = type
        JOIN stored_access own ON own.access = opened_edges.access
        JOIN stored_access s ON s.access = source_access
        JOIN stored_access t ON t.access = target_access
        WHERE source <> target)
    SELECT source AS n, code, target AS other, e, a, target_a AS other_a, valid_from, valid_to FROM opened
    UNION ALL
    SELECT target, code, source, e, a, source_a, valid_from, valid_to FROM opened
    ORDER BY n, code, other, e"""
