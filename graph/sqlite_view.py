"""Reading one generation of the embedded graph store within a scope and a time."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from functools import partial
from itertools import islice, pairwise

from graph.best_paths import best_paths, explore
from graph.elements import ANY_DAY, Edge, Interval, Node, Scope, Value, stable_number
from graph.evidence import UNIT, edge_cost
from graph.schema import NODES, indexed_properties
from graph.search_terms import Query, birth_date_term, parse_query, required_terms, whole_name_term
from graph.sqlite_attendance import attendances
from graph.sqlite_reading import NODE, Reading
from graph.sqlite_whole import whole
from graph.view import (
    Attendance,
    BestPaths,
    CommonNeighbours,
    EvidencePath,
    Neighbour,
    NeighbourPage,
    Path,
    PathBounds,
    Shared,
    Subgraph,
)
from graph.walks import Among, Bounds, Neighbours, Others, PathSearch, walk_outwards
from graph.whole import WholeBounds
from resolver.errors import StoreError

Read = Callable[[int, Scope, Interval], AbstractContextManager[Reading]]
"""Opens a reading transaction on the caller's thread."""


class SqliteView:
    """See `graph.view.GraphView`."""

    def __init__(self, generation: int, scope: Scope, read: Read, when: Interval = ANY_DAY) -> None:
        """Made by the store."""
        self._generation = generation
        self._scope = scope
        self._open = read
        self._when = when

    @property
    def generation(self) -> int:
        """The generation this view is pinned to."""
        return self._generation

    @property
    def scope(self) -> Scope:
        """What this view is limited to."""
        return self._scope

    @property
    def when(self) -> Interval:
        """When the edges of this view hold."""
        return self._when

    def as_of(self, when: date | Interval | None) -> "SqliteView":
        """The time slice of this view."""
        return SqliteView(self._generation, self._scope, self._open, Interval.of(when))

    def get(self, node_id: str) -> Node | None:
        """The node with this id."""
        with self._read() as reading:
            return reading.node(stable_number(node_id))

    def get_many(self, node_ids: Collection[str]) -> tuple[Node, ...]:
        """Those of the nodes that are visible, sorted by id."""
        with self._read() as reading:
            return tuple(reading.nodes({stable_number(node_id) for node_id in node_ids}))

    def find(self, label: str, name: str, value: str, *, limit: int = 100) -> tuple[Node, ...]:
        """Nodes of a label of which an indexed property equals, or contains, a value."""
        if label not in NODES or name not in indexed_properties(label):
            raise StoreError(f"nodes cannot be found by {label}.{name}: it is not indexed")
        with self._read() as reading:
            rows = reading.db.execute(
                f"SELECT {NODE} FROM lookup CROSS JOIN nodes ON nodes.n = lookup.n "
                f"WHERE lookup.property = ? AND lookup.value = ? AND {reading.live_nodes}{reading.seen} "
                "ORDER BY lookup.n",
                (reading.codes.get(f"{label}.{name}"), value),
            )
            holders = (
                node for node in map(reading.node_of, rows) if value in _listed(node.properties.get(name))
            )
            return tuple(sorted(islice(holders, limit), key=lambda node: node.id))

    def search(
        self,
        text: str,
        *,
        limit: int = 20,
        birth_date: date | None = None,
        labels: Collection[str] | None = None,
    ) -> tuple[Node, ...]:
        """Full text over names, former names, pinyin, numbers and phones of persons and organisations."""
        query = parse_query(text, birth_date)
        found: dict[str, Node] = {}
        with self._read() as reading:
            for expression in _expressions(query):
                exact = expression.startswith('"n')
                for node in _matching(reading, expression, labels):
                    if len(found) >= limit:
                        break
                    if query.matches(node.label, node.properties) and (
                        not exact or query.is_name_of(node.properties)
                    ):
                        found.setdefault(node.id, node)
        return tuple(found.values())

    def neighbour_counts(self, node_id: str) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours."""
        number = stable_number(node_id)
        with self._read() as reading:
            if reading.node(number) is None:
                return {}
            rows = reading.db.execute(
                f"SELECT type, count(DISTINCT other) FROM adjacent WHERE n = ? AND {reading.live}"
                f"{reading.edge_seen} GROUP BY type",
                (number,),
            )
            return {reading.names[code]: count for code, count in sorted(rows)}

    def neighbours(
        self, node_id: str, edge_type: str, *, after: str | None = None, limit: int = 100
    ) -> NeighbourPage | None:
        """Page through the neighbours of one node by one edge type."""
        start = stable_number(node_id)
        with self._read() as reading:
            here = reading.node(start)
            if here is None:
                return None
            condition = reading.types((edge_type,))
            count = reading.count(start, condition)
            last = None if after is None else stable_number(after)
            page = reading.page(start, condition, last, limit + 1)
            shown, more = page[:limit], len(page) > limit
            nodes = {stable_number(node.id): node for node in reading.nodes(shown)}
            pairs = [(start, other) for other in shown]
            edges = _between(reading, pairs, [here, *nodes.values()], (edge_type,))
            found = tuple(Neighbour(nodes[n], edges[start, n]) for n in shown)
            return NeighbourPage(found, count, found[-1].node.id if more else None)

    def neighbourhood(
        self,
        node_id: str,
        depth: int = 1,
        *,
        types: Collection[str] | None = None,
        limit: int = 25,
        max_nodes: int = 500,
    ) -> Subgraph | None:
        """Walk outwards from a node, breadth first."""
        start = stable_number(node_id)
        with self._read() as reading:
            if reading.node(start) is None:
                return None
            condition = reading.types(types)

            def neighbours(level: Sequence[int]) -> Mapping[int, Neighbours]:
                return {number: reading.neighbours(number, condition, limit) for number in level}

            walk = walk_outwards(start, neighbours, Bounds(depth, limit, max_nodes))
            nodes = reading.nodes(walk.nodes)
            ids = {stable_number(node.id): node.id for node in nodes}
            return Subgraph(
                nodes=tuple(nodes),
                edges=reading.edges(walk.edges, ids),
                counts={ids[number]: counts for number, counts in walk.counts.items()},
                truncated=frozenset(ids[number] for number in walk.truncated),
            )

    def sharing(self, node_id: str, edge_type: str, *, limit: int = 25) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type."""
        start = stable_number(node_id)
        with self._read() as reading:
            if reading.node(start) is None:
                return ()
            condition = reading.types((edge_type,))
            shared: list[Shared] = []
            for via in reading.nodes(reading.others([start], condition)[start]):
                number = stable_number(via.id)
                count = reading.count(number, condition) - 1
                if count:
                    first = [n for n in reading.page(number, condition, None, limit + 1) if n != start]
                    nodes = tuple(reading.nodes(first[:limit]))
                    shared.append(Shared(via, count, nodes, count > limit))
            return tuple(shared)

    def attendances(self, node_id: str, *, days: int = 50, limit: int = 25) -> tuple[Attendance, ...]:
        """Who else was treated at the same facility on the same day."""
        with self._read() as reading:
            return attendances(reading, stable_number(node_id), days, limit)

    def common_neighbours(
        self, a: str, b: str, *, types: Collection[str] | None = None, limit: int = 100
    ) -> CommonNeighbours:
        """What is a neighbour of both nodes."""
        ends = stable_number(a), stable_number(b)
        with self._read() as reading:
            both = [reading.node(number) for number in ends]
            known = [node for node in both if node is not None]
            if len(known) < len(both):
                return CommonNeighbours((), (), 0, False)
            common = reading.common(ends, types)
            shown = common[:limit]
            nodes = tuple(reading.nodes(shown))
            pairs = [(end, number) for end in dict.fromkeys(ends) for number in shown]
            edges = _between(reading, pairs, [*known, *nodes], types)
            listed = {edge.id: edge for found in edges.values() for edge in found}
            return CommonNeighbours(
                nodes, tuple(listed[key] for key in sorted(listed)), len(common), len(common) > limit
            )

    def shortest_path(
        self,
        a: str,
        b: str,
        *,
        max_length: int = 6,
        max_degree: int = 200,
        types: Collection[str] | None = None,
    ) -> Path | None:
        """A shortest path that does not lead through a node with more than `max_degree` visible neighbours."""
        ends = stable_number(a), stable_number(b)
        with self._read() as reading:
            if any(reading.node(number) is None for number in ends):
                return None
            others, among = _asking(reading, types)
            numbers = PathSearch(*ends, others, max_degree, among).run(max_length)
            return None if numbers is None else Path(*_elements(reading, numbers, types))

    def k_best_paths(
        self,
        a: str,
        b: str,
        k: int = 3,
        *,
        bounds: PathBounds = PathBounds(),  # noqa: B008  (frozen)
        types: Collection[str] | None = None,
    ) -> BestPaths:
        """The paths between two nodes on which one can most rely."""
        ends = stable_number(a), stable_number(b)
        with self._read() as reading:
            known = [node for node in (reading.node(number) for number in ends) if node is not None]
            if len(known) < len(ends):
                return BestPaths((), bounds.max_length)
            if a == b:
                return BestPaths((EvidencePath((known[0],), (), 0.0),)[:k], bounds.max_length)
            others, among = _asking(reading, types)
            around = explore(*ends, others, bounds, among)
            costs = reading.costs(around.degrees, ends, types)
            paths = tuple(
                EvidencePath(*_elements(reading, numbers, types), cost / UNIT)
                for cost, numbers in best_paths(ends, around, costs, k)
            )
            return BestPaths(paths, around.searched)

    def whole(
        self,
        *,
        labels: Collection[str] | None = None,
        types: Collection[str] | None = None,
        bounds: WholeBounds = WholeBounds(),  # noqa: B008  (frozen)
    ) -> Subgraph:
        """All visible nodes and edges."""
        with self._read() as reading:
            return whole(reading, labels, types, bounds)

    def _read(self) -> AbstractContextManager[Reading]:
        return self._open(self._generation, self._scope, self._when)


def _asking(reading: Reading, types: Collection[str] | None) -> tuple[Others, Among]:
    """How a search over edges of some types asks for neighbours."""
    condition = reading.types(types)

    def others(numbers: Sequence[int], at_most: int | None) -> Mapping[int, Sequence[int]]:
        return reading.others(numbers, condition, at_most)

    return others, partial(reading.among, types=types)


def _between(
    reading: Reading, pairs: Sequence[tuple[int, int]], nodes: Sequence[Node], types: Collection[str] | None
) -> dict[tuple[int, int], tuple[Edge, ...]]:
    """All edges between pairs of given nodes, sorted by id."""
    ids = {stable_number(node.id): node.id for node in nodes}
    beside: dict[int, list[int]] = {}
    for here, there in pairs:
        beside.setdefault(here, []).append(there)
    numbers = {e for here, others in beside.items() for _, e in reading.between(here, others, types)}
    found: dict[frozenset[str], list[Edge]] = {}
    for edge in reading.edges(numbers, ids):
        found.setdefault(frozenset((edge.source, edge.target)), []).append(edge)
    return {(here, there): tuple(found.get(frozenset((ids[here], ids[there])), ())) for here, there in pairs}


def _elements(
    reading: Reading, numbers: list[int], types: Collection[str] | None
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Nodes and edges of a path; of parallel edges the one that costs least."""
    nodes = {stable_number(node.id): node for node in reading.nodes(numbers)}
    steps = list(pairwise(numbers))
    parallel = _between(reading, steps, [*nodes.values()], types)
    edges = tuple(
        min(parallel[step], key=lambda edge: (edge_cost(edge.type, edge.probability), edge.id))
        for step in steps
    )
    return tuple(nodes[number] for number in numbers), edges


def _matching(reading: Reading, expression: str, labels: Collection[str] | None) -> Iterator[Node]:
    wanted = "" if labels is None else f" AND label IN ({reading.listed(labels)})"
    rows = reading.db.execute(
        f"SELECT {NODE} FROM search CROSS JOIN nodes ON nodes.n = search.rowid "
        f"WHERE search MATCH ? AND {reading.live_nodes}{reading.seen}{wanted}",
        (expression,),
    )
    return map(reading.node_of, rows)


def _expressions(query: Query) -> list[str]:
    """FTS5 expressions to ask one after the other: first for the whole name, then for all the words."""
    wanted = [alternatives for word in query.words for alternatives in required_terms(word)]
    if not wanted or not all(wanted):
        return []
    born = [f'"{birth_date_term(query.birth_date.isoformat())}"'] if query.birth_date else []
    words = [
        "(" + " OR ".join(f'"{term}"{"*" if beginning else ""}' for term, beginning in alternatives) + ")"
        for alternatives in wanted
    ]
    return [" AND ".join([f'"{whole_name_term(query.whole)}"', *born]), " AND ".join([*words, *born])]


def _listed(value: Value) -> list[Value]:
    return [*value] if isinstance(value, list) else [value]
