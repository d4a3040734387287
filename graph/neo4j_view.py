"""Reading one generation of a graph in Neo4j within a scope."""

from collections.abc import Callable, Collection, Sequence
from datetime import date
from itertools import islice, pairwise
from typing import Protocol, TypeVar

from graph.neo4j_reading import Following, Reading
from graph.neo4j_schema import find_term
from graph.schema import NODES, indexed_properties
from graph.search_terms import Query, birth_date_term, parse_query, required_terms, whole_name_term
from graph.store import Node, Path, Scope, Shared, Subgraph, Value, stable_number
from graph.walks import Bounds, Neighbours, PathSearch, walk_outwards
from resolver.errors import StoreError

_T = TypeVar("_T")


class Read(Protocol):
    """Does work in a reading of a generation within a scope."""

    def __call__(self, generation: int, scope: Scope, work: Callable[[Reading], _T]) -> _T:
        """Do it; again when the generation moved to another epoch meanwhile."""
        ...


class Neo4jView:
    """See `graph.store.GraphView`."""

    def __init__(self, generation: int, scope: Scope, read: Read) -> None:
        """Made by the store."""
        self._generation = generation
        self._scope = scope
        self._open = read

    @property
    def generation(self) -> int:
        """The generation this view is pinned to."""
        return self._generation

    @property
    def scope(self) -> Scope:
        """What this view is limited to."""
        return self._scope

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
            found = reading.matching(find_term(label, name, value))
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

    def neighbour_counts(self, node_id: str, *, as_of: date | None = None) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours."""
        number = stable_number(node_id)

        def work(reading: Reading) -> dict[str, int]:
            found = reading.neighbours([number], Following(as_of=as_of))[number]
            return {name: len({other for other, _ in found[name]}) for name in sorted(found)}

        return self._read(work)

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
        """Walk outwards from a node, breadth first."""
        start = stable_number(node_id)
        following = Following(None if types is None else frozenset(types), as_of)

        def work(reading: Reading) -> Subgraph | None:
            if reading.node(start) is None:
                return None
            known: dict[int, Neighbours] = {}
            walk = walk_outwards(
                start,
                known.__getitem__,
                Bounds(depth, limit, max_nodes),
                lambda numbers: known.update(reading.neighbours(numbers, following)),
            )
            nodes = reading.nodes(walk.nodes)
            ids = {stable_number(node.id): node.id for node in nodes}
            return Subgraph(
                nodes=tuple(nodes),
                edges=reading.edges(walk.edges) if walk.edges else (),
                counts={ids[number]: counts for number, counts in walk.counts.items()},
                truncated=frozenset(ids[number] for number in walk.truncated),
            )

        return self._read(work)

    def sharing(
        self, node_id: str, edge_type: str, *, limit: int = 25, as_of: date | None = None
    ) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type."""
        start = stable_number(node_id)
        following = Following(frozenset((edge_type,)), as_of)

        def work(reading: Reading) -> tuple[Shared, ...]:
            held = {
                other
                for found in reading.neighbours([start], following)[start].values()
                for other, _ in found
            }
            holders: dict[int, list[int]] = {}
            for via, found in (reading.neighbours(sorted(held), following) if held else {}).items():
                others = {other for pairs in found.values() for other, _ in pairs if other != start}
                if others:
                    holders[via] = sorted(others)
            shown = {n for via, others in holders.items() for n in (via, *others[:limit])}
            nodes = {stable_number(node.id): node for node in reading.nodes(shown)} if shown else {}
            shared = [
                Shared(
                    nodes[via],
                    len(others),
                    tuple(sorted((nodes[n] for n in others[:limit]), key=lambda node: node.id)),
                    len(others) > limit,
                )
                for via, others in holders.items()
            ]
            return tuple(sorted(shared, key=lambda one: one.via.id))

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
        following = Following(None if types is None else frozenset(types))

        def work(reading: Reading) -> Path | None:
            if len(reading.nodes(ends)) < len(set(ends)):
                return None
            known: dict[int, list[int]] = {}

            def others(number: int, _: int | None) -> Sequence[int]:
                if number not in known:  # an end
                    found = reading.neighbours(ends, following)
                    known.update((n, sorted({o for p in found[n].values() for o, _ in p})) for n in ends)
                return known[number]

            def ahead(numbers: Collection[int]) -> None:
                known.update(reading.others(numbers, following, max_degree + 1))

            numbers = PathSearch(*ends, others, max_degree, ahead).run(max_length)
            if numbers is None:
                return None
            pairs = [*pairwise(numbers)]
            edges = reading.edges_between(pairs, following) if pairs else []
            return Path(tuple(reading.in_order(numbers)), tuple(edges))

        return self._read(work)

    def _read(self, work: Callable[[Reading], _T]) -> _T:
        return self._open(self._generation, self._scope, work)


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
