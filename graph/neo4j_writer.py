"""Writing a generation to Neo4j: what changed, invisible to readers until the state is flipped.

Everything is written in the next epoch, in transactions of some thousand rows; readers of earlier epochs see none
of it. A crash at any point leaves the state as it was, marked unclean, and the next write begins by undoing what is
in later epochs.

A changed node is a new version, to which its unchanged edges move: they end with the old version and begin again
with the new one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from graph import neo4j_import
from graph.contents import GraphHash, hash_of
from graph.neo4j_connection import Connection, rows
from graph.neo4j_generations import Generations, read_generations, write_generations
from graph.neo4j_rows import BATCH, Edges, batched, edge_rows, node_rows, run_in_parallel
from graph.neo4j_schema import OPEN, Names
from graph.neo4j_server import Server
from graph.schema import EDGES
from graph.staging import Stage, StagedDelta, Staging
from graph.store import DeltaRefusedError, GraphDelta, Publication
from resolver.errors import StoreError


class Writer:
    """One writing call on a graph; the caller sees to it that there is one at a time."""

    def __init__(
        self, connection: Connection, names: Names, server: Server | None = None, owner: str = ""
    ) -> None:
        """A write.

        Args:
            connection: To the server.
            names: Names of the graph.
            server: The server, when it is one that may be stopped for a bulk import.
            owner: The workspace that writes; empty = none, as in tests.

        Raises:
            StoreError: It is the graph of another workspace.
        """
        self._connection = connection
        self._names = names
        self._server = server
        self._state = connection.read(lambda session: read_generations(session, names, owner))

    def publish(self, generation: int, staging: Staging) -> Publication:
        """Write the difference between the staged graph and the current generation as a new generation.

        Raises:
            StoreError: The generation is older than the current one, or the server cannot do it.
        """
        self._undo_to_current(generation)
        self._stage_held(staging)
        if self._state.current == generation and _same(staging):
            return self._state.noted(generation)
        closed = [
            _first(staging, f"SELECT held FROM held_{t} ANTI JOIN {t} USING (c)") for t in ("nodes", "edges")
        ]
        opened = self._write(staging, closed[0], closed[1])
        nodes, edges = (_contents(staging, table) for table in ("nodes", "edges"))
        size = len(nodes), len(edges), opened, len(closed[0]) + len(closed[1])
        return self._show(Publication(generation, *size, hash_of([nodes], [edges])))

    def publish_delta(self, generation: int, delta: GraphDelta, stage: StagedDelta) -> Publication:
        """Write a delta against the current generation as a new generation.

        Raises:
            DeltaRefusedError: See `GraphStore.publish_delta`.
            StoreError: The generation is older than the current one, or the server cannot do it.
        """
        self._undo_to_current(generation)
        current = self._state.current
        noted = None if current is None else self._state.noted(current)
        if noted is not None and current == generation and noted.graph_hash == delta.graph_hash:
            return noted
        if noted is None:
            raise _refused(generation, "the store is empty")
        if current == generation or noted.graph_hash != delta.base:
            raise _refused(generation, "the store holds another graph than the delta starts from")
        opened_nodes, opened_edges = (_contents(stage, f"opened_{kind}") for kind in ("nodes", "edges"))
        closed_nodes, closed_edges = (_contents(stage, f"closed_{kind}") for kind in ("nodes", "edges"))
        before = GraphHash.parse(noted.graph_hash).minus(nodes=closed_nodes, edges=closed_edges)
        if str(before.plus(nodes=opened_nodes, edges=opened_edges)) != delta.graph_hash:
            raise _refused(generation, "it does not lead to the graph it promises")
        nodes, edges = self._held_nodes(stage), self._held_edges(stage)
        if (len(nodes), len(edges)) != (len(closed_nodes), len(closed_edges)):
            raise _refused(generation, "it closes nodes or edges that the store does not hold")
        opened = self._write(stage, nodes, edges)
        return self._show(
            Publication(
                generation,
                noted.nodes + len(opened_nodes) - len(nodes),
                noted.edges + len(opened_edges) - len(edges),
                opened,
                len(nodes) + len(edges),
                delta.graph_hash,
            )
        )

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
        self._set(self._state.without(forgotten, unclean=self._state.unclean))
        self._delete("x.t <= $e", min(self._state.epochs.values()))
        return forgotten

    def clear(self) -> None:
        """Remove the whole graph."""
        state = self._state
        self._set(Generations(last=state.last, unclean=True, origin=state.origin, owner=state.owner))
        self._delete("true", 0)
        for label in (self._names.access, self._names.meta):
            self._command(f"MATCH (x:{label}) CALL (x) {{ DELETE x }} IN TRANSACTIONS OF {BATCH} ROWS")

    def _set(self, state: Generations) -> None:
        self._state = write_generations(self._connection, self._names, state)

    def _show(self, done: Publication) -> Publication:
        """Flip: from now on readers see what was written."""
        self._set(self._state.with_published(done, self._state.last))
        return done

    def _command(self, query: str, **parameters: Any) -> None:
        self._connection.command(query, **parameters)

    def _make_schema(self, *statements: str, await_indexes: bool = True) -> None:
        """Make constraints and indexes; the graph's own indexes are filled when it returns.

        Whoever waits for all indexes of the database holds locks that another graph's constraint needs before its own
        index is there: both would wait for an hour.
        """
        for statement in statements:
            self._command(statement)
        for name in self._names.indexes if await_indexes else ():
            self._command("CALL db.awaitIndex($name, 3600)", name=name)

    def _undo_to_current(self, generation: int) -> None:
        current = self._state.current
        if current is not None and generation < current:
            raise StoreError(
                f"graph generation {generation} is older than the current one, {current}",
                remedy="Roll the pointer back first, or publish a newer generation.",
            )
        self._undo_above(self._state.current_epoch)

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
        for table, pattern in zip(("edges", "nodes"), self._patterns(), strict=True):
            query = f"MATCH {pattern} WHERE x.t = $open RETURN x.c, id(x)"

            def stage(session: Any, query: str = query, table: str = table) -> None:
                staging.database.execute(f"DELETE FROM held_{table}")  # of a try that was cut off
                for batch in batched(rows(session, query, {"open": OPEN}), 20 * BATCH):
                    numbers = np.array(batch, dtype=np.int64)
                    appended = pa.table({"c": numbers[:, 0], "held": numbers[:, 1]})
                    staging.database.register("appended", appended)
                    staging.database.execute(f"INSERT INTO held_{table} SELECT * FROM appended")
                    staging.database.unregister("appended")

            self._connection.read(stage)

    def _held_nodes(self, stage: StagedDelta) -> list[int]:
        """Ids of the versions that a delta closes."""
        query = (
            f"UNWIND $rows AS row MATCH (x:{self._names.graph}) "
            "WHERE x.n = row[0] AND x.f <= $e AND x.t = $open AND x.c = row[1] RETURN id(x)"
        )
        return self._found(query, stage.batches("SELECT n, c FROM closed_nodes ORDER BY n", BATCH))

    def _held_edges(self, stage: StagedDelta) -> list[int]:
        """Ids of the edges that a delta closes."""
        found: list[int] = []
        for (edge_type,) in stage.database.execute(
            "SELECT DISTINCT type FROM closed_edges ORDER BY 1"
        ).fetchall():
            query = (
                f"UNWIND $rows AS row MATCH (s:{self._names.graph}) "
                "WHERE s.n = row[0] AND s.f <= $e AND s.t = $open "
                f"MATCH (s)-[x:{edge_type}]->(o) WHERE x.t = $open AND x.c = row[2] AND o.n = row[1] RETURN id(x)"
            )
            batches = stage.batches(
                f"SELECT source, target, c FROM closed_edges WHERE type = '{edge_type}' ORDER BY source",
                BATCH,
            )
            found += self._found(query, batches)
        return found

    def _found(self, query: str, batches: Iterator[list[list[object]]]) -> list[int]:
        found: list[int] = []
        for columns in batches:
            given = [list(row) for row in zip(*columns, strict=True)]
            found += self._ids(query, rows=given, e=self._state.last)
        return found

    def _ids(self, query: str, **parameters: Any) -> list[int]:
        given = {**parameters, "open": OPEN}
        return self._connection.read(lambda session: [int(row[0]) for row in rows(session, query, given)])

    def _write(self, stage: Stage, closed_nodes: Sequence[int], closed_edges: Sequence[int]) -> int:
        """Write what a stage opens and close what it is told to; returns the number of nodes and edges opened."""
        first = not self._state.epochs
        if first:
            self._make_schema(*self._names.state_constraints, await_indexes=False)
        epoch = self._state.last + 1
        self._set(replace(self._state, last=epoch, unclean=True))
        self._number_access(stage)
        if first and self._server is not None and self._is_bulk(stage):
            return self._load(self._server, epoch, stage)
        for ids, pattern in ((closed_edges, "()-[x]->()"), (closed_nodes, "(x)")):
            query = f"UNWIND $rows AS i MATCH {pattern} WHERE id(x) = i SET x.t = $epoch"
            self._run(query, batched(sorted(ids), BATCH), epoch=epoch)
        opened = self._open_nodes(epoch, stage)
        if first:
            self._make_schema(*self._names.constraints)
        self._move_edges(epoch, closed_nodes)
        return opened + self._open_edges(epoch, stage)

    def _is_bulk(self, stage: Stage) -> bool:
        """Whether there is much to load, and nothing else in the database."""
        much = sum(stage.count(f"SELECT count(*) FROM opened_{kind}") for kind in ("nodes", "edges"))
        if much < neo4j_import.WORTHWHILE:
            return False
        query = f"MATCH (x) WHERE NOT x:{self._names.meta} AND NOT x:{self._names.access} RETURN 1 LIMIT 1"
        return not self._ids(query)

    def _load(self, server: Server, epoch: int, stage: Stage) -> int:
        self._connection.close()
        neo4j_import.load(server, self._names, stage, epoch, self._state.text())
        self._make_schema(*self._names.constraints, *self._names.state_constraints)
        return sum(stage.count(f"SELECT count(*) FROM opened_{kind}") for kind in ("nodes", "edges"))

    def _number_access(self, stage: Stage) -> None:
        """Number who may see what; a number once given stays."""
        label = self._names.access
        query = f"MATCH (x:{label}) RETURN x.who, x.w"
        known = {
            str(who): int(w) for who, w in self._connection.read(lambda session: [*rows(session, query)])
        }
        wanted = stage.database.execute(
            "SELECT access AS who FROM opened_nodes UNION "
            "SELECT access || '|' || source_access || '|' || target_access FROM opened_edges ORDER BY 1"
        ).fetchall()
        fresh = [who for (who,) in wanted if who not in known]
        numbered = dict(zip(fresh, range(max(known.values(), default=0) + 1, 2**31), strict=False))
        self._run(
            f"UNWIND $rows AS row MERGE (x:{label} {{w: row[0]}}) SET x.who = row[1]",
            batched(((w, who) for who, w in numbered.items()), BATCH),
        )
        table = {**known, **numbered}
        seen = pa.table(
            {"who": pa.array([*table], pa.string()), "w": pa.array([*table.values()], pa.int64())}
        )
        stage.database.register("numbered_access", seen)

    def _open_nodes(self, epoch: int, stage: Stage) -> int:
        opened = 0
        for (label,) in stage.database.execute(
            "SELECT DISTINCT label FROM opened_nodes ORDER BY 1"
        ).fetchall():
            query = f"UNWIND $rows AS row CREATE (x:{self._names.graph}:{label}) SET x = row"
            opened += self._run(query, node_rows(epoch, stage, label))
        return opened

    def _open_edges(self, epoch: int, stage: Stage) -> int:
        return sum(
            self._create_edges(epoch, edge_type, edge_rows(epoch, stage, edge_type))
            for (edge_type,) in stage.database.execute(
                "SELECT DISTINCT type FROM opened_edges ORDER BY 1"
            ).fetchall()
        )

    def _move_edges(self, epoch: int, closed_nodes: Sequence[int]) -> None:
        """End the edges that versions of nodes which have ended still have, and begin them again at the new ones."""
        still = (
            "MATCH (x)-[r]-() WHERE id(x) IN $ids AND r.t = $open WITH DISTINCT r "
            "RETURN id(r) ORDER BY id(endNode(r))"
        )
        # One query for all types, for on a server that seldom writes it is the making of plans that takes time.
        move = (
            "UNWIND $rows AS i MATCH (a)-[r]->(b) WHERE id(r) = i AND r.t = $open "
            f"MATCH (s:{self._names.graph}) WHERE s.n = a.n AND s.f <= $e AND s.t > $e "
            f"MATCH (o:{self._names.graph}) WHERE o.n = b.n AND o.f <= $e AND o.t > $e "
            "CREATE (s)-[x:$(type(r))]->(o) SET x = properties(r), x.f = $e, x.t = $open, r.t = $e"
        )
        for ids in batched(sorted(closed_nodes), BATCH):
            edges = batched(self._ids(still, ids=ids), BATCH)
            self._run(move, edges, "relationships_created", e=epoch, open=OPEN)

    def _create_edges(self, epoch: int, edge_type: str, batches: Iterator[Edges]) -> int:
        assert edge_type in EDGES
        query = (
            f"UNWIND $rows AS row "
            f"MATCH (s:{self._names.graph}) WHERE s.n = row[0] AND s.f <= $e AND s.t > $e "
            f"MATCH (o:{self._names.graph}) WHERE o.n = row[1] AND o.f <= $e AND o.t > $e "
            f"CREATE (s)-[x:{edge_type}]->(o) SET x = row[2]"
        )
        return self._run(query, batches, e=epoch, creates="relationships_created")

    def _run(self, query: str, batches: Iterator[list[Any]], creates: str = "", **parameters: Any) -> int:
        return run_in_parallel(self._connection, query, batches, parameters, creates)


def _first(stage: Stage, query: str) -> list[int]:
    return [row[0] for row in stage.database.execute(query).fetchall()]


def _contents(stage: Stage, table: str) -> np.ndarray:
    return np.asarray(stage.database.execute(f"SELECT c FROM {table}").fetchnumpy()["c"], dtype=np.int64)


def _same(staging: Staging) -> bool:
    return all(
        staging.count(f"SELECT count(*) FROM {left} ANTI JOIN {right} USING (c)") == 0
        for table in ("nodes", "edges")
        for left, right in ((table, f"held_{table}"), (f"held_{table}", table))
    )


def _refused(generation: int, why: str) -> DeltaRefusedError:
    return DeltaRefusedError(
        f"the delta to graph generation {generation} does not fit: {why}", remedy="Publish the whole graph."
    )
