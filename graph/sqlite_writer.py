"""Writing a generation to the embedded graph store: what changed, in one transaction.

All functions work inside the caller's transaction, so a crash at any point leaves the generation before.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from graph.schema import NODES, is_searched
from graph.search_terms import index_terms
from graph.sqlite_schema import NODE_INDEX, OPEN
from graph.staging import Staging, content_hash
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
    current = current_generation(db)
    if current is not None and generation < current:
        raise StoreError(
            f"graph generation {generation} is older than the current one, {current}",
            remedy="Roll the pointer back first, or publish a newer generation.",
        )
    if current is not None:
        undo_above(db, current)
    _stage_held(db, staging)
    if current == generation:
        if _same(staging):
            return _publication(generation, staging, opened=0, closed=0)
        undo_above(db, generation - 1)
        _stage_held(db, staging)
    return _write(db, generation, staging)


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


def visible_contents(db: sqlite3.Connection, generation: int) -> Iterator[np.ndarray]:
    """Content numbers of all nodes and edges of a generation; those of edges are complemented to differ."""
    for table in ("nodes", "edges"):
        cursor = db.execute(f"SELECT c FROM {table} WHERE f <= ? AND t > ?", (generation, generation))
        while rows := cursor.fetchmany(_FETCH):
            numbers = np.array(rows, dtype=np.int64)[:, 0]
            yield numbers if table == "nodes" else ~numbers


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
        staging.database.execute(f"CREATE OR REPLACE TABLE held_{table} (c BIGINT, held BIGINT)")
        cursor = db.execute(f"SELECT c, {row} FROM {table} WHERE t = {OPEN}")
        while rows := cursor.fetchmany(_FETCH):
            numbers = np.array(rows, dtype=np.int64)
            _append(staging, f"held_{table}", {"c": numbers[:, 0], "held": numbers[:, 1]})


def _append(staging: Staging, table: str, columns: dict[str, np.ndarray]) -> None:
    staging.database.register("appended", pa.table(columns))
    staging.database.execute(f"INSERT INTO {table} SELECT * FROM appended")
    staging.database.unregister("appended")


def _same(staging: Staging) -> bool:
    return all(
        staging.count(f"SELECT count(*) FROM {left} ANTI JOIN {right} USING (c)") == 0
        for table in ("nodes", "edges")
        for left, right in ((table, f"held_{table}"), (f"held_{table}", table))
    )


def _publication(generation: int, staging: Staging, *, opened: int, closed: int) -> Publication:
    nodes, edges = (
        np.asarray(staging.database.execute(f"SELECT c FROM {table}").fetchnumpy()["c"])
        for table in ("nodes", "edges")
    )
    return Publication(generation, len(nodes), len(edges), opened, closed, content_hash((nodes, ~edges)))


def _write(db: sqlite3.Connection, generation: int, staging: Staging) -> Publication:
    first = db.execute("SELECT 1 FROM nodes LIMIT 1").fetchone() is None
    _stage_names(db, staging)
    _stage_access(db, staging)
    closed = _close(db, generation, staging)
    if first:
        db.execute("DROP INDEX IF EXISTS nodes_n")
    opened = _open_nodes(db, generation, staging)
    _index_nodes(db, staging, first)
    db.execute(NODE_INDEX)
    opened += _open_edges(db, generation, staging)
    db.execute("INSERT INTO generations VALUES (?)", (generation,))
    db.execute("UPDATE meta SET current = ?", (generation,))
    return _publication(generation, staging, opened=opened, closed=closed)


def _stage_names(db: sqlite3.Connection, staging: Staging) -> None:
    """Number labels, types and indexed properties; a number once given stays."""
    found = staging.database.execute(
        "SELECT DISTINCT label FROM nodes UNION SELECT DISTINCT type FROM edges "
        "UNION SELECT DISTINCT label || '.' || property FROM lookups ORDER BY 1"
    ).fetchall()
    db.executemany("INSERT INTO names (name) VALUES (?) ON CONFLICT DO NOTHING", found)
    known = db.execute("SELECT name, code FROM names").fetchall()
    staging.database.execute("CREATE TABLE names (name VARCHAR, code INTEGER)")
    staging.database.executemany("INSERT INTO names VALUES (?, ?)", known or [("", 0)])


def _stage_access(db: sqlite3.Connection, staging: Staging) -> None:
    """Number the combinations of regions and departments; a number once given stays."""
    found = staging.database.execute("SELECT regions, departments FROM access ORDER BY a").fetchall()
    db.executemany("INSERT INTO access (regions, departments) VALUES (?, ?) ON CONFLICT DO NOTHING", found)
    rows = db.execute("SELECT a, regions, departments FROM access")
    numbers = {(regions, departments): a for a, regions, departments in rows}
    staging.database.execute("CREATE TABLE stored_access (a INTEGER, stored INTEGER)")
    stored = np.array([numbers[pair] for pair in found], dtype=np.int64)
    _append(staging, "stored_access", {"a": np.arange(1, len(found) + 1), "stored": stored})


def _close(db: sqlite3.Connection, generation: int, staging: Staging) -> int:
    nodes, edges = (
        staging.database.execute(f"SELECT held FROM held_{t} ANTI JOIN {t} USING (c) ORDER BY 1").fetchall()
        for t in ("nodes", "edges")
    )
    db.executemany(f"UPDATE nodes SET t = {generation} WHERE v = ?", nodes)
    for column, other in (("source", "target"), ("target", "source")):
        db.executemany(
            f"UPDATE adjacent SET t = {generation} FROM edges WHERE edges.e = ? AND adjacent.n = edges.{column} "
            f"AND adjacent.type = edges.type AND adjacent.other = edges.{other} AND adjacent.e = edges.e",
            edges,
        )
    db.executemany(f"UPDATE edges SET t = {generation} WHERE e = ?", edges)
    return len(nodes) + len(edges)


def _open_nodes(db: sqlite3.Connection, generation: int, staging: Staging) -> int:
    staging.database.execute(
        "CREATE TABLE opened_nodes AS SELECT nodes.* FROM nodes ANTI JOIN held_nodes USING (c)"
    )
    opened = 0
    for columns in staging.batches(
        "SELECT n, c, code, stored, key, properties FROM opened_nodes JOIN names ON name = label "
        "JOIN stored_access USING (a) ORDER BY n"
    ):
        db.executemany(
            f"INSERT INTO nodes (n, f, t, c, label, a, key, properties) "
            f"VALUES (?, {generation}, {OPEN}, ?, ?, ?, ?, ?)",
            zip(*columns, strict=True),
        )
        opened += len(columns[0])
    return opened


def _index_nodes(db: sqlite3.Connection, staging: Staging, first: bool) -> None:
    for columns in staging.batches(
        "SELECT code, value, n FROM lookups SEMI JOIN opened_nodes USING (n) "
        "JOIN names ON name = label || '.' || property ORDER BY ALL"
    ):
        db.executemany(
            "INSERT INTO lookup VALUES (?, ?, ?) ON CONFLICT DO NOTHING", zip(*columns, strict=True)
        )
    labels = ", ".join(f"'{label}'" for label in NODES if is_searched(label))
    for columns in staging.batches(
        f"SELECT n, label, properties FROM opened_nodes WHERE label IN ({labels}) ORDER BY n"
    ):
        rows = zip(columns[0], map(_terms, columns[1], columns[2]), strict=True)
        if first:
            db.executemany("INSERT INTO search (rowid, terms) VALUES (?, ?)", rows)
        else:
            _add_terms(db, list(rows))


def _terms(label: object, properties: object) -> str:
    return " ".join(index_terms(str(label), json.loads(str(properties or "{}"))))


def _add_terms(db: sqlite3.Connection, rows: Sequence[tuple[object, str]]) -> None:
    """Index nodes of which older versions may be indexed already: under the terms of both."""
    for n, terms in rows:
        held = db.execute("SELECT terms FROM search WHERE rowid = ?", (n,)).fetchone()
        merged = " ".join(sorted({*terms.split(), *held[0].split()})) if held else terms
        if held is None or merged != held[0]:
            db.execute("INSERT OR REPLACE INTO search (rowid, terms) VALUES (?, ?)", (n, merged))


def _open_edges(db: sqlite3.Connection, generation: int, staging: Staging) -> int:
    next_edge = int(db.execute("SELECT coalesce(max(e), 0) + 1 FROM edges").fetchone()[0])
    contents: list[np.ndarray] = []
    for columns in staging.batches(
        "SELECT c, code, source, target, stored, nullif(key, ''), probability, valid_from, valid_to, row_ids, "
        "properties FROM edges ANTI JOIN held_edges USING (c) JOIN names ON name = type "
        "JOIN stored_access USING (a)"
    ):
        start = next_edge + sum(map(len, contents))
        db.executemany(
            f"INSERT INTO edges (e, f, t, c, type, source, target, a, key, probability, valid_from, valid_to, "
            f"row_ids, properties) VALUES (?, {generation}, {OPEN}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            zip(range(start, start + len(columns[0])), *columns, strict=True),
        )
        contents.append(np.array(columns[0], dtype=np.int64))
    opened = np.concatenate([np.empty(0, dtype=np.int64), *contents])
    staging.database.execute("CREATE TABLE numbered (c BIGINT, e BIGINT)")
    _append(staging, "numbered", {"c": opened, "e": np.arange(next_edge, next_edge + len(opened))})
    for columns in staging.batches(_ADJACENT):
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
        FROM edges JOIN numbered USING (c) JOIN names ON name = type
        JOIN stored_access own ON own.a = edges.a
        JOIN stored_access s ON s.a = source_a
        JOIN stored_access t ON t.a = target_a
        WHERE source <> target)
    SELECT source AS n, code, target AS other, e, a, target_a AS other_a, valid_from, valid_to FROM opened
    UNION ALL
    SELECT target, code, source, e, a, source_a, valid_from, valid_to FROM opened
    ORDER BY n, code, other, e"""
