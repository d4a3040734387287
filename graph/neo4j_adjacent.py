"""Neighbours of one node as Neo4j collects them, and those of the largest nodes, kept once read."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from graph.walks import Beside

_HUB = 1_000  # a node with more neighbours than this is kept, once read
_HUBS = 64
_FEW = 200  # up to so many are sorted sooner without numpy


@dataclass(frozen=True)
class Adjacent:
    """All neighbours of a node by edges of one type.

    Attributes:
        beside: The neighbour at the other end of each edge, ascending.
        edges: Neo4j ids of the edges, in the same order.
        others: The distinct neighbours, ascending.
    """

    beside: Sequence[int]
    edges: Sequence[int]
    others: Sequence[int]

    @classmethod
    def of(cls, others: Sequence[int], edges: Sequence[int]) -> "Adjacent":
        """From what the server collected."""
        if len(others) <= _FEW:
            pairs = sorted(zip(others, edges, strict=True))
            beside = [other for other, _ in pairs]
            return cls(beside, [edge for _, edge in pairs], list(dict.fromkeys(beside)))
        ends, ids = np.array(others, dtype=np.int64), np.array(edges, dtype=np.int64)
        order = np.lexsort((ids, ends))
        ends = ends[order]
        return cls(ends.tolist(), ids[order].tolist(), np.unique(ends).tolist())

    def first(self, limit: int) -> Beside:
        """Counted, and the first so many."""
        count = len(self.others)
        end = len(self.beside) if count <= limit else bisect_left(self.beside, self.others[limit])
        return Beside(count, list(zip(self.beside[:end], self.edges[:end], strict=True)))

    def page(self, after: int | None, limit: int) -> Sequence[int]:
        """The neighbours that come after one."""
        start = 0 if after is None else bisect_right(self.others, after)
        return self.others[start : start + limit]


Adjacents = Mapping[str, Adjacent]
"""Edge type -> neighbours of one node."""


class Hubs:
    """Neighbours of the largest nodes as they were read last, the least recently used forgotten first.

    An epoch never changes, so what was read of it stays true. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Adjacents] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[Any, ...]) -> Adjacents | None:
        """What is kept under a key."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[Any, ...], adjacents: Adjacents) -> None:
        """Keep the neighbours of a node if it is large."""
        if sum(len(adjacent.edges) for adjacent in adjacents.values()) > _HUB:
            with self._lock:
                self._kept[key] = adjacents
                while len(self._kept) > _HUBS:
                    self._kept.popitem(last=False)
