"""Content numbers, and the hash of a graph over them.

The *content number* of a node or edge covers its id, its properties and who may see it (for an edge: also who may see
its ends). It is the same in every store and every run, so the change between two generations is the difference of two
sets of numbers, and the hash of a graph, made of sums over them, can be carried from one generation to the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_MODULUS = 2**64


@dataclass(frozen=True)
class GraphHash:
    """Order-independent hash of content numbers: their sums, plain and mixed, modulo 2**64."""

    plain: int = 0
    mixed: int = 0

    @staticmethod
    def parse(text: str) -> "GraphHash":
        """From the form of `str`: 32 hex digits."""
        return GraphHash(int(text[:16], 16), int(text[16:], 16))

    def __str__(self) -> str:
        return f"{self.plain:016x}{self.mixed:016x}"

    def plus(self, *, nodes: np.ndarray | None = None, edges: np.ndarray | None = None) -> "GraphHash":
        """With content numbers (int64) of nodes and edges more."""
        return self._moved(1, nodes, edges)

    def minus(self, *, nodes: np.ndarray | None = None, edges: np.ndarray | None = None) -> "GraphHash":
        """With content numbers (int64) of nodes and edges less."""
        return self._moved(-1, nodes, edges)

    def _moved(self, sign: int, nodes: np.ndarray | None, edges: np.ndarray | None) -> "GraphHash":
        plain, mixed = self.plain, self.mixed
        for numbers in (
            nodes,
            None if edges is None else ~edges,
        ):  # complemented, so that the two kinds differ
            if numbers is not None:
                values = numbers.astype(np.uint64)
                plain += sign * int(values.sum(dtype=np.uint64))
                mixed += sign * int(_mix(values).sum(dtype=np.uint64))
        return GraphHash(plain % _MODULUS, mixed % _MODULUS)


def hash_of(nodes: Iterable[np.ndarray], edges: Iterable[np.ndarray]) -> str:
    """Graph hash of content numbers that come in batches."""
    found = GraphHash()
    for numbers in nodes:
        found = found.plus(nodes=numbers)
    for numbers in edges:
        found = found.plus(edges=numbers)
    return str(found)


def _mix(values: np.ndarray) -> np.ndarray:
    """Finalizer of SplitMix64 (Steele, Lea and Flood 2014): each bit of the input changes half the output."""
    x = values + np.uint64(0x9E3779B97F4A7C15)  # as SplitMix64 does, so that 0 counts too
    x = x ^ (x >> np.uint64(30))
    x = x * np.uint64(0xBF58476D1CE4E5B9)
    x = x ^ (x >> np.uint64(27))
    x = x * np.uint64(0x94D049BB133111EB)
    mixed: np.ndarray = x ^ (x >> np.uint64(31))
    return mixed
