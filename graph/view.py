"""The reading half of the graph store's port: one generation as one caller may see it. See `graph.store`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from graph.elements import Edge, Interval, Node, Scope
from graph.whole import WholeBounds


@dataclass(frozen=True)
class Subgraph:
    """Part of a graph, as a walk found it, or all of it.

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
class Neighbour:
    """A node beside another one.

    Attributes:
        node: The neighbour.
        edges: All edges of the asked type between the two, sorted by id.
    """

    node: Node
    edges: tuple[Edge, ...]


@dataclass(frozen=True)
class NeighbourPage:
    """Some of the neighbours of one node by one edge type.

    Attributes:
        neighbours: In the order of their `stable_number`.
        count: How many there are on all pages together.
        after: Where the next page begins; None = this is the last one.
    """

    neighbours: tuple[Neighbour, ...]
    count: int
    after: str | None


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
class Attendance(Shared):
    """Others treated at the same facility (`via`) on the same day.

    Attributes:
        day: First day of the treatments.
    """

    day: date


@dataclass(frozen=True)
class CommonNeighbours:
    """Nodes that are neighbours of two others.

    Attributes:
        nodes: Sorted by id; at most the cap.
        edges: All edges from those nodes to the two, sorted by id.
        count: How many there are.
        truncated: Whether there are more than given.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    count: int
    truncated: bool


@dataclass(frozen=True)
class Path:
    """A way between two nodes.

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
class EvidencePath(Path):
    """A way between two nodes, and what speaks against relying on it.

    Attributes:
        cost: In bits, the sum over its edges and the nodes it leads through; see `graph.evidence`.
    """

    cost: float


@dataclass(frozen=True)
class PathBounds:
    """What a search for the best paths looks at.

    Attributes:
        max_length: Paths of at most so many edges.
        max_degree: None that leads through a node with more visible neighbours; the ends are exempt.
        max_nodes: The neighbours of at most so many nodes are looked at.
    """

    max_length: int = 6
    max_degree: int = 200
    max_nodes: int = 2000


@dataclass(frozen=True)
class BestPaths:
    """The best paths between two nodes.

    Attributes:
        paths: The best first.
        searched: Every path of up to so many edges was considered; less than was asked where the surroundings
            of the two are too large.
    """

    paths: tuple[EvidencePath, ...]
    searched: int


class GraphView(Protocol):
    """One generation, limited to what a scope may see, and to the edges that hold at some time.

    Safe to use from several threads. Every method raises `StoreError` when the generation has meanwhile been
    collected as garbage. An unknown node and one that is not visible are the same: None, empty, or no path.
    """

    @property
    def generation(self) -> int:
        """The generation this view is pinned to."""
        ...

    @property
    def scope(self) -> Scope:
        """What this view is limited to."""
        ...

    @property
    def when(self) -> Interval:
        """When the edges of this view hold."""
        ...

    def as_of(self, when: date | Interval | None) -> "GraphView":
        """The time slice: this view with only those edges that hold on a day, or some day of an interval.

        An unknown first or last day of an edge counts as open. Nodes have no time: they are in every slice. It
        replaces what this view was limited to before; None = any day.
        """
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

    def neighbour_counts(self, node_id: str) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours. Empty for an unknown node."""
        ...

    def neighbours(
        self, node_id: str, edge_type: str, *, after: str | None = None, limit: int = 100
    ) -> NeighbourPage | None:
        """Page through the neighbours of one node by one edge type, whichever way the edges point.

        Args:
            node_id: Whose neighbours.
            edge_type: By which edges.
            after: `NeighbourPage.after` of the page before (the id of its last neighbour); None = first page.
            limit: At most so many on a page.

        Returns:
            None when the node is unknown.
        """
        ...

    def neighbourhood(
        self,
        node_id: str,
        depth: int = 1,
        *,
        types: Collection[str] | None = None,
        limit: int = 25,
        max_nodes: int = 500,
    ) -> Subgraph | None:
        """Walk outwards from a node, breadth first; the nodes of a level in the order of `stable_number`.

        Args:
            node_id: Where to start.
            depth: How many steps.
            types: Edge types to follow; None = all.
            limit: Of each expanded node and edge type only the first so many neighbours.
            max_nodes: At most so many nodes in all; of the neighbours within `limit` those that come later stay
                out.

        Returns:
            None when the node is unknown.
        """
        ...

    def sharing(self, node_id: str, edge_type: str, *, limit: int = 25) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type, such as a person's phones.

        Sorted by the id of what is shared; things nobody else shares are left out.
        """
        ...

    def attendances(self, node_id: str, *, days: int = 50, limit: int = 25) -> tuple[Attendance, ...]:
        """Who else was treated at the same facility on the same day as this person.

        A person `RECEIVED` a treatment that was `PROVIDED_BY` a facility; the day is the first one on which the
        latter edge holds (one without is left out). Of several treatments at one facility on one day, each
        counts for the same attendance.

        Args:
            node_id: The person.
            days: At most so many attendances of the person, the latest ones; of one day, those at the facilities
                with the smallest `stable_number`.
            limit: At most so many others of each.

        Returns:
            The latest first, those of one day by the id of the facility; such with nobody else are left out.
        """
        ...

    def common_neighbours(
        self, a: str, b: str, *, types: Collection[str] | None = None, limit: int = 100
    ) -> CommonNeighbours:
        """What is a neighbour of both nodes, by edges of the given types (None = all)."""
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

        Neighbours by other types than the given ones do not count. The two ends may be such nodes. A node has a
        path of length 0 to itself.

        Returns:
            None when there is no such path of at most `max_length` edges.
        """
        ...

    def k_best_paths(
        self,
        a: str,
        b: str,
        k: int = 3,
        *,
        bounds: PathBounds = PathBounds(),
        types: Collection[str] | None = None,
    ) -> BestPaths:
        """The `k` paths between two nodes on which one can most rely.

        A path visits no node twice. It costs what `graph.evidence` says: `edge_cost` of the cheapest edge (of
        those, the one with the smallest id) between each two neighbours, and `node_cost` of every node between
        the ends, by the number of its visible neighbours over the given types. Of equally costly paths the
        shorter comes first, then that with the smaller `stable_number` at the first node where they differ.

        The answer is exact for paths of up to `BestPaths.searched` edges, which is less than `max_length` only
        where more than `max_nodes` nodes would have to be expanded: the two ends are expanded level by level
        (`graph.best_paths.explore`), each time the side with fewer nodes to expand, the first on a tie, until the
        levels together reach `max_length`, or the next one would exceed `max_nodes`.

        Returns:
            No paths when there are none, or a node is unknown; the path of length 0 alone when `a` is `b`.
        """
        ...

    def whole(
        self,
        *,
        labels: Collection[str] | None = None,
        types: Collection[str] | None = None,
        bounds: WholeBounds = WholeBounds(),  # noqa: B008  (frozen)
    ) -> Subgraph:
        """All that the view holds, for an analysis: its nodes, and the edges between any two of them.

        Edges from a node to itself are among them, though no walk follows one.

        Args:
            labels: Nodes of these labels only; None = all. Edges need both ends.
            types: Edges of these types only; None = all.
            bounds: How much is taken at most.

        Returns:
            `counts` and `truncated` are empty: nothing was left out.

        Raises:
            GraphTooLargeError: There is more; it is counted first, and nothing is read.
        """
        ...
