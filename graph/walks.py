"""Walks over a graph that is known only through the neighbours of some nodes at a time.

Stores without a search of their own use these; they know nodes as numbers (`graph.store.stable_number`). A walk asks
for the neighbours of a whole level at once, for a store to which every question is a journey.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Beside:
    """The neighbours of a node by edges of one type.

    Attributes:
        count: How many distinct neighbours there are.
        first: (neighbour, edge) pairs of the first of them, as many as were asked for, sorted.
    """

    count: int
    first: Sequence[tuple[int, int]]


Neighbours = Mapping[str, Beside]
"""Edge type -> neighbours."""


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
    start: int, neighbours: Callable[[Sequence[int]], Mapping[int, Neighbours]], bounds: Bounds
) -> Walk:
    """Breadth-first walk with caps per node and type, and on the whole.

    Nodes of one level are expanded in ascending order, so the result depends on the graph alone.

    Args:
        start: Where to start.
        neighbours: Nodes -> the neighbours of each, the first `bounds.limit` per type; what has none may lack.
        bounds: How far.
    """
    walk = Walk(nodes={start: None})
    frontier = [start]
    for _ in range(bounds.depth):
        found: list[int] = []
        level = sorted(frontier)
        beside = neighbours(level)
        for node in level:
            found += _expand(walk, node, beside.get(node, {}), bounds.max_nodes)
        frontier = found
    return walk


def _expand(walk: Walk, node: int, neighbours: Neighbours, max_nodes: int) -> list[int]:
    found: list[int] = []
    for edge_type in sorted(neighbours):
        beside = neighbours[edge_type]
        kept: set[int] = set()
        for other, edge in beside.first:
            if other in kept or _add(walk, other, found, max_nodes):
                kept.add(other)
                walk.edges.add(edge)
        if len(kept) < beside.count:
            walk.truncated.add(node)
    walk.counts[node] = {edge_type: neighbours[edge_type].count for edge_type in sorted(neighbours)}
    return found


def _add(walk: Walk, node: int, found: list[int], max_nodes: int) -> bool:
    if node in walk.nodes:
        return True
    if len(walk.nodes) >= max_nodes:
        return False
    walk.nodes[node] = None
    found.append(node)
    return True


Others = Callable[[Sequence[int], int | None], Mapping[int, Sequence[int]]]
"""(nodes, at most) -> their distinct neighbours, of which at most so many of each need be given; a node without any
may lack."""


class PathSearch:
    """Bidirectional breadth-first search for a shortest path, a whole level at a time from the smaller side.

    Nodes with more than `max_degree` neighbours are not walked through; the ends are exempt.
    """

    def __init__(self, a: int, b: int, others: Others, max_degree: int) -> None:
        """Prepare a search.

        Args:
            a: Start.
            b: End.
            others: Gives neighbours.
            max_degree: Nodes with more neighbours are dead ends.
        """
        self._ends = (a, b)
        self._others = others
        self._max_degree = max_degree
        self._parents: tuple[dict[int, int], dict[int, int]] = ({a: a}, {b: b})
        self._frontiers: list[list[int]] = [[a], [b]]
        self._passable: dict[int, Sequence[int] | None] = {}

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
        level = sorted(self._frontiers[side])
        self._look(level)
        for node in level:
            for other in self._passable[node] or ():
                if other not in parents:
                    parents[other] = node
                    found.append(other)
        self._frontiers[side] = found
        met = sorted(other for other in found if other in opposite)
        self._look([other for other in met if other not in self._ends])
        return next((n for n in met if n in self._ends or self._passable[n] is not None), None)

    def _look(self, nodes: Collection[int]) -> None:
        """Fetch the neighbours of nodes; None = it has too many to be walked through."""
        unknown = [node for node in nodes if node not in self._passable]
        ends = [node for node in unknown if node in self._ends]
        rest = [node for node in unknown if node not in self._ends]
        if ends:
            found = self._others(ends, None)
            self._passable.update((node, found.get(node, ())) for node in ends)
        if rest:
            found = self._others(rest, self._max_degree + 1)
            for node in rest:
                others = found.get(node, ())
                self._passable[node] = others if len(others) <= self._max_degree else None

    def _trace(self, side: int, node: int) -> list[int]:
        parents = self._parents[side]
        nodes = [node]
        while parents[nodes[-1]] != nodes[-1]:
            nodes.append(parents[nodes[-1]])
        return nodes
