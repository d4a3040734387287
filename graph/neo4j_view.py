"""Reading one generation of a graph in Neo4j within a scope."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import islice, pairwise
from typing import Protocol, TypeVar

from graph.best_paths import best_paths, explore
from graph.elements import ANY_DAY, Edge, Interval, Node, Scope, Value, stable_number
from graph.evidence import UNIT, edge_cost
from graph.neo4j_adjacent import Adjacent
from graph.neo4j_reading import Following, Reading
from graph.neo4j_schema import find_term
from graph.neo4j_whole import whole
from graph.schema import NODES, indexed_properties
from graph.search_terms import Query, birth_date_term, parse_query, required_terms, whole_name_term
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

_NOBODY = Adjacent((), (), ())
_T = TypeVar("_T")


class Read(Protocol):
    """Does work in a reading of a generation within a scope."""

    def __call__(self, generation: int, scope: Scope, work: Callable[[Reading], _T]) -> _T:
        """Do it; again when the generation moved to another epoch meanwhile."""
        ...


class Neo4jView:
    """See `graph.store.GraphView`."""

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

    def as_of(self, when: date | Interval | None) -> "Neo4jView":
        """The time slice of this view."""
        return Neo4jView(self._generation, self._scope, self._open, Interval.of(when))

    def get(self, node_id: str) -> Node | None:
        """The node with this id."""
        return self._read(lambda reading: reading.node(stable_number(node_id)))

    def get_many(self, node_ids: Collection[str]) -> tuple[Node, ...]:
        """Those of the nodes that are visible, sorted by id."""
        numbers = {stable_number(node_id) for node_id in node_ids}
        return self._read(lambda reading: tuple(reading.nodes(numbers)))

    def find(self, label: str, name: str, value: str, *, limit: int = 100) -> tuple[Node, ...]:
        """Nodes of a label of which an indexed property equals, or contains, a value."""
        if label not in NODES or name not in indexed_properties(label):
            raise StoreError(f"nodes cannot be found by {label}.{name}: it is not indexed")

        def work(reading: Reading) -> tuple[Node, ...]:
            found = reading.matching(find_term(label, name, value), (label,))
            holders = (node for node in found if value in _listed(node.properties.get(name)))
            return tuple(sorted(islice(holders, limit), key=lambda node: node.id))

        return self._read(work)

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

        def work(reading: Reading) -> tuple[Node, ...]:
            found: dict[str, Node] = {}
            for expression, exact in _expressions(query):
                for node in reading.matching(expression, labels):
                    if len(found) >= limit:
                        break
                    if query.matches(node.label, node.properties) and (
                        not exact or query.is_name_of(node.properties)
                    ):
                        found.setdefault(node.id, node)
            return tuple(found.values())

        return self._read(work)

    def neighbour_counts(self, node_id: str) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours."""
        number = stable_number(node_id)

        def work(reading: Reading) -> dict[str, int]:
            found = reading.adjacents([number], self._following(None))[number]
            return {name: len(found[name].others) for name in sorted(found)}

        return self._read(work)

    def neighbours(
        self, node_id: str, edge_type: str, *, after: str | None = None, limit: int = 100
    ) -> NeighbourPage | None:
        """Page through the neighbours of one node by one edge type."""
        start = stable_number(node_id)
        following = self._following((edge_type,))
        last = None if after is None else stable_number(after)

        def work(reading: Reading) -> NeighbourPage | None:
            if reading.node(start) is None:
                return None
            adjacent = reading.adjacents([start], following)[start].get(edge_type, _NOBODY)
            page = adjacent.page(last, limit + 1)
            shown, more = page[:limit], len(page) > limit
            nodes = {stable_number(node.id): node for node in reading.nodes(shown)}
            edges = reading.between([(start, other) for other in shown], following)
            found = tuple(Neighbour(nodes[n], edges[start, n]) for n in shown)
            return NeighbourPage(found, len(adjacent.others), found[-1].node.id if more else None)

        return self._read(work)

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
        following = self._following(types)

        def work(reading: Reading) -> Subgraph | None:
            if reading.node(start) is None:
                return None

            def neighbours(level: Sequence[int]) -> Mapping[int, Neighbours]:
                return reading.beside(level, following, limit)

            walk = walk_outwards(start, neighbours, Bounds(depth, limit, max_nodes))
            nodes = reading.nodes(walk.nodes)
            ids = {stable_number(node.id): node.id for node in nodes}
            return Subgraph(
                nodes=tuple(nodes),
                edges=reading.edges(walk.edges),
                counts={ids[number]: counts for number, counts in walk.counts.items()},
                truncated=frozenset(ids[number] for number in walk.truncated),
            )

        return self._read(work)

    def sharing(self, node_id: str, edge_type: str, *, limit: int = 25) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type."""
        start = stable_number(node_id)
        following = self._following((edge_type,))

        def work(reading: Reading) -> tuple[Shared, ...]:
            if reading.node(start) is None:
                return ()
            held = reading.others(following, reading.others(following, [start])[start])
            holders = {via: [n for n in others if n != start] for via, others in held.items()}
            shared = [
                Shared(via, len(holders[number]), nodes, len(holders[number]) > limit)
                for number, (via, nodes) in _shown(reading, holders, limit).items()
            ]
            return tuple(sorted(shared, key=lambda one: one.via.id))

        return self._read(work)

    def attendances(self, node_id: str, *, days: int = 50, limit: int = 25) -> tuple[Attendance, ...]:
        """Who else was treated at the same facility on the same day."""
        person = stable_number(node_id)

        def work(reading: Reading) -> tuple[Attendance, ...]:
            own = reading.visits(person, self._when)
            chosen = sorted(own, key=lambda visit: (-visit[0].toordinal(), visit[1]))[:days]
            patients = reading.patients(chosen, self._when) if chosen else {}
            found: list[Attendance] = []
            for (day, facility), everyone in patients.items():
                others = sorted(everyone - {person})
                for via, nodes in _shown(reading, {facility: others}, limit).values():
                    found.append(Attendance(via, len(others), nodes, len(others) > limit, day))
            return tuple(sorted(found, key=lambda a: (-a.day.toordinal(), a.via.id)))

        return self._read(work)

    def common_neighbours(
        self, a: str, b: str, *, types: Collection[str] | None = None, limit: int = 100
    ) -> CommonNeighbours:
        """What is a neighbour of both nodes."""
        ends = list(dict.fromkeys((stable_number(a), stable_number(b))))
        following = self._following(types)

        def work(reading: Reading) -> CommonNeighbours:
            if len(reading.nodes(ends)) < len(ends):
                return CommonNeighbours((), (), 0, False)
            beside = reading.others(following, ends)
            common = sorted(set.intersection(*(set(others) for others in beside.values())))
            shown = common[:limit]
            edges = reading.between([(end, number) for end in ends for number in shown], following)
            listed = {edge.id: edge for found in edges.values() for edge in found}
            return CommonNeighbours(
                tuple(reading.nodes(shown)),
                tuple(listed[key] for key in sorted(listed)),
                len(common),
                len(common) > limit,
            )

        return self._read(work)

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
        following = self._following(types)

        def work(reading: Reading) -> Path | None:
            if len(reading.nodes(ends)) < len(set(ends)):
                return None
            others, among = _asking(reading, following)
            numbers = PathSearch(*ends, others, max_degree, among).run(max_length)
            return None if numbers is None else Path(*_elements(reading, numbers, following))

        return self._read(work)

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
        following = self._following(types)

        def work(reading: Reading) -> BestPaths:
            known = reading.nodes(ends)
            if len(known) < len(set(ends)):
                return BestPaths((), bounds.max_length)
            if a == b:
                return BestPaths((EvidencePath((known[0],), (), 0.0),)[:k], bounds.max_length)
            others, among = _asking(reading, following)
            around = explore(*ends, others, bounds, among)
            costs = reading.costs(around.degrees, ends, following)
            paths = tuple(
                EvidencePath(*_elements(reading, numbers, following), cost / UNIT)
                for cost, numbers in best_paths(ends, around, costs, k)
            )
            return BestPaths(paths, around.searched)

        return self._read(work)

    def whole(
        self,
        *,
        labels: Collection[str] | None = None,
        types: Collection[str] | None = None,
        bounds: WholeBounds = WholeBounds(),  # noqa: B008  (frozen)
    ) -> Subgraph:
        """All visible nodes and edges."""
        following = self._following(types)
        return self._read(lambda reading: whole(reading, labels, following, bounds))

    def _following(self, types: Collection[str] | None) -> Following:
        return Following.of(types, self._when)

    def _read(self, work: Callable[[Reading], _T]) -> _T:
        return self._open(self._generation, self._scope, work)


def _asking(reading: Reading, following: Following) -> tuple[Others, Among]:
    """How a search over some edges asks for neighbours."""
    return partial(reading.others, following), partial(reading.among, following)


def _shown(
    reading: Reading, holders: Mapping[int, Sequence[int]], limit: int
) -> dict[int, tuple[Node, tuple[Node, ...]]]:
    """What is shared -> it and the first of those who share it, as nodes; without what nobody shares."""
    shown = {n for via, others in holders.items() if others for n in (via, *others[:limit])}
    nodes = {stable_number(node.id): node for node in reading.nodes(shown)} if shown else {}
    return {
        via: (nodes[via], tuple(sorted((nodes[n] for n in others[:limit]), key=lambda node: node.id)))
        for via, others in holders.items()
        if others
    }


def _elements(
    reading: Reading, numbers: list[int], following: Following
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Nodes and edges of a path; of parallel edges the one that costs least."""
    steps = list(pairwise(numbers))
    parallel = reading.between(steps, following)
    edges = tuple(
        min(parallel[step], key=lambda edge: (edge_cost(edge.type, edge.probability), edge.id))
        for step in steps
    )
    return tuple(reading.in_order(numbers)), edges


def _expressions(query: Query) -> list[tuple[str, bool]]:
    """Lucene expressions to ask one after the other, and whether only nodes of this very name are meant."""
    wanted = [alternatives for word in query.words for alternatives in required_terms(word)]
    if not wanted or not all(wanted):
        return []
    born = [f"+{_escaped(birth_date_term(query.birth_date.isoformat()))}"] if query.birth_date else []
    words = [
        "+(" + " ".join(_escaped(term) + ("*" if beginning else "") for term, beginning in alternatives) + ")"
        for alternatives in wanted
    ]
    return [
        (" ".join([f"+{_escaped(whole_name_term(query.whole))}", *born]), True),
        (" ".join([*words, *born]), False),
    ]


def _escaped(term: str) -> str:
    """A term in which nothing means anything to Lucene; a net, as terms hold no ASCII but letters and digits."""
    return "".join(c if c.isalnum() or not c.isascii() else f"\\{c}" for c in term)


def _listed(value: Value) -> list[Value]:
    return [*value] if isinstance(value, list) else [value]
