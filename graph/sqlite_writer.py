"""Writing a generation to the embedded graph store: what changed, in one transaction.

All functions work inside the caller's transaction, so a crash at any point leaves the generation before.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from graph.contents import hash_of
from graph.schema import NODES, is_searched
from graph.search_terms import index_terms
from graph.sqlite_schema import NODE_INDEX, OPEN
from graph.staging import Stage, Staging
from graph.store import Publication
from resolver.errors import StoreError

_FETCH = 100_000
_VERSIONED = ("nodes", "edges", "adjacent")


def current_generation(db: sqlite3.Connection) -> int | None:
    """The current generation; None = nothing was ever published."""
    current: int | None = db.execute("SELECT current FROM meta").fetchone()[0]
    return current


def publish(db: sqlite3.Connection, generation: int, staging: Staging) -> Publication:
    """Write the difference between the staged graph and the current generation as a new generation.

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
    first = db.execute("SELECT 1 FROM nodes LIMIT 1").fetchone() is None
    _stage_names(db, stage)
    _stage_access(db, stage)
    _close(db, generation, nodes, edges)
    if first:
        db.execute("DROP INDEX IF EXISTS nodes_n")
    opened_nodes = _open_nodes(db, generation, stage)
    _index_nodes(db, stage, first)
    db.execute(NODE_INDEX)
    opened_edges = _open_edges(db, generation, stage)
    _index_days(db)
    return opened_nodes, opened_edges


def _stage_names(db: sqlite3.Connection, stage: Stage) -> None:
    """Number labels, types and indexed properties; a number once given stays."""
    found = stage.database.execute(
        "SELECT DISTINCT label FROM opened_nodes UNION SELECT DISTINCT type FROM opened_edges "
        "UNION SELECT DISTINCT label || '.' || property FROM opened_lookups ORDER BY 1"
    ).fetchall()
    db.executemany("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING", found)
    known = db.execute("SELECT name, code FROM names").fetchall()
    stage.database.execute("CREATE TABLE names (name VARCHAR, code INTEGER)")
    stage.database.executemany("INSERT INTO names VALUES (?, ?)", known or [("", 0)])


def _stage_access(db: sqlite3.Connection, stage: Stage) -> None:
    """Number the combinations of regions and departments; a number once given stays."""
    texts = stage.database.execute(
        "SELECT DISTINCT access FROM opened_nodes UNION SELECT DISTINCT access FROM opened_edges "
        "UNION SELECT DISTINCT source_access FROM opened_edges UNION SELECT DISTINCT target_access FROM opened_edges "
        "ORDER BY 1"
    ).fetchall()
    found = [tuple(text.split("/")) for (text,) in texts]
    db.executemany("INSERT INTO access (regions, departments) VALUES (?, ?) ON CONFLICT DO NOTHING", found)
    rows = db.execute("SELECT regions || '/' || departments, a FROM access").fetchall()
    stage.database.register(
        "appended", pa.table({"access": [r[0] for r in rows], "stored": [r[1] for r in rows]})
    )
    stage.database.execute(
        "CREATE TABLE stored_access AS SELECT access::VARCHAR AS access, stored FROM appended"
    )
    stage.database.unregister("appended")


def _close(db: sqlite3.Connection, generation: int, nodes: Rows, edges: Rows) -> None:
    db.executemany(f"UPDATE nodes SET t = {generation} WHERE v = ?", nodes)
    for column, other in (("source", "target"), ("target", "source")):
        db.executemany(
            f"UPDATE adjacent SET t = {generation} FROM edges WHERE edges.e = ? AND adjacent.n = edges.{column} "
            f"AND adjacent.type = edges.type AND adjacent.other = edges.{other} AND adjacent.e = edges.e",
            edges,
        )
    db.executemany(f"UPDATE edges SET t = {generation} WHERE e = ?", edges)


def _open_nodes(db: sqlite3.Connection, generation: int, stage: Stage) -> int:
    opened = 0
    for columns in stage.batches(
        "SELECT n, c, code, stored, key, properties FROM opened_nodes JOIN names ON name = label "
        "JOIN stored_access USING (access) ORDER BY n"
    ):
        db.executemany(
            f"INSERT INTO nodes (n, f, t, c, label, a, key, properties) "
            f"VALUES (?, {generation}, {OPEN}, ?, ?, ?, ?, ?)",
            zip(*columns, strict=True),
        )
        opened += len(columns[0])
    return opened


def _index_nodes(db: sqlite3.Connection, stage: Stage, first: bool) -> None:
    for columns in stage.batches(
        "SELECT code, value, n FROM opened_lookups JOIN names ON name = label || '.' || property ORDER BY ALL"
    ):
        db.executemany(
            "INSERT INTO lookup VALUES (?, ?, ?) ON CONFLICT DO NOTHING", zip(*columns, strict=True)
        )
    labels = ", ".join(f"'{label}'" for label in NODES if is_searched(label))
    for columns in stage.batches(
        f"SELECT n, label, properties FROM opened_nodes WHERE label IN ({labels}) ORDER BY n"
    ):
        rows = zip(columns[0], map(_terms, columns[1], columns[2]), strict=True)
        if first:
            db.executemany("INSERT INTO search (rowid, terms) VALUES (?, ?)", rows)
        else:
            _add_terms(db, list(rows))


def _index_days(db: sqlite3.Connection) -> None:
    """Index what a facility provided by the day, once there is something."""
    row = db.execute("SELECT code FROM names WHERE name = 'PROVIDED_BY'").fetchone()
    if row is not None:
        db.execute(
            f"CREATE INDEX IF NOT EXISTS adjacent_day ON adjacent (n, valid_from) WHERE type = {row[0]}"
        )


def _terms(label: object, properties: object) -> str:
    return " ".join(index_terms(str(label), json.loads(str(properties or "{}"))))


def _add_terms(db: sqlite3.Connection, rows: Sequence[tuple[object, str]]) -> None:
    """Index nodes of which older versions may be indexed already: under the terms of both."""
    for n, terms in rows:
        held = db.execute("SELECT terms FROM search WHERE rowid = ?", (n,)).fetchone()
        if held is None:
            db.execute("INSERT INTO search (rowid, terms) VALUES (?, ?)", (n, terms))
        elif not set(terms.split()) <= (known := set(held[0].split())):
            merged = " ".join(sorted({*terms.split(), *known}))
            db.execute("INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)", (n, merged))


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
