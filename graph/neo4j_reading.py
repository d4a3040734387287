"""Queries of one epoch of a graph in Neo4j, within a scope: what a view asks for, in as few round trips as can be."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from graph.neo4j_connection import Row, Runner, rows
from graph.neo4j_schema import OWN, Names, from_neo4j
from graph.schema import EDGES, NODES
from graph.store import Edge, Node, edge_id, node_id
from graph.walks import Neighbours

_HUB = 1_000  # a node with more neighbours than this is kept, once read
_HUBS = 64
_PAGE = 200

Seen = tuple[int, ...] | None
"""Numbers of who may see what that a scope includes; None = everything."""


class Hubs:
    """Neighbours of the largest nodes as they were read last, the least recently used forgotten first.

    An epoch never changes, so what was read of it stays true. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Neighbours] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...]) -> Neighbours | None:
        """What is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], neighbours: Neighbours) -> None:
        """Keep the neighbours of a node if it is large."""
        if sum(map(len, neighbours.values())) > _HUB:
            with self._lock:
                self._kept[key] = neighbours
                while len(self._kept) > _HUBS:
                    self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


@dataclass(frozen=True)
class Following:
    """Which edges to follow: of some types, holding on a day; None = all."""

    types: frozenset[str] | None = None
    as_of: date | None = None

    @property
    def pattern(self) -> str:
        """Types, for a relationship pattern; they are names of the schema, nothing else is let through."""
        if self.types is None:
            return ""
        return ":" + "|".join(sorted(name for name in self.types if name in EDGES))

    @property
    def nowhere(self) -> bool:
        """Whether no edge can be meant."""
        return self.types is not None and not any(name in EDGES for name in self.types)

    @property
    def condition(self) -> str:
        """Condition on `r`, of parameter `day`."""
        if self.as_of is None:
            return ""
        return " AND (r.valid_from IS NULL OR r.valid_from <= $day) AND (r.valid_to IS NULL OR r.valid_to >= $day)"


class Reading:
    """Reads one epoch through a session."""

    def __init__(self, runner: Runner, names: Names, place: tuple[str, int], seen: Seen, hubs: Hubs) -> None:
        self._runner = runner
        self._names = names
        self._hubs = hubs
        self._fixed: dict[str, Any] = {"e": place[1]}
        self._key = (*place, seen)
        self._node_seen = self._edge_seen = ""
        if seen is not None:
            self._fixed["seen"] = list(seen)
            self._node_seen, self._edge_seen = " AND x.w IN $seen", " AND r.w IN $seen"

    def node(self, number: int) -> Node | None:
        """The visible node with this number."""
        return next(iter(self.nodes([number])), None)

    def nodes(self, numbers: Iterable[int]) -> list[Node]:
        """The visible nodes with these numbers, sorted by id."""
        found = self._rows(
            f"MATCH (x:{self._names.graph}) WHERE x.n IN $ns AND {self._names.live}{self._node_seen} "
            "RETURN labels(x), x {.*, terms: null}",
            ns=list(numbers),
        )
        return sorted((_node(*row) for row in found), key=lambda node: node.id)

    def edges(self, numbers: Iterable[int]) -> tuple[Edge, ...]:
        """Edges by their Neo4j ids, sorted by id."""
        found = self._rows(
            "MATCH (s)-[r]->(o) WHERE id(r) IN $ids "
            "RETURN labels(s), s.key, type(r), labels(o), o.key, properties(r)",
            ids=list(numbers),
        )
        return tuple(sorted((_edge(row) for row in found), key=lambda edge: edge.id))

    def edges_between(self, pairs: Sequence[tuple[int, int]], following: Following) -> list[Edge]:
        """Of each two neighbours, the edge with the smallest id."""
        found = self._rows(
            f"UNWIND $pairs AS pair {self._start('pair[0]')} "
            f"MATCH (o:{self._names.graph}) WHERE o.n = pair[1] AND o.f <= $e AND o.t > $e "
            f"MATCH (x)-[r{following.pattern}]-(o) WHERE {self._followed(following)} "
            "WITH pair, r, startNode(r) AS s, endNode(r) AS z "
            "RETURN pair, labels(s), s.key, type(r), labels(z), z.key, properties(r)",
            pairs=[list(pair) for pair in pairs], day=following.as_of,
        )  # fmt: skip
        edges: dict[tuple[int, int], list[Edge]] = {}
        for (a, b), *row in found:
            edges.setdefault((a, b), []).append(_edge(row))
        return [min(edges[pair], key=lambda edge: edge.id) for pair in pairs]

    def neighbours(self, numbers: Collection[int], following: Following) -> dict[int, Neighbours]:
        """Of each node: edge type -> (neighbour, edge), sorted by neighbour."""
        found: dict[int, Neighbours] = {}
        for number in numbers:
            known = self._hubs.get((*self._key, following, number))
            if known is not None:
                found[number] = known
        wanted = [number for number in numbers if number not in found]
        if not wanted or following.nowhere:
            return {**{number: {} for number in wanted}, **found}
        fresh: dict[int, dict[str, list[tuple[int, int]]]] = {number: {} for number in wanted}
        for number, edge_type, others, ids in self._rows(
            f"UNWIND $ns AS n {self._start('n')} "
            f"MATCH (x)-[r{following.pattern}]-(o) WHERE {self._followed(following)} AND o.n <> n "
            "RETURN n, type(r), collect(o.n), collect(id(r))",
            ns=wanted, day=following.as_of,
        ):  # fmt: skip
            fresh[number][edge_type] = sorted(zip(others, ids, strict=True))
        for number, neighbours in fresh.items():
            self._hubs.put((*self._key, following, number), neighbours)
        return {**fresh, **found}

    def others(self, numbers: Collection[int], following: Following, at_most: int) -> dict[int, list[int]]:
        """Of each node, so many of its distinct neighbours, ascending."""
        found: dict[int, list[int]] = {number: [] for number in numbers}
        if following.nowhere:
            return found
        for number, others in self._rows(
            f"UNWIND $ns AS n {self._start('n')} "
            f"CALL (x, n) {{ MATCH (x)-[r{following.pattern}]-(o) "
            f"WHERE {self._followed(following)} AND o.n <> n RETURN DISTINCT o.n AS other LIMIT $most }} "
            "RETURN n, collect(other)",
            ns=list(numbers), day=following.as_of, most=at_most,
        ):  # fmt: skip
            found[number] = sorted(others)
        return found

    def matching(self, expression: str, labels: Collection[str] | None = None) -> Iterator[Node]:
        """Visible nodes of which the terms match a full-text expression, ascending by number, fetched as needed."""
        wanted = "" if labels is None else " AND any(label IN labels(x) WHERE label IN $labels)"
        found = self._rows(
            f"CALL db.index.fulltext.queryNodes($index, $expression) YIELD node AS x "
            f"WITH x WHERE {self._names.live}{self._node_seen}{wanted} RETURN x.n ORDER BY x.n",
            index=self._names.terms, expression=expression, labels=list(labels or ()),
        )  # fmt: skip
        numbers = [row[0] for row in found]
        for start in range(0, len(numbers), _PAGE):
            page = numbers[start : start + _PAGE]
            yield from self.in_order(page)

    def in_order(self, numbers: Sequence[int]) -> list[Node]:
        """The visible nodes with these numbers, in the order given."""
        found = self._rows(
            f"UNWIND range(0, size($ns) - 1) AS i MATCH (x:{self._names.graph}) WHERE x.n = $ns[i] "
            f"AND {self._names.live}{self._node_seen} RETURN labels(x), x {{.*, terms: null}} ORDER BY i",
            ns=list(numbers),
        )
        return [_node(*row) for row in found]

    def _start(self, number: str) -> str:
        return f"MATCH (x:{self._names.graph}) WHERE x.n = {number} AND {self._names.live}{self._node_seen}"

    def _followed(self, following: Following) -> str:
        return f"r.f <= $e AND r.t > $e{self._edge_seen}{following.condition}"

    def _rows(self, query: str, **parameters: Any) -> Iterator[Row]:
        return rows(self._runner, query, {**self._fixed, **parameters})


def _node(labels: Sequence[str], values: dict[str, Any]) -> Node:
    label = _label(labels)
    return Node(node_id(label, values["key"]), label, from_neo4j(values, _OF_NODE))


def _edge(row: Row) -> Edge:
    source_labels, source_key, edge_type, target_labels, target_key, values = row
    source, target = node_id(_label(source_labels), source_key), node_id(_label(target_labels), target_key)
    own = from_neo4j(values, ())
    return Edge(
        edge_id(edge_type, source, target, values.get("key") or ""),
        edge_type,
        source,
        target,
        {name: value for name, value in own.items() if name not in _OF_EDGE},
        probability=values.get("probability"),
        valid_from=own.get("valid_from"),  # type: ignore[arg-type]
        valid_to=own.get("valid_to"),  # type: ignore[arg-type]
        row_ids=tuple(values.get("row_ids") or ()),
    )


def _label(labels: Sequence[str]) -> str:
    return next(label for label in labels if label in NODES)


_OF_NODE = (*OWN, "key")
_OF_EDGE = frozenset((*OWN, "key", "probability", "valid_from", "valid_to", "row_ids"))
