"""The port of the graph store: what a store must do, whichever database is behind it.

No query text crosses it.

**Generations.** A store holds several generations of one graph. `publish` takes the *whole* projected graph
and works out for itself what changed against the current generation; readers at older generations see nothing
of it, and a crash leaves the old generation as it was. The truth about which generation is current is the
ledger's pointer; the store's own copy is a check and says from which generation the next delta is taken.

**Scope.** Every node and edge carries the regions (6-digit county codes) and departments of the records it
stands on. A node is visible when each restricted side of the scope (regions, departments) shares at least one
value with it, so a person is visible when any one of its records is in scope. An edge is visible when it and
both its ends are. What carries no region (or department) is visible only to a scope without restriction on
that side: deny by default. What is not visible is left out *before* caps, counts and paths are computed, so
nothing tells that it exists.

**Time.** A view may be a slice of time (`GraphView.as_of`): edges that do not hold then are left out in the same
way, before caps, counts and paths.

**Fixed meanings.** A node is never its own neighbour. Neighbours are distinct nodes, however many edges lead
there. Results are sorted by id. Of more neighbours than a cap allows, those with the smallest `stable_number`
are kept, in every store and whatever its history; pages come in that order. The *length* of a shortest path is
the contract, not which of equally short ones is found; of the best paths, every one is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from graph.elements import (
    ANY_DAY,
    EVERYTHING,
    Edge,
    Interval,
    Node,
    Scope,
    Value,
    edge_id,
    in_scope,
    node_id,
    opaque_key,
    stable_number,
)
from graph.view import (
    Attendance,
    BestPaths,
    CommonNeighbours,
    EvidencePath,
    GraphView,
    Neighbour,
    NeighbourPage,
    Path,
    PathBounds,
    Shared,
    Subgraph,
)
from graph.whole import GraphTooLargeError, WholeBounds
from resolver.errors import StoreError

__all__ = [
    "ANY_DAY", "EVERYTHING", "Attendance", "BestPaths", "CommonNeighbours", "DeltaRefusedError", "Edge",
    "EvidencePath", "GraphData", "GraphDelta", "GraphStore", "GraphTooLargeError", "GraphView", "Interval",
    "Neighbour", "NeighbourPage", "Node", "Path", "PathBounds", "Publication", "Scope", "Shared", "Subgraph",
    "Value", "WholeBounds", "edge_id", "in_scope", "node_id", "opaque_key", "stable_number",
]  # fmt: skip


@dataclass(frozen=True)
class GraphData:
    """A whole projected graph, as tables. Order of rows does not matter; ids are unique.

    Attributes:
        nodes: Label -> table with `key` string, `regions` and `departments` string (sorted codes joined by a
            comma, null = none), and one column per property that `graph.schema` declares for the label.
        edges: Type -> table with `source` and `target` string (node ids), `key` string (tells parallel edges
            apart; may be empty, never null), `probability` float64, `valid_from` and `valid_to` date32,
            `row_ids` list<int64> sorted, `regions` and `departments` as above, and the declared properties.
    """

    nodes: Mapping[str, pa.Table] = field(default_factory=dict)
    edges: Mapping[str, pa.Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Publication:
    """What a publish did.

    Attributes:
        generation: The generation that is now current.
        nodes: Visible nodes in it.
        edges: Visible edges in it.
        opened: Nodes and edges written (new or changed).
        closed: Nodes and edges ended (gone or changed).
        graph_hash: As `GraphStore.graph_hash`.
    """

    generation: int
    nodes: int
    edges: int
    opened: int
    closed: int
    graph_hash: str


@dataclass(frozen=True)
class GraphDelta:
    """From the graph of one generation to that of the next, in the form of `graph.staging`.

    *Numbers* are `stable_number` of a node's id; *content* is the content number of a version; *access* is the
    regions and the departments, each sorted and joined by commas, with a slash between.

    Attributes:
        base: Graph hash of the graph it starts from.
        graph_hash: Graph hash of the graph it leads to.
        nodes: New nodes, and changed ones as they now are: `n` (number), `label`, `key`, `access`, `properties`
            (JSON text or null), `c` (content).
        edges: New and changed edges; an edge also counts as changed when the access of one of its ends is another.
            `type`, `source`, `target` (numbers), `key`, `access`, `source_access`, `target_access`,
            `probability`, `valid_from`, `valid_to` (days since 1970), `row_ids` (text, joined by commas),
            `properties`, `c`.
        lookups: What the indexed properties of `nodes` hold: `label`, `property`, `value`, `n`.
        closed_nodes: Versions that end, because the node is gone or changed: `n`, `c`.
        closed_edges: The same of edges: `type`, `source`, `target`, `c`.
    """

    base: str
    graph_hash: str
    nodes: pa.Table
    edges: pa.Table
    lookups: pa.Table
    closed_nodes: pa.Table
    closed_edges: pa.Table


class DeltaRefusedError(StoreError):
    """A delta does not fit the graph that a store holds; nothing was changed."""


class GraphStore(Protocol):
    """A graph in generations. One writer at a time; readers are never blocked, and see whole generations."""

    def publish(self, generation: int, data: GraphData) -> Publication:
        """Make `data` the graph of a new generation and that generation the current one.

        Whatever lies above the current generation (left by a crash or a rollback) is undone first. Publishing
        the current generation again with the same data does nothing; with other data it replaces it.

        Raises:
            StoreError: The generation is older than the current one, an id comes twice, an edge ends nowhere,
                a column is missing, or the store cannot be written. Nothing was changed.
        """
        ...

    def publish_delta(self, generation: int, delta: GraphDelta) -> Publication:
        """Make the current generation, changed by a delta, a new generation and that the current one.

        Whatever lies above the current generation is undone first. Publishing the delta that the current
        generation was published with again does nothing.

        Raises:
            DeltaRefusedError: The current generation holds another graph than the delta starts from, or is this
                one with other content; or the delta does not lead to the graph it promises. `publish` the whole.
            StoreError: The generation is older than the current one, or the store cannot be written.
        """
        ...

    def recorded_hash(self, generation: int | None = None) -> str | None:
        """The graph hash that was noted when a generation was published, without looking at its nodes and edges.

        None where none was noted (a store of an earlier format), or nothing was ever published.

        Raises:
            StoreError: The generation is not kept.
        """
        ...

    def abort(self, generation: int) -> None:
        """Remove what was written for a generation above the current one; the current one is refused.

        Raises:
            StoreError: The generation is the current one or older.
        """
        ...

    def current_generation(self) -> int | None:
        """The store's own copy of the pointer; None = nothing was ever published."""
        ...

    def generations(self) -> tuple[int, ...]:
        """Generations that can be read, ascending."""
        ...

    def set_current(self, generation: int) -> None:
        """Move the pointer (back, to roll back; forward again, unless a publish came between).

        Raises:
            StoreError: The generation is not kept.
        """
        ...

    def collect_garbage(self, keep: int = 3) -> tuple[int, ...]:
        """Forget all but the newest `keep` generations up to the current one; newer ones stay.

        Returns:
            The generations forgotten.
        """
        ...

    def clear(self) -> None:
        """Remove the whole graph, all generations of it; the next publish is a first one."""
        ...

    def view(self, generation: int | None = None, scope: Scope = EVERYTHING) -> GraphView:
        """Look at a generation; None = the current one.

        Raises:
            StoreError: The generation is not kept, or nothing was ever published.
        """
        ...

    def graph_hash(self, generation: int | None = None) -> str:
        """Hash over all nodes and edges of a generation: 32 hex digits.

        It depends on neither their order nor the store's history: a rebuilt store has the same one.

        Raises:
            StoreError: The generation is not kept.
        """
        ...

    def close(self) -> None:
        """Close all connections; views of this store can no longer be used."""
        ...
