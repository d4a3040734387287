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

Among = Callable[[int, Collection[int]], Collection[int]]
"""(node, others) -> those of the others that are neighbours of the node."""

WIDE = 1000
"""An end with more neighbours than this is not read: it is asked which of the nodes found from the other end it is
beside, which takes a moment where tens of thousands of neighbours take many."""

_AT_ONCE = 100


def by_reading(others: Others) -> Among:
    """`Among` of a store that has nothing better than to read all neighbours."""
    return lambda node, nodes: set(others([node], None).get(node, ())).intersection(nodes)


class PathSearch:
    """Bidirectional breadth-first search for a shortest path, a whole level at a time from the smaller side.

    Nodes with more than `max_degree` neighbours are not walked through; the ends are exempt.
    """

    def __init__(
        self, a: int, b: int, others: Others, max_degree: int, among: Among | None = None, wide: int = WIDE
    ) -> None:
        """Prepare a search.

        Args:
            a: Start.
            b: End.
            others: Gives neighbours.
            max_degree: Nodes with more neighbours are dead ends.
            among: Picks neighbours of an end; None = by reading them.
            wide: An end with more neighbours is not read if it can be helped.
        """
        self._ends = (a, b)
        self._others = others
        self._among = among or by_reading(others)
        self._max_degree = max_degree
        self._wide = wide
        self._parents: tuple[dict[int, int], dict[int, int]] = ({a: a}, {b: b})
        self._frontiers: list[list[int]] = [[a], [b]]
        self._passable: dict[int, Sequence[int] | None] = {}
        self._unread: int | None = None  # the side whose end has not been read

    def run(self, max_length: int) -> list[int] | None:
        """The nodes of a shortest path of at most `max_length` edges; None = there is none."""
        if self._ends[0] == self._ends[1]:
            return [self._ends[0]]
        self._look_at_ends()
        for step in range(max_length):
            if not all(self._frontiers):
                return None
            meeting = self._advance(self._next_side(step))
            if meeting is not None:
                return [*reversed(self._trace(0, meeting)), *self._trace(1, meeting)[1:]]
        return None

    def _look_at_ends(self) -> None:
        found = self._others(self._ends, self._wide + 1)
        self._passable.update((end, found.get(end, ())) for end in self._ends)
        unread = [side for side, end in enumerate(self._ends) if len(found.get(end, ())) > self._wide]
        if unread:
            self._unread = unread[0]
        for side in unread[1:]:
            self._read(side)

    def _read(self, side: int) -> Sequence[int]:
        end = self._ends[side]
        found = self._passable[end] = self._others([end], None).get(end, ())
        return found

    def _next_side(self, step: int) -> int:
        """The side with fewer nodes to expand; before any other that of the end that has not been read."""
        if self._unread is not None:
            if step == 0:
                return self._unread
            if len(self._frontiers[1 - self._unread]) <= self._wide:
                return 1 - self._unread
            self._frontiers[self._unread] = [*self._read(self._unread)]
            for node in self._frontiers[self._unread]:
                self._parents[self._unread].setdefault(node, self._ends[self._unread])
            self._unread = None
        return 0 if len(self._frontiers[0]) <= len(self._frontiers[1]) else 1

    def _advance(self, side: int) -> int | None:
        """Expand one level of a side; give a node where the sides meet."""
        met = sorted(self._first_unread() if side == self._unread else self._expand(side))
        for start in range(0, len(met), _AT_ONCE):
            some = met[start : start + _AT_ONCE]
            self._look(some)
            for node in some:
                if node in self._ends or self._passable[node] is not None:
                    return node
        return None

    def _first_unread(self) -> Collection[int]:
        """The first level of the end that is not read: it is taken as done."""
        assert self._unread is not None
        self._frontiers[self._unread] = [*(self._passable[self._ends[self._unread]] or ())]
        return self._beside_unread(self._parents[1 - self._unread])

    def _expand(self, side: int) -> Collection[int]:
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
        met = {other for other in found if other in opposite}
        return met if self._unread is None else met.union(self._beside_unread(found))

    def _beside_unread(self, nodes: Collection[int]) -> Collection[int]:
        """Those of the nodes that are beside the end that is not read; from now on they are known from there."""
        assert self._unread is not None
        end, parents = self._ends[self._unread], self._parents[self._unread]
        beside = self._among(end, nodes)
        for node in beside:
            parents.setdefault(node, end)
        return beside

    def _look(self, nodes: Collection[int]) -> None:
        """Fetch the neighbours of nodes; None = it has too many to be walked through."""
        unknown = [node for node in nodes if node not in self._passable]
        found = self._others(unknown, self._max_degree + 1) if unknown else {}
        for node in unknown:
            others = found.get(node, ())
            self._passable[node] = others if len(others) <= self._max_degree else None

    def _trace(self, side: int, node: int) -> list[int]:
        parents = self._parents[side]
        nodes = [node]
        while parents[nodes[-1]] != nodes[-1]:
            nodes.append(parents[nodes[-1]])
        return nodes
