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

**Fixed meanings.** A node is never its own neighbour. Neighbours are distinct nodes, however many edges lead
there. Results are sorted by id. Of more neighbours than a cap allows, those with the smallest `stable_number`
are kept, in every store and whatever its history. The *length* of a path is the contract, not which of
equally short ones is found.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

Value = str | int | float | bool | date | list[str] | None


@dataclass(frozen=True)
class Scope:
    """What a caller may see.

    Attributes:
        regions: 6-digit county codes; None = every region, and what has none.
        departments: Department codes (`CIVIL`, `MSB`, …); None = every department, and what has none.
    """

    regions: frozenset[str] | None = None
    departments: frozenset[str] | None = None


EVERYTHING = Scope()


@dataclass(frozen=True)
class Node:
    """A node of one generation.

    Attributes:
        id: `Label:key`, for a person `Person:<entity_id as decimal text>`.
        label: One of `graph.schema.NODES`.
        properties: Those declared for the label; absent when unknown.
    """

    id: str
    label: str
    properties: Mapping[str, Value]


@dataclass(frozen=True)
class Edge:
    """An edge of one generation.

    Attributes:
        id: `TYPE:<source id>><target id>` and, where edges run in parallel, `#<key>`.
        type: One of `graph.schema.EDGES`.
        source: Node id.
        target: Node id.
        properties: Those declared for the type; absent when unknown.
        probability: That the statement holds for these two nodes: the weakest link it stands on.
        valid_from: First day on which it holds; None = unknown.
        valid_to: Last day on which it holds; None = open.
        row_ids: Source rows, smallest first; at most `graph.schema.MAX_ROW_IDS` of them.
    """

    id: str
    type: str
    source: str
    target: str
    properties: Mapping[str, Value]
    probability: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    row_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Subgraph:
    """Part of a graph, as a walk found it.

    Attributes:
        nodes: Sorted by id; the first node asked for is among them.
        edges: The edges walked, sorted by id; both ends are among `nodes`.
        counts: For every node that was expanded: edge type -> number of its visible neighbours.
        truncated: Ids of expanded nodes of which not all neighbours are here.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    counts: Mapping[str, Mapping[str, int]]
    truncated: frozenset[str]


@dataclass(frozen=True)
class Shared:
    """Something several nodes hold in common, such as a phone.

    Attributes:
        via: What is shared.
        count: How many visible others share it.
        others: Those others, sorted by id; at most the cap.
        truncated: Whether there are more others than given.
    """

    via: Node
    count: int
    others: tuple[Node, ...]
    truncated: bool


@dataclass(frozen=True)
class Path:
    """A shortest way between two nodes.

    Attributes:
        nodes: From start to end, both included.
        edges: One between each two neighbours; edges may point either way.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @property
    def length(self) -> int:
        """Number of edges."""
        return len(self.edges)


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


class GraphView(Protocol):
    """One generation, limited to what a scope may see. Safe to use from several threads.

    Every method raises `StoreError` when the generation has meanwhile been collected as garbage.
    An unknown node and one that is not visible are the same: None, empty, or no path.
    """

    @property
    def generation(self) -> int:
        """The generation this view is pinned to."""
        ...

    @property
    def scope(self) -> Scope:
        """What this view is limited to."""
        ...

    def get(self, node_id: str) -> Node | None:
        """The node with this id."""
        ...

    def get_many(self, node_ids: Collection[str]) -> tuple[Node, ...]:
        """Those of the nodes that are visible, sorted by id."""
        ...

    def find(self, label: str, name: str, value: str, *, limit: int = 100) -> tuple[Node, ...]:
        """Nodes of a label of which an indexed property (see `graph.schema`) equals, or contains, `value`.

        Raises:
            StoreError: The property is not an indexed one of the label.
        """
        ...

    def search(
        self,
        text: str,
        *,
        limit: int = 20,
        birth_date: date | None = None,
        labels: Collection[str] | None = None,
    ) -> tuple[Node, ...]:
        """Full text over names, former names, pinyin, numbers and phones of persons and organisations.

        Understands 张, 张三, 三丰, `zhang san`, `zhangsan`, the beginning (6 or more digits), the end (4 or more)
        or the date part of a number, and any phone; several words must all hold. The order is that of
        `stable_number`, nodes whose name is exactly the text before all others; at most `limit` are given,
        and only such with one of the labels.
        """
        ...

    def neighbour_counts(self, node_id: str, *, as_of: date | None = None) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours. Empty for an unknown node."""
        ...

    def neighbourhood(
        self,
        node_id: str,
        depth: int = 1,
        *,
        types: Collection[str] | None = None,
        limit: int = 25,
        max_nodes: int = 500,
        as_of: date | None = None,
    ) -> Subgraph | None:
        """Walk outwards from a node, breadth first.

        Args:
            node_id: Where to start.
            depth: How many steps.
            types: Edge types to follow; None = all.
            limit: At most so many neighbours per expanded node and edge type.
            max_nodes: At most so many nodes in all.
            as_of: Follow only edges that hold on this day (an unknown end counts as open); None = any day.

        Returns:
            None when the node is unknown.
        """
        ...

    def sharing(
        self, node_id: str, edge_type: str, *, limit: int = 25, as_of: date | None = None
    ) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type, such as a person's phones.

        Sorted by the id of what is shared; things nobody else shares are left out.
        """
        ...

    def shortest_path(
        self,
        a: str,
        b: str,
        *,
        max_length: int = 6,
        max_degree: int = 200,
        types: Collection[str] | None = None,
    ) -> Path | None:
        """A shortest path that does not lead *through* a node with more than `max_degree` visible neighbours.

        The two ends may be such nodes. A node has a path of length 0 to itself.

        Returns:
            None when there is no such path of at most `max_length` edges.
        """
        ...


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


def node_id(label: str, key: str | int) -> str:
    """Id of a node: `Label:key`."""
    return f"{label}:{key}"


def edge_id(edge_type: str, source: str, target: str, key: str = "") -> str:
    """Id of an edge; `key` tells parallel edges apart."""
    return f"{edge_type}:{source}>{target}#{key}" if key else f"{edge_type}:{source}>{target}"


def opaque_key(value: str) -> str:
    """Key of a node that stands for a personal value (phone, number, address): 16 hex digits.

    Ids travel further than values do (logs, links, saved views) and are not masked, so they must not show
    them. First 8 bytes of MD5, which DuckDB computes alike; no secret: a short number is found by trying all.
    """
    return hashlib.md5(value.encode("utf-8"), usedforsecurity=False).hexdigest()[:16]


def stable_number(text: str) -> int:
    """60-bit number of an id, the same in every store: the first 15 hex digits of its MD5."""
    return int(hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:15], 16)


def in_scope(scope: Scope, regions: Sequence[str], departments: Sequence[str]) -> bool:
    """Whether something that stands on records of these regions and departments is visible."""
    return (scope.regions is None or not scope.regions.isdisjoint(regions)) and (
        scope.departments is None or not scope.departments.isdisjoint(departments)
    )
