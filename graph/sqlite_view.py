"""Reading one generation of the embedded graph store within a scope."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, timedelta
from itertools import groupby, islice, pairwise

from graph.schema import EDGES, NODES, PropertyType, indexed_properties
from graph.search_terms import Query, birth_date_term, parse_query, required_terms, whole_name_term
from graph.store import Edge, Node, Path, Scope, Shared, Subgraph, Value, edge_id, node_id, stable_number
from graph.walks import Bounds, Neighbours, PathSearch, walk_outwards
from resolver.errors import StoreError

_EPOCH = date(1970, 1, 1)
_NODE = "nodes.n, nodes.label, nodes.key, nodes.properties"
_PAGE = 200


class Names:
    """Label, type and property names by their codes, and the reverse."""

    def __init__(self, by_code: dict[int, str]) -> None:
        self.by_code = by_code
        self.codes = {name: code for code, name in by_code.items()}


class Reading:
    """One reading transaction: a connection, and the conditions of a generation and a scope as SQL.

    Attributes:
        db: The connection; inside a transaction, so that several queries see one state.
        names: Label, type and property names by their codes.
        codes: The reverse.
        live: Condition on `f` and `t`.
        seen: Condition that the node of a row is visible (` AND …`, or nothing).
        edge_seen: The same for a row of `adjacent` and its other end.
    """

    def __init__(self, db: sqlite3.Connection, names: Names, generation: int, visible: str | None) -> None:
        self.db = db
        self.names = names.by_code
        self.codes = names.codes
        self.live = f"f <= {generation} AND t > {generation}"
        self.seen = f" AND a IN {visible}" if visible else ""
        self.edge_seen = f"{self.seen} AND other_a IN {visible}" if visible else ""

    def node(self, number: int) -> Node | None:
        """The visible node with this number."""
        return next(iter(self.nodes([number])), None)

    def nodes(self, numbers: Iterable[int]) -> list[Node]:
        """The visible nodes with these numbers, sorted by id."""
        rows = self.db.execute(
            f"SELECT {_NODE} FROM json_each(?) AS wanted CROSS JOIN nodes ON nodes.n = wanted.value "
            f"WHERE {self.live}{self.seen}",
            (json.dumps(list(numbers)),),
        )
        return sorted((self.node_of(row) for row in rows), key=lambda node: node.id)

    def node_of(self, row: tuple[int, int, str, str | None]) -> Node:
        """The node of a row of `_NODE`."""
        label = self.names[row[1]]
        types = {p.name: p.type for p in NODES[label].properties}
        return Node(node_id(label, row[2]), label, _properties(row[3], types))

    def edges(self, numbers: Iterable[int], ids: dict[int, str]) -> tuple[Edge, ...]:
        """Edges by their row numbers, sorted by id; `ids` gives the ids of the nodes they join."""
        rows = self.db.execute(
            "SELECT edges.type, source, target, edges.key, probability, valid_from, valid_to, row_ids, properties "
            "FROM json_each(?) AS wanted CROSS JOIN edges ON edges.e = wanted.value",
            (json.dumps(list(numbers)),),
        )
        return tuple(sorted((self._edge_of(row, ids) for row in rows), key=lambda edge: edge.id))

    def _edge_of(
        self,
        row: tuple[int, int, int, str | None, float | None, int | None, int | None, str | None, str | None],
        ids: dict[int, str],
    ) -> Edge:
        edge_type = self.names[row[0]]
        source, target = ids[row[1]], ids[row[2]]
        types = {p.name: p.type for p in EDGES[edge_type].properties}
        return Edge(
            edge_id(edge_type, source, target, row[3] or ""),
            edge_type,
            source,
            target,
            _properties(row[8], types),
            probability=row[4],
            valid_from=_day(row[5]),
            valid_to=_day(row[6]),
            row_ids=tuple(map(int, row[7].split(","))) if row[7] else (),
        )

    def neighbours(self, number: int, condition: str) -> dict[str, list[tuple[int, int]]]:
        """Edge type -> (neighbour, edge), sorted by neighbour."""
        rows = self.db.execute(
            f"SELECT type, other, e FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{condition} "
            "ORDER BY type, other, e",
            (number,),
        )
        return {
            self.names[code]: [(other, edge) for _, other, edge in group]
            for code, group in groupby(rows, key=lambda row: row[0])
        }

    def others(self, number: int, condition: str, at_most: int | None) -> list[int]:
        """Distinct neighbours, ascending unless cut."""
        rows = self.db.execute(
            f"SELECT DISTINCT other FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{condition} LIMIT ?",
            (number, -1 if at_most is None else at_most),
        )
        return sorted(row[0] for row in rows)

    def listed(self, names: Collection[str]) -> str:
        """Codes of labels or types for an SQL list; unknown ones are none."""
        return ", ".join(str(self.codes[name]) for name in sorted(set(names)) if name in self.codes)

    def conditions(self, types: Collection[str] | None, as_of: date | None) -> str:
        """Which edges to follow, as SQL on `adjacent`."""
        condition = ""
        if types is not None:
            condition += f" AND type IN ({self.listed(types)})"
        if as_of is not None:
            day = (as_of - _EPOCH).days
            condition += f" AND (valid_from IS NULL OR valid_from <= {day})"
            condition += f" AND (valid_to IS NULL OR valid_to >= {day})"
        return condition


class SqliteView:
    """See `graph.store.GraphView`."""

    def __init__(
        self, generation: int, scope: Scope, read: Callable[[int, Scope], AbstractContextManager[Reading]]
    ) -> None:
        """Made by the store; `read` opens a reading transaction on the caller's thread."""
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
                f"SELECT {_NODE} FROM lookup CROSS JOIN nodes ON nodes.n = lookup.n "
                f"WHERE lookup.property = ? AND lookup.value = ? AND {reading.live}{reading.seen} ORDER BY lookup.n",
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

    def neighbour_counts(self, node_id: str, *, as_of: date | None = None) -> dict[str, int]:
        """Edge type -> number of distinct visible neighbours."""
        number = stable_number(node_id)
        with self._read() as reading:
            if reading.node(number) is None:
                return {}
            rows = reading.db.execute(
                f"SELECT type, count(DISTINCT other) FROM adjacent WHERE n = ? AND {reading.live}"
                f"{reading.edge_seen}{reading.conditions(None, as_of)} GROUP BY type",
                (number,),
            )
            return {reading.names[code]: count for code, count in sorted(rows)}

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
        with self._read() as reading:
            if reading.node(start) is None:
                return None
            condition = reading.conditions(types, as_of)

            def neighbours(number: int) -> Neighbours:
                return reading.neighbours(number, condition)

            walk = walk_outwards(start, neighbours, Bounds(depth, limit, max_nodes))
            nodes = reading.nodes(walk.nodes)
            ids = {stable_number(node.id): node.id for node in nodes}
            return Subgraph(
                nodes=tuple(nodes),
                edges=reading.edges(walk.edges, ids),
                counts={ids[number]: counts for number, counts in walk.counts.items()},
                truncated=frozenset(ids[number] for number in walk.truncated),
            )

    def sharing(
        self, node_id: str, edge_type: str, *, limit: int = 25, as_of: date | None = None
    ) -> tuple[Shared, ...]:
        """What a node holds in common with others by edges of one type."""
        start = stable_number(node_id)
        with self._read() as reading:
            if reading.node(start) is None:
                return ()
            condition = reading.conditions((edge_type,), as_of)
            shared: list[Shared] = []
            for via in reading.nodes(reading.others(start, condition, None)):
                others = [n for n in reading.others(stable_number(via.id), condition, None) if n != start]
                if others:
                    nodes = tuple(reading.nodes(others[:limit]))
                    shared.append(Shared(via, len(others), nodes, len(others) > limit))
            return tuple(shared)

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
            condition = reading.conditions(types, None)

            def others(number: int, at_most: int | None) -> Sequence[int]:
                return reading.others(number, condition, at_most)

            numbers = PathSearch(*ends, others, max_degree).run(max_length)
            return None if numbers is None else _path(reading, numbers, condition)

    def _read(self) -> AbstractContextManager[Reading]:
        return self._open(self._generation, self._scope)


def _path(reading: Reading, numbers: list[int], condition: str) -> Path:
    by_number = {stable_number(node.id): node for node in reading.nodes(numbers)}
    ids = {number: node.id for number, node in by_number.items()}
    edges: list[Edge] = []
    for here, there in pairwise(numbers):
        rows = reading.db.execute(
            f"SELECT e FROM adjacent WHERE n = ? AND other = ? AND {reading.live}{reading.edge_seen}{condition}",
            (here, there),
        )
        edges.append(reading.edges([row[0] for row in rows], ids)[0])
    return Path(tuple(by_number[number] for number in numbers), tuple(edges))


def _matching(reading: Reading, expression: str, labels: Collection[str] | None) -> Iterator[Node]:
    wanted = "" if labels is None else f" AND label IN ({reading.listed(labels)})"
    rows = reading.db.execute(
        f"SELECT {_NODE} FROM search CROSS JOIN nodes ON nodes.n = search.rowid "
        f"WHERE search MATCH ? AND {reading.live}{reading.seen}{wanted}",
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


def _properties(text: str | None, types: dict[str, PropertyType]) -> dict[str, Value]:
    if not text:
        return {}
    found: dict[str, Value] = json.loads(text)
    for name, value in found.items():
        if types.get(name) == "date" and isinstance(value, str):
            found[name] = date.fromisoformat(value)
    return found


def _day(days: int | None) -> date | None:
    return None if days is None else _EPOCH + timedelta(days=days)
