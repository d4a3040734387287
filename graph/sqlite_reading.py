"""One reading transaction of the embedded graph store: rows of a generation, a scope and a time, as nodes and edges."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby, islice

from graph.elements import Edge, Interval, Node, Value, edge_id, node_id
from graph.evidence import edge_cost
from graph.schema import EDGES, NODES, PropertyType
from graph.sqlite_schema import still_held
from graph.walks import Beside, Neighbours

_EPOCH = date(1970, 1, 1)
NODE = "nodes.n, nodes.label, nodes.key, nodes.properties"
"""Columns of `Reading.node_of`."""

_ROWS = 600
"""A node with at most so many edge ends is read whole; of one with more only what is asked for."""


_PROBED = 2000
"""Of so many nodes each is looked for beside a supernode; for more, its neighbours are all read."""


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
        live: Condition on a row of `adjacent`: its edge is in the generation.
        live_nodes: The same on `nodes`.
        live_edges: The same on `edges`.
        seen: Condition that the node of a row is visible (` AND …`, or nothing).
        holds: Condition that an edge holds at the time of the view, likewise.
        edge_seen: Condition that a row of `adjacent` and its other end are visible, and that the edge holds.
    """

    def __init__(
        self, db: sqlite3.Connection, names: Names, generation: int, visible: str | None, when: Interval
    ) -> None:
        self.db = db
        self.names = names.by_code
        self.codes = names.codes
        self.live = f"f <= {generation} AND t > {generation}"
        self.live_nodes, self.live_edges = (
            f"{table}.f <= {generation} AND {still_held(table, generation)}" for table in ("nodes", "edges")
        )
        self.seen = f" AND a IN {visible}" if visible else ""
        self.holds = _holds(when)
        self.edge_seen = (f"{self.seen} AND other_a IN {visible}" if visible else "") + self.holds

    def node(self, number: int) -> Node | None:
        """The visible node with this number."""
        return next(iter(self.nodes([number])), None)

    def nodes(self, numbers: Iterable[int]) -> list[Node]:
        """The visible nodes with these numbers, sorted by id."""
        rows = self.db.execute(
            f"SELECT {NODE} FROM json_each(?) AS wanted CROSS JOIN nodes ON nodes.n = wanted.value "
            f"WHERE {self.live_nodes}{self.seen}",
            (json.dumps(list(numbers)),),
        )
        return sorted((self.node_of(row) for row in rows), key=lambda node: node.id)

    def node_of(self, row: tuple[int, int, str, str | None]) -> Node:
        """The node of a row of `NODE`."""
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
            valid_from=day_of(row[5]),
            valid_to=day_of(row[6]),
            row_ids=tuple(map(int, row[7].split(","))) if row[7] else (),
        )

    def neighbours(self, number: int, types: str, limit: int) -> Neighbours:
        """Edge type -> neighbours of a node, counted and the first `limit` of each."""
        where = f"FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{types}"
        rows = self.db.execute(
            f"SELECT type, other, e {where} ORDER BY type, other, e LIMIT {_ROWS + 1}", (number,)
        ).fetchall()
        if len(rows) <= _ROWS:
            return {
                self.names[code]: _first([(other, edge) for _, other, edge in group], limit)
                for code, group in groupby(rows, key=lambda row: row[0])
            }
        counts = self.db.execute(
            f"SELECT type, count(DISTINCT other) {where} GROUP BY type", (number,)
        ).fetchall()
        return {
            self.names[code]: Beside(count, self._beginning(number, f" AND type = {code}", limit))
            for code, count in counts
        }

    def _beginning(self, number: int, condition: str, limit: int) -> list[tuple[int, int]]:
        """The first neighbours by edges of one type, with those edges."""
        others = self.page(number, condition, None, limit)
        rows = self.db.execute(
            f"SELECT other, e FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{condition} "
            "AND other <= ? ORDER BY other, e",
            (number, max(others, default=0)),
        )
        return rows.fetchall()

    def page(self, number: int, condition: str, after: int | None, limit: int) -> list[int]:
        """The next neighbours by edges of one type, ascending."""
        rows = self.db.execute(
            f"SELECT DISTINCT other FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{condition} "
            "AND other > ? ORDER BY other LIMIT ?",
            (number, -1 if after is None else after, limit),
        )
        return [row[0] for row in rows]

    def others(
        self, numbers: Collection[int], condition: str, at_most: int | None = None
    ) -> dict[int, list[int]]:
        """Of each node its distinct neighbours, ascending; when cut, any.

        One text a node: of rows, each would give the interpreter's lock away and wait for it.
        """
        rows = self.db.execute(
            "SELECT value, (SELECT group_concat(other) FROM (SELECT DISTINCT other FROM adjacent "
            f"WHERE n = wanted.value AND {self.live}{self.edge_seen}{condition} LIMIT ?)) "
            "FROM (SELECT value FROM json_each(?)) AS wanted",
            (-1 if at_most is None else at_most, json.dumps([*numbers])),
        )
        return {number: sorted(map(int, text.split(","))) if text else [] for number, text in rows}

    def among(self, number: int, others: Collection[int], types: Collection[str] | None) -> set[int]:
        """Those of the others that are neighbours of a node, which may be a supernode."""
        if len(others) > _PROBED:
            return set(self.others([number], self.types(types))[number]).intersection(others)
        (text,) = self.db.execute(
            "SELECT group_concat(value) FROM (SELECT value FROM json_each(?)) AS wanted "
            "WHERE EXISTS (SELECT 1 FROM adjacent "
            f"WHERE n = ? AND other = wanted.value AND {self.live}{self.edge_seen}{self._each_type(types)})",
            (json.dumps([*others]), number),
        ).fetchone()
        return set(map(int, text.split(","))) if text else set()

    def count(self, number: int, condition: str) -> int:
        """Number of distinct neighbours."""
        row = self.db.execute(
            f"SELECT count(DISTINCT other) FROM adjacent WHERE n = ? AND {self.live}{self.edge_seen}{condition}",
            (number,),
        ).fetchone()
        return int(row[0])

    def common(self, ends: tuple[int, int], types: Collection[str] | None) -> list[int]:
        """Nodes that are neighbours of both, ascending."""
        condition = self.types(types)
        beside = self.others(ends, condition, _PROBED + 1)
        fewer = min(ends, key=lambda end: len(beside[end]))
        if len(beside[fewer]) > _PROBED:
            beside = self.others([fewer], condition)
        return sorted(self.among(ends[0] if fewer == ends[1] else ends[1], beside[fewer], types))

    def between(
        self, here: int, others: Collection[int], types: Collection[str] | None
    ) -> list[tuple[int, int]]:
        """(neighbour, edge) of a node, for given neighbours."""
        rows = self.db.execute(
            "SELECT other, e FROM (SELECT value FROM json_each(?)) AS wanted "
            "CROSS JOIN adjacent ON n = ? AND other = wanted.value "
            f"WHERE {self.live}{self.edge_seen}{self._each_type(types)}",
            (json.dumps([*others]), here),
        )
        return rows.fetchall()

    def costs(
        self, nodes: Collection[int], ends: tuple[int, int], types: Collection[str] | None
    ) -> dict[tuple[int, int], int]:
        """Cost of the cheapest edge between each two of the nodes, the smaller number first.

        The ends are among the nodes; they may have very many neighbours, so their edges are read from the other side.
        """
        inner = json.dumps([node for node in nodes if node not in ends])
        seen = f"{self.live}{self.edge_seen}"
        rows = self.db.execute(
            "SELECT n, other, near.type, probability FROM (SELECT n, other, type, e "
            "FROM (SELECT value FROM json_each(?)) AS wanted "
            f"CROSS JOIN adjacent ON n = wanted.value WHERE {seen}{self.types(types)} "
            "AND other IN (SELECT value FROM json_each(?)) "
            f"UNION ALL SELECT n, other, type, e FROM adjacent WHERE n = ? AND other = ? "
            f"AND {seen}{self._each_type(types)}) AS near CROSS JOIN edges ON edges.e = near.e",
            (inner, json.dumps(list(nodes)), *ends),
        )
        cheapest: dict[tuple[int, int], int] = {}
        for here, there, code, probability in rows:
            cost = edge_cost(self.names[code], probability)
            pair = (min(here, there), max(here, there))
            cheapest[pair] = min(cost, cheapest.get(pair, cost))
        return cheapest

    def types(self, names: Collection[str] | None) -> str:
        """Condition on `adjacent` or `edges`: edges of these types (None = all)."""
        return "" if names is None else f" AND type IN ({self.listed(names)})"

    def _each_type(self, names: Collection[str] | None) -> str:
        """The same with all types named, so that one neighbour of very many is found by the key of `adjacent`."""
        return self.types(EDGES if names is None else names)

    def listed(self, names: Collection[str]) -> str:
        """Codes of labels or types for an SQL list; unknown ones are none."""
        return ", ".join(str(self.codes[name]) for name in sorted(set(names)) if name in self.codes)


def _first(pairs: Sequence[tuple[int, int]], limit: int) -> Beside:
    others = dict.fromkeys(other for other, _ in pairs)
    if len(others) <= limit:
        return Beside(len(others), pairs)
    kept = set(islice(others, limit))
    return Beside(len(others), [pair for pair in pairs if pair[0] in kept])


def _holds(when: Interval) -> str:
    """Condition on `adjacent` or `edges`: the edge holds on a day of an interval."""
    condition = ""
    if when.last is not None:
        condition += f" AND (valid_from IS NULL OR valid_from <= {(when.last - _EPOCH).days})"
    if when.first is not None:
        condition += f" AND (valid_to IS NULL OR valid_to >= {(when.first - _EPOCH).days})"
    return condition


def day_of(days: int | None) -> date | None:
    """The day so many days after 1970-01-01."""
    return None if days is None else _EPOCH + timedelta(days=days)


def _properties(text: str | None, types: dict[str, PropertyType]) -> dict[str, Value]:
    if not text:
        return {}
    found: dict[str, Value] = json.loads(text)
    for name, value in found.items():
        if types.get(name) == "date" and isinstance(value, str):
            found[name] = date.fromisoformat(value)
    return found
