"""Writing a generation to Neo4j: what changed, invisible to readers until the state is flipped.

Everything is written in the next epoch, in transactions of some thousand rows; readers of earlier epochs see none
of it. A crash at any point leaves the state as it was, marked unclean, and the next write begins by undoing what is
in later epochs.

A changed node is a new version, to which its unchanged edges move: they end with the old version and begin again
with the new one.
"""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from graph.neo4j_connection import Connection, rows
from graph.neo4j_generations import Generations, read_generations, write_generations
from graph.neo4j_schema import OPEN, Names, edge_properties, node_properties
from graph.staging import Staging, content_hash
from graph.store import Publication
from resolver.errors import StoreError

BATCH = 10_000  # rows a transaction: fewer are slower, more need more heap
_SESSIONS = 4


class Writer:
    """One writing call on a graph; the caller sees to it that there is one at a time."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._state = connection.read(lambda session: read_generations(session, names))

    def publish(self, generation: int, staging: Staging) -> Publication:
        """Write the difference between the staged graph and the current generation as a new generation.

        Raises:
            StoreError: The generation is older than the current one, or the server cannot do it.
        """
        current = self._state.current
        if current is not None and generation < current:
            raise StoreError(
                f"graph generation {generation} is older than the current one, {current}",
                remedy="Roll the pointer back first, or publish a newer generation.",
            )
        self._undo_above(self._state.current_epoch)
        first = self._state.last == 0
        if first:
            self._make_schema(*self._names.constraints[1:3])
        self._stage_held(staging)
        if current == generation and _same(staging):
            return _publication(generation, staging, opened=0, closed=0)
        return self._write(generation, staging, first)

    def abort(self, generation: int) -> None:
        """Undo a generation above the current one, and later ones.

        Raises:
            StoreError: It is the current one or older.
        """
        current = self._state.current
        if current is not None and generation <= current:
            raise StoreError(
                f"graph generation {generation} cannot be aborted: the current one is {current}",
                remedy="Roll the pointer back first.",
            )
        self._undo_above(max([0, *(e for g, e in self._state.epochs.items() if g < generation)]))

    def set_current(self, generation: int) -> None:
        """Move the pointer to a generation that is kept."""
        self._set(replace(self._state, current=generation))

    def collect_garbage(self, keep: int) -> tuple[int, ...]:
        """Forget generations; see `GraphStore.collect_garbage`."""
        current = self._state.current
        if current is None:
            return ()
        up_to_current = sorted(g for g in self._state.epochs if g <= current)
        forgotten = tuple(up_to_current[: -max(keep, 1)])
        if not forgotten:
            return ()
        kept = {g: e for g, e in self._state.epochs.items() if g not in forgotten}
        self._set(replace(self._state, epochs=kept))
        self._delete("x.t <= $e", min(kept.values()))
        return forgotten

    def clear(self) -> None:
        """Remove the whole graph."""
        self._set(Generations(last=self._state.last, unclean=True, origin=self._state.origin))
        self._undo_above(0)
        self._delete("true", 0)
        for label in (self._names.access, self._names.meta):
            self._command(f"MATCH (x:{label}) CALL (x) {{ DELETE x }} IN TRANSACTIONS OF {BATCH} ROWS")

    def _set(self, state: Generations) -> None:
        self._state = write_generations(self._connection, self._names, state)

    def _command(self, query: str, **parameters: Any) -> None:
        self._connection.command(query, **parameters)

    def _make_schema(self, *statements: str) -> None:
        for statement in statements:
            self._command(statement)
        self._command("CALL db.awaitIndexes(3600)")

    def _undo_above(self, epoch: int) -> None:
        """Take back all epochs above one: what they opened goes, what they closed is open again."""
        if not self._state.unclean and all(e <= epoch for e in self._state.epochs.values()):
            return
        self._set(self._state.up_to(epoch, unclean=True))
        self._delete("x.f > $e", epoch)
        for pattern in self._patterns():
            self._command(
                f"MATCH {pattern} WHERE x.t > $e AND x.t < $open "
                f"CALL (x) {{ SET x.t = $open }} IN TRANSACTIONS OF {BATCH} ROWS",
                e=epoch, open=OPEN,
            )  # fmt: skip
        self._set(replace(self._state, unclean=False))

    def _delete(self, condition: str, epoch: int) -> None:
        """Delete edges and nodes `x` of which a condition on epoch `e` holds; edges end no later than their nodes."""
        for pattern in self._patterns():
            self._command(
                f"MATCH {pattern} WHERE {condition} CALL (x) {{ DELETE x }} IN TRANSACTIONS OF {BATCH} ROWS",
                e=epoch,
            )

    def _patterns(self) -> tuple[str, str]:
        return (f"(:{self._names.graph})-[x]->()", f"(x:{self._names.graph})")

    def _stage_held(self, staging: Staging) -> None:
        """Give the staging the content numbers that the store holds open, with the ids that hold them."""
        for table, pattern in (("edges", self._patterns()[0]), ("nodes", self._patterns()[1])):
            staging.database.execute(f"CREATE OR REPLACE TABLE held_{table} (c BIGINT, held BIGINT)")
            query = f"MATCH {pattern} WHERE x.t = $open RETURN x.c, id(x)"

            def stage(session: Any, query: str = query, table: str = table) -> None:
                staging.database.execute(f"DELETE FROM held_{table}")  # a second try after a lost connection
                for batch in _batched(rows(session, query, {"open": OPEN}), 20 * BATCH):
                    numbers = np.array(batch, dtype=np.int64)
                    _append(staging, f"held_{table}", {"c": numbers[:, 0], "held": numbers[:, 1]})

            self._connection.read(stage)

    def _write(self, generation: int, staging: Staging, first: bool) -> Publication:
        epoch = self._state.last + 1
        self._set(replace(self._state, last=epoch, unclean=True))
        self._stage_access(staging)
        staging.database.execute(
            "CREATE TABLE opened_nodes AS SELECT nodes.* FROM nodes ANTI JOIN held_nodes USING (c)"
        )
        closed = self._close(epoch, staging)
        opened = self._open_nodes(epoch, staging)
        if first:
            self._make_schema(*self._names.constraints)
        opened += self._open_edges(epoch, staging)
        epochs = {g: e for g, e in self._state.epochs.items() if g != generation}
        epochs[generation] = epoch
        self._set(replace(self._state, current=generation, epochs=epochs, unclean=False))
        return _publication(generation, staging, opened=opened, closed=closed)

    def _stage_access(self, staging: Staging) -> None:
        """Number who may see what: one combination of regions and departments for a node, three for an edge."""
        staging.database.execute(
            "CREATE TABLE seen_by AS SELECT DISTINCT own.who || coalesce('|' || s.who || '|' || t.who, '') AS who, "
            "triples.* FROM (SELECT DISTINCT a, source_a, target_a FROM edges "
            "UNION SELECT DISTINCT a, NULL::INTEGER, NULL::INTEGER FROM nodes) triples "
            "JOIN access own ON own.a = triples.a LEFT JOIN access s ON s.a = source_a "
            "LEFT JOIN access t ON t.a = target_a"
        )
        names = self._names
        query = f"MATCH (x:{names.access}) RETURN x.who, x.w"
        known = {
            str(who): int(w) for who, w in self._connection.read(lambda session: [*rows(session, query)])
        }
        wanted = staging.database.execute("SELECT DISTINCT who FROM seen_by ORDER BY who").fetchall()
        fresh = [who for (who,) in wanted if who not in known]
        numbered = {who: w for w, who in enumerate(fresh, max(known.values(), default=0) + 1)}
        self._in_parallel(
            f"UNWIND $rows AS row MERGE (x:{names.access} {{w: row[0]}}) SET x.who = row[1]",
            _batched(((w, who) for who, w in numbered.items()), BATCH), {},
        )  # fmt: skip
        table = {**known, **numbered}
        staging.database.execute("CREATE TABLE stored_access (who VARCHAR, w BIGINT)")
        staging.database.register(
            "appended", pa.table({"who": [*table], "w": pa.array(table.values(), pa.int64())})
        )
        staging.database.execute("INSERT INTO stored_access SELECT * FROM appended")
        staging.database.unregister("appended")
        staging.database.execute(
            "CREATE TABLE w AS SELECT seen_by.*, w FROM seen_by JOIN stored_access USING (who)"
        )

    def _close(self, epoch: int, staging: Staging) -> int:
        closed = 0
        for table, query in (
            ("edges", "UNWIND $rows AS i MATCH ()-[x]->() WHERE id(x) = i SET x.t = $epoch"),
            ("nodes", "UNWIND $rows AS i MATCH (x) WHERE id(x) = i SET x.t = $epoch "
                      "WITH x MATCH (x)-[r]-() WHERE r.t = $open SET r.t = $epoch"),
        ):  # fmt: skip
            ids = staging.database.execute(
                f"SELECT held FROM held_{table} ANTI JOIN {table} USING (c) ORDER BY 1"
            )
            found = [row[0] for row in ids.fetchall()]
            # One session: the edges of two nodes may be the same.
            self._in_parallel(query, _batched(found, BATCH), {"epoch": epoch, "open": OPEN}, sessions=1)
            closed += len(found)
        return closed

    def _open_nodes(self, epoch: int, staging: Staging) -> int:
        opened = 0
        for (label,) in staging.database.execute(
            "SELECT DISTINCT label FROM opened_nodes ORDER BY 1"
        ).fetchall():

            def made(label: str = label) -> Iterator[list[dict[str, Any]]]:
                for columns in staging.batches(
                    f"SELECT n, o.c, w, key, properties FROM opened_nodes o JOIN w USING (a) "
                    f"WHERE w.source_a IS NULL AND label = '{label}' ORDER BY n", BATCH,
                ):  # fmt: skip
                    yield [
                        {"n": n, "f": epoch, "t": OPEN, "c": c, "w": w, **node_properties(label, key, text)}
                        for n, c, w, key, text in zip(*columns, strict=True)
                    ]

            query = f"UNWIND $rows AS row CREATE (x:{self._names.graph}:{label}) SET x = row"
            opened += self._in_parallel(query, made(), {})
        return opened

    def _open_edges(self, epoch: int, staging: Staging) -> int:
        """Create new and changed edges, and those of changed nodes again; returns the number of the former."""
        staging.database.execute(
            "CREATE TABLE opened_edges AS SELECT edges.*, held_edges.c IS NOT NULL AS moved FROM edges "
            "LEFT JOIN held_edges USING (c) WHERE held_edges.c IS NULL "
            "OR source IN (SELECT n FROM opened_nodes) OR target IN (SELECT n FROM opened_nodes)"
        )
        for (edge_type,) in staging.database.execute(
            "SELECT DISTINCT type FROM opened_edges ORDER BY 1"
        ).fetchall():
            query = (
                f"UNWIND $rows AS row "
                f"MATCH (s:{self._names.graph}) WHERE s.n = row[0] AND s.f <= $e AND s.t > $e "
                f"MATCH (o:{self._names.graph}) WHERE o.n = row[1] AND o.f <= $e AND o.t > $e "
                f"CREATE (s)-[x:{edge_type}]->(o) SET x = row[2]"
            )
            self._in_parallel(query, _edge_rows(epoch, staging, edge_type), {"e": epoch})
        return staging.count("SELECT count(*) FROM opened_edges WHERE NOT moved")

    def _in_parallel(
        self,
        query: str,
        batches: Iterable[list[Any]],
        parameters: Mapping[str, Any],
        sessions: int = _SESSIONS,
    ) -> int:
        """Run a query for batches of rows, a transaction each, in several sessions; returns the number of rows."""

        def run(batch: list[Any]) -> int:
            given = {**parameters, "rows": batch}
            self._connection.write(lambda transaction: transaction.run(query, given).consume())
            return len(batch)

        done = 0
        with ThreadPoolExecutor(sessions) as pool:
            pending: set[Future[int]] = set()
            for batch in batches:
                pending.add(pool.submit(run, batch))
                if len(pending) > sessions:
                    finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                    done += sum(future.result() for future in finished)
            done += sum(future.result() for future in pending)
        return done


def _edge_rows(
    epoch: int, staging: Staging, edge_type: str
) -> Iterator[list[tuple[int, int, dict[str, Any]]]]:
    for columns in staging.batches(
        "SELECT source, target, o.c, w, nullif(key, ''), probability, "
        "DATE '1970-01-01' + valid_from, DATE '1970-01-01' + valid_to, "
        "string_split(row_ids, ',')::BIGINT[], properties "
        "FROM opened_edges o JOIN w ON w.a = o.a AND w.source_a = o.source_a AND w.target_a = o.target_a "
        f"WHERE type = '{edge_type}' ORDER BY target, source", BATCH,
    ):  # fmt: skip
        batch: list[tuple[int, int, dict[str, Any]]] = []
        for source, target, c, w, key, probability, valid_from, valid_to, row_ids, text in zip(
            *columns, strict=True
        ):
            values: dict[str, Any] = {
                "f": epoch, "t": OPEN, "c": c, "w": w, "key": key, "probability": probability,
                "valid_from": valid_from, "valid_to": valid_to, "row_ids": row_ids,
                **edge_properties(edge_type, text),
            }  # fmt: skip
            batch.append((source, target, values))
        yield batch


def _batched(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


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
