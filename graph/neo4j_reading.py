"""Queries of one epoch of a graph in Neo4j, within a scope: what a view asks for, in as few round trips as can be."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from graph.elements import ANY_DAY, Edge, Interval, Node, edge_id, node_id
from graph.evidence import edge_cost
from graph.neo4j_adjacent import Adjacent, Adjacents, Hubs
from graph.neo4j_connection import Row, Runner, rows
from graph.neo4j_schema import OWN, SERVICES, Names, from_neo4j
from graph.schema import EDGES, NODES
from graph.walks import Neighbours

_PAGE = 200
_PROBED = 2_000  # up to so many nodes are looked up beside a supernode; for more, its neighbours are read

_FROM_THE_SMALLER = "CASE WHEN COUNT {{(x)--()}} <= COUNT {{(o)--()}} THEN [x, {o}] ELSE [o, {x}] END"
"""Of two nodes that with fewer edges, and the number of the other; the planner would as soon walk from a supernode."""

Seen = tuple[int, ...] | None
"""Numbers of who may see what that a scope includes; None = everything."""


@dataclass(frozen=True)
class Following:
    """Which edges to follow.

    Attributes:
        types: Of these types; None = all.
        when: Holding on a day of this interval.
    """

    types: frozenset[str] | None = None
    when: Interval = ANY_DAY

    @classmethod
    def of(cls, types: Collection[str] | None, when: Interval) -> "Following":
        """Edges of some types (None = all) that hold at some time."""
        return cls(None if types is None else frozenset(name for name in types if name in EDGES), when)

    @property
    def pattern(self) -> str:
        """Types, for a relationship pattern; names of the schema only."""
        return "" if self.types is None else ":" + "|".join(sorted(self.types))

    @property
    def nowhere(self) -> bool:
        """Whether no edge can be meant."""
        return self.types is not None and not self.types

    def holds(self, edge: str) -> str:
        """Condition on a relationship, of parameters `first` and `last`."""
        condition = ""
        if self.when.last is not None:
            condition += f" AND ({edge}.valid_from IS NULL OR {edge}.valid_from <= $last)"
        if self.when.first is not None:
            condition += f" AND ({edge}.valid_to IS NULL OR {edge}.valid_to >= $first)"
        return condition


class Reading:
    """Reads one epoch through a session."""

    def __init__(self, runner: Runner, names: Names, place: tuple[str, int], seen: Seen, hubs: Hubs) -> None:
        self._runner = runner
        self._names = names
        self._hubs = hubs
        self._fixed: dict[str, Any] = {"e": place[1]}
        self._key = (*place, seen)
        self._scoped = seen is not None
        self._node_seen = " AND x.w IN $seen" if self._scoped else ""
        if seen is not None:
            self._fixed["seen"] = list(seen)

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

    def between(
        self, pairs: Sequence[tuple[int, int]], following: Following
    ) -> dict[tuple[int, int], tuple[Edge, ...]]:
        """All edges between pairs of nodes, sorted by id."""
        found: dict[tuple[int, int], list[Edge]] = {pair: [] for pair in pairs}
        if pairs and not following.nowhere:
            for (here, there), *row in self._rows(
                f"UNWIND $pairs AS pair {self._start('pair[0]')} "
                f"MATCH (o:{self._names.graph}) WHERE o.n = pair[1] AND o.f <= $e AND o.t > $e "
                f"WITH pair, {_FROM_THE_SMALLER.format(x='pair[0]', o='pair[1]')} AS way "
                "WITH pair, way[0] AS near, way[1] AS far "
                f"MATCH (near)-[r{following.pattern}]-(y) WHERE y.n = far AND {self._followed(following)} "
                "WITH pair, r, startNode(r) AS s, endNode(r) AS z "
                "RETURN pair, labels(s), s.key, type(r), labels(z), z.key, properties(r)",
                following, pairs=[list(pair) for pair in pairs],
            ):  # fmt: skip
                found[here, there].append(_edge(row))
        return {pair: tuple(sorted(edges, key=lambda edge: edge.id)) for pair, edges in found.items()}

    def adjacents(self, numbers: Collection[int], following: Following) -> dict[int, Adjacents]:
        """Of each node: edge type -> all its neighbours."""
        found: dict[int, Adjacents] = {}
        for number in numbers:
            known = self._hubs.get((*self._key, following, number))
            if known is not None:
                found[number] = known
        wanted = [number for number in numbers if number not in found]
        if not wanted or following.nowhere:
            return {**{number: {} for number in wanted}, **found}
        fresh: dict[int, dict[str, Adjacent]] = {number: {} for number in wanted}
        for number, edge_type, others, edges in self._rows(
            f"UNWIND $ns AS n {self._start('n')} "
            f"MATCH (x)-[r{following.pattern}]-(o) WHERE {self._followed(following)} AND o.n <> n "
            "RETURN n, type(r), collect(o.n), collect(id(r))",
            following, ns=wanted,
        ):  # fmt: skip
            fresh[number][edge_type] = Adjacent.of(others, edges)
        for number, adjacents in fresh.items():
            self._hubs.put((*self._key, following, number), adjacents)
        return {**fresh, **found}

    def beside(self, numbers: Collection[int], following: Following, limit: int) -> dict[int, Neighbours]:
        """Of each node: edge type -> neighbours, counted and the first so many."""
        return {
            number: {name: adjacent.first(limit) for name, adjacent in adjacents.items()}
            for number, adjacents in self.adjacents(numbers, following).items()
        }

    def others(
        self, following: Following, numbers: Sequence[int], at_most: int | None = None
    ) -> dict[int, Sequence[int]]:
        """Of each node its distinct neighbours, ascending; so many of them."""
        found: dict[int, Sequence[int]] = {number: [] for number in numbers}
        if at_most is None:
            for number, adjacents in self.adjacents(numbers, following).items():
                by_type = [adjacent.others for adjacent in adjacents.values()]
                found[number] = by_type[0] if len(by_type) == 1 else sorted(set().union(*by_type))
        elif not following.nowhere:
            for number, others in self._rows(
                f"UNWIND $ns AS n {self._start('n')} "
                f"CALL (x, n) {{ MATCH (x)-[r{following.pattern}]-(o) "
                f"WHERE {self._followed(following)} AND o.n <> n RETURN DISTINCT o.n AS other LIMIT $most }} "
                "RETURN n, collect(other)",
                following, ns=list(numbers), most=at_most,
            ):  # fmt: skip
                found[number] = sorted(others)
        return found

    def among(self, following: Following, number: int, others: Collection[int]) -> Collection[int]:
        """Those of the others that are neighbours of a node, which may be a supernode."""
        if self._hubs.get((*self._key, following, number)) is not None or len(others) > _PROBED:
            return set(self.others(following, [number])[number]).intersection(others)
        if following.nowhere:
            return ()
        found = self._rows(
            f"{self._start('$n')} UNWIND $others AS m "
            f"MATCH (o:{self._names.graph}) WHERE o.n = m AND o.f <= $e AND o.t > $e "
            f"WITH m, {_FROM_THE_SMALLER.format(x='$n', o='m')} AS way "
            "WITH m, way[0] AS near, way[1] AS far "
            f"MATCH (near)-[r{following.pattern}]-(y) WHERE y.n = far AND {self._followed(following)} "
            "RETURN DISTINCT m",
            following, n=number, others=[other for other in others if other != number],
        )  # fmt: skip
        return [row[0] for row in found]

    def costs(
        self, numbers: Collection[int], ends: tuple[int, int], following: Following
    ) -> dict[tuple[int, int], int]:
        """Cost of the cheapest edge between each two of the nodes, the smaller number first.

        Only the ends may be supernodes, so edges are looked for from the others, and between the ends.
        """
        cheapest: dict[tuple[int, int], int] = {}
        if following.nowhere:
            return cheapest
        found = [
            (here, there, edge_type, probability)
            for here, there, edge_type, probability in self._rows(
                f"UNWIND $inner AS n {self._start('n')} "
                f"MATCH (x)-[r{following.pattern}]-(o) WHERE {self._followed(following)} "
                "AND o.n <> n AND o.n IN $ns RETURN n, o.n, type(r), r.probability",
                following, ns=list(numbers), inner=[n for n in numbers if n not in ends],
            )
        ]  # fmt: skip
        found += [(*ends, edge.type, edge.probability) for edge in self.between([ends], following)[ends]]
        for here, there, edge_type, probability in found:
            cost = edge_cost(edge_type, probability)
            pair = (min(here, there), max(here, there))
            cheapest[pair] = min(cost, cheapest.get(pair, cost))
        return cheapest

    def sizes(self, labels: Collection[str] | None, following: Following) -> tuple[int, int]:
        """How many nodes of these labels (None = all) are visible, and how many edges between them."""
        [[n_nodes]] = self._rows(f"{self._all_nodes(labels)} RETURN count(x)", labels=labels)
        if following.nowhere:
            return n_nodes, 0
        [[n_edges]] = self._rows(
            f"{self._all_edges(labels, following)} RETURN count(r)", following, labels=labels
        )
        return n_nodes, n_edges

    def all_nodes(self, labels: Collection[str] | None) -> tuple[Node, ...]:
        """All visible nodes of these labels, sorted by id."""
        found = self._rows(
            f"{self._all_nodes(labels)} RETURN labels(x), x {{.*, terms: null}}", labels=labels
        )
        return tuple(sorted((_node(*row) for row in found), key=lambda node: node.id))

    def all_edges(self, labels: Collection[str] | None, following: Following) -> tuple[Edge, ...]:
        """All visible edges between nodes of these labels, sorted by id."""
        if following.nowhere:
            return ()
        found = self._rows(
            f"{self._all_edges(labels, following)} "
            "RETURN labels(x), x.key, type(r), labels(o), o.key, properties(r)",
            following, labels=labels,
        )  # fmt: skip
        return tuple(sorted((_edge(row) for row in found), key=lambda edge: edge.id))

    def visits(self, person: int, when: Interval) -> set[tuple[date, int]]:
        """(first day, facility) of the treatments of a person."""
        received, provided = (Following(frozenset((name,)), when) for name in SERVICES)
        found = self._rows(
            f"{self._start('$n')} "
            f"MATCH (x)-[r:{SERVICES[0]}]-(t) WHERE {self._followed(received)} "
            f"MATCH (t)-[q:{SERVICES[1]}]-(o) WHERE {self._followed(provided, 'q')} "
            "AND q.valid_from IS NOT NULL RETURN DISTINCT q.valid_from, o.n",
            provided, n=person,
        )  # fmt: skip
        return {(day.to_native(), facility) for day, facility in found}

    def patients(
        self, visits: Sequence[tuple[date, int]], when: Interval
    ) -> dict[tuple[date, int], set[int]]:
        """Everyone treated at a facility from a day on, for each (first day, facility).

        The treatments are found by their day, for a hospital has a million of them.
        """
        received, provided = (Following(frozenset((name,)), when) for name in SERVICES)
        found = self._rows(
            f"UNWIND $visits AS visit MATCH (t)-[q:{SERVICES[1]}]->(x:{self._names.graph}) "
            f"USING INDEX q:{SERVICES[1]}(valid_from) "
            f"WHERE q.valid_from = visit[0] AND x.n = visit[1] AND {self._followed(provided, 'q')} "
            f"MATCH (t)-[r:{SERVICES[0]}]-(o) WHERE {self._followed(received)} "
            "RETURN visit, collect(DISTINCT o.n)",
            provided, visits=[list(visit) for visit in visits],
        )  # fmt: skip
        return {(day.to_native(), facility): set(others) for (day, facility), others in found}

    def matching(self, expression: str, labels: Collection[str] | None = None) -> Iterator[Node]:
        """Visible nodes of which the terms match a full-text expression, ascending by number, fetched as needed."""
        after, size = -1, _PAGE
        while True:
            found = self._rows(
                f"CALL db.index.fulltext.queryNodes($index, $expression) YIELD node AS x "
                f"WITH x, x.n AS n WHERE n > $after AND {self._names.live}{self._node_seen}{_one_of(labels, 'x')} "
                "RETURN n ORDER BY n LIMIT $size",
                index=self._names.terms, expression=expression, labels=list(labels or ()), after=after, size=size,
            )  # fmt: skip
            numbers = [row[0] for row in found]
            for start in range(0, len(numbers), _PAGE):
                yield from self.in_order(numbers[start : start + _PAGE])
            if len(numbers) < size:
                return
            after, size = numbers[-1], size * 8  # each time the server looks through all that match

    def in_order(self, numbers: Sequence[int]) -> list[Node]:
        """The visible nodes with these numbers, in the order given."""
        found = self._rows(
            f"UNWIND range(0, size($ns) - 1) AS i MATCH (x:{self._names.graph}) WHERE x.n = $ns[i] "
            f"AND {self._names.live}{self._node_seen} RETURN labels(x), x {{.*, terms: null}} ORDER BY i",
            ns=list(numbers),
        )
        return [_node(*row) for row in found]

    def _all_nodes(self, labels: Collection[str] | None) -> str:
        return (
            f"MATCH (x:{self._names.graph}) WHERE {self._names.live}{self._node_seen}{_one_of(labels, 'x')}"
        )

    def _all_edges(self, labels: Collection[str] | None, following: Following) -> str:
        # Who may see an edge says so of its ends, and an edge is there only while they are.
        return (
            f"MATCH (x:{self._names.graph})-[r{following.pattern}]->(o) WHERE {self._followed(following)}"
            f"{_one_of(labels, 'x')}{_one_of(labels, 'o')}"
        )

    def _start(self, number: str) -> str:
        return f"MATCH (x:{self._names.graph}) WHERE x.n = {number} AND {self._names.live}{self._node_seen}"

    def _followed(self, following: Following, edge: str = "r") -> str:
        seen = f" AND {edge}.w IN $seen" if self._scoped else ""
        return f"{edge}.f <= $e AND {edge}.t > $e{seen}{following.holds(edge)}"

    def _rows(self, query: str, following: Following | None = None, **parameters: Any) -> Iterator[Row]:
        when = {} if following is None else {"first": following.when.first, "last": following.when.last}
        return rows(self._runner, query, {**self._fixed, **when, **parameters})


def _one_of(labels: Collection[str] | None, node: str) -> str:
    """Condition on a node, of parameter `labels`."""
    return "" if labels is None else f" AND any(label IN labels({node}) WHERE label IN $labels)"


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
