"""What a graph is made of: nodes, edges, their ids, and who may see them and when they hold."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

Value = str | int | float | bool | date | list[str] | None


@dataclass(frozen=True)
class Scope:
    """What a caller may see.

    Attributes:
        regions: 6-digit county codes; None = every region, and what has none.
        departments: Department codes (`CIVIL`, `MSB`, …); None = every department, and what has none.
    """

    regions: frozenset[str] | None = None
    departments: frozenset[str] | None = None


EVERYTHING = Scope()


@dataclass(frozen=True)
class Interval:
    """Days, both ends included. An edge *holds* then when it holds on at least one of them.

    Attributes:
        first: None = from the beginning.
        last: None = without end.
    """

    first: date | None = None
    last: date | None = None

    @staticmethod
    def of(when: "date | Interval | None") -> "Interval":
        """One day, an interval, or (None) any day."""
        if when is None:
            return ANY_DAY
        return when if isinstance(when, Interval) else Interval(when, when)


ANY_DAY = Interval()


@dataclass(frozen=True)
class Node:
    """A node of one generation.

    Attributes:
        id: `Label:key`, for a person `Person:<entity_id as decimal text>`.
        label: One of `graph.schema.NODES`.
        properties: Those declared for the label; absent when unknown.
    """

    id: str
    label: str
    properties: Mapping[str, Value]


@dataclass(frozen=True)
class Edge:
    """An edge of one generation.

    Attributes:
        id: `TYPE:<source id>><target id>` and, where edges run in parallel, `#<key>`.
        type: One of `graph.schema.EDGES`.
        source: Node id.
        target: Node id.
        properties: Those declared for the type; absent when unknown.
        probability: That the statement holds for these two nodes: the weakest link it stands on.
        valid_from: First day on which it holds; None = unknown.
        valid_to: Last day on which it holds; None = open.
        row_ids: Source rows, smallest first; at most `graph.schema.MAX_ROW_IDS` of them.
    """

    id: str
    type: str
    source: str
    target: str
    properties: Mapping[str, Value]
    probability: float | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    row_ids: tuple[int, ...] = ()


def node_id(label: str, key: str | int) -> str:
    """Id of a node: `Label:key`."""
    return f"{label}:{key}"


def edge_id(edge_type: str, source: str, target: str, key: str = "") -> str:
    """Id of an edge; `key` tells parallel edges apart."""
    return f"{edge_type}:{source}>{target}#{key}" if key else f"{edge_type}:{source}>{target}"


def opaque_key(value: str) -> str:
    """Key of a node that stands for a personal value (phone, number, address): 16 hex digits.

    Ids travel further than values do (logs, links, saved views) and are not masked, so they must not show
    them. First 8 bytes of MD5, which DuckDB computes alike; no secret: a short number is found by trying all.
    """
    return hashlib.md5(value.encode("utf-8"), usedforsecurity=False).hexdigest()[:16]


def stable_number(text: str) -> int:
    """60-bit number of an id, the same in every store: the first 15 hex digits of its MD5."""
    return int(hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()[:15], 16)


def in_scope(scope: Scope, regions: Sequence[str], departments: Sequence[str]) -> bool:
    """Whether something that stands on records of these regions and departments is visible."""
    return (scope.regions is None or not scope.regions.isdisjoint(regions)) and (
        scope.departments is None or not scope.departments.isdisjoint(departments)
    )
