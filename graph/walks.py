"""Walks over a graph that is known only through the neighbours of one node at a time.

Stores without a path search of their own use these; they know nodes as numbers (`graph.store.stable_number`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

Neighbours = Mapping[str, Sequence[tuple[int, int]]]
"""Edge type -> (neighbour, edge) pairs, sorted by neighbour."""

Ahead = Callable[[Collection[int]], None]
"""Told which nodes a walk asks for next, so that a store on another machine can fetch them together."""


def nothing_ahead(_: Collection[int]) -> None:
    """For stores that gain nothing by it."""


@dataclass(frozen=True)
class Bounds:
    """How far a walk goes; see `GraphView.neighbourhood`."""

    depth: int
    limit: int
    max_nodes: int


@dataclass
class Walk:
    """What a walk found, as numbers.

    Attributes:
        nodes: In the order found.
        edges: Edges walked.
        counts: Expanded node -> edge type -> number of neighbours.
        truncated: Expanded nodes of which neighbours were left out.
    """

    nodes: dict[int, None] = field(default_factory=dict)
    edges: set[int] = field(default_factory=set)
    counts: dict[int, dict[str, int]] = field(default_factory=dict)
    truncated: set[int] = field(default_factory=set)


def walk_outwards(
    start: int, neighbours: Callable[[int], Neighbours], bounds: Bounds, ahead: Ahead = nothing_ahead
) -> Walk:
    """Breadth-first walk with caps per node and type, and on the whole.

    Nodes of one level are expanded in ascending order, so the result depends on the graph alone.
    """
    walk = Walk(nodes={start: None})
    frontier = [start]
    for _ in range(bounds.depth):
        found: list[int] = []
        ahead(frontier)
        for node in sorted(frontier):
            found += _expand(walk, node, neighbours(node), bounds)
        frontier = found
    return walk


def _expand(walk: Walk, node: int, neighbours: Neighbours, bounds: Bounds) -> list[int]:
    found: list[int] = []
    counts: dict[str, int] = {}
    for edge_type in sorted(neighbours):
        kept: set[int] = set()
        seen: set[int] = set()
        for other, edge in neighbours[edge_type]:
            seen.add(other)
            if other not in kept:
                if len(kept) == bounds.limit or not _add(walk, other, found, bounds.max_nodes):
                    walk.truncated.add(node)
                    continue
                kept.add(other)
            walk.edges.add(edge)
        counts[edge_type] = len(seen)
    walk.counts[node] = counts
    return found


def _add(walk: Walk, node: int, found: list[int], max_nodes: int) -> bool:
    if node in walk.nodes:
        return True
    if len(walk.nodes) >= max_nodes:
        return False
    walk.nodes[node] = None
    found.append(node)
    return True


class PathSearch:
    """Bidirectional breadth-first search for a shortest path, a whole level at a time from the smaller side.

    Nodes with more than `max_degree` neighbours are not walked through; the ends are exempt.
    """

    def __init__(
        self,
        a: int,
        b: int,
        others: Callable[[int, int | None], Sequence[int]],
        max_degree: int,
        ahead: Ahead = nothing_ahead,
    ) -> None:
        """Prepare a search.

        Args:
            a: Start.
            b: End.
            others: (node, at most) -> its distinct neighbours, of which at most so many need be given.
            max_degree: Nodes with more neighbours are dead ends.
            ahead: Told of nodes other than the ends before they are asked for.
        """
        self._ends = (a, b)
        self._others = others
        self._max_degree = max_degree
        self._ahead = ahead
        self._parents: tuple[dict[int, int], dict[int, int]] = ({a: a}, {b: b})
        self._frontiers: list[list[int]] = [[a], [b]]
        self._cache: dict[int, Sequence[int] | None] = {}

    def run(self, max_length: int) -> list[int] | None:
        """The nodes of a shortest path of at most `max_length` edges; None = there is none."""
        a, b = self._ends
        if a == b:
            return [a]
        for _ in range(max_length):
            if not all(self._frontiers):
                return None
            side = 0 if len(self._frontiers[0]) <= len(self._frontiers[1]) else 1
            meeting = self._advance(side)
            if meeting is not None:
                return [*reversed(self._trace(0, meeting)), *self._trace(1, meeting)[1:]]
        return None

    def _advance(self, side: int) -> int | None:
        """Expand one level of a side; give a node where the sides meet."""
        parents, opposite = self._parents[side], self._parents[1 - side]
        found: list[int] = []
        self._announce(self._frontiers[side])
        for node in sorted(self._frontiers[side]):
            for other in self._passable(node) or ():
                if other not in parents:
                    parents[other] = node
                    found.append(other)
        self._frontiers[side] = found
        meetings = [other for other in found if other in opposite]
        self._announce(meetings)
        return min((m for m in meetings if m in self._ends or self._passable(m) is not None), default=None)

    def _announce(self, nodes: Sequence[int]) -> None:
        asked = [node for node in nodes if node not in self._cache and node not in self._ends]
        if asked:
            self._ahead(asked)

    def _passable(self, node: int) -> Sequence[int] | None:
        """Neighbours of a node; None = it has too many to be walked through."""
        if node not in self._cache:
            if node in self._ends:
                self._cache[node] = self._others(node, None)
            else:
                others = self._others(node, self._max_degree + 1)
                self._cache[node] = others if len(others) <= self._max_degree else None
        return self._cache[node]

    def _trace(self, side: int, node: int) -> list[int]:
        parents = self._parents[side]
        nodes = [node]
        while parents[nodes[-1]] != nodes[-1]:
            nodes.append(parents[nodes[-1]])
        return nodes
