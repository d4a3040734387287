"""The best paths between two nodes of a graph that is known only through the neighbours of given nodes.

Three steps: `explore` looks around both ends, level by level, and says which nodes can lie on a path of the length
looked for; the store fetches the edges among those; `best_paths` finds the cheapest loopless paths in that part,
by Yen's algorithm (1971), whose every search is guided by the exact cost still to go (A*, Hart, Nilsson and Raphael
1968) and keeps the number of edges in its labels, so that the limit on the length is exact too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise

from graph.evidence import node_cost
from graph.view import PathBounds
from graph.walks import Others

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


@dataclass
class _Looked:
    """Neighbours of the nodes that were expanded."""

    passable: dict[int, Sequence[int]] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)

    def unknown(self, nodes: Collection[int]) -> list[int]:
        return [node for node in nodes if node not in self.passable and node not in self.crowded]


def explore(a: int, b: int, others: Others, bounds: PathBounds) -> Surroundings:
    """Look around two different nodes; see `GraphView.k_best_paths` for the order and the bounds."""
    looked = _Looked()
    sides = _Side({a: 0}, [a]), _Side({b: 0}, [b])
    expanded = 0
    while sides[0].levels + sides[1].levels < bounds.max_length:
        side = sides[0] if len(sides[0].frontier) <= len(sides[1].frontier) else sides[1]
        if not side.frontier:  # everything that can be reached from this end is known
            break
        expanded += len(side.frontier)
        if expanded > bounds.max_nodes:
            reached = sides[0].levels + sides[1].levels
            return _between((a, b), looked, others, bounds.max_degree, reached)
        _look(looked, side.frontier, others, bounds.max_degree, (a, b))
        _advance(side, looked, b if side is sides[0] else a)
    return _between((a, b), looked, others, bounds.max_degree, bounds.max_length)


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


def _look(
    looked: _Looked, nodes: Collection[int], others: Others, max_degree: int, ends: tuple[int, int]
) -> None:
    """Fetch neighbours: all of the ends, of other nodes one more than may be passed through."""
    unknown = looked.unknown(nodes)
    exempt = [node for node in unknown if node in ends]
    if exempt:
        answer = others(exempt, None)
        looked.passable.update((node, answer.get(node, ())) for node in exempt)
    rest = [node for node in unknown if node not in ends]
    if rest:
        answer = others(rest, max_degree + 1)
        for node in rest:
            found = answer.get(node, ())
            if len(found) > max_degree:
                looked.crowded.add(node)
            else:
                looked.passable[node] = found


def _advance(side: _Side, looked: _Looked, opposite: int) -> None:
    side.levels += 1
    following = []
    for node in sorted(side.frontier):
        for other in looked.passable.get(node, ()):
            if other not in side.distance:
                side.distance[other] = side.levels
                if other != opposite:
                    following.append(other)
    side.frontier = following


def _between(
    ends: tuple[int, int], looked: _Looked, others: Others, max_degree: int, searched: int
) -> Surroundings:
    """The nodes on ways of at most `searched` edges among those that were looked at."""
    once: set[int] = set()
    twice: set[int] = set()
    for found in looked.passable.values():
        twice |= once.intersection(found)
        once.update(found)
    useful = {
        *looked.passable,
        *ends,
        *twice,
    }  # what only one node leads to, and was not expanded, ends there
    beside = {node: [n for n in found if n in useful] for node, found in looked.passable.items()}
    for node in looked.passable:
        for other in beside[node]:
            if other not in looked.passable:
                beside.setdefault(other, []).append(node)
    near, far = (_distances(beside, start, stop, looked, searched) for start, stop in (ends, ends[::-1]))
    on_the_way = [node for node, away in near.items() if node in far and away + far[node] <= searched]
    _look(looked, [node for node in on_the_way if node not in ends], others, max_degree, ends)
    degrees = {node: len(looked.passable[node]) for node in on_the_way if node in looked.passable}
    return Surroundings(degrees | dict.fromkeys(ends, 0), searched)


def _distances(
    beside: Mapping[int, Sequence[int]], start: int, stop: int, looked: _Looked, most: int
) -> dict[int, int]:
    """Edges from a start to every node, by ways that lead through neither `stop` nor a crowded node."""
    found = {start: 0}
    level = [start]
    for away in range(1, most + 1):
        following = []
        for node in level:
            for other in beside.get(node, ()):
                if other not in found and other not in looked.crowded:
                    found[other] = away
                    if other != stop:
                        following.append(other)
        level = following
    return found
