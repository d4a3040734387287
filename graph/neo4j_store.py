"""The graph store on a Neo4j server. See docs/neo4j.md; how the graph lies there: `graph.neo4j_schema`."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

import numpy as np

from graph.contents import hash_of
from graph.neo4j_adjacent import Hubs
from graph.neo4j_connection import Address, Connection, Runner, rows
from graph.neo4j_generations import Generations, not_kept, read_generations
from graph.neo4j_reading import Reading, Seen
from graph.neo4j_schema import Names
from graph.neo4j_server import running
from graph.neo4j_view import Neo4jView
from graph.neo4j_writer import Writer
from graph.staging import StagedDelta, Staging, staging_errors
from graph.store import EVERYTHING, GraphData, GraphDelta, Publication, Scope, in_scope
from resolver.errors import StoreError

_TRIES = 5
_T = TypeVar("_T")


class Neo4jStore:
    """See `graph.store.GraphStore`. Safe to use from several threads; writing by one at a time."""

    def __init__(self, address: Address, server: Path | None = None, owner: str = "") -> None:
        """A graph on a server, which is not asked before the first call.

        Args:
            address: Where it lies.
            server: Folder of the server (`graph.neo4j_server`) when it is one of our own: the first load then goes
                by its bulk import.
            owner: The workspace whose graph it is (`Workspace.identity`): that of another one is refused, for
                reading and for writing. Empty = not looked at.
        """
        self._address = address
        self._server = server
        self._owner = owner
        self._names = Names.of(address.graph)
        self._connection = Connection(address)
        self._hubs = Hubs()
        self._lock = Lock()
        self._state = Generations()
        self._access: tuple[tuple[str, int], list[tuple[int, str]]] = (("", 0), [])
        self._seen: dict[Scope, Seen] = {}

    def publish(self, generation: int, data: GraphData) -> Publication:
        """Make a graph a new generation and the current one."""
        writer = self._writer()  # first, so that a server that is not there is told before the work
        with (
            staging_errors(),
            tempfile.TemporaryDirectory(prefix="guiyi-") as spill,
            Staging(data, Path(spill)) as staging,
        ):
            return writer.publish(generation, staging)

    def publish_delta(self, generation: int, delta: GraphDelta) -> Publication:
        """Make the current generation, changed by a delta, a new generation and the current one."""
        writer = self._writer()
        with staging_errors(), StagedDelta(delta) as stage:
            return writer.publish_delta(generation, delta, stage)

    def recorded_hash(self, generation: int | None = None) -> str | None:
        """The graph hash that was noted when a generation was published."""
        if generation is None and self.current_generation() is None:
            return None
        return self._state.published[self._kept(generation)][0]

    def abort(self, generation: int) -> None:
        """Remove what was written for a generation above the current one."""
        self._writer().abort(generation)

    def current_generation(self) -> int | None:
        """The store's own copy of the pointer."""
        return self._refresh().current

    def generations(self) -> tuple[int, ...]:
        """Generations that can be read, ascending."""
        return tuple(sorted(self._refresh().epochs))

    def set_current(self, generation: int) -> None:
        """Move the pointer."""
        self._kept(generation)
        self._writer().set_current(generation)

    def collect_garbage(self, keep: int = 3) -> tuple[int, ...]:
        """Forget all but the newest generations up to the current one."""
        return self._writer().collect_garbage(keep)

    def clear(self) -> None:
        """Remove the whole graph; the next publish is a first one."""
        self._writer().clear()

    def view(self, generation: int | None = None, scope: Scope = EVERYTHING) -> Neo4jView:
        """Look at a generation; None = the current one."""
        return Neo4jView(self._kept(generation), scope, self._read)

    def graph_hash(self, generation: int | None = None) -> str:
        """Hash over all nodes and edges of a generation."""

        def contents(session: Runner, epoch: int, pattern: str) -> list[np.ndarray]:
            query = f"MATCH {pattern} WHERE x.f <= $e AND x.t > $e RETURN x.c"
            numbers = (row[0] for row in rows(session, query, {"e": epoch}))
            return [np.fromiter(numbers, dtype=np.int64)]

        def work(session: Runner, place: tuple[str, int]) -> str:
            epoch = place[1]
            nodes = contents(session, epoch, f"(x:{self._names.graph})")
            edges = contents(session, epoch, f"(:{self._names.graph})-[x]->()")
            return hash_of(nodes, edges)

        return self._settled(self._kept(generation), work)

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    def _writer(self) -> Writer:
        server = None if self._server is None else running(self._server)
        if server is not None and server.uri != self._address.uri:
            server = None
        return Writer(self._connection, self._names, server, self._owner)

    def _kept(self, generation: int | None) -> int:
        state = self._refresh()
        wanted = state.current if generation is None else generation
        if wanted is None:
            raise StoreError(
                f"graph {self._address.graph} at {self._address.uri} is empty",
                remedy="Publish a month first (guiyi month), or publish again what is there (guiyi publish --rebuild).",
            )
        if wanted not in state.epochs:
            raise not_kept(wanted)
        return wanted

    def _refresh(self) -> Generations:
        self._state = self._connection.read(
            lambda session: read_generations(session, self._names, self._owner)
        )
        return self._state

    def _read(self, generation: int, scope: Scope, work: Callable[[Reading], _T]) -> _T:
        """Work in one generation, as seen by a scope."""

        def reading(session: Runner, place: tuple[str, int]) -> _T:
            seen = self._visible(session, place, scope)
            return work(Reading(session, self._names, place, seen, self._hubs))

        return self._settled(generation, reading)

    def _settled(self, generation: int, work: Callable[[Runner, tuple[str, int]], _T]) -> _T:
        """Do work in the epoch of a generation; what was read counts only if the generation is still there after it.

        What a generation no longer needs is deleted after it has left the state, so what was read before that is
        whole. The state that was seen last is tried first.
        """

        def attempt(session: Runner) -> tuple[bool, _T | None]:
            place = self._state.place(generation)
            done = None if place is None else work(session, place)
            self._state = after = read_generations(session, self._names, self._owner)
            if generation not in after.epochs:
                raise not_kept(generation)
            return after.place(generation) == place, done

        for _ in range(_TRIES):
            settled, done = self._connection.read(attempt)
            if settled:
                return done  # type: ignore[return-value]
        raise StoreError(
            f"graph generation {generation} is being replaced", remedy="Ask again when that has ended."
        )

    def _visible(self, session: Runner, place: tuple[str, int], scope: Scope) -> Seen:
        """Numbers that a scope may see; all that an epoch uses were there before it was shown."""
        if scope == EVERYTHING:
            return None
        with self._lock:
            origin, epoch = self._access[0]
            if origin != place[0] or epoch < place[1]:
                found = rows(session, f"MATCH (x:{self._names.access}) RETURN x.w, x.who ORDER BY x.w")
                self._access = (place, [(w, who) for w, who in found])
                self._seen.clear()
            if scope not in self._seen:
                self._seen[scope] = tuple(w for w, who in self._access[1] if _may_see(scope, who))
            return self._seen[scope]


def _may_see(scope: Scope, who: str) -> bool:
    pairs = (part.split("/") for part in who.split("|"))
    return all(in_scope(scope, regions.split(","), departments.split(",")) for regions, departments in pairs)
