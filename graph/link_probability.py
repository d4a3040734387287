"""How firmly two records of one entity are linked: the weakest edge on the path between them.

Clustering leaves each entity with its maximum spanning tree (`members` of a snapshot). In such a tree the path
between two records is the best one there is in the whole graph of scored pairs: its weakest edge is as strong as
that of any other path (Hu 1961, maximum capacity route). All pairs are walked at once, in numpy.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NO_RECORD = -1
"""Stands for a record key where there is none; record keys are never negative."""


@dataclass(frozen=True)
class SpanningForest:
    """The spanning trees of many entities; every array has one value per record.

    Attributes:
        record_keys: int64, ascending.
        parent: int64, position of the parent in `record_keys`; of a root, its own.
        probability: float64, of the edge to the parent; 1.0 for a root.
        depth: int64, edges up to the root.
    """

    record_keys: Int64s
    parent: Int64s
    probability: Float64s
    depth: Int64s

    @classmethod
    def of_members(cls, members: pa.Table) -> "SpanningForest":
        """Read the trees from `members` (or `organisation_members`), in any order and of any entities.

        Args:
            members: `record_key`, `parent_record_key`, `link_probability`, `depth`; whole trees.
        """
        keys = members["record_key"].to_numpy()
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        parents = members["parent_record_key"].fill_null(NO_RECORD).to_numpy()[order]
        roots = parents == NO_RECORD
        own = np.arange(len(keys), dtype=np.int64)
        parent = np.where(roots, own, np.searchsorted(keys, parents))
        return cls(
            record_keys=keys,
            parent=parent,
            probability=members["link_probability"].to_numpy()[order],
            depth=members["depth"].to_numpy()[order].astype(np.int64),
        )

    def positions(self, keys: Int64s) -> Int64s:
        """Position of each key; -1 where the forest does not hold it."""
        if len(self.record_keys) == 0:
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self.record_keys, keys), len(self.record_keys) - 1)
        return np.where(self.record_keys[at] == keys, at, -1).astype(np.int64)


@dataclass(frozen=True)
class WeakestLinks:
    """For each pair of records asked for, the weakest edge between them.

    Attributes:
        probability: float64; 1.0 for a record and itself, 0.0 where no path leads from one to the other.
        record_key_l: int64, smaller end of the weakest edge; `NO_RECORD` where there is no edge.
        record_key_r: int64, its larger end.
    """

    probability: Float64s
    record_key_l: Int64s
    record_key_r: Int64s


def weakest_links(forest: SpanningForest, left: Int64s, right: Int64s) -> WeakestLinks:
    """Walk from both records of every pair up to where they meet, and keep the weakest edge passed.

    Of equally weak edges the one with the smallest keys is named, so that the answer does not depend on the order.

    Args:
        forest: Trees that hold the records; a record they do not hold is linked to nothing.
        left: int64 record keys, one per pair.
        right: int64 record keys, one per pair.
    """
    a, b = forest.positions(left), forest.positions(right)
    known = (a >= 0) & (b >= 0)
    weakest = np.full(len(a), -1, np.int64)  # the edge from this record to its parent
    apart = ~known
    active = np.flatnonzero(known & (a != b))
    while len(active):
        x, y = a[active], b[active]
        x_climbs = forest.depth[x] >= forest.depth[y]
        y_climbs = forest.depth[y] >= forest.depth[x]
        for climbs, here, ends in ((x_climbs, x, a), (y_climbs, y, b)):
            moving, child = active[climbs], here[climbs]
            weakest[moving] = _weaker(forest, weakest[moving], child)
            ends[moving] = forest.parent[child]
        # Two different roots: no path, and climbing on would never end.
        stuck = (a[active] == x) & (b[active] == y)
        apart[active[stuck]] = True
        active = active[(a[active] != b[active]) & ~stuck]
    return _named(forest, weakest, apart)


def _weaker(forest: SpanningForest, edges: Int64s, others: Int64s) -> Int64s:
    """Of two edges (a child's position; -1 = none yet) the weaker one, element by element."""
    if len(edges) == 0:
        return others
    low, high = _ends(forest, edges)
    other_low, other_high = _ends(forest, others)
    p = np.where(edges < 0, np.inf, forest.probability[edges])
    other_p = forest.probability[others]
    smaller_keys = (other_low < low) | ((other_low == low) & (other_high < high))
    return np.where((other_p < p) | ((other_p == p) & smaller_keys), others, edges)


def _ends(forest: SpanningForest, edges: Int64s) -> tuple[Int64s, Int64s]:
    child, parent = forest.record_keys[edges], forest.record_keys[forest.parent[edges]]
    return np.minimum(child, parent), np.maximum(child, parent)


def _named(forest: SpanningForest, weakest: Int64s, apart: Bools) -> WeakestLinks:
    n = len(weakest)
    probability = np.where(apart, 0.0, 1.0)
    low, high = np.full(n, NO_RECORD, np.int64), np.full(n, NO_RECORD, np.int64)
    linked = np.flatnonzero((weakest >= 0) & ~apart)
    probability[linked] = forest.probability[weakest[linked]]
    low[linked], high[linked] = _ends(forest, weakest[linked])
    return WeakestLinks(probability, low, high)
