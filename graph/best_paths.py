"""The best paths between two nodes of a graph that is known only through the neighbours of given nodes.

Three steps: `explore` looks around both ends, level by level, and says which nodes can lie on a path of the length
looked for; the store fetches the edges among those; `best_paths` finds the cheapest loopless paths in that part,
by Yen's algorithm (1971), whose every search is guided by the exact cost still to go (A*, Hart, Nilsson and Raphael
1968) and keeps the number of edges in its labels, so that the limit on the length is exact too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from graph.evidence import node_cost
from graph.view import PathBounds
from graph.walks import Among, Others, by_reading

Ranked = tuple[int, int, tuple[int, ...]]
"""Cost, number of edges, nodes: paths in the order of preference."""


@dataclass
class Surroundings:
    """What lies between two nodes.

    Attributes:
        degrees: Nodes that can lie on a path -> number of their neighbours; for the two ends 0.
        searched: Every path of up to so many edges lies within.
    """

    degrees: dict[int, int]
    searched: int


@dataclass
class _Side:
    """One end and what was found from it: node -> distance."""

    distance: dict[int, int]
    frontier: list[int]
    levels: int = 0


def explore(a: int, b: int, others: Others, bounds: PathBounds, among: Among | None = None) -> Surroundings:
    """Look around two different nodes; see `GraphView.k_best_paths` for the order and the bounds.

    Args:
        a: Start.
        b: End.
        others: Gives neighbours.
        bounds: How far.
        among: Picks neighbours of an end that has too many for all to be expanded; None = by reading them.
    """
    around = _Around((a, b), others, among or by_reading(others), bounds)
    sides = _Side({a: 0}, [a]), _Side({b: 0}, [b])
    expanded = 0
    while sides[0].levels + sides[1].levels < bounds.max_length:
        side = sides[0] if len(sides[0].frontier) <= len(sides[1].frontier) else sides[1]
        if not side.frontier:  # everything that can be reached from this end is known
            break
        expanded += len(side.frontier)
        if expanded > bounds.max_nodes:
            return around.between(sides[0].levels + sides[1].levels)
        around.look(side.frontier)
        _advance(side, around, b if side is sides[0] else a)
    return around.between(bounds.max_length)


def best_paths(
    ends: tuple[int, int], around: Surroundings, costs: Mapping[tuple[int, int], int], k: int
) -> list[tuple[int, list[int]]]:
    """The cheapest loopless paths, each with its cost; at most `k`.

    Args:
        ends: From where to where; different nodes.
        around: What lies between them.
        costs: Cost of the edge between two of those nodes, each pair once, whichever way round.
        k: How many.
    """
    graph = _Graph(ends, around, costs)
    first = graph.cheapest((), frozenset())
    found: list[Ranked] = []
    candidates = [first] if first else []
    known = set(candidates)
    while candidates and len(found) < k:
        path = heappop(candidates)
        found.append(path)
        for turn in range(path[1]):
            root = path[2][: turn + 1]
            taken = frozenset(p[2][turn + 1] for p in found if p[2][: turn + 1] == root)
            other = graph.cheapest(root, taken)
            if other and other not in known:
                known.add(other)
                heappush(candidates, other)
    return [(cost, list(nodes)) for cost, _, nodes in found]


class _Graph:
    """The part of the graph between two nodes, with what it costs to reach the end from everywhere."""

    def __init__(
        self, ends: tuple[int, int], around: Surroundings, costs: Mapping[tuple[int, int], int]
    ) -> None:
        self._start, self._end = ends
        self._most = around.searched
        self._through = {n: 0 if n in ends else node_cost(d) for n, d in around.degrees.items()}
        self._beside: dict[int, list[tuple[int, int]]] = {n: [] for n in around.degrees}
        for (x, y), cost in costs.items():
            self._beside[x].append((y, cost))
            self._beside[y].append((x, cost))
        self._to_go = self._cheapest_to_end()
        self._hops = self._fewest_edges_to_end()

    def cheapest(self, root: tuple[int, ...], taken: frozenset[int]) -> Ranked | None:
        """The best path that begins with `root` (or at the start) and does not go on to one of `taken`."""
        root = root or (self._start,)
        begin = (self._cost(root), len(root) - 1, root)
        closed = set(root[:-1])
        queue = [(begin[0] + self._to_go.get(root[-1], 0), begin[1], root, begin[0])]
        fewest: dict[int, int] = {}
        while queue:
            _, hops, nodes, cost = heappop(queue)
            here = nodes[-1]
            if here == self._end:
                return cost, hops, nodes
            if fewest.get(here, hops + 1) <= hops:
                continue
            fewest[here] = hops
            for there, step in self._beside[here]:
                if there in closed or there not in self._to_go or hops + 1 + self._hops[there] > self._most:
                    continue
                if there in nodes or (there in taken and len(nodes) == len(root)):
                    continue
                total = cost + step + self._through[there]
                heappush(queue, (total + self._to_go[there], hops + 1, (*nodes, there), total))
        return None

    def _cost(self, nodes: tuple[int, ...]) -> int:
        steps = sum(next(c for n, c in self._beside[x] if n == y) for x, y in pairwise(nodes))
        return steps + sum(self._through[n] for n in nodes[1:])

    def _cheapest_to_end(self) -> dict[int, int]:
        """Node -> cost of the cheapest way on from it, its own not included (Dijkstra 1959)."""
        settled: dict[int, int] = {}
        queue = [(0, self._end)]
        while queue:
            cost, node = heappop(queue)
            if node in settled:
                continue
            settled[node] = cost
            for other, step in self._beside[node]:
                if other not in settled:
                    heappush(queue, (cost + step + self._through[node], other))
        return settled

    def _fewest_edges_to_end(self) -> dict[int, int]:
        hops = {self._end: 0}
        level = [self._end]
        while level:
            following = []
            for node in level:
                for other, _ in self._beside[node]:
                    if other not in hops:
                        hops[other] = hops[node] + 1
                        following.append(other)
            level = following
        return hops


class _Around:
    """What was looked at around two ends.

    Attributes:
        passable: Nodes with their neighbours; of an end in `unread`, only some.
        crowded: Nodes that no path may lead through.
        unread: Ends with too many neighbours for all to be expanded.
    """

    def __init__(self, ends: tuple[int, int], others: Others, among: Among, bounds: PathBounds) -> None:
        self.passable: dict[int, Sequence[int]] = {}
        self.crowded: set[int] = set()
        self.unread: list[int] = []
        self._ends = ends
        self._others = others
        self._among = among
        self._bounds = bounds

    def look(self, nodes: Collection[int]) -> None:
        """Fetch neighbours: of nodes one more than may be passed through, of ends what shows how wide they are."""
        unknown = [node for node in nodes if node not in self.passable and node not in self.crowded]
        self._fetch([node for node in unknown if node in self._ends], self._bounds.max_nodes + 1)
        self._fetch([node for node in unknown if node not in self._ends], self._bounds.max_degree)

    def _fetch(self, nodes: Sequence[int], most: int) -> None:
        answer = self._others(nodes, most + 1) if nodes else {}
        for node in nodes:
            found = answer.get(node, ())
            if len(found) > most and node not in self._ends:
                self.crowded.add(node)
                continue
            self.passable[node] = found
            if len(found) > most:
                self.unread.append(node)

    def between(self, searched: int) -> Surroundings:
        """The nodes on ways of at most `searched` edges among those that were looked at."""
        self._settle_unread()
        once: set[int] = set()
        twice: set[int] = set()
        for found in self.passable.values():
            twice |= once.intersection(found)
            once.update(found)
        # What only one node leads to, and was not expanded, ends there.
        useful = {*self.passable, *self._ends, *twice}
        beside = {node: [n for n in found if n in useful] for node, found in self.passable.items()}
        for node in self.passable:
            for other in beside[node]:
                if other not in self.passable:
                    beside.setdefault(other, []).append(node)
        ends = self._ends
        near, far = (self._distances(beside, *ways, searched) for ways in (ends, ends[::-1]))
        on_the_way = [node for node, away in near.items() if node in far and away + far[node] <= searched]
        self.look([node for node in on_the_way if node not in ends])
        degrees = {node: len(self.passable[node]) for node in on_the_way if node in self.passable}
        return Surroundings(degrees | dict.fromkeys(ends, 0), searched)

    def _settle_unread(self) -> None:
        """Give the ends that were not read those neighbours that anything else leads to; others end there."""
        for end in self.unread[1:]:
            self.passable[end] = self._others([end], None).get(end, ())
        for end in self.unread[:1]:
            known = {*self.passable, *self._ends}.union(
                *(found for node, found in self.passable.items() if node != end)
            )
            self.passable[end] = [*self._among(end, known - {end})]

    def _distances(
        self, beside: Mapping[int, Sequence[int]], start: int, stop: int, most: int
    ) -> dict[int, int]:
        """Edges from a start to every node, by ways that lead through neither `stop` nor a crowded node."""
        found = {start: 0}
        level = [start]
        for away in range(1, most + 1):
            following = []
            for node in level:
                for other in beside.get(node, ()):
                    if other not in found and other not in self.crowded:
                        found[other] = away
                        if other != stop:
                            following.append(other)
            level = following
        return found


def _advance(side: _Side, around: _Around, opposite: int) -> None:
    side.levels += 1
    following = []
    for node in sorted(side.frontier):
        for other in around.passable.get(node, ()):
            if other not in side.distance:
                side.distance[other] = side.levels
                if other != opposite:
                    following.append(other)
    side.frontier = following
